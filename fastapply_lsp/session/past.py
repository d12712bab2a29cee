"""What has the buffer been? Undo and redo of the user go back and forth among texts that were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.edits import NO_EDITS, Edits

if TYPE_CHECKING:
    from fastapply_lsp.session.hunks import Layout

STATES_MAX = 256
"""How many texts of the buffer are known again, beside the original. Undo that reaches further back
is still understood, by what it changes; each text known costs memory for every hunk."""


@dataclass(frozen=True, slots=True)
class State:
    """How a text of the buffer came to be: the hunks in it, then what the user typed, then harm."""

    present: frozenset[int]
    user: Edits
    harm: Edits


@dataclass(frozen=True, slots=True)
class Been:
    """A state that the buffer has been in, with its model document."""

    state: State
    document: str


class Past:
    """The texts that the buffer was, the latest of them."""

    def __init__(self, original: str, layout: Layout) -> None:
        self._original = original
        self._layout = layout
        self._states: dict[int, State] = {}  # by the hash of the text, the oldest first

    def remember(self, text: str, state: State) -> None:
        """Take in how the buffer's text came to be."""
        key = hash(text)
        self._states.pop(key, None)
        self._states[key] = state
        if len(self._states) > STATES_MAX:
            del self._states[next(iter(self._states))]

    def find(self, text: str) -> Been | None:
        """Return how a text came to be, if it was in the buffer before."""
        state = self._states.get(hash(text))
        if text == self._original:
            state = State(frozenset(), NO_EDITS, NO_EDITS)
        if state is None:
            return None
        changes = self._layout.step(frozenset(), state.present)
        document = Edits.of(change.edit for change in changes).apply(self._original)
        if state.harm.apply(state.user.apply(document)) != text:
            return None  # two texts of one hash
        return Been(state, document)
