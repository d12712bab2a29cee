"""Aligns a snippet with a file: definitions by name first, then the lines between them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.extents import Extent, cut_short, extent_of
from fastapply_lsp.merge.gaps import Gap, fill
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.loose import chain_with_likes, weakly_placed
from fastapply_lsp.merge.model import Region
from fastapply_lsp.merge.moves import parted
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.merge.pairs import (
    BLOCKS,
    Pair,
    body_lines,
    in_order,
    loses_comments,
    members,
    missing,
    missing_members,
    pair_definitions,
)
from fastapply_lsp.merge.reindent import indent_of, reindented
from fastapply_lsp.merge.removal import NO_REMOVAL, Removal
from fastapply_lsp.merge.renames import likely_renamed, renamed, renamed_as_asked, unknown
from fastapply_lsp.merge.seeds import Field
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.syntax.definitions import Definition


_JOINED = 2
"""Lines that tell of a definition which the parser joined with a later one."""
_HEADER = 12
"""Characters by which a one-line form of a definition is known to be ours."""


@dataclass(slots=True)
class Solver:
    """One snippet in one file; collects what changes, and why it may be wrong."""

    page: Page
    items: list[Item]
    keys: Sequence[str]
    changes: list[Change] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    licences: list[Region] = field(default_factory=list)
    """What may change, too, where there are reasons."""
    doubted: frozenset[tuple[int, int]] = frozenset()
    """Pairs of lines that another solver found, and that this one shall believe less."""
    sought: frozenset[str] = frozenset()
    """Lines that another solver put in, though they stand in the file."""
    matches: set[tuple[int, int]] = field(default_factory=set)
    asked: Removal = NO_REMOVAL
    """What the user asked to remove."""
    renames: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """New names that the user asked for, and words that may be the old ones."""
    places: dict[str, int] | None = None
    """Where each line stands that stands once, when it was first asked for."""
    shared: int = 0
    """Lines that snippet and file were found to share."""
    depths: list[bool] = field(default_factory=list)
    """For each shared line that holds text, whether it is as deep in both."""

    def solve(
        self,
        extent: Extent,
        theirs: Sequence[Definition],
        ours: Sequence[Definition],
        *,
        closed: bool,
        keeps_unshown: bool = False,
    ) -> None:
        """Align items with lines; ``closed`` says that their first lines belong together.

        ``keeps_unshown`` says that the file's definitions stay where the snippet shows none.
        """
        found = pair_definitions(theirs, ours, self.items, self.keys)
        pairs = in_order(found)
        if len(pairs) < len(found):
            why = "definitions stand in another order than in the file"
            self.reasons.append(why)
            self.licences += [Region(pair.ours.whole, why) for pair in found if pair not in pairs]
        paired = {id(one) for pair in pairs for one in (pair.theirs, pair.ours)}
        pairs += renamed_as_asked(
            [one for one in theirs if id(one) not in paired],
            [one for one in ours if id(one) not in paired],
            self.items,
            self.keys,
            self.renames,
        )
        pairs = in_order([*pairs, *renamed(theirs, ours, pairs, self.items, self.keys)])
        if fresh := unknown(theirs, ours, pairs, self.items):
            inner = [one for outer in ours for one in outer.walk()]
            self._mark_new(fresh, missing(theirs, inner), ours)
        closed_end = closed and not extent.open_end
        blocks: list[_Block] = []
        at = _Edge(extent.start, extent.top, closed)
        for pair, held in self._disjoint(extent, pairs):
            self._lines(blocks, at, _Edge(held.start, held.top, closed=True))
            blocks.append(_Block(held, pair))
            at = _Edge(held.end, held.bottom, closed=True)
        self._lines(blocks, at, _Edge(extent.end, extent.bottom, closed_end))
        kept = [one.span for one in missing(theirs, ours)] if keeps_unshown else []
        self._fill(extent, blocks, kept, closed=closed)

    def _mark_new(
        self,
        fresh: Sequence[Definition],
        unshown: Sequence[Definition],
        ours: Sequence[Definition],
    ) -> None:
        """Keep the lines of new definitions from being looked for in others."""
        for one in fresh:
            for at in range(one.span.start, one.span.end):
                self.items[at] = replace(self.items[at], new=True)
        between = [one.span.end for one in ours if one.kind in BLOCKS]
        self.licences += [Region(Span(at, at), "a new definition may stand here") for at in between]
        for pair in likely_renamed(fresh, unshown, self.items, self.keys):
            why = f"{pair.theirs.name} may be one of the file's under a new name"
            self.reasons.append(why)
            self.licences.append(Region(parted(self.keys, pair.ours.whole), why))

    def _disjoint(self, extent: Extent, pairs: Sequence[Pair]) -> list[tuple[Pair, Extent]]:
        """Drop pairs whose comments or decorators run into another's lines."""
        kept: list[tuple[Pair, Extent]] = []
        item, line = extent.start, extent.top
        for pair in pairs:
            inner = self._unjoined(extent_of(pair, self.items, self.keys, self.page.texts))
            if inner.start < item or inner.top < line:
                continue
            if inner.end > extent.end or inner.bottom > extent.bottom:
                continue
            kept.append((pair, inner))
            item, line = inner.end, inner.bottom
        return kept

    def _unjoined(self, extent: Extent) -> Extent:
        """Cut a definition that the parser joined with a later one, over a marker, at the marker.

        Most lines below the marker that stand once in the file stand below the definition there.
        """
        inside = self.items[extent.start : extent.end]
        gap = next((at for at, item in enumerate(inside) if item.kind is Kind.GAP), None)
        if gap is None:
            return extent
        if self.places is None:
            counts = Counter(self.keys)
            self.places = {key: at for at, key in enumerate(self.keys) if counts[key] == 1}
        known = [self.places[item.key] for item in inside[gap:] if item.key in self.places]
        below = sum(at >= extent.bottom for at in known)
        within = sum(extent.top <= at < extent.bottom for at in known)
        if below < _JOINED or below <= 2 * within:
            return extent
        return replace(extent, end=extent.start + gap, open_end=True)

    def _lines(self, blocks: list[_Block], start: _Edge, end: _Edge) -> None:
        """Add the lines that are shared between two edges."""
        if start.item >= end.item or start.line >= end.line:
            return
        field = Field(
            self.items,
            start.item,
            end.item,
            self.page.texts,
            self.keys,
            start.line,
            end.line,
            start.closed,
            end.closed,
            self.doubted,
            self.sought,
        )
        chain = chain_with_likes(field)
        self.matches |= {(match.theirs, match.ours) for match in chain}
        self.reasons += weakly_placed(field, chain)
        blocks += [
            _Block(Extent(match.theirs, match.theirs + 1, match.ours, match.ours + 1), None)
            for match in chain
        ]

    def _fill(
        self, extent: Extent, blocks: Sequence[_Block], kept: Sequence[Span], *, closed: bool
    ) -> None:
        """Decide every gap between shared blocks, and what becomes of the blocks."""
        at = _Edge(extent.start, extent.top)
        for number, block in enumerate(blocks):
            to = _Edge(block.extent.start, max(at.line, _undocumented(block)))
            holds = any(at.line <= span.start and span.end <= to.line for span in kept)
            self._gap(at, to, open_start=number == 0 and not closed, open_end=holds)
            if block.pair is None:
                self._line(block.extent)
            else:
                self._bared(at, block)
                self._definition(block.pair, block.extent)
            at = _Edge(block.extent.end, block.extent.bottom)
        open_start = not blocks and not closed
        open_end = not closed or extent.open_end or any(at.line <= span.start for span in kept)
        if blocks and at.item == extent.end and self.items[at.item - 1].kind is Kind.GAP:
            # The marker at the end, however deep, stands for what follows there, too.
            open_end = True
        self._gap(at, _Edge(extent.end, extent.bottom), open_start=open_start, open_end=open_end)

    @property
    def reaches_end(self) -> bool:
        """Whether the snippet ends without a marker, at the file's last line that holds text."""
        last = len(self.keys) - 1
        while last > 0 and not self.keys[last]:
            last -= 1
        end = len(self.items) - 1
        while end > 0 and self.items[end].blank:
            end -= 1
        return (end, last) in self.matches

    def _bared(self, above: _Edge, block: _Block) -> None:
        """Doubt a definition without its decorators, if the line above them is quoted."""
        between = self.items[max(above.item - 1, 0) : block.extent.start]
        if block.pair is None or any(item.kind is not Kind.LINE for item in between):
            return
        ours = block.pair.ours
        if above.item and any(self.keys[max(above.line, ours.span.start) : block.extent.top]):
            self.reasons.append(f"the snippet shows {ours.name} without what stands above it")

    def _gap(self, start: _Edge, end: _Edge, *, open_start: bool, open_end: bool) -> None:
        if start.item == end.item and (start.line == end.line or open_start or open_end):
            return
        if self._only_blanks(start, end):
            return
        gap = Gap(
            self.items[start.item : end.item],
            self.page.texts,
            start.line,
            end.line,
            open_start,
            open_end,
            self.asked,
        )
        filled = fill(gap)
        self.changes += filled.changes
        self.reasons += filled.reasons
        self.licences += filled.licences

    def _only_blanks(self, start: _Edge, end: _Edge) -> bool:
        """Whether blank lines alone part a marker from what follows: the file's own ones stay."""
        beside = any(
            0 <= at < len(self.items) and self.items[at].kind is Kind.GAP
            for at in (start.item - 1, end.item)
        )
        return (
            beside
            and all(item.blank for item in self.items[start.item : end.item])
            and not any(self.keys[start.line : end.line])
        )

    def _line(self, extent: Extent) -> None:
        """A shared line changes only where its indentation does."""
        self.shared += bool(self.keys[extent.top])
        text, old = self.items[extent.start].text, self.page.texts[extent.top]
        if self.items[extent.start].key != self.keys[extent.top]:
            self.reasons.append("a changed line is known by likeness only")
            self.changes.append(Change(extent.top, extent.bottom, (text,), "a line like it"))
            return
        if self.keys[extent.top]:
            self.depths.append(indent_of(text) == indent_of(old))
        if text.rstrip() != old.rstrip():
            self.changes.append(Change(extent.top, extent.bottom, (text,), "re-indented"))

    def _definition(self, pair: Pair, extent: Extent) -> None:
        """Replace a whole definition, or go into one that leaves lines out."""
        why = f"{pair.ours.kind} {pair.ours.name}"
        self.shared += 1
        if not pair.sure:
            self.reasons.append(f"several definitions are called {pair.ours.name}")
        if extent.doubtful:
            self.reasons.append(f"{pair.ours.name} may end where the snippet leaves it")
        self._reindent(extent)
        self._stub(pair, extent)
        extent = self._header(pair, extent)
        inside = self.items[extent.start : extent.end]
        if any(item.elided for item in inside) and len(inside) == 1:
            # The whole of it in one line: it stays.
            if not self.page.texts[extent.top].strip().startswith(inside[0].key[:_HEADER]):
                self.reasons.append(f"a marker inside {pair.ours.name} hides a change")
            return
        gone = missing_members(pair)
        broken = extent.open_end or any(item.kind is Kind.GAP for item in inside)
        if gone and not broken:
            self._abbreviated(pair, extent, gone)
            return
        if broken:
            self.solve(extent, pair.theirs.children, pair.ours.children, closed=True)
            return
        if loses_comments(pair):
            self.solve(extent, pair.theirs.children, pair.ours.children, closed=True)
            return
        mine = body_lines(pair.theirs, [item.key for item in self.items])
        lost = body_lines(pair.ours, self.keys)
        if len(lost - mine) > len(mine - lost):
            self.reasons.append(f"the snippet shows {pair.ours.name} without some of its lines")
        texts = tuple(item.text for item in inside if item.kind is Kind.LINE)
        if cut_short(texts, self.page.texts[extent.top : extent.bottom]):
            self.reasons.append(f"{pair.ours.name} may be shown without its end")
        self.changes.append(Change(extent.top, extent.bottom, texts, why, whole=True))

    def _stub(self, pair: Pair, extent: Extent) -> None:
        """Read dots that are a statement as a marker, where the file has a body in their place."""
        last = extent.end - 1
        if self.items[last].key != "..." or extent.end - extent.start == 1:
            return
        if "..." in self.keys[extent.top : extent.bottom]:
            return
        self.items[last] = replace(self.items[last], kind=Kind.GAP, key="")
        self.reasons.append(f"the dots in {pair.ours.name} may be all of it")

    def _header(self, pair: Pair, extent: Extent) -> Extent:
        """Replace the first line of a renamed definition: no other line can be it."""
        broken = any(item.kind is Kind.GAP for item in self.items[extent.start : extent.end])
        old, new = pair.ours.name, pair.theirs.name
        header = self.items[extent.start]
        if old == new or not broken or new not in header.key or old not in self.keys[extent.top]:
            return extent
        self.changes.append(Change(extent.top, extent.top + 1, (header.text,), f"{old} is renamed"))
        return replace(extent, start=extent.start + 1, top=extent.top + 1)

    def _abbreviated(self, pair: Pair, extent: Extent, lost: Sequence[Definition]) -> None:
        """A class without some of its members, and no marker: are they gone, or left out?"""
        asked = all(self.asked.names(one.name) for one in lost)
        if not asked:
            names = ", ".join(one.name for one in lost[:3])
            self.reasons.append(f"the snippet shows {pair.ours.name} without {names}")
        if not asked and len(lost) * 2 >= len(members(pair.ours)):
            self.solve(
                extent, pair.theirs.children, pair.ours.children, closed=True, keeps_unshown=True
            )
            return
        texts = tuple(item.text for item in self.items[extent.start : extent.end])
        self.changes.append(Change(extent.top, extent.bottom, texts, pair.ours.name))

    def _reindent(self, extent: Extent) -> None:
        """Move a definition that the snippet shows at another depth."""
        theirs, ours = self.items[extent.start].text, self.page.texts[extent.top]
        if indent_of(theirs) == indent_of(ours):
            return
        marker = indent_of(theirs) + "x", indent_of(ours) + "x"
        shift = reindented([marker[0]], [marker[1]])
        for at in range(extent.start, extent.end):
            item = self.items[at]
            self.items[at] = replace(item, text=shift(item.text))


@dataclass(frozen=True, slots=True)
class _Edge:
    """A place between items, and the place between lines that it stands for."""

    item: int
    line: int
    closed: bool = True
    """Whether what lies beyond it is known to belong together, too."""


@dataclass(frozen=True, slots=True)
class _Block:
    extent: Extent
    pair: Pair | None


def _undocumented(block: _Block) -> int:
    """Return the first line of a block, with the comments that the file has above it.

    A snippet that shows a definition without the comments above leaves them as they are.
    """
    pair = block.pair
    if pair is None or pair.theirs.leading < pair.theirs.span.start:
        return block.extent.top
    return min(block.extent.top, pair.ours.leading)
