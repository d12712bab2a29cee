"""How many draft tokens may each of several rewrites have, that share one forward pass?

One alone may have what it wishes: beyond the rows that are free, a draft costs what a prompt
costs, and nobody waits for it. Several share the free rows, so that nobody pays for another's draft.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = 200
"""Rows at which a pass turns from reading weights to computing, about, on a Hopper GPU."""


def shares(wishes: Sequence[int], rows: int = ROWS) -> list[int]:
    """Return how many draft tokens each rewrite gets, at most its wish.

    Laws: one rewrite alone gets its wish; of several, the drafts and a row each stay within
    ``rows`` together (with no draft at all where there are more rewrites than rows); a wish that is
    met is never larger than a share that is not (max-min fairness).

    >>> shares([4096]), shares([128, 128]), shares([128, 8, 128])
    ([4096], [99, 99], [94, 8, 95])
    """
    if len(wishes) < 2:
        return list(wishes)
    left = max(0, rows - len(wishes))
    given = [0] * len(wishes)
    for served, which in enumerate(sorted(range(len(wishes)), key=wishes.__getitem__)):
        given[which] = min(wishes[which], left // (len(wishes) - served))
        left -= given[which]
    return given
