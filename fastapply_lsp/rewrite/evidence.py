"""How much does one line say about where we are in the original?

A line that stands once in the original says most, one that stands a few times says something; a
brace, a blank line or a line that stands everywhere says nothing, however many of them match.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIQUE_WEIGHT = 2
_RARE_WEIGHT = 1
# A line that stands more often than this says nothing of where it belongs.
_RARE_MAX = 3
# Evidence for the boldest jump, so that what is held has a bound in a file of telling lines.
_NEED_MAX = 256

# Braces and blank lines say nothing, even where they stand once.
_TELLING = re.compile(r"\w").search


class Places:
    """Where the lines of the original stand that do not stand everywhere; built in one pass."""

    __slots__ = ("_length", "_weight_before", "rare", "unique")

    def __init__(self, original: Sequence[str]) -> None:
        first: dict[str, int] = {}
        more: dict[str, list[int]] = {}
        for index, line in enumerate(original):
            if first.setdefault(line, index) != index:
                more.setdefault(line, []).append(index)
        self.rare = {
            line: (*reversed(indices), first[line])
            for line, indices in more.items()
            if len(indices) < _RARE_MAX
        }
        """The indices, descending, of each line that stands two or three times."""
        for line in more:
            del first[line]
        self.unique = first
        """The index of each line that stands once."""
        self._length = len(original)
        self._weight_before: list[int] | None = None

    def weight(self, line: str) -> int:
        """Return what a line of the rewrite says: 0 is nothing."""
        if line in self.unique:
            return _UNIQUE_WEIGHT if _TELLING(line) else 0
        return _RARE_WEIGHT if line in self.rare and _TELLING(line) else 0

    def weight_between(self, start: int, end: int) -> int:
        """Return what the original's lines from ``start`` to ``end`` weigh together."""
        if self._weight_before is None:
            weights = [0] * self._length
            for line, index in self.unique.items():
                weights[index] = self.weight(line)
            for line, indices in self.rare.items():
                for index in indices:
                    weights[index] = self.weight(line)
            self._weight_before = list(accumulate(weights, initial=0))
        return self._weight_before[end] - self._weight_before[start]


class Chain:
    """The weightiest chain of matched lines for each place in the original where one can end.

    A chain is a series of matches that goes forward in both files. The top at ``w`` is the
    smallest index of the original at which a chain of weight ``w + 1`` ends: as in patience
    sorting, where every weight is 1. So the tops never decrease, and a match costs one binary
    search.
    """

    __slots__ = ("_tops",)

    def __init__(self) -> None:
        self._tops: list[int] = []

    def add(self, index: int, weight: int) -> int:
        """Add a match of the newest line; return the weight of the best chain that ends in it.

        One line's several matches come in descending order, so that no chain holds it twice.
        """
        tops = self._tops
        at = bisect_left(tops, index)
        tops[at : at + weight] = [index] * weight
        return at + weight


def needed_weight(span: int, pending: int) -> int:
    """Return how much evidence it takes to go on behind a match.

    Args:
        span: Original lines from the first open one to the match, both included.
        pending: Lines of the rewrite since then, the matched one included.

    It grows slowly with the stretch that is rewritten, and with what the original would lose on
    balance: for each such line, one more that stands once. Were a jump over ``d`` lines wrong (the
    lines that it matched were only moved or copied here), they would be removed and written again;
    having seen ``d`` matched lines first bounds what that costs by what the best alignment costs.
    """
    return min(span.bit_length() + _UNIQUE_WEIGHT * max(0, span - pending), _NEED_MAX)


def needed_against_doubt(span: int) -> int:
    """Return how much more it takes where votes contradict each other.

    Lines that match by chance also form chains, whose weight grows with the square root of their
    number; an eighth of the span is more than that.
    """
    return span >> 3
