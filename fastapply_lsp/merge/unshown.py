"""What of the file's definitions does the snippet not show?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.merge.pairs import BLOCKS, Pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.syntax.definitions import Definition

_SUITE = 3
"""A call with a block is a suite of others, as in tests, if it has so many."""
_CONTAINERS = frozenset({"class", "struct", "impl", "trait", "interface", "module", "block"})
_SETTINGS = frozenset({"table", "key", "rule", "enum"})
"""Kinds that list what may be shown one by one."""


def members(one: Definition) -> list[Definition]:
    """Return what a class or the like holds that has a body of its own."""
    return [child for child in one.children if child.kind in BLOCKS]


def missing(theirs: Sequence[Definition], ours: Sequence[Definition]) -> list[Definition]:
    """Return our definitions whose name theirs do not show."""
    shown = {one.name for one in theirs}
    return [one for one in ours if one.kind in BLOCKS and one.name not in shown]


def missing_members(pair: Pair) -> list[Definition]:
    """Return the members of our class that theirs does not show."""
    if pair.ours.kind not in _CONTAINERS:
        return []
    if pair.ours.kind == "block" and len(members(pair.ours)) < _SUITE:
        return []
    return missing(pair.theirs.children, pair.ours.children)


def loses_comments(pair: Pair) -> bool:
    """Whether a class is shown whole, but for comments above its members."""
    if pair.ours.kind not in _CONTAINERS:
        return False
    documented = {one.name for one in pair.ours.children if one.leading < one.span.start}
    return any(
        one.name in documented and one.leading == one.span.start for one in pair.theirs.children
    )


def is_settings(one: Definition) -> bool:
    """Whether it is a table, a style rule, an enum: people show of it the one entry that changes."""
    return one.kind in _SETTINGS


def body_lines(one: Definition, keys: Sequence[str]) -> set[str]:
    """Return what stands in a class or module outside its members; nothing of a function.

    Of settings and style rules it is all: people show of a table the one key that changes.
    """
    if is_settings(one):
        return {
            keys[at]
            for at in range(one.span.start, one.span.end)
            if any(map(str.isalnum, keys[at]))
        }
    if one.kind not in _CONTAINERS or one.kind == "block" or one.body is None:
        return set()
    lines = set(range(one.body.start, one.body.end))
    for child in members(one):
        lines -= set(range(child.leading, child.span.end))
    return {keys[at] for at in lines if any(map(str.isalnum, keys[at]))}
