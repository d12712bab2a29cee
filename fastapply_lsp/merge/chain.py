"""Which lines of a snippet are which lines of the file? The best chain of equal lines, in order.

A sparse form of global alignment: only pairs of equal lines are looked at, and each pair extends
the best chain that ends before it. Rare and long lines weigh more than common and short ones;
lines that lie next to each other in both weigh more than scattered ones; jumping over lines of
the file costs, except where the snippet says that code is left out. Chains are found with
Fenwick trees of prefix maxima, so that the cost is p log n for p pairs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.items import Item

_JUMPS = ((0.45, 0.0, 0.0), (0.12, 1.5, 0.1))
"""What jumping over lines of the file costs: per line, once, and what each new line gives back.
The cheapest counts: a few lines are dear, since a line more that is shared seldom makes up for
lines that are lost; a block that is rewritten as a whole is not."""
_JUMP_MAX = 8.0
_UNSEEN = 0.35
_UNSEEN_MAX = 1.75
"""A segment of a snippet begins and ends with lines that the file has; each one that it lacks
there makes the place less likely, up to a limit."""
_NEXT = 0.25
_EMPTY_GAP = 0.3
_WEAK = 0.08
_ONLY_BRACKET = 0.2
_SHIFTED = 0.55
_PLACES_MAX = 48
"""A line that stands more often than this is found only beside a rarer one."""
_FULL_LENGTH = 40
_DOUBT = 0.8

_WEAK_WORDS = frozenset(
    "end fi done esac else else: try: pass break; break return; return } else { */ begin then do"
    " default: try { continue; continue /** finally: finally {".split()
) | {"} else {", "try {", "finally {", "} finally {", "/**"}


@dataclass(frozen=True, slots=True)
class Match:
    """Line ``theirs`` of the snippet is line ``ours`` of the file."""

    theirs: int
    ours: int
    score: float


def weak(key: str) -> bool:
    """Whether a line says too little to be found by itself: blank, brackets, a bare keyword."""
    return key in _WEAK_WORDS or not any(map(str.isalnum, key))


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


_Pair = tuple[int, int]
_Best = dict[_Pair, tuple[float, _Pair | None]]


def best_chain(field: Field) -> list[Match]:
    """Return the best chain of equal lines, in order."""
    pairs = _pairs(field)
    if not pairs:
        return []
    trees = _Trees(field)
    best: _Best = {}
    for i in range(field.start, field.end):
        if field.items[i].kind is Kind.GAP:
            trees.cross_gap(i)
            continue
        row = []
        for j, weight in pairs.get(i, ()):
            value, before = trees.before(i, j)
            beside = best.get((i - 1, j - 1))
            if beside is not None and beside[0] + _NEXT > value:
                value, before = beside[0] + _NEXT, (i - 1, j - 1)
            best[i, j] = (value + weight, before)
            row.append((j, value + weight))
        for j, value in row:
            trees.add(i, j, value)
    return _walk_back(field, best, trees)


class _Trees:
    """The best chains so far: those of earlier segments, and those of this one, by jump cost."""

    __slots__ = ("_capped", "_field", "_fresh", "_older", "_segment", "_size", "_sloped", "_unseen")

    def __init__(self, field: Field) -> None:
        self._field = field
        self._size = field.bottom - field.top + 1
        self._segment = field.start
        self._unseen = [0]
        for item in field.items[field.start : field.end]:
            counts = item.kind is Kind.LINE and not item.new and not weak(item.key)
            self._unseen.append(self._unseen[-1] + counts)
        self._older = _Maxima(self._size)
        self._fresh: list[tuple[int, float, _Pair | None]] = []
        self._open_segment()
        if field.closed_start:
            self._put(field.start - 1, 0, 0.0, None)
        else:
            self._older.raise_to(0, 0.0, None)

    def _open_segment(self) -> None:
        self._sloped = [_Maxima(self._size) for _ in _JUMPS]
        self._capped = _Maxima(self._size)

    def cross_gap(self, i: int) -> None:
        """Let all chains end here: what follows jumps for nothing."""
        for at, value, pair in self._fresh:
            since = self._field.start if pair is None else pair[0] + 1
            self._older.raise_to(at, value - self.unseen(since, i), pair)
        self._segment = i + 1
        if self._fresh or i == self._field.start:
            self._fresh = []
            self._open_segment()

    def unseen(self, start: int, end: int) -> float:
        """Return what it costs that items at a segment's edge are not in the file."""
        before = self._unseen[start - self._field.start]
        return min(_UNSEEN * (self._unseen[end - self._field.start] - before), _UNSEEN_MAX)

    def before(self, i: int, j: int) -> tuple[float, _Pair | None]:
        """Return the value and the end of the best chain that (i, j) can extend."""
        at = j - self._field.top
        value, pair = self._older.up_to(at)
        value -= self.unseen(self._segment, i)
        if pair is not None and pair[1] == j - 1:
            value -= _EMPTY_GAP
        for tree, (slope, once, back) in zip(self._sloped, _JUMPS, strict=True):
            other, whose = tree.up_to(at)
            other += back * i - slope * at - once
            if other > value:
                value, pair = other, whose
        other, whose = self._capped.up_to(at)
        if other - _JUMP_MAX > value:
            value, pair = other - _JUMP_MAX, whose
        return (-_JUMP_MAX, None) if value == _NOTHING else (value, pair)

    def add(self, i: int, j: int, value: float) -> None:
        """Offer the chain that ends with (i, j)."""
        self._put(i, j - self._field.top + 1, value, (i, j))

    def _put(self, i: int, at: int, value: float, pair: _Pair | None) -> None:
        for tree, (slope, _, back) in zip(self._sloped, _JUMPS, strict=True):
            tree.raise_to(at, value + slope * at - back * (i + 1), pair)
        self._capped.raise_to(at, value, pair)
        self._fresh.append((at, value, pair))


def _walk_back(field: Field, best: _Best, trees: _Trees) -> list[Match]:
    """Follow the best chain from its end; jumping to a closed end costs, too."""
    last_gap = max(
        (i for i in range(field.start, field.end) if field.items[i].kind is Kind.GAP), default=-1
    )

    def final(pair: _Pair) -> float:
        if pair[0] < last_gap:
            return best[pair][0] - trees.unseen(pair[0] + 1, last_gap)
        jump = 0.0 if field.closed_end else trees.unseen(pair[0] + 1, field.end)
        if field.closed_end and pair[0] > last_gap:
            lines = field.bottom - 1 - pair[1]
            new = field.end - 1 - pair[0]
            costs = [slope * lines + once - back * new for slope, once, back in _JUMPS]
            jump = min(*costs, _JUMP_MAX)
        return best[pair][0] - jump

    at: _Pair | None = max(best, key=final)
    chain: list[Match] = []
    while at is not None:
        chain.append(Match(*at, best[at][0]))
        at = best[at][1]
    chain.reverse()
    return chain


_NOTHING = float("-inf")


class _Maxima:
    """Prefix maxima: the best value at or before a place, and whose it is."""

    __slots__ = ("owners", "size", "values")

    def __init__(self, size: int) -> None:
        self.size = size
        self.values = [_NOTHING] * (size + 1)
        self.owners: list[tuple[int, int] | None] = [None] * (size + 1)

    def raise_to(self, at: int, value: float, owner: tuple[int, int] | None) -> None:
        """Offer a value at a place (0-based)."""
        at += 1
        values, owners = self.values, self.owners
        while at <= self.size:
            if value > values[at]:
                values[at] = value
                owners[at] = owner
            at += at & -at

    def up_to(self, at: int) -> tuple[float, tuple[int, int] | None]:
        """Return the best value at or before a place."""
        at += 1
        best, owner = _NOTHING, None
        values = self.values
        while at > 0:
            if values[at] > best:
                best, owner = values[at], self.owners[at]
            at -= at & -at
        return best, owner


def _pairs(field: Field) -> dict[int, list[tuple[int, float]]]:
    """Return, for each item, the lines that read the same, with their weights."""
    places: dict[str, list[int]] = {}
    wanted = {field.items[i].key for i in range(field.start, field.end)}
    for j in range(field.top, field.bottom):
        if field.keys[j] in wanted:
            places.setdefault(field.keys[j], []).append(j)
    seeds: dict[tuple[int, int], float] = {}
    for i in range(field.start, field.end):
        item = field.items[i]
        if item.kind is not Kind.LINE or weak(item.key) or item.new:
            continue
        found = places.get(item.key, ())
        if len(found) > _PLACES_MAX:
            continue
        for j in found:
            seeds[i, j] = _weight(item, field.texts[j], len(found))
    _exact_brackets(field, seeds)
    if not seeds:
        # Nothing but weak lines: then they must do, where they are few.
        for i in range(field.start, field.end):
            item = field.items[i]
            if item.kind is Kind.LINE and item.key and not item.new:
                found = places.get(item.key, ())
                if len(found) <= _PLACES_MAX:
                    seeds |= {(i, j): _weight(item, field.texts[j], len(found)) for j in found}
    for seed in list(seeds):
        _extend(field, seeds, seed, 1)
        _extend(field, seeds, seed, -1)
    _closers(field, seeds)
    rows: dict[int, list[tuple[int, float]]] = {}
    for (i, j), weight in sorted(seeds.items()):
        if (i, j) in field.doubted:
            weight *= _DOUBT
        rows.setdefault(i, []).append((j, weight))
    return rows


def _exact_brackets(field: Field, seeds: dict[tuple[int, int], float]) -> None:
    """A bracket that stands only once at its depth says where it is."""
    wanted = {
        item.text.rstrip(): i
        for i in range(field.start, field.end)
        if (item := field.items[i]).kind is Kind.LINE
        and item.key
        and weak(item.key)
        and not item.new
    }
    places: dict[str, list[int]] = {}
    for j in range(field.top, field.bottom):
        text = field.texts[j].rstrip()
        if text in wanted:
            places.setdefault(text, []).append(j)
    for i in range(field.start, field.end):
        item = field.items[i]
        if item.kind is Kind.LINE and not item.new:
            found = places.get(item.text.rstrip(), ())
            if len(found) == 1:
                seeds.setdefault((i, found[0]), _ONLY_BRACKET)


def _weight(item: Item, text: str, places: int) -> float:
    if weak(item.key):
        value = _WEAK
    else:
        value = 0.15 + 0.85 / places + 0.6 * min(len(item.key), _FULL_LENGTH) / _FULL_LENGTH
    return value if item.text.rstrip() == text.rstrip() else value * _SHIFTED


def _extend(
    field: Field, seeds: dict[tuple[int, int], float], seed: tuple[int, int], step: int
) -> None:
    """Take the equal lines beside a seed that are too common to be seeds themselves."""
    i, j = seed[0] + step, seed[1] + step
    while field.start <= i < field.end and field.top <= j < field.bottom:
        item = field.items[i]
        if item.kind is not Kind.LINE or item.key != field.keys[j] or (i, j) in seeds:
            return
        if item.new:
            return
        seeds[i, j] = _weight(item, field.texts[j], _PLACES_MAX)
        i, j = i + step, j + step


def _closers(field: Field, seeds: dict[tuple[int, int], float]) -> None:
    """Where two lines that open a block are paired, so are the lines that close it."""
    their_ends = block_ends(
        [
            item.text if item.kind is Kind.LINE else ""
            for item in field.items[field.start : field.end]
        ]
    )
    our_ends = block_ends(field.texts[field.top : field.bottom])
    for i, j in list(seeds):
        their_end = their_ends.get(i - field.start)
        our_end = our_ends.get(j - field.top)
        if their_end is None or our_end is None:
            continue
        their_end, our_end = their_end + field.start, our_end + field.top
        item = field.items[their_end]
        if item.key == field.keys[our_end] and (their_end, our_end) not in seeds:
            seeds[their_end, our_end] = 2 * _WEAK
            _extend(field, seeds, (their_end, our_end), 1)
            _extend(field, seeds, (their_end, our_end), -1)


def block_ends(texts: Sequence[str]) -> dict[int, int]:
    """Return, for each line that opens a block, the line that closes it, by indentation.

    A block is closed by the first line after it that is indented no deeper than its first one,
    if that line is as deep, and is a bracket or an ``end``.
    """
    ends: dict[int, int] = {}
    open_: list[tuple[int, int]] = []
    for at, text in enumerate(texts):
        key = text.strip()
        if not key:
            continue
        indent = len(text) - len(text.lstrip())
        closer = key[0] in "})]>" or key.startswith(("end", "</", "fi", "done", "esac"))
        while open_ and open_[-1][0] >= indent:
            depth, opener = open_.pop()
            if depth == indent and closer and at > opener:
                ends[opener] = at
        open_.append((indent, at))
    return ends
