"""What a session knows of the editor's buffer.

Law: ``text == user.apply(document)``, where ``document`` (the model document) is the original with
the ``present`` hunks applied, and ``user`` is all that the user typed since. Our edits move the
model document, the user's edits are composed to ``user``, and each is rebased over the other.

Editors answer too early, too late, and wrongly, so an edit counts as landed only when the buffer's
text shows it. A text that comes back is explained, in this order of trust:

1. it is just what an edit of ours was to make of the buffer, or is on the way to it;
2. it was there before: the user's undo and redo go back and forth among texts that were;
3. an edit of ours landed and the user typed, or the user typed only: whichever leaves less typing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.session.hunks import Change, Layout, Offsets
from fastapply_lsp.session.typed import distance, typed
from fastapply_lsp.session.undone import taken_back
from fastapply_lsp.text.edits import NO_EDITS, Edit, Edits
from fastapply_lsp.text.lines import line_end
from fastapply_lsp.text.places import Places

if TYPE_CHECKING:
    from collections.abc import Sequence

STATES_MAX = 256
"""How many texts of the buffer are known again, beside the original. Undo that reaches further back
is still understood, by what it changes; each text known costs memory for every hunk."""

GIVEN_UP_MAX = 4
"""How many edits that were given up are known, should they land all the same."""


@dataclass(frozen=True, slots=True)
class Flight:
    """An edit on its way to the editor.

    ``model`` and ``buffer`` are the same edit in the two coordinate systems. ``base`` is the
    buffer's text when the edit left, ``user`` what was typed in it and stays, ``document`` the
    model document after the edit, and ``expected`` the buffer's text if nobody else changes it.
    ``token`` tells its answer from older ones.
    """

    token: int
    target: frozenset[int]
    model: Edits
    buffer: Edits
    user: Edits
    document: str
    base: str
    expected: str
    version: int | None

    def shows_half(self, text: str) -> bool:
        """Whether ``text`` is the buffer with the last few of the edits made, and not the first.

        Some editors make the places of one edit from the last to the first, and tell each. One
        that thinks in lines leaves an empty line at the end until it has made them all.
        """
        size = len(self.base)
        for number in range(len(self.buffer) - 1, 0, -1):
            size += self.buffer.items[number].growth
            if 0 <= len(text) - size <= len(line_end(text)):
                half = Edits(self.buffer.items[number:]).apply(self.base)
                if text in (half, half + line_end(text)):
                    return True
        return False


@dataclass(frozen=True, slots=True)
class Placement:
    """Changes placed in the buffer as it is now; ``conflicts`` are hunks that the user overtook.

    ``user`` is what the user typed, less the line ends that the changes write anew.
    """

    model: Edits
    buffer: Edits
    user: Edits
    conflicts: frozenset[int]


@dataclass(frozen=True, slots=True)
class News:
    """What a new text says: which edit landed, which hunks the user took back or brought back."""

    landed: Flight | None = None
    gone: frozenset[int] = frozenset()
    back: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _State:
    """How a text of the buffer came to be."""

    present: frozenset[int]
    user: Edits


class BufferView:
    """The buffer as last reported, and how it came to be that text."""

    def __init__(self, original: str, version: int | None) -> None:
        self.original = original
        self.layout = Layout(original)
        self.document = original
        self.text = original
        self.version = version
        self.user = NO_EDITS
        self.present: frozenset[int] = frozenset()
        self.flight: Flight | None = None
        self._given_up: list[Flight] = []
        self._half: str | None = None  # the buffer, while only a part of the flight shows in it
        self._states: dict[int, _State] = {}  # by the hash of the text, the oldest first
        self._remember()

    # Our edits

    def place(self, changes: Sequence[Change]) -> Placement:
        """Move changes of the model document to where they belong in the buffer now."""
        if not self.document and self.text == line_end(self.text):
            # An editor that thinks in lines has one in an empty buffer; nobody typed its end.
            model = Edits.of(change.edit for change in changes)
            lines = Edits.of([Edit(0, len(self.text), model.apply(""))])
            return Placement(model, lines, NO_EDITS, frozenset())
        places = Places(self.user.items)
        clashing = [change for change in changes if places.conflict(change.edit)]
        rewritten = [change.edit for change in clashing if self._is_same(change, places)]
        conflicts = {change.hunk for change in clashing if change.edit not in rewritten}
        user = _without(self.user, rewritten)
        while True:
            model = Edits.of(change.edit for change in changes if change.hunk not in conflicts)
            lost = model.rebase(user).conflicts
            if not lost:
                buffer = Edits.of(_placed(edit, places) for edit in model)
                return Placement(model, buffer, user, frozenset(conflicts))
            # Two changes that touch were merged, and the user typed right between them.
            conflicts |= {
                change.hunk
                for change in changes
                if any(
                    edit.start <= change.edit.start <= change.edit.end <= edit.end for edit in lost
                )
            }

    def _is_same(self, change: Change, places: Places) -> bool:
        """Whether only line ends differ: some editors write their own for ours."""
        if not change.removed:
            return False
        place = _placed(change.edit, places)
        return _plain(self.text[place.start : place.end]) == _plain(change.removed)

    def send(self, token: int, target: frozenset[int], placement: Placement) -> Flight:
        """Put an edit into the air."""
        self.flight = Flight(
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
        return self.flight

    def give_up(self) -> None:
        """Wait no longer for the flight; should it land all the same, it is still known."""
        if self.flight is not None:
            self._given_up = [*self._given_up, self.flight][-GIVEN_UP_MAX:]
            self.flight = None
        if self._half is not None:  # the rest never came; what is there now counts as typed
            self.user = self.user.compose(typed(self.text, self._half))
            self.text, self._half = self._half, None
            self._remember()

    # What the editor tells

    def observe(self, text: str, version: int | None) -> News:
        """Take the buffer's new text, and explain it."""
        self.version = version
        self._half = text if self.flight is not None and self.flight.shows_half(text) else None
        if text == self.text or self._half is not None:
            return News()
        news = self._exactly_landed(text) or self._been_before(text)
        if news is None:
            landed = self._landed_with_typing(text)
            if landed is not None:
                self._land(landed)
            self.user = self.user.compose(typed(self.text, text))
            news = News(landed, gone=self._take_back())
        self.text = text
        self._remember()
        return news

    def _exactly_landed(self, text: str) -> News | None:
        for flight in self._flights():
            if text == flight.expected:
                self._land(flight)
                return News(flight)
        return None

    def _been_before(self, text: str) -> News | None:
        state = self._states.get(hash(text))
        if text == self.original:
            state = _State(frozenset(), NO_EDITS)
        if state is None:
            return None
        changes = self.layout.step(frozenset(), state.present)
        document = Edits.of(change.edit for change in changes).apply(self.original)
        if state.user.apply(document) != text:
            return None  # two texts of one hash
        before, self.present = self.present, state.present
        self.user, self.document = state.user, document
        return News(None, gone=before - self.present, back=self.present - before)

    def _landed_with_typing(self, text: str) -> Flight | None:
        best, landed = 0, None
        for flight in self._flights():
            gain = distance(flight.base, text) - distance(flight.expected, text)
            if gain > best:
                best, landed = gain, flight
        return landed

    def _land(self, flight: Flight) -> None:
        self.user = flight.user.rebase(flight.model, insertions="before").edits
        self.present = flight.target
        self.document = flight.document
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
        key = hash(self.text)
        self._states.pop(key, None)
        self._states[key] = _State(self.present, self.user)
        if len(self._states) > STATES_MAX:
            del self._states[next(iter(self._states))]

    # Where things are

    def locate(self) -> dict[int, Offsets]:
        """Where each hunk stands in the buffer now (code points)."""
        user = Places(self.user.items)
        places: dict[int, Offsets] = {}
        for hunk, span in self.layout.spans(self.present).items():
            start = user.move(span.start, "right")
            places[hunk] = Offsets(start, max(start, user.move(span.end, "left")))
        return places


def _placed(edit: Edit, places: Places) -> Edit:
    start = places.move(edit.start, "right")
    return Edit(start, max(start, places.move(edit.end, "left")), edit.text)


def _without(user: Edits, rewritten: Sequence[Edit]) -> Edits:
    if not rewritten:
        return user
    again = Places(Edits.of(rewritten).items)
    return Edits(tuple(edit for edit in user if not again.conflict(edit)))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
