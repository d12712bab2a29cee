"""Which definitions of a snippet are which definitions of the file?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.maxima import Maxima

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.syntax.definitions import Definition

_WORD = re.compile(r"\w+")
CLOSERS = ("}", ")", "]", "end", "</")
BLOCKS = frozenset(
    {
        "function",
        "method",
        "class",
        "struct",
        "impl",
        "trait",
        "interface",
        "enum",
        "module",
        "block",
    }
)
"""Kinds of which a snippet's broken text seldom looks by chance."""
_SORTS = (
    frozenset({"function", "method", "prototype", "variable", "field", "macro", "type"}),
    frozenset({"class", "struct", "interface", "trait", "enum", "type", "module"}),
)
"""Kinds that become each other when code is rewritten."""
_CLEARLY = 1.25
"""The best of several equally named ones must share so much more with ours than the next."""
_SAME_NAME_MAX = 24
"""More definitions of one name than this are entries of a list, and their names say nothing."""
_SURELY = 1.5
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Definition ``theirs`` of the snippet is ``ours`` of the file; ``sure`` unless names clash."""

    theirs: Definition
    ours: Definition
    sure: bool = True


def pair_definitions(
    theirs: Sequence[Definition],
    ours: Sequence[Definition],
    items: Sequence[Item],
    keys: Sequence[str],
) -> list[Pair]:
    """Pair definitions by name, then signature, then what their lines share; in the snippet's order.

    A snippet may show a method without its class, so where no outer definition has the name, the
    inner ones are asked. What cannot be told apart is not paired. Pairs may cross: see ``in_order``.
    """
    by_name: dict[str, list[Definition]] = {}
    for one in ours:
        by_name.setdefault(one.name, []).append(one)
    inner: dict[str, list[Definition]] | None = None
    known: dict[tuple[str, str], list[Definition]] = {}
    pairs: list[Pair] = []
    taken: set[int] = set()
    named = Counter(one.name for one in theirs)
    for one in theirs:
        if not has_true_end(one, items):
            continue
        if (found := known.get((one.name, one.kind))) is None:
            found = [other for other in by_name.get(one.name, ()) if _same_sort(one, other)]
            if not found and one.kind in BLOCKS:
                # A local variable of a method is no method of its name.
                inner = _inner(ours) if inner is None else inner
                found = [other for other in inner.get(one.name, ()) if _same_sort(one, other)]
            known[one.name, one.kind] = found
        if len(found) > _SAME_NAME_MAX:
            continue
        free = [other for other in found if id(other) not in taken]
        pair = _choose(one, free, items, keys, contested=named[one.name] > 1)
        if pair is not None:
            pairs.append(pair)
            taken.add(id(pair.ours))
    return pairs


def _same_sort(one: Definition, other: Definition) -> bool:
    """Whether a snippet's definition can be a version of the file's: no class is a function."""
    return one.kind == other.kind or any(one.kind in sort and other.kind in sort for sort in _SORTS)


def _inner(outer: Iterable[Definition]) -> dict[str, list[Definition]]:
    found: dict[str, list[Definition]] = {}
    for one in outer:
        for other in one.walk():
            if other is not one and other.kind in BLOCKS:
                found.setdefault(other.name, []).append(other)
    return found


def has_true_end(one: Definition, items: Sequence[Item]) -> bool:
    """Whether the parser saw the definition's true end: its last line closes its first."""
    if not one.name:
        return False
    if not _named(one, items) or _goes_on(one, items):
        return False
    first, last = items[one.span.start], items[min(one.span.end, len(items)) - 1]
    if last.key.startswith(CLOSERS) and len(one.span) > 1:
        return first.depth == last.depth
    return True


def _goes_on(one: Definition, items: Sequence[Item]) -> bool:
    """Whether deeper lines follow: then broken text made the parser end it too early."""
    for item in items[one.span.end :]:
        if item.kind is Kind.LINE and item.key:
            return item.depth > items[one.span.start].depth
        if item.kind is Kind.GAP and not item.text:
            return False
    return False


def _named(one: Definition, items: Sequence[Item]) -> bool:
    """Whether the name stands before code is left out; else the parser joined two things."""
    words = _WORD.findall(one.name)
    for item in items[one.span.start : one.span.end]:
        if item.kind is Kind.GAP:
            return False
        if not words or words[-1] in item.text:
            return True
    return False


def _choose(
    one: Definition,
    found: Sequence[Definition],
    items: Sequence[Item],
    keys: Sequence[str],
    *,
    contested: bool,
) -> Pair | None:
    if len(found) == 1 and not contested:
        return Pair(one, found[0])
    same = [other for other in found if other.signature == one.signature]
    if len(same) == 1:
        return Pair(one, same[0])
    pool = same or found
    inside = items[one.span.start : one.span.end]
    mine = Counter(item.key for item in inside if item.key)
    # A marker may be all of the body, and the parser ends the definition before it.
    elided = any(item.kind is Kind.GAP for item in items[one.span.start : one.span.end + 1])
    likeness = quoted_part if elided else common_part
    scores = [likeness(mine, keys[other.span.start : other.span.end]) for other in pool]
    best = max(scores, default=0.0)
    second = max((score for score in scores if score < best), default=0.0)
    if best <= 0 or scores.count(best) > 1 or best <= second * _CLEARLY:
        return None
    if len(pool) == 1 and not same and best <= _HALF:
        # One of several overloads in the snippet may be new: only a near likeness is this one.
        return None
    return Pair(one, pool[scores.index(best)], sure=best > second * _SURELY and len(pool) > 1)


def common_part(mine: Counter[str], keys: Sequence[str]) -> float:
    """The part of the lines that both have, rare and long lines counting more."""
    ours = Counter(key for key in keys if key)
    both = sum((min(count, ours[key]) * len(key)) for key, count in mine.items())
    all_ = sum(count * len(key) for key, count in (mine | ours).items())
    return both / all_ if all_ else 0.0


def quoted_part(mine: Counter[str], keys: Sequence[str]) -> float:
    """The part of our lines that they have: how much more they have, a marker may stand for."""
    ours = Counter(key for key in keys if key)
    both = sum((min(count, ours[key]) * len(key)) for key, count in mine.items())
    all_ = sum(count * len(key) for key, count in mine.items())
    return both / all_ if all_ else 0.0


def in_order(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the largest set of pairs that do not cross, by the lines of the snippet in them."""
    ordered = sorted(pairs, key=lambda pair: pair.theirs.span.start)
    size = max((pair.ours.span.end for pair in ordered), default=0) + 1
    best = Maxima(size)
    before: list[int] = []
    for at, pair in enumerate(ordered):
        value, owner = best.up_to(pair.ours.span.start)
        before.append(owner[0] if owner is not None else -1)
        weight = max(value, 0) + len(pair.theirs.span)
        best.raise_to(pair.ours.span.end, weight, (at, at))
    _, last = best.up_to(size - 1)
    at = last[0] if last is not None else -1
    kept: list[Pair] = []
    while at >= 0:
        kept.append(ordered[at])
        at = before[at]
    return kept[::-1]
