"""What shall go that the snippet does not show, since a comment or the user asks for it?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Kind
from fastapply_lsp.merge.lines import with_blanks
from fastapply_lsp.merge.page import Change
from fastapply_lsp.merge.pairs import BLOCKS
from fastapply_lsp.merge.removal import removal_objects
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.licence import Placed
    from fastapply_lsp.syntax.definitions import Definition

_WORD = re.compile(r"[^\W\d]\w{2,}[?!]?")
_WORD = re.compile(r"[^\W\d]\w{2,}[?!]?")
_HEAD_MAX = 3
"""Lines above a snippet that may be meant by what is to go; more are left out by habit."""


def asked_away(placed: Placed, shown: Sequence[Definition], instructions: str) -> list[Change]:
    """Return the deletions of definitions, and of lines above the snippet, that are named.

    A definition must be the only one of its name, and neither be shown nor hold what is shown.
    What the changes take away already is not looked for.
    """
    wanted = _words(" ".join(removal_objects(instructions)))
    for item in placed.items:
        if item.kind is Kind.REMOVED:
            wanted |= _words(item.text)
    for change in placed.changes:
        # What the changes take away is done.
        kept = {word for text in change.texts for word in _words(text)}
        gone = " ".join(placed.keys[change.start : change.end])
        wanted -= _words(gone) - kept
    found = [*_definitions(placed, shown, wanted), *_above(placed, wanted)]
    return sorted(found, key=lambda change: change.start)


def _definitions(placed: Placed, shown: Sequence[Definition], wanted: set[str]) -> Iterator[Change]:
    known = {one.name for outer in shown for one in outer.walk()}
    named: dict[str, list[Definition]] = {}
    for outer in placed.ours:
        for one in outer.walk():
            named.setdefault(one.name, []).append(one)
    quoted = {ours for _, ours in placed.matches if placed.keys[ours]}
    ends = -1
    for name, (first, *others) in sorted(named.items(), key=lambda each: each[1][0].span):
        if others or name in known or first.kind not in BLOCKS or _last(name) not in wanted:
            continue
        span = first.whole
        touched = any(
            change.start < span.end and span.start < change.end for change in placed.changes
        )
        if touched or span.start < ends or not quoted.isdisjoint(range(span.start, span.end)):
            continue
        wide = with_blanks(placed.keys, span)
        ends = wide.end
        yield Change(wide.start, wide.end, (), f"{name} is asked to go", whole=True)


def _last(name: str) -> str:
    words = _WORD.findall(name)
    return words[-1] if words else name


def _above(placed: Placed, wanted: set[str]) -> Iterator[Change]:
    """Yield the lines above a snippet that begins without a marker, if they are named."""
    first = min(placed.matches, default=None)
    if first is None or not all(item.blank for item in placed.items[: first[0]]):
        return
    above = Span(0, first[1])
    filled = [at for at in range(above.start, above.end) if placed.keys[at]]
    if len(filled) > _HEAD_MAX or any(change.start < above.end for change in placed.changes):
        return
    for at in filled:
        if not wanted.isdisjoint(_words(placed.keys[at])):
            yield Change(at, at + 1, (), "it is asked to go", whole=True)


def _words(text: str) -> set[str]:
    """Return the words of a text that may be names, a final ``?`` or ``!`` included.

    >>> sorted(_words("no valid? of 2x x"))
    ['valid?']
    """
    return set(_WORD.findall(text))
