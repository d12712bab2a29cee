"""`fastapply lsp`: the language server."""

from __future__ import annotations

import os

import click

from fastapply_lsp.server.transport import Stdio, Tcp, Transport, WebSocket, parse_address, serve


def run(tcp: str | None, ws: str | None) -> int:
    """Serve until the client leaves; ``tcp`` and ``ws`` are addresses. Return the exit code."""
    transport = _transport(tcp, ws)
    try:
        return serve(transport)
    except OSError as error:
        if isinstance(transport, Stdio):
            raise
        number = error.errno or 0  # negative where the name of a host is not known
        why = os.strerror(number) if number > 0 else error.strerror
        message = f"Cannot listen on {transport.host}:{transport.port}: {why}."
        raise click.ClickException(message) from error


def _transport(tcp: str | None, ws: str | None) -> Transport:
    try:
        if tcp is not None:
            return Tcp(*parse_address(tcp))
        if ws is not None:
            return WebSocket(*parse_address(ws))
    except ValueError as error:
        message = f"{tcp or ws} is no address; write HOST:PORT or PORT."
        raise click.UsageError(message) from error
    return Stdio()
