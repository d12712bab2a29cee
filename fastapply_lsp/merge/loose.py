"""Where do parts of a snippet go that quote no line which says so? Where lines are like theirs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.chain import Match, best_chain
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.likeness import like_seeds
from fastapply_lsp.merge.lines import weak

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.seeds import Field


def chain_with_likes(field: Field) -> list[Match]:
    """Return the best chain of equal lines; parts that have none are held by lines alike.

    A pair of lines that are only alike is in the chain, too: their keys differ.
    """
    chain = best_chain(field)
    loose = {at: field.items[at] for part in _loose(field, chain) for at in part}
    if not loose:
        return chain
    taken = {match.ours for match in chain if not weak(field.keys[match.ours])}
    free = [at for at in range(field.top, field.bottom) if at not in taken]
    likes = like_seeds(loose, field.texts, free)
    if not likes:
        return chain
    other = best_chain(replace(field, likes=likes))
    strong = {match for match in chain if not weak(field.keys[match.ours])}
    return other if strong.issubset(other) else chain


def weakly_placed(field: Field, chain: Sequence[Match]) -> Iterator[str]:
    """Yield the doubts about parts that are held by brackets and the like alone."""
    items = field.items
    shared = {match.theirs for match in chain}
    held = field.start > 0 and items[field.start - 1].kind is not Kind.GAP
    changes = False
    for at in range(field.start, field.end + 1):
        if at < field.end and items[at].kind is not Kind.GAP:
            substance = not weak(items[at].key)
            held = held or (at in shared and substance)
            changes = changes or (at not in shared and substance)
            continue
        by_end = at == field.end and at < len(items) and items[at].kind is not Kind.GAP
        if changes and not held and not by_end and shared:
            yield "only brackets and blank lines say where a part goes"
        held = changes = False
    if _usual_end(field, chain):
        yield "only lines that stand elsewhere, too, say what a part replaces"


def _usual_end(field: Field, chain: Sequence[Match]) -> bool:
    """Whether a usual line, alone among new ones before a marker, says what they replace.

    The new lines may as well be more of the same kind, and the old ones behind the marker.
    """
    known = {match.theirs: match.ours for match in chain}
    counts: Counter[str] | None = None
    for end in range(field.start, field.end):
        if field.items[end].kind is not Kind.GAP:
            continue
        at = end - 1
        while at >= field.start and field.items[at].kind is not Kind.GAP:
            ours = known.get(at)
            if ours is not None and not weak(field.items[at].key):
                counts = Counter(field.keys) if counts is None else counts
                if counts[field.items[at].key] == 1:
                    break
                if known.get(at - 1) != ours - 1 and known.get(at + 1) != ours + 1:
                    return True
            at -= 1
    return False


def _loose(field: Field, chain: Sequence[Match]) -> Iterator[list[int]]:
    """Yield the lines between two markers where none is shared that says something."""
    shared = {match.theirs for match in chain if not weak(field.keys[match.ours])}
    part: list[int] = []
    held = _held(field.items, field.start - 1)
    for at in range(field.start, field.end + 1):
        if at < field.end and field.items[at].kind is not Kind.GAP:
            item = field.items[at]
            held = held or at in shared
            if item.kind is Kind.LINE and not item.new and not weak(item.key):
                part.append(at)
            continue
        if part and not held and not (at == field.end and _held(field.items, at)):
            yield part
        part, held = [], False


def _held(items: Sequence[Item], at: int) -> bool:
    """Whether a field's edge is a line that both share, and no marker or end of the snippet."""
    return 0 <= at < len(items) and items[at].kind is not Kind.GAP
