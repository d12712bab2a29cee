"""Everything that works on one client's behalf, put together.

It loads what parses and merges, so it is made after `initialize` is answered, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.files.uris import uri_to_path
from fastapply_lsp.server.actions import Actions
from fastapply_lsp.server.applies import Applies
from fastapply_lsp.server.chats import Chats
from fastapply_lsp.server.commands import Commands
from fastapply_lsp.server.configuration import Configuration
from fastapply_lsp.server.definitions_index import Definitions
from fastapply_lsp.server.desk import Desk
from fastapply_lsp.server.known import KnownFiles
from fastapply_lsp.server.lenses import Lenses
from fastapply_lsp.server.opening import Opener
from fastapply_lsp.server.warming import Warming

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapply_lsp.server.connection import Connection
    from fastapply_lsp.server.documents import Documents


class Office:
    """The parts, and what each follows."""

    def __init__(
        self, connection: Connection, documents: Documents, environment: Mapping[str, str]
    ) -> None:
        self.desk = Desk(connection, documents, environment)
        self.opener = self.desk.opener = Opener(self.desk)
        self.configuration = Configuration(self.desk)
        self.known = KnownFiles(self.desk, self._files_differ)
        self.definitions = Definitions(
            self.desk, lambda: self.known.workspace.files, connection.refresh_lenses
        )
        self.chats = Chats(self.desk, self.known, self.definitions)
        self.applies = Applies(self.desk)
        self.applies.when_changed(connection.refresh_lenses)
        self.lenses = Lenses(self.desk, self.chats, self.applies)
        self.actions = Actions(self.desk, self.chats, self.applies)
        self.commands = Commands(self.desk, self.chats, self.applies)
        warming = Warming(self.desk)
        for follower in (self.opener, self.known, self.chats, self.applies, warming):
            documents.follow(follower)

    def set_folders(self, uris: Iterable[str]) -> None:
        """Take the workspace folders; what is no file URI is none."""
        paths = map(uri_to_path, uris)
        self.opener.folders = tuple(dict.fromkeys(path for path in paths if path is not None))
        self.known.renew()

    def _files_differ(self) -> None:
        """Forget what was read from the files that there were."""
        self.definitions.forget()
        self.desk.connection.refresh_lenses()

    async def aclose(self) -> None:
        """End everything; buffers stay as they are, and the journal knows."""
        await self.applies.aclose()
        await self.desk.aclose()
