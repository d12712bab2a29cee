"""Where does the server listen, and may it? Starts uvicorn."""

from __future__ import annotations

import asyncio
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


def serve(
    engine: Engine, terms: Terms, address: Address, announce: Callable[[str], object]
) -> None:
    """Serve until a signal comes; ``announce`` is told where, once clients can connect.

    Raises:
        OSError: nobody can listen there.
    """
    asyncio.run(_serve(engine, terms, address, announce))


async def _serve(
    engine: Engine, terms: Terms, address: Address, announce: Callable[[str], object]
) -> None:
    config = uvicorn.Config(
        Server(engine, terms).app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    listening = socket.create_server(
        (address.host, address.port), family=address.family, backlog=config.backlog
    )
    with listening:
        host, port = listening.getsockname()[:2]
        announce(f"{terms.model} at {Address(host, port).root}/v1")
        await _Web(config).serve([listening])


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
