"""Which lines of a snippet are which lines of the file? The best chain of equal lines, in order.

A sparse form of global alignment: only pairs of equal lines are looked at, and each pair extends
the best chain that ends before it. Rare and long lines weigh more than common and short ones;
lines that lie next to each other in both weigh more than scattered ones; jumping over lines of
the file costs, except where the snippet says that code is left out. Chains are found with
Fenwick trees of prefix maxima, so that the cost is p log n for p pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

from fastapply_lsp.merge.items import Kind
from fastapply_lsp.merge.lines import weak
from fastapply_lsp.merge.maxima import NOTHING, Maxima
from fastapply_lsp.merge.seeds import Field, seeds_of

_JUMPS = ((450, 0, 0), (120, 1_500, 100))
"""What jumping over lines of the file costs: per line, once, and what each new line gives back.
The cheapest counts: a few lines are dear, since a line more that is shared seldom makes up for
lines that are lost; a block that is rewritten as a whole is not."""
_JUMP_MAX = 8_000
_UNSEEN = 350
_UNSEEN_MAX = 1_750
"""A segment of a snippet begins and ends with lines that the file has; each one that it lacks
there makes the place less likely, up to a limit."""
_NEXT = 250
_EMPTY_GAP = 300


@dataclass(frozen=True, slots=True)
class Match:
    """Line ``theirs`` of the snippet is line ``ours`` of the file."""

    theirs: int
    ours: int


_Pair = tuple[int, int]
_Best = dict[_Pair, tuple[int, _Pair | None]]


def best_chain(field: Field) -> list[Match]:
    """Return the best chain of equal lines, in order."""
    pairs = seeds_of(field)
    if not pairs:
        return []
    trees = _Trees(field)
    best: _Best = {}
    for i in range(field.start, field.end):
        if field.items[i].kind is Kind.GAP:
            trees.cross_gap(i)
            continue
        row = []
        for seed in pairs.get(i, ()):
            j = seed.ours
            value, before = trees.before(i, j)
            beside = best.get((i - 1, j - 1))
            if beside is not None and beside[0] + _NEXT > value:
                value, before = beside[0] + _NEXT, (i - 1, j - 1)
            best[i, j] = (value + seed.weight, before)
            row.append((j, value + seed.weight))
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
        self._older = Maxima(self._size)
        self._fresh: list[tuple[int, int, _Pair | None]] = []
        self._open_segment()
        if field.closed_start:
            self._put(field.start - 1, 0, 0, None)
        else:
            self._older.raise_to(0, 0, None)

    def _open_segment(self) -> None:
        self._sloped = [Maxima(self._size) for _ in _JUMPS]
        self._capped = Maxima(self._size)

    def cross_gap(self, i: int) -> None:
        """Let all chains end here: what follows jumps for nothing."""
        for at, value, pair in self._fresh:
            since = self._field.start if pair is None else pair[0] + 1
            self._older.raise_to(at, value - self.unseen(since, i), pair)
        self._segment = i + 1
        if self._fresh or i == self._field.start:
            self._fresh = []
            self._open_segment()

    def unseen(self, start: int, end: int) -> int:
        """Return what it costs that items at a segment's edge are not in the file."""
        before = self._unseen[start - self._field.start]
        return min(_UNSEEN * (self._unseen[end - self._field.start] - before), _UNSEEN_MAX)

    def before(self, i: int, j: int) -> tuple[int, _Pair | None]:
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
        return (-_JUMP_MAX, None) if value < NOTHING // 2 else (value, pair)

    def add(self, i: int, j: int, value: int) -> None:
        """Offer the chain that ends with (i, j)."""
        self._put(i, j - self._field.top + 1, value, (i, j))

    def _put(self, i: int, at: int, value: int, pair: _Pair | None) -> None:
        for tree, (slope, _, back) in zip(self._sloped, _JUMPS, strict=True):
            tree.raise_to(at, value + slope * at - back * (i + 1), pair)
        self._capped.raise_to(at, value, pair)
        self._fresh.append((at, value, pair))


def _walk_back(field: Field, best: _Best, trees: _Trees) -> list[Match]:
    """Follow the best chain from its end; jumping to a closed end costs, too."""
    last_gap = max(
        (i for i in range(field.start, field.end) if field.items[i].kind is Kind.GAP), default=-1
    )

    def final(pair: _Pair) -> int:
        if pair[0] < last_gap:
            return best[pair][0] - trees.unseen(pair[0] + 1, last_gap)
        jump = 0 if field.closed_end else trees.unseen(pair[0] + 1, field.end)
        if field.closed_end and pair[0] > last_gap:
            lines = field.bottom - 1 - pair[1]
            new = field.end - 1 - pair[0]
            costs = [slope * lines + once - back * new for slope, once, back in _JUMPS]
            jump = min(*costs, _JUMP_MAX)
        return best[pair][0] - jump

    at: _Pair | None = max(best, key=final)
    chain: list[Match] = []
    while at is not None:
        chain.append(Match(*at))
        at = best[at][1]
    chain.reverse()
    return chain
