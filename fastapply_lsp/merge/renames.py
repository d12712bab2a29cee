"""Are definitions whose name the file lacks new, or some of the file's under another name?"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from fastapply_lsp.merge.extents import ATTRIBUTES
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.lines import open_brackets, weak
from fastapply_lsp.merge.pairs import BLOCKS, Pair, common_part, has_true_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.syntax.definitions import Definition

_RENAME = re.compile(
    r"\brenam\w*\s+(.{1,60}?)\s+(?:to|into|as|->|→)\s+[`'\"]?([.#]?[\w.$?!-]*\w[?!]?)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w$-]+[?!]?")
_PARTS = BLOCKS | {"rule", "table", "key"}
"""Kinds of which one that the file lacks is new, with all its lines."""
_QUARTER = 0.25
_MOSTLY = 0.6
_LONGER = 3
"""How many times as long as the other a definition may be that is only renamed."""
_TELLING = 24
"""Characters of a signature that two definitions hardly have in common by chance."""
_SHORT = 3
"""Characters of a name that is in others by chance."""


def rename_asked(instructions: str) -> Mapping[str, frozenset[str]]:
    """Return, for each new name that the instructions ask for, the words that may be the old one.

    >>> sorted(rename_asked("Please rename the `load` method to `read`.")["read"])
    ['load', 'method', 'the']
    """
    return {
        _bare(found[2]): frozenset(_NAME.findall(found[1]))
        for found in _RENAME.finditer(instructions)
    }


def _bare(name: str) -> str:
    """Return a name without what is no part of the word: a rule's dot, a path before it."""
    words = _NAME.findall(name)
    return words[-1] if words else name


def renamed_as_asked(
    theirs: Sequence[Definition],
    ours: Sequence[Definition],
    items: Sequence[Item],
    keys: Sequence[str],
    asked: Mapping[str, frozenset[str]],
) -> list[Pair]:
    """Pair the definitions that the user asked to rename, by what ``rename_asked`` returned."""
    names = {_bare(one.name) for outer in ours for one in outer.walk()}
    shown = {one.name for outer in theirs for one in outer.walk()}
    found: list[Pair] = []
    for one in theirs if asked else ():
        olds = asked.get(_bare(one.name), frozenset())
        if not olds or _bare(one.name) in names:
            continue
        meant = [
            other
            for other in ours
            if _bare(other.name) in olds and other.kind == one.kind and other.name not in shown
        ]
        if not meant:
            continue
        mine = Counter(item.key for item in items[one.span.start : one.span.end] if item.key)
        scores = [common_part(mine, keys[other.span.start : other.span.end]) for other in meant]
        found.append(Pair(one, meant[scores.index(max(scores))], sure=len(meant) == 1))
    return found


def renamed(
    theirs: Sequence[Definition],
    ours: Sequence[Definition],
    pairs: Sequence[Pair],
    items: Sequence[Item],
    keys: Sequence[str],
) -> list[Pair]:
    """Pair definitions that leave code out, and so are in the file, but under another name.

    The file's definition is one whose name the snippet does not show, of the same kind, that
    shares a line with it.
    """
    paired = {id(pair.theirs) for pair in pairs} | {id(pair.ours) for pair in pairs}
    names = {one.name for outer in ours for one in outer.walk()}
    shown = {one.name for outer in theirs for one in outer.walk()}
    found: list[Pair] = []
    for one in theirs:
        inside = items[one.span.start : one.span.end]
        if id(one) in paired or one.name in names or not has_true_end(one, items):
            continue
        if not any(item.kind is Kind.GAP for item in inside):
            continue
        long = {item.key for item in inside if len(item.key) > 3}  # noqa: PLR2004 - no brackets
        alike = [
            other
            for other in ours
            if other.kind == one.kind
            and other.name not in shown
            and long.intersection(keys[other.span.start : other.span.end])
        ]
        if len(alike) == 1:
            found.append(Pair(one, alike[0], sure=False))
    return found


def likely_renamed(
    fresh: Sequence[Definition],
    ours: Sequence[Definition],
    items: Sequence[Item],
    keys: Sequence[str],
) -> list[Pair]:
    """Pair the new definitions with those of ours that they share so much with that they may be it.

    What counts: lines that both have; lines that both would have under one name, since a rename
    changes every line that speaks of the name; a name that holds the other; a comment above that
    the file has above ours. Where the snippet quotes what stands right above and below, no room is
    left for a hidden one.
    """
    found: list[Pair] = []
    for one in fresh:
        if not (_hides(items[: one.leading][::-1]) or _hides(items[one.span.end :])):
            continue
        inside = [item.key for item in items[one.span.start : one.span.end] if item.key]
        above = {item.key for item in items[one.leading : one.span.start] if _says(item.key)}
        for other in ours:
            if other.kind != one.kind:
                continue
            if (above and above.issubset(keys[other.leading : other.span.start])) or _may_be(
                one, inside, other, keys[other.span.start : other.span.end]
            ):
                # With one of several overloads, all may be meant.
                found += [Pair(one, each, sure=False) for each in ours if each.name == other.name]
                break
    return found


def _hides(items: Sequence[Item]) -> bool:
    """Whether a marker, or the snippet's edge, comes before a line that the file may have."""
    for item in items:
        if item.kind is Kind.LINE and item.key and not item.new:
            return False
        if item.kind is Kind.GAP:
            return True
    return True


def _says(key: str) -> bool:
    """Whether a line above a definition is a comment that says something."""
    return not weak(key) and not key.startswith(ATTRIBUTES)


def _may_be(one: Definition, mine: Sequence[str], other: Definition, keys: Sequence[str]) -> bool:
    if common_part(Counter(mine), keys) > _QUARTER or _holds(one.name, other.name):
        return True
    if (taken := _unnamed(one)) == _unnamed(other) and len(taken) > _TELLING:
        return True
    if len(keys) > _LONGER * len(mine) or len(mine) > _LONGER * len(keys):
        return False
    name = re.compile(rf"\b{re.escape(one.name)}\b")
    under = Counter(name.sub(lambda _: other.name, key) for key in mine)
    return common_part(under, keys) > _MOSTLY


def _unnamed(one: Definition) -> str:
    """Return a signature without the name: what it takes, and what it gives."""
    return "".join(one.signature.replace(one.name, "", 1).split())


def _holds(new: str, old: str) -> bool:
    """Whether the new name is the old one, and little more.

    >>> _holds("newSetLimit", "set_limit"), _holds("post_unicode_text", "post")
    (True, False)
    """
    held, holder = (name.replace("_", "").lower() for name in (old, new))
    return len(held) > _SHORT and held in holder and len(held) * 2 > len(holder)


def unknown(
    theirs: Sequence[Definition],
    ours: Sequence[Definition],
    pairs: Sequence[Pair],
    items: Sequence[Item],
) -> list[Definition]:
    """Return the definitions that the file does not have: nothing there is them."""
    paired = {id(pair.theirs) for pair in pairs}
    names = {one.name for outer in ours for one in outer.walk()}
    # Where the snippet shows the one that the file has, another one of its name is an overload.
    overloaded = {pair.theirs.name for pair in pairs if pair.theirs.name == pair.ours.name}
    signatures = {one.signature for outer in ours for one in outer.walk()}
    fresh: list[Definition] = []
    for one in theirs:
        if one.kind not in _PARTS or id(one) in paired:
            continue
        if one.name in names and not (one.name in overloaded and one.signature not in signatures):
            continue
        if not has_true_end(one, items):
            continue
        inside = items[one.span.start : one.span.end]
        if (
            len(inside) > 1
            and all(item.kind is Kind.LINE for item in inside)
            and open_brackets("".join(item.key for item in inside)) == 0
        ):
            fresh.append(one)
    return fresh
