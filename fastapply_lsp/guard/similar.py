"""Which new line is an old one, changed? Pairs of lines that say nearly the same, in order.

Lines that are equal but for white space come first, by a diff of the lines without it. What stays
between those is paired by the words that two lines share, as far as a budget goes; beyond it by
the lines' bare shape (``w = w(w)``), which a diff pairs in next to linear time.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.align import diff_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CELLS_MAX = 4_000
"""Pairs of lines that are compared by their words for one rewrite: some milliseconds."""
_GAP_CELLS_MAX = 1_200
_LIKENESS_MIN = 0.5
_WORD_WEIGHT = 2
_TOKEN = re.compile(r"\w+|[^\w\s]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Old line ``old`` is new line ``new``, changed."""

    old: int
    new: int


@dataclass(slots=True)
class Budget:
    """How many pairs of lines may still be compared by their words."""

    cells: int = CELLS_MAX

    def take(self, cells: int) -> bool:
        """Whether so many may; then they are taken."""
        if cells > min(self.cells, _GAP_CELLS_MAX):
            return False
        self.cells -= cells
        return True


def bare(line: str) -> str:
    r"""Return the line without any white space.

    >>> bare("  a = b \n")
    'a=b'
    """
    return "".join(line.split())


def words(line: str) -> list[str]:
    """Return the words of a line: what is spelled, not what is punctuation."""
    return _WORD.findall(line)


def similar_pairs(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[Pair]:
    r"""Return pairs of lines, increasing on both sides; a blank line pairs with a blank one.

    >>> similar_pairs(["a = f(x)\n", "b\n"], ["c\n", "a = g(x)\n", " b\n"], Budget())
    [Pair(old=0, new=1), Pair(old=1, new=2)]
    """
    if not old or not new:
        return []
    pairs = list(_kept([bare(line) for line in old], [bare(line) for line in new]))
    result: list[Pair] = []
    at_old = at_new = 0
    for one, two in [*((pair.old, pair.new) for pair in pairs), (len(old), len(new))]:
        result += (
            Pair(at_old + pair.old, at_new + pair.new)
            for pair in _by_words(old[at_old:one], new[at_new:two], budget)
        )
        if one < len(old):
            result.append(Pair(one, two))
        at_old, at_new = one + 1, two + 1
    return result


def _kept(old: Sequence[str], new: Sequence[str]) -> Iterator[Pair]:
    """Yield the pairs of equal items that a diff keeps."""
    at_old = at_new = 0
    for each in diff_lines(old, new):
        for at in range(at_old, each.start):
            yield Pair(at, at_new + at - at_old)
        at_new += each.start - at_old + len(each.lines)
        at_old = each.end
    for at in range(at_old, len(old)):
        yield Pair(at, at_new + at - at_old)


def _by_words(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[Pair]:
    if not old or not new:
        return []
    before, after = [_weights(line) for line in old], [_weights(line) for line in new]
    if not budget.take(len(old) * len(new)):
        shapes = _kept([_shape(line) for line in old], [_shape(line) for line in new])
        return [
            pair for pair in shapes if _likeness(before[pair.old], after[pair.new]) >= _LIKENESS_MIN
        ]
    return _best(
        [
            [value if (value := _likeness(one, two)) >= _LIKENESS_MIN else 0.0 for two in after]
            for one in before
        ]
    )


def _best(likeness: Sequence[Sequence[float]]) -> list[Pair]:
    """Return the pairs, increasing on both sides, whose likenesses make the largest sum."""
    height, width = len(likeness), len(likeness[0])
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for one in range(height - 1, -1, -1):
        row, below, values = best[one], best[one + 1], likeness[one]
        for two in range(width - 1, -1, -1):
            skipped = max(below[two], row[two + 1])
            value = values[two]
            row[two] = max(skipped, value + below[two + 1]) if value else skipped
    pairs: list[Pair] = []
    one = two = 0
    while one < height and two < width:
        value = likeness[one][two]
        if value and best[one][two] == value + best[one + 1][two + 1]:
            pairs.append(Pair(one, two))
            one, two = one + 1, two + 1
        elif best[one][two] == best[one + 1][two]:
            one += 1
        else:
            two += 1
    return pairs


def _weights(line: str) -> Counter[str] | None:
    """Return how often each token is in the line; ``None`` for a line without any word."""
    if _WORD.search(line) is None:
        return None
    counts = Counter(_TOKEN.findall(line))
    for token in counts:
        if token[0].isalnum() or token[0] == "_":
            counts[token] *= _WORD_WEIGHT
    return counts


def _likeness(one: Counter[str] | None, two: Counter[str] | None) -> float:
    """Return the share of tokens that both have, words counted more: 0 to 1."""
    if one is None or two is None:
        return 0.0
    if len(two) < len(one):
        one, two = two, one
    shared = sum(min(count, two[token]) for token, count in one.items() if token in two)
    return 2 * shared / (one.total() + two.total())


def _shape(line: str) -> str:
    return _WORD.sub("w", bare(line))
