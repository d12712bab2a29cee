"""How many draft tokens should the next forward pass verify?

Rows up to about `ROWS` cost a GPU nothing: reading the weights takes longer than the sums. Beyond,
a pass costs something of its own and each row as much as in a prompt. A longer draft saves passes,
and wastes what follows the first miss. Where misses come at random, once in so many tokens, the
best length is the square root of twice that distance times what a pass costs beside its rows: the
interval between checkpoints of Young 1974 ("A first order approximation to the optimum checkpoint
interval"), a pass for a checkpoint and a miss for a failure. So the misses are counted, and the
draft grows with the square root of the tokens that came true: without end, but never on credit.

Most rewrites have no miss at all. So as long as there was none, the draft grows faster, and the
first miss takes back what was lent: at most so many rows as came true before, times `_GROWTH`.
"""

from __future__ import annotations

from math import isqrt

from fastapply_lsp.draft.load import ROWS

LEAST = 8
"""What is tried all the same where nothing comes true: a way back can begin at any token."""
_OWN_COST = ROWS // 2
"""What a pass costs beside its rows, in rows. Between an engine that hides all sums behind the
reading of the weights (0) and one that hides none (`ROWS`); either loses little by it."""
_CREDIT = 1_000
"""So many tokens without a miss every rewrite is believed to have behind it when it begins."""
_GROWTH = 4
"""An unbroken row of drafts grows so fast. The first one is long enough for a right rewrite of n
tokens to take at most n / K + 2 passes, for limits K of up to four times its length."""


class Depth:
    """The length of one rewrite's drafts, in tokens.

    Laws: no draft is longer than the limit; as long as the drafter is not lost, none is shorter
    than what is free; a draft that comes true makes the next one no shorter, a miss no longer; a
    rewrite of n tokens whose drafts all come true takes at most n / limit + 2 passes, for limits of
    up to 2,528.

    Args:
        limit: the longest draft that the engine takes.
        rows: that a pass verifies at the price of one.

    >>> depth = Depth(4096)
    >>> depth.next(lost=False)
    632
    >>> depth.learned(drafted=632, accepted=632)
    >>> depth.next(lost=False)
    2528
    >>> depth.learned(drafted=2528, accepted=70)
    >>> depth.next(lost=False), depth.next(lost=True)
    (476, 199)
    >>> depth.learned(drafted=199, accepted=0)
    >>> depth.next(lost=True)
    99
    """

    __slots__ = ("_free", "_halves_missed", "_limit", "_lost", "_right", "_unbroken", "_vain")

    def __init__(self, limit: int, rows: int = ROWS) -> None:
        self._limit = limit
        self._free = max(LEAST, rows - 1)
        self._right = _CREDIT  # tokens that came true
        self._halves_missed = 1  # twice the misses: half a one is expected of everybody (Jeffreys)
        self._unbroken = 0  # tokens of the longest draft, as long as none has missed
        self._lost = False
        self._vain = 0  # passes in a row of which no draft token came true

    def next(self, *, lost: bool) -> int:
        """Return the most tokens to draft; ``lost`` is what the drafter says of itself."""
        self._lost = lost
        if lost:
            return min(self._limit, max(LEAST, self._free >> self._vain))
        best = isqrt(2 * _OWN_COST * self._right * 2 // self._halves_missed)
        return min(self._limit, max(self._free, best, _GROWTH * self._unbroken))

    def learned(self, *, drafted: int, accepted: int) -> None:
        """Take in what became of the last draft. A lost drafter's misses say nothing of others."""
        if not self._lost:
            missed = accepted < drafted
            self._right += accepted
            self._halves_missed += 2 * missed
            self._unbroken = max(self._unbroken, drafted) if self._halves_missed == 1 else 0
        self._vain = self._vain + 1 if drafted and not accepted else 0
