"""The language server: a client's state, and the loop that serves it.

What parses, merges or talks to a model is loaded when it is first needed, after `initialize`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any

from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.io_ import StdinAsyncReader, run_async
from pygls.lsp.server import LanguageServer

from fastapply_lsp import __version__
from fastapply_lsp.server.collector import settle
from fastapply_lsp.server.connection import ClientAbilities, Connection
from fastapply_lsp.server.documents import Documents
from fastapply_lsp.server.features import register
from fastapply_lsp.server.protocol import OutputThread, Protocol, plain_converter
from fastapply_lsp.text.positions import PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from lsprotocol import types

    from fastapply_lsp.server.office import Office

_log = logging.getLogger(__name__)


class FastApplyServer(LanguageServer):
    """One client's server."""

    protocol: Protocol

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__(
            "fastapply-lsp", __version__, protocol_cls=Protocol, converter_factory=plain_converter
        )
        self._environment = environment
        self.documents = Documents()
        self.connection = Connection(self.protocol)
        self.stopping = Event()
        self.protocol.documents = self.documents
        self.protocol.stop = self.stopping.set
        self.protocol.execute = self.execute
        self._folders: list[str] = []
        self._options: object = None
        register(self)

    @cached_property
    def office(self) -> Office:
        """The working parts, made when they are first needed."""
        from fastapply_lsp.server.office import Office  # noqa: PLC0415 - see the module's docstring

        office = Office(self.connection, self.documents, self._environment)
        office.configuration.initialize(self._options)
        office.set_folders(self._folders)
        settle()
        return office

    def initialize(self, params: types.InitializeParams) -> None:
        """Take what the client says of itself."""
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        self.documents.encoding = PositionEncoding(encoding)
        self.connection.abilities = ClientAbilities.declared(
            params.capabilities, params.client_info.name if params.client_info else None
        )
        self._options = params.initialization_options
        folders = [folder.uri for folder in params.workspace_folders or ()]
        root = params.root_uri or (params.root_path and f"file://{params.root_path}")
        self._folders = folders or ([root] if root else [])

    def execute(self, command: str, arguments: list[Any]) -> Any:  # noqa: ANN401 - JSON
        """Carry out a command."""
        return self.office.commands.execute(command, arguments)

    def change_folders(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """Take the client's word on its folders."""
        gone = {folder.uri for folder in event.removed}
        self._folders = [uri for uri in self._folders if uri not in gone]
        self._folders += [folder.uri for folder in event.added]
        self.office.set_folders(self._folders)

    def report_server_error(self, error: Exception, source: Any) -> None:  # noqa: ANN401 - as inherited
        """Keep to the log what the library would show to the user."""
        _log.error("%s: %s", getattr(source, "__name__", source), error)

    def receive(self, body: bytes) -> None:
        """Handle one message."""
        message = json.loads(body, object_hook=self.protocol.structure_message)
        self.protocol.handle_message(message)

    async def run(self, stdout: BinaryIO, first: bytes, *, is_answered: bool) -> int:
        """Serve one client; return the exit code.

        ``first`` is its first message. Where that ``is_answered``, we hear it in silence.
        """
        output = OutputThread(stdout)
        self.protocol.set_writer(_Silence() if is_answered else output)
        try:
            self.receive(first)
        except Exception as error:  # noqa: BLE001 - as the library does with any message
            self.report_server_error(error, type(error))
        self.protocol.set_writer(output)
        reader = StdinAsyncReader(sys.stdin.buffer, self.thread_pool)
        try:
            await run_async(self.stopping, reader, self.protocol, _log, self.report_server_error)
        finally:
            if "office" in self.__dict__:
                await self.office.aclose()
            output.close()
        return self.protocol.exit_code


class _Silence:
    """A writer that writes nothing."""

    def write(self, data: bytes) -> None:
        """Drop it."""

    def close(self) -> None:
        """Nothing is open."""


def serve(
    environment: Mapping[str, str], stdout: BinaryIO, first: bytes, *, is_answered: bool
) -> int:
    """Serve one client on standard input and ``stdout``; return the exit code."""
    logging.getLogger("pygls").setLevel(logging.WARNING)
    server = FastApplyServer(environment)
    try:
        return asyncio.run(server.run(stdout, first, is_answered=is_answered))
    except KeyboardInterrupt:
        return 130
