"""From the bytes of a response to the pieces of a chat completion."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING

import httpx

from fastapply_lsp.backends.chat_stream import (
    Done,
    Finish,
    Refusal,
    Unreadable,
    pieces_of_chunk,
    pieces_of_event,
)
from fastapply_lsp.backends.http_faults import refusal
from fastapply_lsp.backends.model import Text, Usage
from fastapply_lsp.backends.sse import LONGEST_EVENT, EventDecoder, EventTooLong
from fastapply_lsp.errors import BackendGarbled, BackendRefused, StreamBroken

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from fastapply_lsp.backends.chat_stream import Piece
    from fastapply_lsp.backends.http_faults import Received

DRAIN_S = 0.05
"""How long the end of a response may take after its last word. Only a response that was read to
its end leaves the connection to the next request; nobody should wait for more than that."""


async def answer(
    response: httpx.Response, received: Received
) -> AsyncGenerator[Text | Usage | Finish]:
    """Yield what the model says, and one ``Finish`` with ``stop`` or ``length``, last.

    Raises:
        BackendError: the server refused, sent something else, or broke off.
    """
    received.answered = True
    if not response.is_success:
        raise await refusal(response, received)
    finish: Finish | None = None
    chunks = response.aiter_bytes()
    async with aclosing(_pieces(response, chunks, received)) as pieces:
        async for piece in pieces:
            match piece:
                case Text(text):
                    received.characters += len(text)
                    yield piece
                case Usage():
                    yield piece
                case Finish():
                    finish = piece
                case Done():
                    finish = finish or Finish("stop")
                    break
                case Refusal(status, detail):
                    raise BackendRefused(received.url, status, received.shown(detail))
                case Unreadable(problem):
                    raise BackendGarbled(received.url, problem)
    if finish is None:
        raise StreamBroken(received.url, received.characters)
    await _drain(chunks)
    yield finish


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in chunks:
                pass
    except (TimeoutError, httpx.HTTPError):
        pass  # the rewrite is complete; the connection is closed, the next request opens another


def _pieces(
    response: httpx.Response, chunks: AsyncIterator[bytes], received: Received
) -> AsyncGenerator[Piece]:
    match response.headers.get("content-type", "").partition(";")[0].strip().lower():
        case "text/html" | "application/xhtml+xml":
            raise BackendGarbled(received.url, "it is an HTML page")
        case "application/json":
            return _of_object(chunks, received)
        case _:
            return _of_events(chunks, received)


async def _of_object(chunks: AsyncIterator[bytes], received: Received) -> AsyncGenerator[Piece]:
    """The answer of a server that does not stream."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > LONGEST_EVENT:
            raise BackendGarbled(received.url, "it does not end")
    try:
        data = json.loads(bytes(content))
    except ValueError:
        raise BackendGarbled(received.url, "it is no JSON") from None
    for piece in pieces_of_chunk(data):
        yield piece


async def _of_events(chunks: AsyncIterator[bytes], received: Received) -> AsyncGenerator[Piece]:
    decoder = EventDecoder()
    events = 0
    try:
        async for chunk in chunks:
            for event in decoder.push(chunk):
                events += 1
                for piece in pieces_of_event(event):
                    yield piece
    except EventTooLong:
        raise BackendGarbled(received.url, "an event of the stream does not end") from None
    for event in decoder.finish():
        events += 1
        for piece in pieces_of_event(event):
            yield piece
    if not events:
        raise BackendGarbled(received.url, "it holds no event of a stream")
