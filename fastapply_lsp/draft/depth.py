"""How many draft tokens should the next forward pass verify?

A draft of up to `FREE` tokens costs a GPU nothing: reading the weights takes longer than the sums.
Beyond that every token costs as much as in a prompt, so only a draft that has come true so far is
longer, and then as long as the engine takes.
"""

from __future__ import annotations

FREE = 128
"""Rows that a forward pass verifies at the price of one, about, on current GPUs."""
LEAST = 8
"""What is tried all the same where nothing comes true: a way back can begin at any token."""
_GROWTH = 4
"""The draft grows so fast while all of it comes true."""


class Depth:
    """The length of one rewrite's drafts. It begins with trust: the first one is the longest.

    >>> depth = Depth(4096)
    >>> depth.next(lost=False)
    4096
    >>> depth.learned(drafted=4096, accepted=70)
    >>> depth.next(lost=False), depth.next(lost=True)
    (128, 128)
    >>> depth.learned(drafted=128, accepted=0)
    >>> depth.next(lost=True)
    64
    >>> depth.learned(drafted=64, accepted=64)
    >>> depth.next(lost=False)
    512
    """

    __slots__ = ("_limit", "_trusted", "_vain")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._trusted = limit
        self._vain = 0  # passes in a row of which no draft token came true

    def next(self, *, lost: bool) -> int:
        """Return the most tokens to draft; ``lost`` is what the drafter says of itself."""
        if lost:
            return min(self._limit, max(LEAST, FREE >> self._vain))
        return min(self._limit, self._trusted)

    def learned(self, *, drafted: int, accepted: int) -> None:
        """Take in what became of the last draft."""
        if accepted < drafted:
            self._trusted = min(FREE, self._limit)
        elif drafted:
            self._trusted = min(self._limit, self._trusted * _GROWTH)
        self._vain = self._vain + 1 if drafted and not accepted else 0
