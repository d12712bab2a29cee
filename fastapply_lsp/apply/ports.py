"""What the conductor needs of the world, as protocols."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.apply.model import Progress, Result
    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.files.journal_records import Record
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.session.hunks import Hunk
    from fastapply_lsp.text.edits import Edits


@dataclass(frozen=True, slots=True)
class Answer:
    """What the editor says to an edit; the buffer may say otherwise."""

    applied: bool
    reason: str | None = None


class Editor(Protocol):
    """Where the buffer lives. Its changes come back through `Apply.buffer_changed`."""

    async def edit(self, edits: Edits, version: int | None) -> Answer:
        """Make these edits of the text at ``version``, all or none."""
        ...


class Journal(Protocol):
    """Keeps originals safe. See `files.journal.Journal`."""

    async def append(self, record: Record) -> None:
        """Return when the record is on the disk, or raise `JournalError`."""
        ...


class Chooser(Protocol):
    """Names the backends to try for an edit, the first choice first; never none."""

    def __call__(self, merge: Merge, named: str | None) -> Sequence[Backend]:
        """Raise `SettingsError` for a name that the settings do not know."""
        ...


class Watcher(Protocol):
    """Whoever shows an apply to the user. Called on the event loop; must return at once."""

    def progressed(self, progress: Progress) -> None:
        """The stream went on."""
        ...

    def hunks_changed(self, hunks: tuple[Hunk, ...]) -> None:
        """Hunks came, moved on or were decided."""
        ...

    def streamed(self, result: Result) -> None:
        """The stream ended; called once."""
        ...

    def reviewed(self, hunks: tuple[Hunk, ...]) -> None:
        """No hunk waits any more."""
        ...

    def troubled(self, error: FastApplyError) -> None:
        """A decision could not be carried out."""
        ...


class Unwatched:
    """A watcher that looks away; a base for those who watch a part only."""

    def progressed(self, progress: Progress) -> None:
        """Look away."""

    def hunks_changed(self, hunks: tuple[Hunk, ...]) -> None:
        """Look away."""

    def streamed(self, result: Result) -> None:
        """Look away."""

    def reviewed(self, hunks: tuple[Hunk, ...]) -> None:
        """Look away."""

    def troubled(self, error: FastApplyError) -> None:
        """Look away."""


class Clock(Protocol):
    """Time, so that tests can turn it by hand."""

    def now(self) -> float:
        """Seconds since any fixed moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after so long."""
        ...


class WallClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.perf_counter()

    async def sleep(self, seconds: float) -> None:
        """Sleep on the event loop."""
        await asyncio.sleep(seconds)
