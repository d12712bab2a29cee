"""Which new line is an old one, changed? Pairs of lines that say nearly the same, in order.

A diff counts lines: a blank line that stays is as good to it as a renamed one that it gives up.
Here the words that two lines share count, as far as a budget goes; beyond it the lines that are
equal but for white space, and what between those has the same bare shape (``w = w(w)``).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.align import diff_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CELLS_MAX = 3_000
"""Pairs of lines that are compared by their words for one rewrite: some milliseconds."""
_GAP_CELLS_MAX = 1_500
_LIKENESS_MIN = 0.5
_WORD_WEIGHT = 2
_BRACKET, _BLANK = 0.3, 0.1
"""What two equal lines without words are worth to each other; those with words are worth 1."""
_EXACT = 0.05
"""So much more, where the white space is equal, too."""
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


def likeness(one: str, two: str) -> float:
    r"""Return how much of a line two lines have in common, 0 to 1; 0 where too little.

    >>> round(likeness("a = f(x)\n", "a = g(x)\n"), 2), likeness("a = f(x)\n", "return b\n")
    (0.78, 0.0)
    """
    return _likeness(_Line.of(one), _Line.of(two))


def similar_pairs(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[Pair]:
    r"""Return pairs of lines, increasing on both sides; a blank line pairs with a blank one.

    >>> similar_pairs(["a = f(x)\n", "b\n"], ["c\n", "a = g(x)\n", " b\n"], Budget())
    [Pair(old=0, new=1), Pair(old=1, new=2)]
    """
    if not old or not new:
        return []
    if budget.take(len(old) * len(new)):
        return _best(old, new)
    anchors = _kept([bare(line) for line in old], [bare(line) for line in new])
    result: list[Pair] = []
    at_old = at_new = 0
    for one, two in [*((pair.old, pair.new) for pair in anchors), (len(old), len(new))]:
        before, after = old[at_old:one], new[at_new:two]
        found = (
            _best(before, after)
            if budget.take(len(before) * len(after))
            else _by_shape(before, after)
        )
        result += (Pair(at_old + pair.old, at_new + pair.new) for pair in found)
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


def _by_shape(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    before, after = [_Line.of(line) for line in old], [_Line.of(line) for line in new]
    shapes = _kept([_shape(line) for line in old], [_shape(line) for line in new])
    return [pair for pair in shapes if _likeness(before[pair.old], after[pair.new])]


def _best(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return the pairs, increasing on both sides, whose likenesses make the largest sum."""
    before, after = [_Line.of(line) for line in old], [_Line.of(line) for line in new]
    table = [[_likeness(one, two) for two in after] for one in before]
    height, width = len(old), len(new)
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for one in range(height - 1, -1, -1):
        row, below, values = best[one], best[one + 1], table[one]
        for two in range(width - 1, -1, -1):
            skipped = max(below[two], row[two + 1])
            value = values[two]
            row[two] = max(skipped, value + below[two + 1]) if value else skipped
    pairs: list[Pair] = []
    one = two = 0
    while one < height and two < width:
        value = table[one][two]
        if value and best[one][two] == value + best[one + 1][two + 1]:
            pairs.append(Pair(one, two))
            one, two = one + 1, two + 1
        elif best[one][two] == best[one + 1][two]:
            one += 1
        else:
            two += 1
    return pairs


@dataclass(frozen=True, slots=True)
class _Line:
    """A line, ready to be compared: as it is, without white space, and its tokens' weights."""

    text: str
    bare: str
    tokens: Counter[str]
    weight: int
    worth: float

    @classmethod
    def of(cls, text: str) -> _Line:
        content = bare(text)
        if _WORD.search(content) is None:
            return cls(text, content, Counter(), 0, _BRACKET if content else _BLANK)
        tokens = Counter(_TOKEN.findall(text))
        for token in tokens:
            if token[0].isalnum() or token[0] == "_":
                tokens[token] *= _WORD_WEIGHT
        return cls(text, content, tokens, tokens.total(), 1.0)


def _likeness(one: _Line, two: _Line) -> float:
    """Return how much of a line two lines have in common; 0 where it is too little for a pair."""
    if one.bare == two.bare:
        return one.worth + _EXACT if one.text == two.text else one.worth
    if not one.weight or not two.weight:
        return 0.0
    total = one.weight + two.weight
    if 2 * min(one.weight, two.weight) < _LIKENESS_MIN * total:
        return 0.0
    other = two.tokens
    shared = sum(min(count, other[token]) for token, count in one.tokens.items() if token in other)
    share = 2 * shared / total
    return share if share >= _LIKENESS_MIN else 0.0


def _shape(line: str) -> str:
    return _WORD.sub("w", bare(line))
