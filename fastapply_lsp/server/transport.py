"""How clients reach the server: standard input and output, TCP, or WebSocket.

For the command line: ``serve(transport) -> int`` (the exit code), with ``Stdio()``,
``Tcp(host, port)`` or ``WebSocket(host, port)``; ``parse_address("HOST:PORT")`` reads an address.

Over TCP and WebSocket one process listens, and starts a server process of its own for each client,
speaking LSP over its standard input and output: so two clients share nothing, and one that crashes
takes nobody along. A server process ends with its connection. A WebSocket message is one JSON
message, without header. Only this machine may connect unless another address is asked for; web
pages may not, wherever they come from, since any page could otherwise edit the user's files.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.server.stdio import serve_stdio

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Coroutine

    from websockets.asyncio.server import ServerConnection

LOOPBACK = "127.0.0.1"
MESSAGE_BYTES_MAX = 64 * 1024 * 1024
"""A message holds one document at most, and the limits of the settings are far below this."""

ENDS_WITHIN_S = 5.0
"""How long a server process may take to end once its client is gone."""

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stdio:
    """Serve the one client that started us."""


@dataclass(frozen=True, slots=True)
class Tcp:
    """Listen on a TCP port; 0 takes any free one."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class WebSocket:
    """Listen for WebSocket clients; port 0 takes any free one."""

    host: str
    port: int


Transport = Stdio | Tcp | WebSocket


def parse_address(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``, ``:PORT`` or ``PORT``; without a host, this machine only.

    Raises:
        ValueError: it is no address.

    >>> parse_address("4711"), parse_address("0.0.0.0:80"), parse_address("[::1]:80")
    (('127.0.0.1', 4711), ('0.0.0.0', 80), ('::1', 80))
    """
    host, _, port = text.rpartition(":")
    number = int(port)
    if not 0 <= number <= 65_535:  # noqa: PLR2004 - the ports there are
        message = f"{number} is no port"
        raise ValueError(message)
    return host.strip("[]") or LOOPBACK, number


def serve(transport: Transport) -> int:
    """Serve until the client leaves (or, where we listen, until we are stopped)."""
    match transport:
        case Stdio():
            return serve_stdio(os.environ)
        case Tcp(host, port):
            return _listen(_serve_tcp(host, port))
        case WebSocket(host, port):
            return _listen(_serve_websocket(host, port))


def main(arguments: list[str]) -> int:
    """Serve as the arguments say: nothing or ``--stdio``, ``--tcp ADDRESS``, ``--ws ADDRESS``."""
    match arguments:
        case [] | ["--stdio"]:
            return serve(Stdio())
        case ["--tcp", address]:
            return serve(Tcp(*parse_address(address)))
        case ["--ws", address]:
            return serve(WebSocket(*parse_address(address)))
        case _:
            print("usage: [--stdio | --tcp HOST:PORT | --ws HOST:PORT]", file=sys.stderr)  # noqa: T201
            return 2


def _listen(serving: Coroutine[None, None, None]) -> int:
    with suppress(KeyboardInterrupt):
        asyncio.run(serving)
    return 0


def _announce(host: str, port: int) -> None:
    """Say where we listen; a client that asked for any free port reads it here."""
    shown = f"[{host}]" if ":" in host else host
    print(f"fastapply-lsp listens on {shown}:{port}", file=sys.stderr, flush=True)  # noqa: T201


async def _start_server() -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "fastapply_lsp.server",
        "--stdio",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )


async def _end_server(server: Process) -> None:
    """Close its input, which ends it; a server that stays nevertheless is killed."""
    assert server.stdin is not None
    server.stdin.close()
    try:
        async with asyncio.timeout(ENDS_WITHIN_S):
            await server.wait()
    except TimeoutError:
        server.kill()
        await server.wait()


async def _either(*ways: Coroutine[None, None, None]) -> None:
    """Run both ways of a connection until one of them ends."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


# TCP: bytes as they are


async def _serve_tcp(host: str, port: int) -> None:
    async with await asyncio.start_server(_tcp_client, host, port) as listening:
        address = listening.sockets[0].getsockname()
        _announce(address[0], address[1])
        await listening.serve_forever()


async def _tcp_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    server = await _start_server()
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        await _either(_copy(reader, server.stdin), _copy(server.stdout, writer))
    finally:
        writer.close()
        await _end_server(server)
        with suppress(OSError):
            await writer.wait_closed()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(_PIECE):
        target.write(piece)
        await target.drain()


# WebSocket: one message a frame


async def _serve_websocket(host: str, port: int) -> None:
    from websockets.asyncio.server import serve as listen  # noqa: PLC0415 - for this transport only

    # `None` is a client that names no origin: not a browser.
    async with listen(
        _websocket_client, host, port, origins=[None], max_size=MESSAGE_BYTES_MAX
    ) as listening:
        address = next(iter(listening.sockets)).getsockname()
        _announce(address[0], address[1])
        await listening.serve_forever()


async def _websocket_client(client: ServerConnection) -> None:
    server = await _start_server()
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        await _either(_from_client(client, server.stdin), _to_client(server.stdout, client))
    finally:
        await _end_server(server)


async def _from_client(client: ServerConnection, server: asyncio.StreamWriter) -> None:
    async for message in client:
        body = message.encode() if isinstance(message, str) else message
        server.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        await server.drain()


async def _to_client(server: asyncio.StreamReader, client: ServerConnection) -> None:
    with suppress(asyncio.IncompleteReadError):
        while True:
            header = await server.readuntil(b"\r\n\r\n")
            body = await server.readexactly(_content_length(header))
            await client.send(body.decode("utf-8"))


def _content_length(header: bytes) -> int:
    r"""Return the length that a message's header tells.

    >>> _content_length(b"Content-Type: x\r\nContent-Length: 12\r\n\r\n")
    12
    """
    for line in header.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0
