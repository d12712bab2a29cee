"""Does the configured server answer, and does it take the draft? For `fastapply doctor`.

It asks for the list of models, then for one very short rewrite with a draft. So it costs a few
tokens, and says what the server does rather than what its manual says.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.chat_response import answer
from fastapply_lsp.backends.chat_stream import Finish
from fastapply_lsp.backends.http_faults import Received, faults_mapped, refusal, secrets_of
from fastapply_lsp.backends.model import Text, Usage
from fastapply_lsp.backends.openai import new_client
from fastapply_lsp.errors import BackendError, BackendRefused

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from fastapply_lsp.settings import OpenAISettings

SAMPLE = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"
"""What the server is asked to repeat: long enough that a draft of it is accepted in part."""

ANSWER_TOKENS = 64
FIRST_REFUSALS = (400, 422)
"""What a server answers to a field that it does not know."""


class Prediction(StrEnum):
    """What became of the draft."""

    TAKEN = "takes it and reports how much was accepted"
    IGNORED = "accepts the field, but reports nothing about it"
    REFUSED = "refuses the field"
    UNKNOWN = "could not be found out"


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What was found. Times in milliseconds; ``None`` where it did not come to that.

    ``problem`` is the error of the rewrite, if it failed; ``models`` is empty where the server
    has no list.
    """

    url: str
    answers: bool
    problem: BackendError | None
    prediction: Prediction
    models: tuple[str, ...]
    first_text_ms: float | None
    whole_ms: float | None


@dataclass(frozen=True, slots=True)
class _Rewrite:
    accepted: int | None
    first_text_ms: float | None
    whole_ms: float


async def probe(
    settings: OpenAISettings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> ProbeResult:
    """Ask the server; never raises a ``BackendError``, but returns it as the ``problem``."""
    url = f"{settings.base_url}/chat/completions"
    async with new_client(settings, transport) as client:
        models = await _models(client, settings)
        problem: BackendError | None = None
        rewrite: _Rewrite | None = None
        prediction = Prediction.UNKNOWN
        try:
            rewrite = await _rewrite(client, settings, SAMPLE, clock)
            prediction = Prediction.IGNORED if rewrite.accepted is None else Prediction.TAKEN
        except BackendRefused as refused:
            problem = refused
            if refused.status in FIRST_REFUSALS:
                try:
                    rewrite = await _rewrite(client, settings, None, clock)
                    prediction, problem = Prediction.REFUSED, None
                except BackendError as error:
                    problem = error
        except BackendError as error:
            problem = error
    return ProbeResult(
        url,
        problem is None,
        problem,
        prediction,
        models,
        None if rewrite is None else rewrite.first_text_ms,
        None if rewrite is None else rewrite.whole_ms,
    )


async def _rewrite(
    client: httpx.AsyncClient,
    settings: OpenAISettings,
    draft: str | None,
    clock: Callable[[], float],
) -> _Rewrite:
    body: dict[str, Any] = {
        "messages": [{"role": "user", "content": f"Repeat these lines exactly:\n{SAMPLE}"}],
        "temperature": 0,
        "max_tokens": ANSWER_TOKENS,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if settings.model is not None:
        body["model"] = settings.model
    if draft is not None:
        body["prediction"] = {"type": "content", "content": draft}
    url = f"{settings.base_url}/chat/completions"
    received = Received(url, secrets=secrets_of(settings))
    began = clock()
    accepted: int | None = None
    first: float | None = None
    with faults_mapped(received, settings):
        async with client.stream("POST", url, json=body) as response:
            async for piece in answer(response, received):
                match piece:
                    case Text() if first is None:
                        first = (clock() - began) * 1000
                    case Usage():
                        accepted = piece.accepted
                    case Text() | Finish():
                        pass
    return _Rewrite(accepted, first, (clock() - began) * 1000)


async def _models(client: httpx.AsyncClient, settings: OpenAISettings) -> tuple[str, ...]:
    """The server's list; a server without one is no worse for it."""
    url = f"{settings.base_url}/models"
    received = Received(url, secrets=secrets_of(settings))
    try:
        with faults_mapped(received, settings):
            async with client.stream("GET", url) as response:
                if not response.is_success:
                    raise await refusal(response, received)
                match json.loads(await response.aread()):
                    case {"data": [*models]}:
                        return tuple(str(one["id"]) for one in models if "id" in one)
                    case _:
                        return ()
    except (BackendError, ValueError, TypeError):
        return ()
