"""How does an answer reach its client, and who notices that the client has gone?

Both kinds of answer, a stream of events and one JSON object, are made by a generator that is closed
the moment the client goes away; closing it stops the engine.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Self

from starlette.responses import Response

from fastapply_lsp.serving.ending import SHUTTING_DOWN, ended
from fastapply_lsp.serving.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive, Scope, Send

KEEP_ALIVE_S = 10.0
"""A stream is silent no longer than this, so that neither client nor proxy thinks it dead."""
DONE = b"data: [DONE]\n\n"
_WAITING = b": waiting\n\n"


class ClientGone(Exception):
    """Nobody reads any more."""


def event(data: object) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(data, separators=(",", ":")).encode("ascii") + b"\n\n"


class EventStream(Response):
    """Sends what a generator yields, as it comes; each piece is whole events."""

    media_type = "text/event-stream"

    def __init__(self, pieces: AsyncGenerator[bytes]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Send all; stop where the client goes away, or the server ends."""
        head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        with suppress(ClientGone, OSError):
            await send(head)
            try:
                async with aclosing(self._pieces) as pieces, _Presence(receive) as presence:
                    while piece := await presence.meanwhile(_next(pieces), send):
                        await send(_part(piece))
            except asyncio.CancelledError:  # only a server that ends does this
                await send(_part(event(Refused(SHUTTING_DOWN, status=503).body())))
            await send(_part(b""))


def _part(body: bytes) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": bool(body)}


async def whole(receive: Receive, pieces: AsyncGenerator[Any]) -> list[Any]:
    """Return all that a generator yields.

    Raises:
        ClientGone: nobody waits for it.
    """
    async with aclosing(pieces), _Presence(receive) as presence:
        answer: list[Any] = await presence.meanwhile(_all(pieces))
    return answer


async def _next(pieces: AsyncGenerator[bytes]) -> bytes:
    return await anext(pieces, b"")


async def _all(pieces: AsyncGenerator[Any]) -> list[Any]:
    return [piece async for piece in pieces]


class _Presence:
    """Knows whether the client is there; the request's body must have been read before."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive

    async def __aenter__(self) -> Self:
        self._gone = asyncio.ensure_future(self._wait())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.cancel()
        with suppress(asyncio.CancelledError):
            await self._gone

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def meanwhile(self, work: Any, send: Send | None = None) -> Any:  # noqa: ANN401 - any awaitable, and its result
        """Return what ``work`` returns, or raise `ClientGone`; ``send`` hears that we live."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                await asyncio.wait(
                    {task, self._gone},
                    timeout=None if send is None else KEEP_ALIVE_S,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if self._gone.done():
                    raise ClientGone
                if not task.done() and send is not None:
                    await send(_part(_WAITING))
            return task.result()
        finally:
            if not task.done():
                task.cancel()
                await ended(task)
