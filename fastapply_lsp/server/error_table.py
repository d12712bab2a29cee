"""What does an error become in the editor? One row for each code of the error tree.

Nobody sees a traceback: an error that is not of the tree goes to the log file, and the user gets
one sentence. What was asked by a request is answered by a response; only what a command began, and
so was answered long before it failed, is shown as a message.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsprotocol.types import MessageType
from pygls.exceptions import JsonRpcException

from fastapply_lsp.errors import FastApplyError, InternalFault
from fastapply_lsp.server.wire import error_json

if TYPE_CHECKING:
    from fastapply_lsp.server.connection import Connection

_log = logging.getLogger(__name__)

INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REQUEST_FAILED = -32803


@dataclass(frozen=True, slots=True)
class Row:
    """An error's LSP code, and how loudly it is shown."""

    lsp_code: int
    level: MessageType


_OURS = Row(INTERNAL_ERROR, MessageType.Error)
_THEIRS = Row(REQUEST_FAILED, MessageType.Error)
_SITUATION = Row(REQUEST_FAILED, MessageType.Warning)

ROWS: dict[str, Row] = {
    "internal": _OURS,
    "settings": _THEIRS,
    "backend": _THEIRS,
    "backend-unreachable": _THEIRS,
    "backend-timeout": _THEIRS,
    "backend-refused": _THEIRS,
    "backend-garbled": _THEIRS,
    "stream-broken": _THEIRS,
    "rewrite-truncated": _THEIRS,
    "cannot-apply": _SITUATION,
    "no-code-block": _SITUATION,
    "malformed-edit": _SITUATION,
    "unknown-target": _SITUATION,
    "ambiguous-target": _SITUATION,
    "outside-workspace": _SITUATION,
    "not-text": _SITUATION,
    "unreadable": _SITUATION,
    "too-large": _SITUATION,
    "not-placed": _SITUATION,
    "rewrite-rejected": _SITUATION,
    "editor-refused": _SITUATION,
    "buffer-closed": _SITUATION,
    "journal": _THEIRS,
}
"""Each code of the tree; a test holds the table to ``errors`` and to the reference page."""


def row_of(error: FastApplyError) -> Row:
    """Return an error's row; a code that has none counts as our own fault."""
    return ROWS.get(error.code, _OURS)


def sentence(error: FastApplyError) -> str:
    """Return what the user reads: what happened, and what to do."""
    return f"{error} {error.advice}"


def as_response(error: FastApplyError, **more: Any) -> JsonRpcException:  # noqa: ANN401 - JSON
    """Return the error that answers a request; ``more`` joins its data."""
    return JsonRpcException(
        message=sentence(error),
        code=row_of(error).lsp_code,
        data={**error_json(error), **more},
    )


def bad_arguments(message: str) -> JsonRpcException:
    """Return the error that answers a command which we do not have."""
    return JsonRpcException(message=message, code=INVALID_PARAMS)


def show(connection: Connection, error: FastApplyError) -> None:
    """Show an error to the user."""
    connection.show(row_of(error).level, sentence(error))
    log(error)


def log(error: FastApplyError | None) -> None:
    """Note that the user was shown an error, if there was one."""
    if error is not None:
        _log.info("Shown to the user: %s: %s", error.code, error)


def of_the_tree(error: Exception) -> FastApplyError:
    """Return ``error`` as one of the tree; what is not of it is logged and loses its words."""
    if isinstance(error, FastApplyError):
        return error
    _log.error("Something failed unexpectedly.", exc_info=error)
    return InternalFault(type(error).__name__)
