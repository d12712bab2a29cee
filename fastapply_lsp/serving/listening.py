"""Where does the server listen, and may it? Starts uvicorn."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from fastapply_lsp.errors import SettingsError
from fastapply_lsp.serving.app import Server, Terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapply_lsp.engines.transformers import Engine
    from fastapply_lsp.settings import Secret

KEY_VARIABLE = "FASTAPPLY_SERVE_API_KEY"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
GRACE_S = 5
"""After a signal, answers that are being written have so long to end."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen. Port 0 takes any that is free."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def terms_for(model: str, address: Address, key: Secret | None) -> Terms:
    """Return who may ask.

    Raises:
        SettingsError: others could reach the server, and no key is set.
    """
    if key is None and not address.loopback:
        problem = f"it is not set, and {address.host} can be reached from other machines"
        raise SettingsError(KEY_VARIABLE, problem, "the environment")
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
        (address.host, address.port), family=_family(address.host), backlog=config.backlog
    )
    with listening:
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        announce(f"{terms.model} at http://{shown}:{port}/v1")
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


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
