"""Hunks: the parts of one apply, each of which is in the buffer or not.

Law: what the model's side of the buffer looks like follows from the *set* of hunks that are in it.
Streaming adds hunks to the set, a rejection takes one out, a cancelled apply empties it.
`Layout.step` gives the edits from one set to another, so there is one way to change a buffer and no other.
A hunk that was withdrawn and those that came in its place are never in one set.

Coordinates: a hunk's edits are code-point offsets of the *original*, the text that the buffer held
when the apply began. A step's edits are offsets of the *model document*: the original with the
present hunks applied, and without anything the user typed since.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapply_lsp.text.edits import Edit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from fastapply_lsp.text.replacement import Replacement


class HunkState(StrEnum):
    """Where a hunk is on its way."""

    HELD = "held"  # the gate keeps it back until the guard's verdict
    QUEUED = "queued"  # it may go, and is not in the buffer yet
    PENDING = "pending"  # in the buffer, and the user has not decided
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CONFLICT = "conflict"  # the user changed the same place; the user's text stays
    WITHDRAWN = "withdrawn"  # the verdict says something else of the place; nobody is shown it


class Mark(StrEnum):
    """Why a hunk deserves a second look."""

    NONE = ""
    UNSURE = "unsure"  # the merge guessed its place
    UNREQUESTED = "unrequested"  # outside what the block asked for
    REFUSED = "refused"  # a check found the rewrite wrong, and nothing better was to be had


@dataclass(frozen=True, slots=True)
class Hunk:
    """One part of the apply.

    ``edits`` are in offsets of the original, sorted; more than one only where a pasted snippet
    lay in the middle of the replaced lines. ``removed`` and ``added`` are its whole lines.
    """

    id: int
    edits: tuple[Edit, ...]
    removed: tuple[str, ...]
    added: tuple[str, ...]
    state: HunkState
    mark: Mark = Mark.NONE
    note: str = ""

    @property
    def start(self) -> int:
        """Where the hunk begins in the original (code points)."""
        return self.edits[0].start


@dataclass(frozen=True, slots=True)
class Cut:
    """A span of the original that the rewrite never sees: the pasted snippet that leaves.

    ``start`` and ``length`` in code points.
    """

    start: int
    length: int

    @property
    def end(self) -> int:
        """Where the snippet ends."""
        return self.start + self.length

    @property
    def edit(self) -> Edit:
        """The edit of the original that takes the snippet out."""
        return Edit(self.start, self.end, "")

    def base(self, original: str) -> str:
        """Return the original without the snippet."""
        return original[: self.start] + original[self.end :]

    def original_edits(self, edit: Edit) -> tuple[Edit, ...]:
        """Map an edit of the text without the snippet onto the original.

        >>> Cut(4, 10).original_edits(Edit(2, 6, "new"))
        (Edit(start=2, end=4, text='new'), Edit(start=14, end=16, text=''))
        """
        if edit.end <= self.start:
            return (edit,)
        if edit.start >= self.start:
            return (Edit(edit.start + self.length, edit.end + self.length, edit.text),)
        after = self.start + self.length
        rest = edit.end - self.start
        return (Edit(edit.start, self.start, edit.text), Edit(after, after + rest, ""))


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a step, in offsets of the model document, and whose it is.

    ``removed`` is the text that it replaces.
    """

    hunk: int
    edit: Edit
    removed: str


def hunk_edit(replacement: Replacement, starts: list[int]) -> Edit:
    """Turn a replacement of lines into offsets; ``starts`` holds each line's, and the end's."""
    return Edit(starts[replacement.start], starts[replacement.end], "".join(replacement.lines))


@dataclass(frozen=True, slots=True)
class Offsets:
    """Code points ``start`` to ``end`` of a text, ``end`` exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One edit of a hunk, and the text of the original that it replaces."""

    hunk: int
    edit: Edit
    old: str
    growth: int


class Layout:
    """Every hunk's edits in the order of the original. Each question costs one pass over them."""

    __slots__ = ("_hunks", "_original", "_rows")

    def __init__(self, original: str) -> None:
        self._original = original
        self._rows: list[_Row] = []
        self._hunks: tuple[int, ...] | None = ()

    def add(self, hunk: Hunk) -> None:
        """Take in a hunk."""
        for edit in hunk.edits:
            row = _Row(hunk.id, edit, self._original[edit.start : edit.end], edit.growth)
            insort(self._rows, row, key=lambda row: (row.edit.start, row.edit.end))
        self._hunks = None

    @property
    def hunks(self) -> Sequence[int]:
        """The hunks in the order of the file."""
        if self._hunks is None:
            self._hunks = tuple(dict.fromkeys(row.hunk for row in self._rows))
        return self._hunks

    def step(self, present: AbstractSet[int], wanted: AbstractSet[int]) -> list[Change]:
        """Return the changes that lead from the ``present`` set of hunks to the ``wanted`` one.

        None that goes may overlap one that comes: that takes two steps.
        """
        changes: list[Change] = []
        shift = 0  # how far the hunks before this place have moved it
        for row in self._rows:
            is_in = row.hunk in present
            if is_in != (row.hunk in wanted):
                now, other = (row.edit.text, row.old) if is_in else (row.old, row.edit.text)
                start = row.edit.start + shift
                changes.append(Change(row.hunk, Edit(start, start + len(now), other), now))
            if is_in:
                shift += row.growth
        return changes

    def spans(self, present: AbstractSet[int]) -> dict[int, Offsets]:
        """Return where each hunk stands in the model document, whether it is in or not.

        One that is out, at a place where another one is in, stands at that one's end.
        """
        spans: dict[int, Offsets] = {}
        shift = 0
        least = 0  # where the last hunk that is in ends
        for row in self._rows:
            start = max(least, row.edit.start + shift)
            if row.hunk in present:
                shift += row.growth
                least = row.edit.end + shift
            first = spans[row.hunk].start if row.hunk in spans else start
            spans[row.hunk] = Offsets(first, max(start, row.edit.end + shift))
        return spans
