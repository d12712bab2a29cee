"""How many draft tokens may each of several rewrites have, that share one forward pass?

One alone may have what it wishes: beyond the rows that are free, a draft costs what a prompt
costs, and nobody waits for it. Several share the free rows, so that nobody pays for another's draft.

A token of a draft that comes true needs no row that it would not need later anyway. So where
it is known how the drafts fared, what is sure may go beyond the free rows: it wastes little, and
saves passes when they are long. Both rules are compared in docs/explanation/capacity.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = 200
"""Rows at which a pass turns from reading weights to computing, about, on a Hopper GPU.

In 16 bit a weight is two bytes, and two operations for each row: 990 TFLOP/s by 4.8 TB/s make 206
(NVIDIA's data sheet of the H200).
"""
_MISSES = 0.5
"""Misses to be expected in a draft that counts as sure: all of it comes true three times in five."""
_CREDIT = 300
"""So many tokens without a miss every rewrite is believed to have behind it when it begins."""


def shares(wishes: Sequence[int], rows: int = ROWS, sure: Sequence[int] = ()) -> list[int]:
    """Return how many draft tokens each rewrite gets, at most its wish.

    Laws: one rewrite alone gets its wish; of several, the drafts and a row each stay within
    ``rows`` together (with no draft at all where there are more rewrites than rows); a wish that is
    met is never larger than a share that is not (max-min fairness).

    Args:
        wishes: draft tokens that each rewrite would have, were it alone.
        rows: that a pass verifies at the price of one.
        sure: nothing, or for each rewrite how many of its draft tokens very probably come true
            (`sure_tokens`). It gets these in any case, also beyond ``rows``.

    >>> shares([4096]), shares([128, 128]), shares([128, 8, 128])
    ([4096], [99, 99], [94, 8, 95])
    >>> shares([128, 8, 128], sure=[128, 0, 4])
    [128, 8, 95]
    """
    if len(wishes) == 1:
        return list(wishes)
    left = max(0, rows - len(wishes))
    given = [0] * len(wishes)
    for served, which in enumerate(sorted(range(len(wishes)), key=wishes.__getitem__)):
        given[which] = min(wishes[which], left // (len(wishes) - served))
        left -= given[which]
    if not sure:
        return given
    return [
        max(share, min(wish, certain))
        for share, wish, certain in zip(given, wishes, sure, strict=True)
    ]


def sure_tokens(written: int, missed: int, *, lost: bool) -> int:
    """Return how many tokens of a rewrite's next draft very probably come true.

    Args:
        written: tokens of the rewrite so far.
        missed: passes so far of whose drafts something did not come true.
        lost: what the drafter says of itself; then nothing is sure.

    >>> [sure_tokens(1200, missed, lost=False) for missed in (0, 1, 2, 9, 99)]
    [750, 375, 250, 75, 7]
    """
    return 0 if lost else int(_MISSES * (_CREDIT + written) / (missed + 1))
