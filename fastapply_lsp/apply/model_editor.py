"""An editor without a window: holds one buffer and takes edits as a good editor does.

The command line and the evaluation edit through it; tests, demo and tutorial type into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.apply.ports import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapply_lsp.text.edits import Edits


class Follower(Protocol):
    """Whoever follows the buffer; `conductor.Apply` does."""

    def buffer_changed(self, text: str, version: int | None) -> None:
        """Tell what the buffer holds now."""
        ...


class ModelEditor:
    """A strict editor: an edit for another version than the current one is refused.

    ``history`` holds each text that the buffer has shown, the first one included.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.version = 0
        self.history = [text]
        self.edits: list[Edits] = []
        self._followers: list[Callable[[str, int | None], None]] = []

    def follow(self, follower: Follower) -> None:
        """Tell ``follower`` of each change from now on."""
        self._followers.append(follower.buffer_changed)

    def type(self, edits: Edits) -> None:
        """Change the buffer as its user does."""
        self.text = edits.apply(self.text)
        self.version += 1
        self.history.append(self.text)
        for tell in self._followers:
            tell(self.text, self.version)

    async def edit(self, edits: Edits, version: int | None) -> Answer:
        """Take an edit of the server's."""
        if version != self.version:
            return Answer(applied=False, reason=f"the buffer is at version {self.version}")
        self.edits.append(edits)
        self.type(edits)
        return Answer(applied=True)
