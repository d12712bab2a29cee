"""Where the settings come from in an editor: initialization options, and its configuration.

The client is asked for the section ``fastapply`` where it can be asked; others push it. Whatever
comes is laid over the user's file and environment by `files.settings_sources`.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapply_lsp.errors import SettingsError
from fastapply_lsp.files.logs import log_to_file
from fastapply_lsp.files.settings_sources import load
from fastapply_lsp.server import error_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.settings import Secret, Settings

_log = logging.getLogger(__name__)


class Configuration:
    """Keeps the desk's settings as the editor says."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._initialization: dict[str, object] = {}
        self._workspace: dict[str, object] = {}
        self._shown: str | None = None

    def initialize(self, options: object) -> None:
        """Take ``initializationOptions``; they count from `load` on."""
        self._initialization = options if isinstance(options, dict) else {}

    async def changed(self, params: Any) -> None:  # noqa: ANN401 - JSON
        """Take ``workspace/didChangeConfiguration``, and ask where the client can be asked."""
        match params:
            case {"settings": {"fastapply": dict(pushed)}}:
                self._workspace = pushed
            case _:
                pass
        await self.load()

    async def load(self) -> None:
        """Ask the client where it can be asked, and read every source anew."""
        asked = await self._desk.connection.configuration()
        if asked is not None:
            self._workspace = asked
        self._read()
        self._desk.settle()

    def _read(self) -> None:
        """Read every source; tell the user once where one is at fault."""
        try:
            loaded = load(
                self._desk.environment,
                workspace=self._workspace,
                initialization=self._initialization,
            )
        except SettingsError as fault:
            self._desk.misconfigure(fault)
            if str(fault) != self._shown:
                self._shown = str(fault)
                error_table.show(self._desk.connection, fault)
            return
        self._shown = None
        self._desk.configure(loaded.settings)
        self._log_as(loaded.settings)

    def _log_as(self, settings: Settings) -> None:
        try:
            log_to_file(self._desk.environment, settings.log_level, _secrets(settings))
        except OSError as error:
            _log.warning("The log file cannot be opened: %s", error)


def _secrets(settings: Settings) -> Iterable[Secret]:
    if settings.openai.api_key is not None:
        yield settings.openai.api_key
    for header in settings.openai.headers:
        yield header.value
