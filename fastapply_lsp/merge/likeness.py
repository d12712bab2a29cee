"""Which line of the file is a snippet's line a new version of? Those that share most of its words."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from fastapply_lsp.merge.lines import weak

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapply_lsp.merge.items import Item


_WORD = re.compile(r"\w+")
_ALIKE_PERCENT = 60
_PLACES_MAX = 6
"""A line that is like more lines than this is like none."""
_WEIGHT = 900
_FEW = 200
"""Lines of a snippet that are compared; a longer stretch without a quoted line is new code."""


def like_seeds(
    items: Mapping[int, Item], texts: Sequence[str], lines: Iterable[int]
) -> dict[tuple[int, int], int]:
    """Return pairs of unequal lines that share most of their words, and how much speaks for each.

    Cost: the words of ``lines``, once.
    """
    bags = {
        at: Counter(_WORD.findall(item.key))
        for at, item in items.items()
        if not weak(item.key) and len(items) <= _FEW
    }
    wanted: dict[str, list[int]] = {}
    for at, bag in bags.items():
        for word in bag:
            wanted.setdefault(word, []).append(at)
    found = _alike(bags, wanted, texts, lines)
    seeds: dict[tuple[int, int], int] = {}
    for at, places in found.items():
        if len(places) > _PLACES_MAX:
            continue
        for percent, line in places:
            seeds[at, line] = _WEIGHT * percent // (100 * len(places))
    return seeds


def _alike(
    bags: Mapping[int, Counter[str]],
    wanted: Mapping[str, list[int]],
    texts: Sequence[str],
    lines: Iterable[int],
) -> dict[int, list[tuple[int, int]]]:
    """Return, for each item, the lines that share enough words with it, and how many percent."""
    found: dict[int, list[tuple[int, int]]] = {}
    for line in lines if wanted else ():
        mine = Counter(_WORD.findall(texts[line]))
        shared: Counter[int] = Counter()
        for word, count in mine.items():
            for at in wanted.get(word, ()):
                shared[at] += min(count, bags[at][word])
        size = mine.total()
        for at, common in shared.items():
            percent = 200 * common // (size + bags[at].total())
            if percent >= _ALIKE_PERCENT:
                found.setdefault(at, []).append((percent, line))
                if len(found[at]) > _PLACES_MAX:
                    # It is like none, so that more need not be counted.
                    for word in bags[at]:
                        wanted[word].remove(at)
    return found
