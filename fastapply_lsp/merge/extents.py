"""Which lines does a pair of definitions make correspond?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.beside import alike
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.lines import open_brackets
from fastapply_lsp.merge.pairs import CLOSERS, Pair
from fastapply_lsp.merge.unshown import missing_members
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.sides import Sides


_JOINED = 2
"""Lines that tell of a definition which the parser joined with a later one."""
ATTRIBUTES = ("@", "#[", "[", "#!")
_RESULTS = ("return ", "yield ", "return(")
_MANY_TIMES, _FEW = 3, 6
"""A definition that was so many times as long, and some lines more, may be shown in part."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The lines that a pair makes correspond: snippet items, file lines."""

    start: int
    end: int
    top: int
    bottom: int
    open_end: bool = False
    """Whether the snippet breaks off before the definition's end."""
    doubtful: bool = False
    """Whether it may as well be whole there, and shorter than before."""


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong to each other: those of one pair of definitions, or one shared line."""

    extent: Extent
    pair: Pair | None = None


def disjoint_blocks(pairs: Sequence[Pair], within: Extent, sides: Sides) -> list[Block]:
    """Return the lines of each pair, without pairs whose comments or decorators run into another's."""
    kept: list[Block] = []
    item, line = within.start, within.top
    for pair in pairs:
        inner = _unjoined(extent_of(pair, sides.items, sides.keys, sides.texts), sides)
        if inner.start < item or inner.top < line:
            continue
        if inner.end > within.end or inner.bottom > within.bottom:
            continue
        kept.append(Block(inner, pair))
        item, line = inner.end, inner.bottom
    return kept


def _unjoined(extent: Extent, sides: Sides) -> Extent:
    """Cut a definition that the parser joined with a later one, over a marker, at the marker.

    Most lines below the marker that stand once in the file stand below the definition there.
    """
    inside = sides.items[extent.start : extent.end]
    gap = next((at for at, item in enumerate(inside) if item.kind is Kind.GAP), None)
    if gap is None:
        return extent
    known = [sides.only[item.key] for item in inside[gap:] if item.key in sides.only]
    below = sum(at >= extent.bottom for at in known)
    within = sum(extent.top <= at < extent.bottom for at in known)
    if below < _JOINED or below <= 2 * within:
        return extent
    return replace(extent, end=extent.start + gap, open_end=True)


def extent_of(
    pair: Pair, items: Sequence[Item], keys: Sequence[str], texts: Sequence[str]
) -> Extent:
    """Find what is replaced: comments and decorators above only where the snippet shows some."""
    theirs, ours = pair.theirs, pair.ours
    end, bottom = min(theirs.span.end, len(items)), ours.span.end
    # A grammar may count blank lines or markers after a definition to it.
    while end > theirs.span.start + 1 and not items[end - 1].key and items[end - 1].blank:
        end -= 1
    while bottom > ours.span.start + 1 and not keys[bottom - 1]:
        bottom -= 1
    found = _end(
        theirs.span.start,
        end,
        items,
        [(text.strip(), len(indent_of(text))) for text in texts[ours.span.start : bottom]],
        holds_more=bool(missing_members(pair)),
    )
    leading = theirs.leading
    while leading < theirs.span.start and items[leading].kind is not Kind.LINE:
        leading += 1
    if leading < theirs.span.start:
        above = keys[ours.leading : ours.span.start]
        # A comment that is cut at its top goes on above the snippet.
        shown = [item.key for item in items[leading : theirs.span.start]]
        cut = _cut(shown, above) if _begins(leading, items) else 0
        return Extent(
            leading, found.end, ours.leading + cut, bottom, found.open_end, found.doubtful
        )
    top = ours.span.start + _unshown(items[theirs.span.start].key, pair, keys)
    return Extent(theirs.span.start, found.end, top, bottom, found.open_end, found.doubtful)


def cut_short(theirs: Sequence[str], ours: Sequence[str]) -> bool:
    """Whether a definition that nothing closes may be shown without its end.

    Then it is far shorter than in the file, or it returns nothing any more. Both are its lines.
    """
    if len(ours) == 1 or len(indent_of(ours[-1])) <= len(indent_of(ours[0])):
        return False
    old = [text.strip() for text in ours if text.strip()]
    new = [text.strip() for text in theirs if text.strip()]
    if len(old) > _MANY_TIMES * len(new) + _FEW:
        return True
    return _returns(old) and not _returns(new)


def continued(theirs: Sequence[str], ours: Sequence[str]) -> tuple[str, ...] | None:
    """Return a definition that breaks off, with what follows in ours the line like its last one.

    ``None`` where ours has not exactly one such line, or has the last one itself.
    """
    last = next(text for text in reversed(theirs) if text.strip())
    if any(text.rstrip() == last.rstrip() for text in ours):
        return None
    like = [at for at, text in enumerate(ours) if at and alike(text, last)]
    return (*theirs, *ours[like[0] + 1 :]) if len(like) == 1 else None


def _returns(keys: Sequence[str]) -> bool:
    return any(key.startswith(_RESULTS) for key in keys)


def _cut(shown: Sequence[str], above: Sequence[str]) -> int:
    """Count the lines of a comment above those that the snippet shows of it.

    Where its first line stands several times, the place from which the most lines agree counts,
    and of equal ones the lowest.
    """
    places = [at for at, key in enumerate(above) if key == shown[0]]
    return max(places, key=lambda at: (_agree(shown, above[at:]), at), default=0)


def _agree(shown: Sequence[str], above: Sequence[str]) -> int:
    return sum((Counter(shown) & Counter(above)).values())


def _unshown(first: str, pair: Pair, keys: Sequence[str]) -> int:
    """Count the lines above our header that the snippet does not show: decorators, ``template``."""
    ours = pair.ours.span
    name = pair.ours.name
    for at in range(ours.start, ours.end):
        if keys[at] == first:
            return at - ours.start
        if name in keys[at]:
            break
    top = ours.start
    if not first.startswith(ATTRIBUTES):
        while top < ours.end - 1 and keys[top].startswith(ATTRIBUTES):
            top += 1
    return top - ours.start


@dataclass(frozen=True, slots=True)
class _End:
    end: int
    open_end: bool = False
    doubtful: bool = False


def _begins(at: int, items: Sequence[Item]) -> bool:
    """Whether a segment of the snippet begins at ``at``."""
    while at > 0 and items[at - 1].blank:
        at -= 1
    return at == 0 or items[at - 1].kind is Kind.GAP


def _end(
    start: int,
    end: int,
    items: Sequence[Item],
    ours: Sequence[tuple[str, int]],
    *,
    holds_more: bool,
) -> _End:
    """Find where a definition ends in the snippet, and whether it breaks off there.

    A marker below it, deeper than its first line, is part of it. One that is no deeper (or the
    snippet's end) follows a whole definition or one that breaks off: it breaks off where a bracket
    is open, or its last line is in ours, and not the last there. What ``holds_more`` (a class of
    which not all was shown) goes on behind such a marker, unless a bracket closes it.
    """
    after = end
    while after < len(items) and items[after].blank:
        after += 1
    # A gap without a text is none that the snippet shows: it parts whole definitions.
    gap = after < len(items) and items[after].kind is Kind.GAP and bool(items[after].text)
    if gap and items[after].depth > items[start].depth:
        return _End(after + 1)
    closed = items[end - 1].key.startswith(CLOSERS)
    if open_brackets("".join(item.key for item in items[start:end])) > 0 or (
        holds_more and gap and not closed
    ):
        return _End(end, open_end=True)
    last = items[end - 1]
    if gap and last.key.endswith(":") and ours[-1][0] != last.key:
        # It opens a block, and what the block holds is left out.
        return _End(end, open_end=True)
    parted = after == len(items) or items[after].kind is Kind.GAP
    if parted and last.kind is Kind.LINE and last.key != ours[-1][0]:
        # At another depth it closes the definition as it reads now.
        deeper = last.depth - items[start].depth
        known = (last.key, ours[0][1] + deeper) in ours
        return _End(end, open_end=known, doubtful=known and end > start + 1)
    return _End(end)
