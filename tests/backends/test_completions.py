"""The backend that verifies a draft over plain completions: through HTTP, to the end of an apply."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import httpx
import pytest

from fastapply_lsp.backends.completions import CompletionsBackend
from fastapply_lsp.backends.model import End, Request, Text, Usage
from fastapply_lsp.backends.probe import SAMPLE
from fastapply_lsp.backends.probe_scores import probe_scores
from fastapply_lsp.errors import (
    BackendGarbled,
    BackendRefused,
    BackendUnreachable,
    RewriteTruncated,
    SettingsError,
)
from fastapply_lsp.prompt.completion import completion_prompt
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.settings import (
    CompletionsProtocol,
    CompletionsSettings,
    OpenAISettings,
    Secret,
)
from tests.apply.test_conductor import EDIT, ORIGINAL, REWRITTEN, Stage
from tests.backends.asking import KEY, REQUEST, text_of
from tests.backends.toy_model import Tokenizer, ToyServer, Writing, hashing

WORDS = Tokenizer((*"value third = _ 1 2 3".split(), "\n", "```", "    "))  # noqa: SIM905 - shorter
PROTOCOLS: tuple[CompletionsProtocol, ...] = ("openai", "sglang")
Handler = Callable[[httpx.Request], httpx.Response]


def prompt_of(request: Request) -> str:
    return completion_prompt(
        request.call,
        request.path,
        request.original,
        predicted=request.merge.predicted,
        dialogue_tokens=8000,
        refused=request.refused,
    ).text


def server_of(request: Request, answer: str) -> ToyServer:
    noise = hashing(WORDS, 1, [97])
    return ToyServer(WORDS, Writing(WORDS, prompt_of(request), answer, noise))


def backend_of(
    transport: httpx.MockTransport, protocol: CompletionsProtocol = "openai", **values: Any
) -> CompletionsBackend:
    openai = OpenAISettings("http://fake/v1", **{"model": "m", **values})
    return CompletionsBackend(openai, CompletionsSettings(protocol, 500), transport=transport)


async def pieces_of(
    backend: CompletionsBackend, request: Request = REQUEST
) -> list[Text | Usage | End]:
    try:
        async with aclosing(backend.stream(request)) as stream:
            return [piece async for piece in stream]
    finally:
        await backend.aclose()


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("after", ["", "\n\nAnd so on.", "python"])
async def test_the_file_ends_at_the_fence(protocol: CompletionsProtocol, after: str) -> None:
    answer = f"a = 1\nb = 3\n```{after}"
    server = server_of(REQUEST, answer)
    pieces = await pieces_of(backend_of(server.transport(), protocol))
    assert text_of(pieces) == "a = 1\nb = 3\n"
    usage, end = pieces[-2:]
    assert isinstance(usage, Usage)
    assert usage.passes == len(server.asked) <= 3
    assert usage.accepted is not None
    assert usage.accepted > 8
    assert usage.rejected == 0
    assert usage.prompt_tokens is not None
    assert usage.prompt_tokens > len(server.asked) * 100
    assert end == End("stop")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_model_that_ends_without_a_fence(protocol: CompletionsProtocol) -> None:
    server = server_of(REQUEST, "a = 1\nb = 3")
    pieces = await pieces_of(backend_of(server.transport(), protocol))
    assert text_of(pieces) == "a = 1\nb = 3"


async def test_what_is_asked_of_the_completions_endpoint() -> None:
    server = server_of(REQUEST, "a = 1\nb = 3\n```")
    await pieces_of(backend_of(server.transport()))
    first, second = server.asked[:2]
    assert first == {
        "model": "m",
        "prompt": prompt_of(REQUEST),
        "max_tokens": 1,
        "temperature": 0,
        "logprobs": 1,
        "echo": True,
    }
    assert second["prompt"].startswith(first["prompt"])
    assert second["max_tokens"] == 1


async def test_what_is_asked_of_sglang() -> None:
    server = server_of(REQUEST, "a = 1\nb = 3\n```")
    urls = []

    def handler(request: httpx.Request) -> httpx.Response:
        urls.append((str(request.url), request.headers["authorization"]))
        return server.transport().handler(request)  # type: ignore[return-value]  # not a coroutine

    transport = httpx.MockTransport(handler)
    await pieces_of(backend_of(transport, "sglang", api_key=Secret(KEY)))
    assert set(urls) == {("http://fake/generate", f"Bearer {KEY}")}
    first, second = server.asked[:2]
    assert first == {
        "text": prompt_of(REQUEST),
        "sampling_params": {"temperature": 0, "max_new_tokens": 1},
        "return_logprob": True,
        "logprob_start_len": 0,
        "top_logprobs_num": 1,
        "return_text_in_logprobs": True,
    }
    read = len(WORDS.encode(first["text"]))
    assert read - 20 < second["logprob_start_len"] < read


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_whole_apply(protocol: CompletionsProtocol) -> None:
    prompts: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        prompt = httpx.Response(200, content=request.content).json()
        prompts.append(prompt.get("prompt") or prompt.get("text"))
        noise = hashing(WORDS, 1, [97])
        following = Writing(WORDS, prompts[0], f"{REWRITTEN}```", noise)
        handle: Any = ToyServer(WORDS, following).transport().handler
        response: httpx.Response = handle(request)
        return response

    backend = backend_of(httpx.MockTransport(handler), protocol)
    result = await Stage(backend, text=ORIGINAL, edit=EDIT).run()
    await backend.aclose()
    assert result.outcome is Outcome.APPLIED
    assert result.text == REWRITTEN
    assert result.figures.passes == len(prompts) <= 6
    assert result.figures.acceptance is not None
    assert result.figures.acceptance > 0.9


async def test_a_wrong_prediction_changes_nothing_but_the_calls() -> None:
    answer = "a = 1\nvalue = 3\nb = 2\n```"
    server = server_of(REQUEST, answer)
    pieces = await pieces_of(backend_of(server.transport()))
    assert text_of(pieces) == "a = 1\nvalue = 3\nb = 2\n"
    usage = pieces[-2]
    assert isinstance(usage, Usage)
    assert usage.rejected


async def test_a_model_that_never_ends_is_cut_off() -> None:
    server = ToyServer(WORDS, hashing(WORDS, 1, [97], end_in=1 << 40))
    with pytest.raises(RewriteTruncated):
        await pieces_of(backend_of(server.transport(), max_tokens=50))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"choices": []},
        {"choices": [{"text": "only new", "finish_reason": "stop", "logprobs": None}]},
        {"choices": [{"text": "new", "finish_reason": "stop", "logprobs": {"tokens": ["new"]}}]},
        [],
        [None],
    ],
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_server_that_gives_no_scores_is_told_apart(
    protocol: CompletionsProtocol, answer: Any
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    with pytest.raises(BackendGarbled, match=r"it does not give"):
        await pieces_of(backend_of(transport, protocol))


async def test_a_server_that_writes_nothing_is_given_up() -> None:
    server = ToyServer(WORDS, hashing(WORDS, 1, [97]), most_new=0)
    empty = dataclasses.replace(REQUEST, merge=dataclasses.replace(REQUEST.merge, predicted=""))
    with pytest.raises(BackendGarbled, match="writes nothing"):
        await pieces_of(backend_of(server.transport()), empty)


async def test_what_is_no_json_is_an_error() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text="<html>"))
    with pytest.raises(BackendGarbled, match="no JSON"):
        await pieces_of(backend_of(transport))


async def test_refusals_and_silence_are_what_they_are_elsewhere() -> None:
    refusing = httpx.MockTransport(lambda _: httpx.Response(404, json={"error": f"no, {KEY}"}))
    with pytest.raises(BackendRefused) as refused:
        await pieces_of(backend_of(refusing, api_key=Secret(KEY)))
    assert KEY not in str(refused.value)

    def down(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody")

    with pytest.raises(BackendUnreachable):
        await pieces_of(backend_of(httpx.MockTransport(down)))


def test_without_an_address_there_is_no_backend() -> None:
    with pytest.raises(SettingsError):
        CompletionsBackend(OpenAISettings(), CompletionsSettings())


# What doctor finds


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_doctor_sees_whether_the_server_scores(protocol: CompletionsProtocol) -> None:
    ticks = itertools.count()
    server = ToyServer(WORDS, hashing(WORDS, 1, [97]))
    found = await probe_scores(
        OpenAISettings("http://fake/v1"),
        CompletionsSettings(protocol),
        transport=server.transport(),
        clock=lambda: next(ticks) / 1000,
    )
    assert (found.problem, found.tokens) == (None, len(WORDS.encode(SAMPLE)))
    assert found.whole_ms == pytest.approx(1.0)


async def test_doctor_sees_that_a_chat_server_does_not() -> None:
    chat = httpx.MockTransport(lambda _: httpx.Response(200, json={"choices": [{"text": "x"}]}))
    found = await probe_scores(
        OpenAISettings("http://fake/v1"), CompletionsSettings(), transport=chat
    )
    assert isinstance(found.problem, BackendGarbled)
    assert found.url == "http://fake/v1/completions"
