"""Which lines of one text are lines of another, and which were replaced?"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, TypeVar

from fastapply_lsp.text.lcs import Match, longest_common
from fastapply_lsp.text.replacement import Replacement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_Item = TypeVar("_Item", bound="Sequence[object]")


def diff_lines(old: Sequence[str], new: Sequence[str]) -> list[Replacement]:
    r"""Return the replacements that make ``new`` of ``old``; equal lines are equal with their ends.

    Laws, beside those of a series of replacements:

    - lines of the common prefix and of the common suffix are in no replacement;
    - of the lines that occur once in ``old`` and once in ``new``, a longest set in the same order
      is in no replacement: so every such line that crosses no other one is kept;
    - between these anchors the fewest lines are replaced (``longest_common`` says up to what
      size).

    >>> diff_lines(["a\n", "b\n", "c\n"], ["a\n", "x\n", "c\n", "d\n"])
    [Replacement(start=1, end=2, lines=('x\n',)), Replacement(start=3, end=3, lines=('d\n',))]
    """
    old, new = list(old), list(new)
    prefix = common_prefix(old, new)
    if prefix == len(old) == len(new):
        return []
    suffix = common_prefix(old[prefix:][::-1], new[prefix:][::-1])
    old_middle, new_middle = old[prefix : len(old) - suffix], new[prefix : len(new) - suffix]
    if not old_middle or not new_middle:
        return [Replacement(prefix, prefix + len(old_middle), tuple(new_middle))]
    ends = {*old[:prefix], *old[len(old) - suffix :]}
    pairs = _unique_pairs(old_middle, new_middle, elsewhere=ends)
    return diff_between(old_middle, new_middle, ordered(pairs), first=prefix)


def diff_between(
    old: Sequence[str], new: Sequence[str], anchors: Iterable[Match], *, first: int = 0
) -> list[Replacement]:
    """Return the fewest replacements that keep every anchor.

    Args:
        old: Lines of the original.
        new: Lines of the rewrite.
        anchors: Pairs of equal lines, increasing in both.
        first: The number of the first old line, added to each replacement.
    """
    matches: list[Match] = []
    at_old = at_new = 0
    for one, two in (*anchors, (len(old), len(new))):
        matches += _gap(old, new, (at_old, one), (at_new, two))
        if one < len(old):
            matches.append((one, two))
        at_old, at_new = one + 1, two + 1
    return _replacements(matches, new, len(old), first)


def ordered(pairs: Iterable[Match]) -> list[Match]:
    """Return a longest subsequence of pairs that increases in both indices.

    Args:
        pairs: Sorted by their second index; no index occurs twice.

    >>> ordered([(5, 0), (1, 1), (2, 2), (9, 3), (3, 4)])
    [(1, 1), (2, 2), (3, 4)]
    """
    tops: list[int] = []
    ends: list[int] = []
    items = list(pairs)
    before: list[int] = []
    for index, (one, _) in enumerate(items):
        length = bisect_left(tops, one)
        before.append(ends[length - 1] if length else -1)
        tops[length : length + 1] = [one]
        ends[length : length + 1] = [index]
    chain: list[Match] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(items[at])
        at = before[at]
    chain.reverse()
    return chain


def common_prefix(one: _Item, two: _Item) -> int:
    """Return how many items two sequences share at their start.

    It compares slices, so it runs at the speed of the built-in comparison.

    >>> common_prefix("abcd", "abxd"), common_prefix([1, 2], [1])
    (2, 1)
    """
    low, high = 0, min(len(one), len(two))
    if one[:high] == two[:high]:
        return high
    # The first ``low`` items agree, the first ``high`` do not.
    step = 8
    while step < high and one[low:step] == two[low:step]:
        low, step = step, step * 4
    high = min(high, step)
    while high - low > 1:
        middle = (low + high) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _unique_pairs(old: list[str], new: list[str], *, elsewhere: set[str]) -> list[Match]:
    """Pair the lines that occur once on each side, and not elsewhere either."""
    counts = Counter(old)
    new_counts = Counter(new)
    place = {
        line: index for index, line in enumerate(old) if counts[line] == 1 and line not in elsewhere
    }
    return [
        (place[line], index)
        for index, line in enumerate(new)
        if line in place and new_counts[line] == 1
    ]


def _gap(old: Sequence[str], new: Sequence[str], old_range: Match, new_range: Match) -> list[Match]:
    """Match the lines between two anchors."""
    (old_start, old_end), (new_start, new_end) = old_range, new_range
    if old_start == old_end or new_start == new_end:
        return []
    one, two = old[old_start:old_end], new[new_start:new_end]
    prefix = common_prefix(one, two)
    suffix = common_prefix(one[prefix:][::-1], two[prefix:][::-1])
    matches = [(old_start + index, new_start + index) for index in range(prefix)]
    inner_old, inner_new = one[prefix : len(one) - suffix], two[prefix : len(two) - suffix]
    if inner_old and inner_new:
        matches += [
            (old_start + prefix + i, new_start + prefix + j)
            for i, j in longest_common(inner_old, inner_new)
        ]
    matches += [(old_end - index, new_end - index) for index in range(suffix, 0, -1)]
    return matches


def _replacements(
    matches: list[Match], new: Sequence[str], old_length: int, first: int
) -> list[Replacement]:
    """Return what lies between the matches."""
    result: list[Replacement] = []
    at_old = at_new = 0
    for one, two in (*matches, (old_length, len(new))):
        if at_old < one or at_new < two:
            lines = tuple(new[at_new:two])
            result.append(Replacement(first + at_old, first + one, lines))
        at_old, at_new = one + 1, two + 1
    return result
