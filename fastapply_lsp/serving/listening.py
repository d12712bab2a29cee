"""Where does the server listen, and may it? Starts uvicorn."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from fastapply_lsp.serving.address import Address, demand_key
from fastapply_lsp.serving.app import Server, Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapply_lsp.engines.transformers import Engine
    from fastapply_lsp.settings import Secret

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_S = 5
"""After a signal, answers that are being written have so long to end."""


def terms_for(model: str, address: Address, key: Secret | None) -> Terms:
    """Return who may ask.

    Raises:
        SettingsError: others could reach the server, and no key is set.
    """
    demand_key(address, key)
    return Terms(model, key, address.loopback)


def taken(address: Address) -> socket.socket:
    """Return a socket that has the address; clients are refused until `serve`.

    Raises:
        OSError: nobody can listen there.
    """
    place = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # as `socket.create_server`: the server before may just have ended
            place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.family is socket.AF_INET6:
            place.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        place.bind((address.host, address.port))
    except OSError:
        place.close()
        raise
    return place


def serve(
    engine: Engine, terms: Terms, place: socket.socket, announce: Callable[[str], object]
) -> None:
    """Serve until a signal comes; ``announce`` is told where, once clients can connect.

    Raises:
        OSError: another program has come to listen there.
    """
    asyncio.run(_serve(engine, terms, place, announce))


async def _serve(
    engine: Engine, terms: Terms, place: socket.socket, announce: Callable[[str], object]
) -> None:
    server = Server(engine, terms)
    config = uvicorn.Config(
        server.app,
        lifespan="off",  # its task would show a stack trace where a second signal comes
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    place.listen(config.backlog)
    host, port = place.getsockname()[:2]
    announce(f"{terms.model} at {Address(host, port).root}/v1")
    try:
        await _Web(config).serve([place])
    finally:
        server.close()


class _Web(uvicorn.Server):
    """Ends with a signal, and does not raise it again: to be ended so is what servers are for."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {each: signal.signal(each, self.handle_exit) for each in _SIGNALS}
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
