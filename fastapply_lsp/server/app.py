"""The language server: what is registered, and how it is served.

For the command line, one function: ``serve(transport) -> int``, the exit code. ``transport`` is one
of `transport.Stdio()`, `transport.Tcp(host, port)` and `transport.WebSocket(host, port)`.

`initialize` is answered before anything that parses, merges or talks to a model is loaded.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from functools import cached_property
from threading import Event
from typing import TYPE_CHECKING, Any

from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.io_ import StdinAsyncReader, run_async
from pygls.lsp.server import LanguageServer

from fastapply_lsp import __version__
from fastapply_lsp.server.connection import ClientAbilities, Connection
from fastapply_lsp.server.documents import Documents
from fastapply_lsp.server.features import register
from fastapply_lsp.server.protocol import OutputThread, Protocol, plain_converter
from fastapply_lsp.text.positions import PositionEncoding

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        return office

    def initialize(self, params: types.InitializeParams) -> None:
        """Take what the client says of itself."""
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        self.documents.encoding = PositionEncoding(encoding)
        self.connection.abilities = ClientAbilities.declared(params.capabilities)
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

    async def run(self) -> int:
        """Serve one client on standard input and output; return the exit code."""
        output = _own_stdout()
        self.protocol.set_writer(output)
        reader = StdinAsyncReader(sys.stdin.buffer, self.thread_pool)
        try:
            await run_async(self.stopping, reader, self.protocol, _log, self.report_server_error)
        finally:
            if "office" in self.__dict__:
                await self.office.aclose()
            output.close()
        return self.protocol.exit_code


def _own_stdout() -> OutputThread:
    """Take standard output for the protocol; whatever else writes there goes to standard error."""
    sys.stdout.flush()
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return OutputThread(pipe)


def serve_stdio(environment: Mapping[str, str]) -> int:
    """Serve one client on standard input and output; return the exit code."""
    logging.getLogger("pygls").setLevel(logging.WARNING)
    try:
        return asyncio.run(FastApplyServer(environment).run())
    except KeyboardInterrupt:
        return 130
