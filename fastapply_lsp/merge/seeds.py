"""Which pairs of lines could be the same one? Equal lines, weighed by how much they say.

A rare, long line is a seed by itself. A blank one or a bracket stands everywhere: it is taken only
beside a seed, as the closing line of a block whose opening line is one, or where it stands once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.lines import block_ends, weak

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


# Weights are whole numbers, so that equally good places are found to be equal.
_WEAK = 80
_ONLY_BRACKET = 200
_ANY = 150
_RARE = 850
_LONG = 600
_FULL_LENGTH = 40
_SHIFTED_PERCENT = 55
"""What is left of a pair's weight where the indentation differs."""
_DOUBT_PERCENT = 80
_SOUGHT = 6_000
_PLACES_MAX = 48
"""A line that stands more often than this is found only beside a rarer one."""
_SEEDS_MAX = 6_000
"""The more lines a snippet has, the rarer each must be to be a seed: work stays linear."""

Seeds = dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Seed:
    """The line of the file that an item could be, and how much speaks for it."""

    ours: int
    weight: int


@dataclass(frozen=True, slots=True)
class Field:
    """What is aligned: items ``start`` to ``end`` with lines ``top`` to ``bottom`` of the file.

    ``closed_start`` and ``closed_end`` say that the field's edges belong together, so that
    jumping from an edge costs as any jump does.
    """

    items: Sequence[Item]
    start: int
    end: int
    texts: Sequence[str]
    keys: Sequence[str]
    top: int
    bottom: int
    closed_start: bool
    closed_end: bool
    doubted: frozenset[tuple[int, int]] = frozenset()
    """Pairs that weigh less this time, to see whether another chain is nearly as good."""
    sought: frozenset[str] = frozenset()
    """Lines that shall be taken where they stand, however far that is."""
    likes: Mapping[tuple[int, int], int] | None = None
    """Pairs of lines that are alike, not equal, and how much speaks for each."""


def seeds_of(field: Field) -> dict[int, list[Seed]]:
    """Return, for each item, the lines that read the same, in the file's order."""
    places = _places(field)
    seeds: Seeds = {}
    lines = [i for i in range(field.start, field.end) if _placeable(field.items[i])]
    strong = [i for i in lines if not weak(field.items[i].key)]
    most = min(_PLACES_MAX, max(_SEEDS_MAX // max(len(strong), 1), 2))
    _seed(field, seeds, strong, places, most)
    _exact_brackets(field, seeds, lines)
    for pair, weight in (field.likes or {}).items():
        seeds.setdefault(pair, weight)
    if not seeds:
        # Nothing but weak lines: then they must do, where they are few.
        _seed(field, seeds, [i for i in lines if field.items[i].key], places, most)
    for seed in list(seeds):
        _extend(field, seeds, seed, 1)
        _extend(field, seeds, seed, -1)
    _closers(field, seeds)
    rows: dict[int, list[Seed]] = {}
    for (i, j), weight in sorted(seeds.items()):
        rows.setdefault(i, []).append(
            Seed(j, weight * _DOUBT_PERCENT // 100 if (i, j) in field.doubted else weight)
        )
    return rows


def _placeable(item: Item) -> bool:
    return item.kind is Kind.LINE and not item.new


def _places(field: Field) -> dict[str, list[int]]:
    """Return where each line of the snippet stands in the file."""
    places: dict[str, list[int]] = {item.key: [] for item in field.items[field.start : field.end]}
    for j in range(field.top, field.bottom):
        found = places.get(field.keys[j])
        if found is not None:
            found.append(j)
    return places


def _seed(
    field: Field, seeds: Seeds, lines: Sequence[int], places: dict[str, list[int]], most: int
) -> None:
    for i in lines:
        item = field.items[i]
        found = places[item.key]
        if len(found) <= most:
            for j in found:
                weight = _weight(item, field.texts[j], len(found))
                seeds[i, j] = weight + _SOUGHT if item.key in field.sought else weight


def _exact_brackets(field: Field, seeds: Seeds, lines: Sequence[int]) -> None:
    """A bracket that stands only once at its depth says where it is."""
    brackets = {
        field.items[i].text.rstrip(): -1
        for i in lines
        if field.items[i].key and weak(field.items[i].key)
    }
    for j in range(field.top, field.bottom):
        text = field.texts[j].rstrip()
        if text in brackets:
            # -1: not seen yet, -2: seen twice.
            brackets[text] = j if brackets[text] == -1 else -2
    for i in lines:
        j = brackets.get(field.items[i].text.rstrip(), -1)
        if j >= 0:
            seeds.setdefault((i, j), _ONLY_BRACKET)


def _weight(item: Item, text: str, places: int) -> int:
    value = _WEAK
    if not weak(item.key):
        length = min(len(item.key), _FULL_LENGTH)
        value = _ANY + _RARE // places + _LONG * length // _FULL_LENGTH
    return value if item.text.rstrip() == text.rstrip() else value * _SHIFTED_PERCENT // 100


def _extend(field: Field, seeds: Seeds, seed: tuple[int, int], step: int) -> None:
    """Take the equal lines beside a seed that are too common to be seeds themselves."""
    i, j = seed[0] + step, seed[1] + step
    while field.start <= i < field.end and field.top <= j < field.bottom:
        item = field.items[i]
        if not _placeable(item) or item.key != field.keys[j] or (i, j) in seeds:
            return
        seeds[i, j] = _weight(item, field.texts[j], _PLACES_MAX)
        i, j = i + step, j + step


def _closers(field: Field, seeds: Seeds) -> None:
    """Where two lines that open a block are paired, so are the lines that close it."""
    their_ends = block_ends(
        [
            item.text if item.kind is Kind.LINE else ""
            for item in field.items[field.start : field.end]
        ]
    )
    openers = {j for i, j in seeds if i - field.start in their_ends}
    if not openers:
        return
    top = min(openers)
    our_ends = block_ends(field.texts[top : field.bottom], {j - top for j in openers})
    for i, j in list(seeds):
        their_end = their_ends.get(i - field.start)
        our_end = our_ends.get(j - top)
        if their_end is None or our_end is None:
            continue
        their_end, our_end = their_end + field.start, our_end + top
        item = field.items[their_end]
        if item.key == field.keys[our_end] and (their_end, our_end) not in seeds:
            seeds[their_end, our_end] = 2 * _WEAK
            _extend(field, seeds, (their_end, our_end), 1)
            _extend(field, seeds, (their_end, our_end), -1)
