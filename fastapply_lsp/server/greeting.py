r"""Answers ``initialize`` before the language server's libraries are loaded.

Loading them takes three to five hundred milliseconds, and an editor waits for the answer before it
does anything else with us. The answer is the same for every client but for the position encoding,
so it is written here as it stands, and the libraries are loaded while the client reads it. A test
holds it to what the library would have said.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapply_lsp import __version__
from fastapply_lsp.server.names import ACTION_KIND, COMMANDS

if TYPE_CHECKING:
    from typing import BinaryIO

ENCODINGS = ("utf-8", "utf-16", "utf-32")
DEFAULT_ENCODING = "utf-16"
_INCREMENTAL = 2


def read_message(stream: BinaryIO) -> bytes | None:
    r"""Read one message's body from a stream; ``None`` where the stream ends first.

    >>> import io
    >>> read_message(io.BytesIO(b"Content-Type: x\r\ncontent-length: 2\r\n\r\n{}more"))
    b'{}'
    """
    size = 0
    while line := stream.readline():
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            size = int(value)
        elif not line.strip() and size:
            body = stream.read(size)
            return body if len(body) == size else None
    return None


def framed(body: bytes) -> bytes:
    """Return a message as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


def answer(body: bytes) -> bytes | None:
    """Return the answer to a message if it is ``initialize``, else ``None``."""
    try:
        match json.loads(body):
            case {"method": "initialize", "id": int() | str() as number, "params": dict(params)}:
                result = {
                    "capabilities": capabilities(position_encoding(params)),
                    "serverInfo": {"name": "fastapply-lsp", "version": __version__},
                }
                said = {"jsonrpc": "2.0", "id": number, "result": result}
                return json.dumps(said).encode("ascii")
            case _:
                return None
    except ValueError:
        return None


def position_encoding(params: dict[str, Any]) -> str:
    """Return the first encoding of the client's list that we know.

    >>> position_encoding({"capabilities": {"general": {"positionEncodings": ["utf-7", "utf-8"]}}})
    'utf-8'
    """
    match params:
        case {"capabilities": {"general": {"positionEncodings": list(offered)}}}:
            return next((one for one in offered if one in ENCODINGS), DEFAULT_ENCODING)
        case _:
            return DEFAULT_ENCODING


def capabilities(encoding: str) -> dict[str, Any]:
    """Return what this server can do."""
    return {
        "positionEncoding": encoding,
        "textDocumentSync": {"openClose": True, "change": _INCREMENTAL, "save": False},
        "codeActionProvider": {"codeActionKinds": [ACTION_KIND], "resolveProvider": True},
        "codeLensProvider": {"resolveProvider": False},
        "executeCommandProvider": {"commands": list(COMMANDS)},
        "workspace": {
            "workspaceFolders": {"supported": True, "changeNotifications": True},
        },
    }
