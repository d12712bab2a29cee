"""How does work end that is no longer wanted? It is waited for, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

SHUTTING_DOWN = "The server is shutting down; the answer is incomplete."


async def ended(work: asyncio.Future[Any]) -> None:
    """Wait for a cancelled piece of work: until it is done, what it uses is in use.

    A server that ends cancels whoever waits here, and more than once.
    """
    while not work.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([work])
    if not work.cancelled():
        work.exception()  # nobody is there to be told
