"""A server that speaks the OpenAI chat protocol on loopback, well or badly, as it is told.

It runs on the event loop of the test, on a free port, and ends with its ``async with``. Each
request to ``/chat/completions`` takes the next ``Reply``; the last one serves the rest.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

EVENTS = "text/event-stream"


class Hold:
    """Wait here: ``reached`` is set on arrival, and ``release`` lets the reply go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.release = asyncio.Event()


class Drop:
    """Cut the connection here."""


@dataclass(frozen=True)
class Reply:
    """One answer: the head, then the body's pieces, each sent as it is."""

    pieces: tuple[bytes | Hold | Drop, ...]
    status: int = 200
    content_type: str = EVENTS
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    connection: int


def event(data: object, *, ascii_only: bool = True) -> bytes:
    text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=ascii_only)
    return f"data: {text}\n\n".encode()


def chunk(text: str | None = None, finish: str | None = None, *, ascii_only: bool = True) -> bytes:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({"object": "chat.completion.chunk", "choices": [choice]}, ascii_only=ascii_only)


def usage(
    accepted: int | None = None, rejected: int | None = None, passes: int | None = None
) -> bytes:
    details = {"accepted_prediction_tokens": accepted, "rejected_prediction_tokens": rejected}
    if passes is not None:
        details["forward_passes"] = passes
    figures = {
        "prompt_tokens": 11,
        "completion_tokens": 7,
        "completion_tokens_details": None if accepted is None else details,
    }
    return event({"choices": [], "usage": figures})


def vllm_usage(drafts: object) -> bytes:
    """As vLLM ends a stream where it tells the figures of each request."""
    figures = {"prompt_tokens": 11, "completion_tokens": 7}
    return event({"choices": [], "usage": figures, "metrics": {"speculative_decoding": drafts}})


DONE = event("[DONE]")


def streamed(
    parts: Iterable[str], finish: str = "stop", *extra: bytes, ascii_only: bool = True
) -> Reply:
    """A right stream of these pieces of text."""
    said = [chunk(part, ascii_only=ascii_only) for part in parts]
    return Reply((chunk(""), *said, chunk(finish=finish), *extra, DONE))


def refused(status: int, message: str = "no") -> Reply:
    body = json.dumps({"error": {"message": message, "type": "x", "code": None}})
    return Reply((body.encode(),), status, "application/json")


class FakeOpenAI:
    """See the module. ``asked`` holds every request, ``gone`` is set when a client hangs up."""

    def __init__(self, *replies: Reply, models: tuple[str, ...] = ("fake-model",)) -> None:
        self._replies = replies
        self._models = models
        self._server: asyncio.Server | None = None
        self._connections = 0
        self._chats = 0
        self.asked: list[Asked] = []
        self.gone = asyncio.Event()

    @property
    def base_url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    @property
    def chats(self) -> list[Asked]:
        return [one for one in self.asked if one.path.endswith("/chat/completions")]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def _tasks(self) -> set[asyncio.Task[Any]]:
        return {task for task in asyncio.all_tasks() if task.get_name().startswith(f"{id(self)}:")}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        task = asyncio.current_task()
        assert task is not None
        task.set_name(f"{id(self)}:{self._connections}")
        connection = self._connections
        try:
            while await self._exchange(reader, writer, connection):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            self.gone.set()
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {}
        for line in head[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        content = await reader.readexactly(int(headers.get("content-length", 0)))
        body = json.loads(content) if content else None
        self.asked.append(Asked(method, path, headers, body, connection))
        reply = self._reply(path)
        lines = [
            f"HTTP/1.1 {reply.status} Said",
            f"Content-Type: {reply.content_type}",
            "Transfer-Encoding: chunked",
            *(f"{name}: {value}" for name, value in reply.headers.items()),
        ]
        writer.write("\r\n".join((*lines, "", "")).encode())
        for piece in reply.pieces:
            match piece:
                case bytes():
                    writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                    await writer.drain()
                case Hold():
                    piece.reached.set()
                    if not await self._released(piece, reader):
                        return False
                case Drop():
                    writer.transport.abort()
                    return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def _released(self, hold: Hold, reader: asyncio.StreamReader) -> bool:
        """Wait for the release, or for the client to hang up."""
        release = asyncio.create_task(hold.release.wait(), name=f"{id(self)}:release")
        hung_up = asyncio.create_task(reader.read(1), name=f"{id(self)}:hung-up")
        done, pending = await asyncio.wait({release, hung_up}, return_when=asyncio.FIRST_COMPLETED)
        for task in pending:
            task.cancel()
        if hung_up in done:
            self.gone.set()
        return release in done

    def _reply(self, path: str) -> Reply:
        if path.endswith("/chat/completions"):
            self._chats += 1
            return self._replies[min(self._chats, len(self._replies)) - 1]
        if path.endswith("/models"):
            listing = {"object": "list", "data": [{"id": name} for name in self._models]}
            return Reply((json.dumps(listing).encode(),), 200, "application/json")
        return refused(404, "no such path")
