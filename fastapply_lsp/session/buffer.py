"""What a session knows of the editor's buffer.

Law: ``text == harm.apply(user.apply(document))``, where ``document`` (the model document) is the
original with the ``present`` hunks applied, ``user`` is all that the user typed since, and ``harm``
is what an edit of ours did in the wrong place: nothing, but for moments. Our edits move the model
document, the user's edits are composed to ``user``, and each is rebased over the other.

Editors answer too early, too late, and wrongly, so an edit counts as landed only when the buffer's
text shows it. A text that comes back is explained, in this order of trust:

1. the user typed, and then the edit in the air was made at the lines and columns where it would
   have belonged before: `misplaced` says what follows;
2. it is just what an edit of ours was to make of the buffer, or is on the way to it;
3. it was there before: the user's undo and redo go back and forth among texts that were;
4. an edit of ours landed, there or in the wrong place, and the user typed, or the user typed only:
   whichever leaves less typing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.session.flight import Flight
from fastapply_lsp.session.hunks import Change, Layout, Offsets
from fastapply_lsp.session.landed import landed_with_typing
from fastapply_lsp.session.misplaced import (
    effective,
    has_come,
    kept_apart,
    may_show,
    misplacement,
    misplacements,
    rightly_placed,
)
from fastapply_lsp.session.past import Past, State
from fastapply_lsp.session.placement import Placement, place
from fastapply_lsp.session.typed import typed
from fastapply_lsp.session.undone import taken_back
from fastapply_lsp.text.edits import NO_EDITS, Edits
from fastapply_lsp.text.places import Places

if TYPE_CHECKING:
    from collections.abc import Sequence

GIVEN_UP_MAX = 4
"""How many edits that were given up are known, should they land all the same."""


@dataclass(frozen=True, slots=True)
class News:
    """What a new text says: which edit landed, which hunks the user took back or brought back."""

    landed: Flight | None = None
    gone: frozenset[int] = frozenset()
    back: frozenset[int] = frozenset()


class BufferView:
    """The buffer as last reported, and how it came to be that text."""

    def __init__(self, original: str, version: int | None) -> None:
        self.original = original
        self.layout = Layout(original)
        self.document = original
        self.text = original
        self.version = version
        self.user = NO_EDITS
        self.harm = NO_EDITS
        self.present: frozenset[int] = frozenset()
        self.flight: Flight | None = None
        self._given_up: list[Flight] = []
        self._half: str | None = None  # the buffer, while only a part of the flight shows in it
        self._past = Past(original, self.layout)
        self._remember()

    # Our edits

    def place(self, changes: Sequence[Change]) -> Placement:
        """Move changes of the model document to where they belong in the buffer now."""
        return place(changes, self.document, self.user, self.text)

    def repair(self) -> Placement | None:
        """Return what takes the harm back, if there is any; it comes before all else."""
        if self.harm.is_empty:
            return None
        return Placement(NO_EDITS, self._repair(), self.user, frozenset())

    def _repair(self) -> Edits:
        return NO_EDITS if self.harm.is_empty else self.harm.inverse(self._unharmed())

    def _unharmed(self) -> str:
        return self.user.apply(self.document)

    def send(self, token: int, target: frozenset[int], placement: Placement) -> Flight:
        """Put an edit into the air."""
        self.flight = self._flight(token, target, placement)
        return self.flight

    def skip(self, target: frozenset[int], placement: Placement) -> News:
        """Take in an edit that changes nothing: hunks that come and go in it say the same."""
        given_up, flight = self._given_up, self._flight(0, target, placement)
        self._land(flight)
        self._given_up = given_up  # they were made for the text that is there
        self._remember()
        return News(flight)

    def _flight(self, token: int, target: frozenset[int], placement: Placement) -> Flight:
        return Flight(
            token,
            target,
            placement.model,
            placement.buffer,
            placement.user,
            placement.model.apply(self.document),
            self.text,
            placement.buffer.apply(self.text),
            self.version,
        )

    def give_up(self) -> News:
        """Wait no longer for the flight; should it land all the same, it is still known."""
        news = News()
        if self._half is not None:  # the rest never came: it was an older edit, an undo, or typing
            found = self._exactly_landed(self._half) or self._been_before(self._half)
            if found is None:
                self._type(self._half)
            else:
                news = found
            self.text, self._half = self._half, None
            self._remember()
        if self.flight is not None:
            self._given_up = [*self._given_up, self.flight][-GIVEN_UP_MAX:]
            self.flight = None
        return news

    # What the editor tells

    def observe(self, text: str, version: int | None) -> News:
        """Take the buffer's new text, and explain it."""
        self.version = version
        self._half = text if self.flight is not None and self.flight.shows_half(text) else None
        if text == self.text or self._half is not None:
            return News()
        news = (
            self._exactly_made_late(text)
            or self._exactly_landed(text)
            or self._been_before(text)
            or self._with_typing(text)
        )
        self.text = text
        self._remember()
        return news

    def _exactly_made_late(self, text: str) -> News | None:
        flight = self.flight
        if flight is None or flight.base == self.text or not may_show(flight.buffer, text):
            return None
        if text in rightly_placed(flight.buffer, flight.base, self.text):
            if (undone := self._been_before(text)) is not None:
                return undone  # the same text, and no typing to explain it
            self._land(flight)
            self._type(text)
            return News(flight)
        for placed in misplacements(flight.buffer, flight.base, self.text):
            if placed.apply(self.text) == text:
                self._misplace(flight, placed)
                return News()
        return None

    def _with_typing(self, text: str) -> News:
        landed = None
        if not self._misplaced_with_typing(text):
            landed = landed_with_typing(self._flights(), self.text, text)
            if landed is not None:
                self._land(landed)
            elif any(it.repairs and has_come(it.buffer, self.text, text) for it in self._flights()):
                # Something came back, nobody knows where. Once more would double what was typed.
                self.user, self.harm = self.user.compose(self.harm), NO_EDITS
        self._type(text)
        return News(landed, gone=self._take_back())

    def _misplaced_with_typing(self, text: str) -> bool:
        for flight in self._flights():
            if (found := misplacement(flight, self.text, text)) is not None:
                self._type(found.before)
                self._misplace(flight, found.placed)
                return True
        return False

    def _misplace(self, flight: Flight, placed: Edits) -> None:
        """Take in that an edit was made in the wrong place."""
        self.harm = effective(self.harm.compose(placed), self._unharmed())
        self.text = placed.apply(self.text)
        self._given_up = [other for other in self._given_up if other is not flight]
        if flight is self.flight:
            self.flight = None

    def _type(self, text: str) -> None:
        """Take in that the user made ``text`` of the buffer."""
        since = typed(self.text, text)
        if not self.harm.is_empty:
            before = self._unharmed()
            repair = effective(kept_apart(self._repair(), since), text)
            since = typed(before, repair.apply(text))
            self.harm = repair.inverse(text)
        self.user = self.user.compose(since)
        self.text = text

    def _exactly_landed(self, text: str) -> News | None:
        for flight in self._flights():
            if text == flight.expected:
                self._land(flight)
                return News(flight)
        return None

    def _been_before(self, text: str) -> News | None:
        been = self._past.find(text)
        if been is None:
            return None
        state = been.state
        before, self.present = self.present, state.present
        self.user, self.document = state.user, been.document
        if self.harm.is_empty:  # harm that was taken back and that the user wants again
            self.user = self.user.compose(state.harm)
        else:
            self.harm = state.harm
        return News(None, gone=before - self.present, back=self.present - before)

    def _land(self, flight: Flight) -> None:
        self.user = flight.user.rebase(flight.model, insertions="before").edits
        self.present = flight.target
        self.document = flight.document
        self.harm = NO_EDITS
        self.text = flight.expected
        self.flight = None  # any other one was made for a text that is no longer there
        self._given_up = []

    def _take_back(self) -> frozenset[int]:
        removals = self.layout.step(self.present, frozenset())
        found = taken_back(self.document, self.user, removals)
        if found.hunks:
            self.present -= found.hunks
            self.document = found.out.apply(self.document)
            self.user = found.user
        return found.hunks

    def _flights(self) -> list[Flight]:
        """Every edit that may land, the newest first."""
        return [*([] if self.flight is None else [self.flight]), *reversed(self._given_up)]

    def _remember(self) -> None:
        self._past.remember(self.text, State(self.present, self.user, self.harm))

    # Where things are

    def locate(self) -> dict[int, Offsets]:
        """Where each hunk stands in the buffer now (code points)."""
        user = Places(self.user.compose(self.harm).items)
        places: dict[int, Offsets] = {}
        for hunk, span in self.layout.spans(self.present).items():
            start = user.move(span.start, "right")
            places[hunk] = Offsets(start, max(start, user.move(span.end, "left")))
        return places
