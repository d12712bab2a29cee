"""What every apply of one client shares: the client, its documents, the settings, the tools.

Settings may change at any time. A change makes new backends; the old ones serve the streams that
use them and are closed when the server ends, since a stream must not lose its connection midway.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.apply.background import Background
from fastapply_lsp.apply.ports import WallClock
from fastapply_lsp.backends.registry import Backends
from fastapply_lsp.errors import NotText, SettingsError, TooLarge
from fastapply_lsp.files.journal import Journal, journal_folder
from fastapply_lsp.settings import Settings
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.server.connection import Connection
    from fastapply_lsp.server.documents import Documents
    from fastapply_lsp.server.opening import Opener
    from fastapply_lsp.settings import Limits

SETTLES_WITHIN_S = 5.0
"""How long an apply waits for the editor to say its settings."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LimitChecks:
    """The limits of the settings, as checks."""

    limits: Limits

    def check(self, path: str, text: str, code_edit: str) -> None:
        """Raise `TooLarge` or `NotText` where an edit must not begin."""
        limits = self.limits
        _at_most("The code block", _bytes(code_edit), limits.edit_bytes, "bytes")
        _at_most(path, _bytes(text), limits.file_bytes, "bytes")
        _at_most(path, len(split_lines(text)), limits.file_lines, "lines")
        if "\0" in text:
            raise NotText(path, f"it is binary (NUL at character {text.index(chr(0))})")


def _at_most(what: str, size: int, limit: int, unit: str) -> None:
    if size > limit:
        raise TooLarge(what, size, limit, unit)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _log_fault(error: Exception) -> None:
    _log.error("A task failed unexpectedly.", exc_info=error)


class Desk:
    """One client's tools. `opener` is set by the server, which it looks at too."""

    opener: Opener

    def __init__(
        self, connection: Connection, documents: Documents, environment: Mapping[str, str]
    ) -> None:
        self.connection = connection
        self.documents = documents
        self.environment = environment
        self.clock = WallClock()
        self.background = Background(_log_fault)
        self.settings = Settings()
        self._settled = asyncio.Event()
        self._fault: SettingsError | None = None
        self._backends: list[Backends] = []
        self._journal: Journal | None = None

    def configure(self, settings: Settings) -> None:
        """Take new settings."""
        if self._fault is not None or settings != self.settings:
            self._backends.append(Backends(settings))
        self.settings, self._fault = settings, None

    def settle(self) -> None:
        """Say that the editor has told its settings, or will not."""
        self._settled.set()

    async def settled(self) -> None:
        """Wait until the editor's settings are known; not for long, if it does not answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLES_WITHIN_S):
                await self._settled.wait()

    def misconfigure(self, fault: SettingsError) -> None:
        """Remember that the settings cannot be used; every apply says so until they can."""
        self._fault = fault

    # What the conductor needs

    def choose(self, merge: Merge, named: str | None) -> Sequence[Backend]:
        """Name the backends to try. See `backends.registry`."""
        if self._fault is not None:
            raise self._fault
        if not self._backends:
            self._backends.append(Backends(self.settings))
        return self._backends[-1](merge, named)

    @property
    def journal(self) -> Journal:
        """Where originals are kept."""
        if self._journal is None:
            folder = journal_folder(self.environment)
            self._journal = Journal(folder, limit_bytes=self.settings.limits.journal_bytes)
        return self._journal

    @property
    def limits(self) -> LimitChecks:
        """The limits as they are set now."""
        return LimitChecks(self.settings.limits)

    @property
    def accepts_at_once(self) -> bool:
        """Whether sure hunks wait for no decision."""
        return self.settings.review == "accept"

    async def aclose(self) -> None:
        """Give back connections and files."""
        for backends in self._backends:
            await backends.aclose()
        if self._journal is not None:
            self._journal.close()
