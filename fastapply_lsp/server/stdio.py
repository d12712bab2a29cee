"""Serves one client on standard input and output: greets it, loads the server, hands over."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, BinaryIO

from fastapply_lsp.server.collector import spare
from fastapply_lsp.server.greeting import answer, framed, read_message

if TYPE_CHECKING:
    from collections.abc import Mapping


def serve_stdio(environment: Mapping[str, str]) -> int:
    """Serve until the client leaves; return the exit code."""
    stdout = _own_stdout()
    first = read_message(sys.stdin.buffer)
    if first is None:
        return 1
    greeting = answer(first)
    if greeting is not None:
        stdout.write(framed(greeting))
        stdout.flush()
    spare()
    from fastapply_lsp.server.app import serve  # noqa: PLC0415 - see `greeting`

    return serve(environment, stdout, first, is_answered=greeting is not None)


def _own_stdout() -> BinaryIO:
    """Take standard output for the protocol; whatever else writes there goes to standard error."""
    sys.stdout.flush()
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe
