"""A server with the tiny model in a thread of its own, for tests that are not asynchronous."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from fastapply_lsp.engines.transformers import Engine
from tests.serving.running import Running, running


@contextmanager
def serving(engine: Engine) -> Iterator[Running]:
    """Serve until the end of the block; the client of what it yields belongs to the thread."""
    ready: list[Running] = []
    started = threading.Event()
    stop: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def run() -> None:
        async with running(engine) as one:
            over = asyncio.Event()
            stop.append((asyncio.get_running_loop(), over))
            ready.append(one)
            started.set()
            await over.wait()

    def work() -> None:
        try:
            asyncio.run(run())
        finally:
            started.set()  # a test that cannot begin must not wait for ever

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    try:
        yield ready[0]
    finally:
        loop, over = stop[0]
        loop.call_soon_threadsafe(over.set)
        thread.join()


def figures(server: Running) -> dict[str, float]:
    """Return /metrics, asked from any thread."""
    text = httpx.get(server.base_url.removesuffix("/v1") + "/metrics").text
    rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in rows}
