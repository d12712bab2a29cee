"""Which definitions of a snippet are in the file, under whatever name, and which are new?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.lines import with_blanks
from fastapply_lsp.merge.model import Region
from fastapply_lsp.merge.pairs import BLOCKS, Pair, in_order, pair_definitions
from fastapply_lsp.merge.renames import likely_renamed, renamed, renamed_as_asked, unknown
from fastapply_lsp.merge.unshown import missing
from fastapply_lsp.text.lines import indent_of
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.merge.items import Item
    from fastapply_lsp.merge.sides import Sides
    from fastapply_lsp.syntax.definitions import Definition


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The definitions that both have, in the order of both."""

    pairs: tuple[Pair, ...]
    items: Sequence[Item]
    """The snippet's lines; those of new definitions are marked, so that no other looks for them."""
    reasons: tuple[str, ...] = ()
    licences: tuple[Region, ...] = ()
    """What may change, too, where there are reasons."""


def skeleton_of(
    theirs: Sequence[Definition],
    ours: Sequence[Definition],
    sides: Sides,
    renames: Mapping[str, frozenset[str]],
) -> Skeleton:
    """Pair what has one name in both, then what has two; mark what the file does not have.

    ``renames`` are the new names that the user asked for, and words that may be the old ones.
    """
    items, keys = sides.items, sides.keys
    found = pair_definitions(theirs, ours, items, keys)
    pairs = in_order(found)
    reasons: tuple[str, ...] = ()
    licences: tuple[Region, ...] = ()
    if len(pairs) < len(found):
        why = "definitions stand in another order than in the file"
        reasons = (why,)
        licences = tuple(Region(pair.ours.whole, why) for pair in found if pair not in pairs)
    paired = {id(one) for pair in pairs for one in (pair.theirs, pair.ours)}
    pairs += renamed_as_asked(
        [one for one in theirs if id(one) not in paired],
        [one for one in ours if id(one) not in paired],
        items,
        keys,
        renames,
    )
    pairs = in_order([*pairs, *renamed(theirs, ours, pairs, items, keys)])
    fresh = unknown(theirs, ours, pairs, items)
    if not fresh:
        return Skeleton(tuple(pairs), items, reasons, licences)
    marked = list(items)
    for one in fresh:
        for at in range(one.span.start, one.span.end):
            marked[at] = replace(marked[at], new=True)
    hidden = missing(theirs, [one for outer in ours for one in outer.walk()])
    depths = {items[one.span.start].depth for one in fresh}
    between = {
        one.span.end
        for outer in ours
        for one in outer.walk()
        if one.kind in BLOCKS and len(indent_of(sides.texts[one.span.start])) in depths
    }
    licences += tuple(
        Region(Span(at, at), "a new definition may stand here") for at in sorted(between)
    )
    for pair in likely_renamed(fresh, hidden, marked, keys):
        why = f"{pair.theirs.name} may be one of the file's under a new name"
        reasons += (why,)
        licences += (Region(with_blanks(keys, pair.ours.whole), why),)
    return Skeleton(tuple(pairs), marked, reasons, licences)
