"""The two endpoints that write: a request's body in, a stream of events or one JSON object out."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from fastapply_lsp.serving import events
from fastapply_lsp.serving.answers import (
    CHAT,
    COMPLETION,
    Envelope,
    LegacyProbabilities,
    chat_probabilities,
    choice,
    joined,
    usage,
)
from fastapply_lsp.serving.refusals import Refused
from fastapply_lsp.serving.service import Finish, Piece

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.types import Receive

    from fastapply_lsp.engines.model import Task
    from fastapply_lsp.serving.asked import Asked, Chat, Completion
    from fastapply_lsp.serving.service import Service

_log = logging.getLogger(__name__)


class ChatAnswer:
    """How the pieces of an answer look at /v1/chat/completions."""

    form = CHAT

    def __init__(self, service: Service) -> None:
        self._service = service

    def opening(self) -> list[dict[str, Any]]:
        """Return the choices of the stream's first piece."""
        return [choice(None, None, delta={"role": "assistant", "content": ""})]

    def piece(self, piece: Piece) -> dict[str, Any]:
        """Return a piece of the stream."""
        return choice(None, self.probabilities(piece), delta={"content": piece.text})

    def end(self, finish: Finish) -> dict[str, Any]:
        """Return the stream's last piece."""
        return choice(finish.reason, None, delta={})

    def whole(self, text: str, finish: Finish, chances: dict[str, Any] | None) -> dict[str, Any]:
        """Return an answer that is not streamed."""
        message = {"role": "assistant", "content": text}
        return choice(finish.reason, chances, message=message)

    def probabilities(self, piece: Piece) -> dict[str, Any] | None:
        """Return the probabilities of a piece's tokens, where there are any."""
        if not piece.scores:
            return None
        return chat_probabilities(piece.scores, self._service.bytes_of)


class TextAnswer:
    """How the pieces of an answer look at /v1/completions."""

    form = COMPLETION

    def __init__(self, service: Service) -> None:
        self._legacy = LegacyProbabilities(service.bytes_of, service.engine.texts.__getitem__)

    def opening(self) -> list[dict[str, Any]]:
        """Return the choices of the stream's first piece: there is none."""
        return []

    def piece(self, piece: Piece) -> dict[str, Any]:
        """Return a piece of the stream."""
        return choice(None, self.probabilities(piece), text=piece.text)

    def end(self, finish: Finish) -> dict[str, Any]:
        """Return the stream's last piece."""
        return choice(finish.reason, None, text="")

    def whole(self, text: str, finish: Finish, chances: dict[str, Any] | None) -> dict[str, Any]:
        """Return an answer that is not streamed."""
        return choice(finish.reason, chances, text=text)

    def probabilities(self, piece: Piece) -> dict[str, Any] | None:
        """Return the probabilities of a piece's tokens, where there are any."""
        if piece.echoed is not None:
            return self._legacy.echoed(piece.echoed.first, piece.scores, piece.echoed.texts)
        return self._legacy.of(piece.scores) if piece.scores else None


async def answer_chat(service: Service, model: str, request: Chat, receive: Receive) -> Response:
    """Answer a chat request.

    Raises:
        Refused: before any work.
        events.ClientGone: the client did not wait for its answer.
    """
    task = await service.task_of(request)
    pieces = service.answer(task, request.asked.stops)
    return await _respond(ChatAnswer(service), model, request.asked, pieces, receive)


async def answer_completion(
    service: Service, model: str, request: Completion, receive: Receive
) -> Response:
    """Answer a completion request; see `answer_chat`."""
    task = await service.task_of(request)
    pieces = _echoed(service, request, task)
    return await _respond(TextAnswer(service), model, request.asked, pieces, receive)


async def _echoed(
    service: Service, request: Completion, task: Task
) -> AsyncGenerator[Piece | Finish]:
    if request.echo:
        yield await service.echo(request, task)
    async with aclosing(service.answer(task, request.asked.stops)) as pieces:
        async for piece in pieces:
            yield piece


async def _respond(
    form: ChatAnswer | TextAnswer,
    model: str,
    asked: Asked,
    pieces: AsyncGenerator[Piece | Finish],
    receive: Receive,
) -> Response:
    envelope = Envelope(form.form, model)
    if asked.stream:
        return events.EventStream(_streamed(form, envelope, pieces, with_usage=asked.usage_at_end))
    answer: list[Piece | Finish] = await events.whole(receive, pieces)
    *written, finish = answer
    assert isinstance(finish, Finish)
    text = "".join(piece.text for piece in written if isinstance(piece, Piece))
    chances = [form.probabilities(piece) for piece in written if isinstance(piece, Piece)]
    whole = form.whole(text, finish, joined([each for each in chances if each is not None]))
    return JSONResponse(envelope.whole(whole, finish.counts))


async def _streamed(
    form: ChatAnswer | TextAnswer,
    envelope: Envelope,
    pieces: AsyncGenerator[Piece | Finish],
    *,
    with_usage: bool,
) -> AsyncGenerator[bytes]:
    """The events of one answer; what goes wrong midway is an event, too."""
    # As OpenAI does, where the usage comes at the end.
    none_yet = {"usage": None} if with_usage else {}
    opening = form.opening()
    if opening:
        yield events.event(envelope.piece(opening, **none_yet))
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                match piece:
                    case Piece():
                        yield events.event(envelope.piece([form.piece(piece)], **none_yet))
                    case Finish(counts=counts):
                        yield events.event(envelope.piece([form.end(piece)], **none_yet))
                        if with_usage:
                            yield events.event(envelope.piece([], usage=usage(counts)))
    except Exception as error:  # noqa: BLE001 - the status has been sent; an event is all that is left
        _log.exception("an answer broke off")
        sentence = f"The engine failed ({type(error).__name__}); the answer is incomplete."
        yield events.event(Refused(sentence, status=500).body())
        return
    yield events.DONE
