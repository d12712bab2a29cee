"""How do a snippet's lines lie over the file's? Definitions by name first, then the lines between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.merge.extents import Block, Extent, disjoint_blocks
from fastapply_lsp.merge.gap_model import Gap
from fastapply_lsp.merge.gaps import fill
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.loose import chain_with_likes, weakly_placed
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.merge.paired import decide
from fastapply_lsp.merge.removal import NO_REMOVAL, Removal
from fastapply_lsp.merge.seeds import Field
from fastapply_lsp.merge.sides import Sides
from fastapply_lsp.merge.skeleton import skeleton_of
from fastapply_lsp.merge.unshown import missing
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.merge.model import Region
    from fastapply_lsp.merge.pairs import Pair
    from fastapply_lsp.syntax.definitions import Definition
    from fastapply_lsp.text.replacement import Span


@dataclass(slots=True)
class Solver:
    """One snippet in one file; collects what changes, and why it may be wrong.

    Given are the fields down to ``renames``; those below fill up as parts are aligned.
    """

    page: Page
    items: list[Item]
    """The snippet's lines. Some change while they are read: moved, or known to be new."""
    keys: Sequence[str]
    only: Mapping[str, int]
    """Where each of the file's lines stands that stands once: ``only_places``."""
    doubted: frozenset[tuple[int, int]] = frozenset()
    """Pairs of lines that another solver found, and that this one shall believe less."""
    sought: frozenset[str] = frozenset()
    """Lines that another solver put in, though they stand in the file."""
    asked: Removal = NO_REMOVAL
    """What the user asked to remove."""
    renames: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """New names that the user asked for, and words that may be the old ones."""
    changes: list[Change] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    licences: list[Region] = field(default_factory=list)
    """What may change, too, where there are reasons."""
    matches: set[tuple[int, int]] = field(default_factory=set)
    """Pairs (item, line) that were found to be one line."""
    shared: int = 0
    """Lines and definitions that snippet and file were found to share."""
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
        skeleton = skeleton_of(theirs, ours, self._sides(), self.renames)
        if skeleton.items is not self.items:
            self.items[:] = skeleton.items
        self.reasons += skeleton.reasons
        self.licences += skeleton.licences
        blocks: list[Block] = []
        at = _Edge(extent.start, extent.top, closed)
        for block in disjoint_blocks(skeleton.pairs, extent, self._sides()):
            held = block.extent
            self._lines(blocks, at, _Edge(held.start, held.top, closed=True))
            blocks.append(block)
            at = _Edge(held.end, held.bottom, closed=True)
        closed_end = closed and not extent.open_end
        self._lines(blocks, at, _Edge(extent.end, extent.bottom, closed_end))
        kept = [one.span for one in missing(theirs, ours)] if keeps_unshown else []
        self._fill(extent, blocks, kept, closed=closed)

    def _sides(self) -> Sides:
        return Sides(self.items, self.page.texts, self.keys, self.only, self.asked)

    def _lines(self, blocks: list[Block], start: _Edge, end: _Edge) -> None:
        """Add the lines that are shared between two edges."""
        if start.item >= end.item or start.line >= end.line:
            return
        part = Field(
            items=self.items,
            start=start.item,
            end=end.item,
            texts=self.page.texts,
            keys=self.keys,
            top=start.line,
            bottom=end.line,
            closed_start=start.closed,
            closed_end=end.closed,
            doubted=self.doubted,
            sought=self.sought,
        )
        chain = chain_with_likes(part)
        self.matches |= {(match.theirs, match.ours) for match in chain}
        self.reasons += weakly_placed(part, chain)
        blocks += [
            Block(Extent(match.theirs, match.theirs + 1, match.ours, match.ours + 1))
            for match in chain
        ]

    def _fill(
        self, extent: Extent, blocks: Sequence[Block], kept: Sequence[Span], *, closed: bool
    ) -> None:
        """Decide every gap between shared blocks, and what becomes of the blocks."""
        at = _Edge(extent.start, extent.top)
        for number, block in enumerate(blocks):
            to = _Edge(block.extent.start, max(at.line, _top_with_comments(block)))
            holds = any(at.line <= span.start and span.end <= to.line for span in kept)
            self._gap(at, to, open_start=number == 0 and not closed, open_end=holds)
            if block.pair is None:
                self._line(block.extent)
            else:
                self._doubt_bared(at, block)
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

    def _doubt_bared(self, above: _Edge, block: Block) -> None:
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
        self.shared += 1
        decision = decide(pair, extent, self._sides())
        self.items[extent.start : extent.end] = decision.items
        self.changes += decision.changes
        self.reasons += decision.reasons
        if decision.inside is not None:
            self.solve(
                decision.inside,
                pair.theirs.children,
                pair.ours.children,
                closed=True,
                keeps_unshown=decision.keeps_unshown,
            )


@dataclass(frozen=True, slots=True)
class _Edge:
    """A place between items, and the place between lines that it stands for."""

    item: int
    line: int
    closed: bool = True
    """Whether what lies beyond it is known to belong together, too."""


def _top_with_comments(block: Block) -> int:
    """Return the first line of a block, with the comments that the file has above it.

    A snippet that shows a definition without the comments above leaves them as they are.
    """
    pair = block.pair
    if pair is None or pair.theirs.leading < pair.theirs.span.start:
        return block.extent.top
    return min(block.extent.top, pair.ours.leading)
