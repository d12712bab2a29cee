"""A server that ends while answers are being written: each is told, and nobody sees a stack trace."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

from fastapply_lsp.engines.transformers import Engine
from fastapply_lsp.serving.app import Server, Terms
from fastapply_lsp.serving.ending import SHUTTING_DOWN, ended
from fastapply_lsp.serving.events import EventStream
from tests.engines import tiny
from tests.engines.loaded import loaded
from tests.engines.tiny_examples import RIGHT
from tests.serving.gate import Gate
from tests.serving.running import MODEL

__all__ = ["loaded"]


async def never() -> MutableMapping[str, Any]:
    await asyncio.Event().wait()
    return {"type": "http.disconnect"}


async def test_a_stream_that_is_cut_by_the_end_of_the_server_says_so() -> None:
    closing, may_close = asyncio.Event(), asyncio.Event()
    sent: list[MutableMapping[str, Any]] = []

    async def pieces() -> AsyncGenerator[bytes]:
        try:
            yield b"data: 1\n\n"
            await asyncio.Event().wait()
        finally:
            closing.set()
            await may_close.wait()

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    answering = asyncio.ensure_future(EventStream(pieces())({"type": "http"}, never, send))
    while len(sent) < 2:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0)
    answering.cancel()
    await closing.wait()
    answering.cancel()  # as the event loop does at its own end
    may_close.set()
    await answering
    assert [bool(message.get("body")) for message in sent] == [False, True, True, False]
    assert SHUTTING_DOWN.encode() in sent[2]["body"]
    assert [message.get("more_body") for message in sent[1:]] == [True, True, False]


async def test_work_is_waited_for_whatever_happens() -> None:
    work: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(ended(work))
    for _ in range(3):
        await asyncio.sleep(0)
        waiting.cancel()
    await asyncio.sleep(0)
    assert not waiting.done()
    work.set_exception(ValueError())
    await waiting


async def test_who_waits_for_a_whole_answer_hears_it_too(loaded: Engine) -> None:
    server = Server(loaded, Terms(MODEL, None, loopback=True))
    gate = Gate.of(server)
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    body = json.dumps({"messages": tiny.messages_of(RIGHT)}).encode()
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> MutableMapping[str, Any]:
        return next(asked, None) or await never()

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
    scope: dict[str, Any] = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "headers": headers,
    }
    scope |= {"query_string": b"", "scheme": "http", "http_version": "1.1", "server": None}
    answering = asyncio.ensure_future(server.app(scope, receive, send))
    while not server.metrics.running:  # noqa: ASYNC110 - nothing tells when
        await asyncio.sleep(0)
    answering.cancel()
    await asyncio.sleep(0)
    gate.open()
    await answering
    server.close()
    assert sent[0]["status"] == 503
    assert SHUTTING_DOWN.encode() in sent[1]["body"]
