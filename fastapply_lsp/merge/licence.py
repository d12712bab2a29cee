"""What may change besides what a placement changes? Places that an unsure edit may be about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.lines import trim_end, with_blanks
from fastapply_lsp.merge.model import Region
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.page import Change
    from fastapply_lsp.syntax.definitions import Definition

_WORD = re.compile(r"\w{3,}")
_BETWEEN = 4
"""Lines that also stand elsewhere, between some that do not, belong to them."""
_TAIL = 12
"""Lines below some that also stand elsewhere in which the paragraph may end."""
_COMMENT = ("#", "//", "/*", "*", "--", ";", "%", "<!--", '"""', "'''", "{/*", "(*", "{-")


@dataclass(frozen=True, slots=True)
class Placed:
    """A snippet in a file: what is shared, and what changes."""

    keys: Sequence[str]
    items: Sequence[Item]
    ours: Sequence[Definition]
    changes: Sequence[Change]
    matches: frozenset[tuple[int, int]]


def comments_shown(placed: Placed) -> Iterator[Region]:
    """Yield the comments beside and between what changes, as far as the snippet shows the lines.

    A model may reword them with the code that they speak of.
    """
    shown = {ours for _, ours in placed.matches}
    for change in placed.changes:
        shown.update(range(change.start, change.end))
    seen: set[int] = set()
    for change in placed.changes:
        for at in _reach(change, shown, seen):
            if placed.keys[at].startswith(_COMMENT):
                yield Region(Span(at, at + 1), "a comment on what the edit changes")


def _reach(change: Change, shown: set[int], seen: set[int]) -> Iterator[int]:
    """Yield the lines around a change that are shown without a break, each once."""
    for first, step in ((change.start, 1), (change.start - 1, -1)):
        at = first
        while at in shown and at not in seen:
            seen.add(at)
            yield at
            at += step


def removed(placed: Placed, named: frozenset[str]) -> Iterator[Region]:
    """Yield the definitions that a comment in the snippet, or the user, says to take away.

    ``named`` are the words of instructions that ask for it.
    """
    text = {word for item in placed.items for word in _WORD.findall(item.key)}
    notes = {
        word
        for item in placed.items
        if item.kind is Kind.REMOVED
        for word in _WORD.findall(item.text)
    }
    for outer in placed.ours:
        for one in outer.walk():
            words = _WORD.findall(one.name)
            if words and (words[-1] in notes or (words[-1] in named and words[-1] not in text)):
                span = with_blanks(placed.keys, one.whole)
                yield Region(span, f"{one.name} may be meant to go")
    yield from _beside_notes(placed)


def _beside_notes(placed: Placed) -> Iterator[Region]:
    """Yield the definition that begins below a note that something was removed."""
    where = dict(placed.matches)
    for number, item in enumerate(placed.items):
        if item.kind is not Kind.REMOVED:
            continue
        above = next((where[at] for at in range(number, -1, -1) if at in where), None)
        if above is None:
            continue
        below = [one for outer in placed.ours for one in outer.walk() if one.leading > above]
        first = min(below, key=lambda one: (one.leading, -one.span.end), default=None)
        if first is not None:
            span = with_blanks(placed.keys, first.whole)
            yield Region(span, "a comment says that something was removed here")


def quoted_twice(placed: Placed, twice: frozenset[str]) -> Iterator[Region]:
    """Yield the lines that stay where they stood, though the edit puts them in elsewhere."""
    runs: list[Span] = []
    for at, key in enumerate(placed.keys):
        if key not in twice:
            continue
        if runs and at - runs[-1].end <= _BETWEEN:
            runs.append(Span(runs.pop().start, at + 1))
        else:
            runs.append(Span(at, at + 1))
    for run in runs:
        # What ends the block, too.
        ends = range(run.end, min(run.end + _TAIL, len(placed.keys)))
        end = next((at for at in ends if not placed.keys[at]), run.end)
        yield Region(
            with_blanks(placed.keys, Span(run.start, end)),
            "the edit has these lines elsewhere, too",
        )


def beyond(placed: Placed) -> Iterator[Region]:
    """Yield what stands above and below a snippet that changes nothing, and has no marker there."""
    if placed.changes or not placed.matches:
        return
    first, last = min(placed.matches), max(placed.matches)
    why = "the snippet has no marker here"
    if all(item.blank for item in placed.items[: first[0]]):
        yield Region(Span(0, first[1]), why)
    if all(item.blank for item in placed.items[last[0] + 1 :]):
        yield Region(Span(last[1] + 1, len(placed.keys)), why)


def last_blanks(keys: Sequence[str]) -> Iterator[Region]:
    """Yield the blank lines at the file's end."""
    start = len(trim_end(keys))
    if start < len(keys):
        yield Region(Span(start, len(keys)), "blank lines at the end of the file")
