"""What a session knows of the editor's buffer.

Law: ``text == user.apply(model document)``, where the model document is the original with the
``present`` hunks applied, and ``user`` is all that the user typed since. Our edits move the model
document, the user's edits are composed to ``user``, and each is rebased over the other.

Editors answer too early, too late, and wrongly, so an edit counts as landed only when the buffer's
text shows it. Any text that comes back is explained in two ways, with our edit in flight and
without it; the explanation that leaves the smaller remainder for the user to have typed is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.session.hunks import Change, Hunk, Offsets, model_spans, step
from fastapply_lsp.text.edits import NO_EDITS, Edits

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from collections.abc import Set as AbstractSet


@dataclass(frozen=True, slots=True)
class Flight:
    """An edit on its way to the editor.

    ``model`` and ``buffer`` are the same edit in the two coordinate systems, ``expected`` is the
    buffer's text if nobody else changes it, ``base`` its text when the edit left. ``token`` tells
    its answer from older ones.
    """

    token: int
    target: frozenset[int]
    model: Edits
    buffer: Edits
    base: str
    expected: str
    version: int | None


@dataclass(frozen=True, slots=True)
class Placement:
    """Changes placed in the buffer as it is now; ``conflicts`` are hunks that the user overtook."""

    model: Edits
    buffer: Edits
    conflicts: frozenset[int]


class BufferView:
    """The buffer as last reported, and how it came to be that text."""

    def __init__(self, original: str, version: int | None) -> None:
        self.original = original
        self.text = original
        self.version = version
        self.user = NO_EDITS
        self.present: frozenset[int] = frozenset()
        self.flight: Flight | None = None
        self._given_up: Flight | None = None

    def place(self, changes: Sequence[Change]) -> Placement:
        """Move changes of the model document to where they belong in the buffer now."""
        conflicts = {c.hunk for c in changes if Edits.of((c.edit,)).rebase(self.user).conflicts}
        while True:
            model = Edits.of(c.edit for c in changes if c.hunk not in conflicts)
            rebased = model.rebase(self.user)
            if not rebased.conflicts:
                return Placement(model, rebased.edits, frozenset(conflicts))
            # Two changes that touch were merged, and the user typed right between them.
            conflicts |= {
                change.hunk
                for change in changes
                for lost in rebased.conflicts
                if lost.start <= change.edit.start and change.edit.end <= lost.end
            }

    def send(self, token: int, target: frozenset[int], placement: Placement) -> Flight:
        """Put an edit into the air."""
        expected = placement.buffer.apply(self.text)
        self._given_up = None
        self.flight = Flight(
            token, target, placement.model, placement.buffer, self.text, expected, self.version
        )
        return self.flight

    def give_up(self) -> None:
        """Wait no longer for the flight; should it land all the same, it is still known."""
        self._given_up, self.flight = self.flight, None

    def observe(self, text: str, version: int | None) -> Flight | None:
        """Take the buffer's new text; return the flight that it shows to have landed, if any."""
        landed = self.flight or self._given_up
        if landed is not None and text != landed.expected:
            with_us = Edits.between(landed.expected, text)
            without_us = Edits.between(self.text, text)
            landed = landed if _size(with_us) < _size(without_us) else None
        if landed is not None:
            self.user = self.user.rebase(landed.model, insertions="before").edits
            self.present = landed.target
            self.text = landed.expected
            self.flight = self._given_up = None
        self.user = self.user.compose(Edits.between(self.text, text))
        self.text = text
        self.version = version
        return landed

    def undone(self, hunks: Collection[Hunk]) -> frozenset[int]:
        """Find hunks that the user has taken back by hand or by undo, and believe it.

        Such a change looks like typing inside the hunk. Where the buffer is explained by less
        typing without the hunk than with it, the hunk is no longer there.
        """
        gone: set[int] = set()
        for hunk, span in model_spans(hunks, self.present).items():
            if hunk not in self.present or not self._typed_in(span):
                continue
            rest = self.present - {hunk}
            document = _all(step(self.original, hunks, frozenset(), rest)).apply(self.original)
            user = Edits.between(document, self.text)
            if _size(user) < _size(self.user):
                self.present, self.user = rest, user
                gone.add(hunk)
        return frozenset(gone)

    def _typed_in(self, span: Offsets) -> bool:
        return any(edit.start < span.end and span.start < edit.end for edit in self.user) or any(
            span.start == edit.start == edit.end == span.end for edit in self.user
        )

    def locate(self, hunks: Collection[Hunk]) -> dict[int, Offsets]:
        """Where each hunk stands in the buffer now (code points)."""
        places: dict[int, Offsets] = {}
        for hunk, span in model_spans(hunks, self.present).items():
            start = self.user.move(span.start, "right")
            places[hunk] = Offsets(start, max(start, self.user.move(span.end, "left")))
        return places


def changes_to(view: BufferView, hunks: Iterable[Hunk], wanted: AbstractSet[int]) -> list[Change]:
    """Return what is still to be changed for the ``wanted`` hunks to be the present ones."""
    return step(view.original, hunks, view.present, wanted)


def _all(changes: Iterable[Change]) -> Edits:
    return Edits.of(change.edit for change in changes)


def _size(edits: Edits) -> int:
    return sum(edit.end - edit.start + len(edit.text) for edit in edits)
