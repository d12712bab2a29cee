"""How pygls is made to speak LSP as we need it.

What differs from the library, and why:

- Documents are mirrored by `documents.Documents`. The library's mirror is not fed at all.
- Messages whose form clients bend (a version that is null, an answer that is null) and our own
  ones are read as plain JSON; the library would drop the message or turn it into named tuples.
- A request that cannot be read is answered with an error; the library would leave it unanswered.
- An error that is not ours goes to the log with its traceback; the client gets one sentence. The
  library sends the traceback.
- Output goes through a thread of its own, so that a client that is busy writing to us, and does
  not read, cannot block the event loop.
"""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING, Any, BinaryIO

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from fastapply_lsp.server.names import APPLIED, DECIDED, EDIT_FILE

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from cattrs import Converter

    from fastapply_lsp.server.documents import Documents

_log = logging.getLogger(__name__)

INTERNAL_ERROR = -32603
INVALID_PARAMS = -32602


@attrs.define
class PlainNotification:
    """A notification whose parameters are JSON as it came."""

    method: str
    params: Any = None
    jsonrpc: str = "2.0"


@attrs.define
class PlainRequest:
    """A request whose parameters are JSON as it came."""

    id: int | str
    method: str
    params: Any = None
    jsonrpc: str = "2.0"


@attrs.define
class PlainResponse:
    """An answer whose result is JSON as it came."""

    id: int | str
    result: Any = None
    jsonrpc: str = "2.0"


_PLAIN: dict[str, type[Any]] = {
    types.TEXT_DOCUMENT_DID_OPEN: PlainNotification,
    types.TEXT_DOCUMENT_DID_CHANGE: PlainNotification,
    types.TEXT_DOCUMENT_DID_CLOSE: PlainNotification,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: PlainNotification,
    types.WORKSPACE_EXECUTE_COMMAND: PlainRequest,
    types.WORKSPACE_APPLY_EDIT: PlainRequest,
    types.WORKSPACE_CONFIGURATION: PlainRequest,
    types.CLIENT_REGISTER_CAPABILITY: PlainRequest,
    types.WINDOW_SHOW_DOCUMENT: PlainRequest,
    types.WINDOW_WORK_DONE_PROGRESS_CREATE: PlainRequest,
    EDIT_FILE: PlainRequest,
    APPLIED: PlainNotification,
    DECIDED: PlainNotification,
}


def plain_converter() -> Converter:
    """Return the library's converter, taught our plain messages."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    for kind in (PlainNotification, PlainRequest, PlainResponse):
        names = {field.name for field in attrs.fields(kind)}

        def structured(data: Any, cls: type[Any], names: set[str] = names) -> Any:  # noqa: ANN401 - JSON
            return cls(**{name: value for name, value in data.items() if name in names})

        converter.register_structure_hook(kind, structured)
    return converter


class Protocol(LanguageServerProtocol):
    """The library's protocol with the changes above. `documents` is set by the server."""

    documents: Documents
    execute: Callable[[str, list[Any]], Any]
    stop: Callable[[], None]
    exit_code = 1

    def get_message_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # cached there
        """Return the type that a message is read as."""
        return _PLAIN.get(method) or super().get_message_type(method)

    def get_result_type(self, method: str) -> type[Any] | None:  # type: ignore[override]  # noqa: ARG002 - cached there
        """Return the type that an answer to us is read as: always plain."""
        return PlainResponse

    def structure_message(self, data: dict[str, Any]) -> Any:  # noqa: ANN401 - any message
        """Read a message; answer a request that cannot be read."""
        try:
            return super().structure_message(data)
        except JsonRpcException:
            if "method" in data and "id" in data:
                message = f"The parameters of {data['method']} cannot be read."
                error = types.ResponseError(code=INVALID_PARAMS, message=message)
                self._send_response(data["id"], error=error)
            raise

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        """Answer a request with what its handler returned or raised."""
        error = None if future.cancelled() else future.exception()
        if error is None or isinstance(error, JsonRpcException):
            if error is None:
                super()._send_handler_result(future, msg_id=msg_id)
                return
            self._request_futures.pop(msg_id, None)
            self._send_response(msg_id, error=error.to_response_error())
            return
        self._request_futures.pop(msg_id, None)
        _log.error("A request failed.", exc_info=error)
        self._send_response(
            msg_id,
            error=types.ResponseError(
                code=INTERNAL_ERROR,
                message="fastapply failed unexpectedly; its log file says more.",
            ),
        )

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """End the loop; the library would end the process with work still in hand."""
        self.exit_code = 0 if self._shutdown else 1
        self.stop()

    # Documents: the library would feed its own mirror here.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: Any) -> None:  # noqa: ANN401
        """Take the notification."""
        self.documents.did_open(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: Any) -> None:  # noqa: ANN401
        """Take the notification."""
        self.documents.did_change(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: Any) -> None:  # noqa: ANN401
        """Take the notification."""
        self.documents.did_close(params)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: Any) -> Any:  # noqa: ANN401
        """Run a command; the library would match its arguments against annotations."""
        return self.execute(str(params.get("command")), list(params.get("arguments") or ()))


class OutputThread:
    """Writes to a pipe from a thread of its own, in order."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="output", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Hand over; returns at once."""
        self._queue.put(data)

    def close(self) -> None:
        """Write what is left, and stop. What a client that is gone cannot take is dropped."""
        self._queue.put(None)
        self._thread.join(timeout=CLOSE_WITHIN_S)

    def _run(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                self._pipe.write(data)
                if self._queue.empty():
                    self._pipe.flush()
            self._pipe.flush()
        except (OSError, ValueError):
            _log.info("The client no longer reads.")
            while self._queue.get() is not None:
                pass


CLOSE_WITHIN_S = 2.0
"""How long a client may take to read our last words."""
