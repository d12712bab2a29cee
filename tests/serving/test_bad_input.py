"""Whatever a client sends, it hears a sentence or gets an answer: no 500, no hang, nothing left."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapply_lsp.engines.transformers import Engine
from fastapply_lsp.serving.app import Server, Terms
from tests.engines import tiny
from tests.engines.tiny_examples import RIGHT
from tests.serving.running import MODEL, Running

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Direct:
    """A server without a socket, and the loop that it lives on; its model has a short context."""

    engine: Engine
    server: Server
    loop: asyncio.AbstractEventLoop

    def send(self, path: str, content: bytes, method: str = "POST") -> httpx.Response:
        """Send one request and return the whole answer; the server's own exceptions come through."""

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.server.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as one:
                return await one.request(method, path, content=content, headers=JSON)

        with short(self.engine, 64):
            return self.loop.run_until_complete(ask())


@contextmanager
def short(engine: Engine, context: int) -> Iterator[None]:
    """Give the model a short context, so that no answer takes long."""
    before = engine.context
    engine.context = context
    try:
        yield
    finally:
        engine.context = before


@pytest.fixture(scope="module")
def direct(loaded: Engine) -> Iterator[Direct]:
    loop = asyncio.new_event_loop()

    async def made() -> Server:
        return Server(loaded, Terms(MODEL, None, loopback=True))

    yield Direct(loaded, loop.run_until_complete(made()), loop)
    loaded.forget()
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def checked(answer: httpx.Response) -> None:
    """Check that an answer is whole, or a refusal in OpenAI's form."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert error["message"].endswith(".") or "chat template" in error["message"]
        assert len(error["message"]) < 2_000
    elif answer.headers["content-type"].startswith("text/event-stream"):
        assert answer.text.endswith("data: [DONE]\n\n")
        assert '"error"' not in answer.text.rpartition("choices")[2]
    else:
        usage = answer.json()["usage"]
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] <= 64


NUMBERS = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -1, 1, 2, 10**30, 1e-300, 2.0, 0.5])
)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["\ud800", "\0", "<|im_end|>", "text", "content", "x" * 5_000, MODEL]),
)
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
PARTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "content", "image"]) | VALUES},
    optional={"text": TEXTS | VALUES, "content": TEXTS | VALUES},
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.sampled_from(["user", "assistant", "system"]) | VALUES,
            "content": TEXTS | st.lists(PARTS, max_size=2) | VALUES,
        },
    ),
    max_size=3,
)
NAMES = (
    "model max_tokens max_completion_tokens temperature top_p top_k repetition_penalty seed stop n"
    " stream stream_options prediction draft_tokens logprobs top_logprobs tools functions modalities"
    " response_format logit_bias frequency_penalty presence_penalty continue_final_message user"
    " add_generation_prompt suffix best_of echo prompt messages"
)
FIELDS = st.dictionaries(
    st.sampled_from(NAMES.split()),
    VALUES | PARTS | MESSAGES | st.lists(st.integers(0, 500)),
    max_size=4,
)
USUAL = st.fixed_dictionaries(
    {},
    optional={
        "messages": MESSAGES | st.just([{"role": "user", "content": "a"}]),
        "prompt": TEXTS | st.lists(st.integers(-1, 500), max_size=4),
        "max_tokens": st.integers(0, 4),
        "stream": st.booleans(),
        "temperature": st.floats(0, 2),
        "top_p": st.floats(0, 1),
        "prediction": PARTS,
        "logprobs": st.booleans() | st.integers(0, 3),
        "seed": st.integers(0, 9),
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([CHAT, TEXT]), USUAL, FIELDS)
def test_any_json_is_answered_or_refused(
    direct: Direct, path: str, usual: dict[str, Any], more: dict[str, Any]
) -> None:
    checked(direct.send(path, json.dumps(usual | more).encode()))
    assert direct.server.metrics.running == direct.server.metrics.waiting == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_refused(direct: Direct, content: bytes) -> None:
    answer = direct.send(CHAT, content)
    checked(answer)
    assert answer.status_code == 400


@pytest.mark.parametrize("depth", [10, 200, 900, 950, 980, 990, 100_000])
@pytest.mark.parametrize(
    "form", ['{"messages": %s}', '{"messages": [{"content": %s}]}', '{"n": %s}']
)
def test_deep_json(direct: Direct, depth: int, form: str) -> None:
    answer = direct.send(CHAT, (form % ("[" * depth + "]" * depth)).encode())
    checked(answer)
    assert answer.status_code == 400


SAID = {"messages": [{"role": "user", "content": "a"}], "max_tokens": 2}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON"),
        (b"null", "must be a JSON object"),
        (b"\xff\xfe{", "no JSON"),
        (b'{"messages": "\xff"}', "no JSON"),
        (b'{"max_tokens": ' + b"9" * 5_000 + b"}", "no JSON"),
        (b'{"temperature": NaN}', "`temperature` must be a number from 0 to 2, not NaN."),
        (b'{"temperature": Infinity}', "`temperature` must be a number from 0 to 2, not Infinity."),
        (b'{"temperature": -0.1}', "`temperature` must be a number from 0 to 2"),
        (b'{"top_p": 0}', "`top_p`"),
        (b'{"max_tokens": -1}', "`max_tokens` must be a whole number of at least 1, not -1."),
        (b'{"max_completion_tokens": 0}', "`max_completion_tokens`"),
        (b'{"model": ["tiny"]}', "`model` must be a text"),
        (b'{"model": "\\ud800"}', "There is no model"),
        (b'{"prediction": "\\ud800"}', "`prediction` must be"),
        (b'{"prediction": [1, 2]}', '`prediction` must be {"type": "content", "content": a text}'),
        (b'{"prediction": {"type": "content", "content": [7]}}', "made of text alone"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_is_wrong(direct: Direct, content: bytes, says: str) -> None:
    if content.startswith(b'{"') and b"messages" not in content:
        content = json.dumps(SAID).encode()[:-1] + b", " + content[1:]
    answer = direct.send(CHAT, content)
    checked(answer)
    assert answer.status_code in (400, 404)
    assert says in answer.json()["error"]["message"]


@pytest.mark.parametrize("temperature", [1e-300, 1e-45, 1e-8])
def test_hardly_any_temperature_is_none(direct: Direct, temperature: float) -> None:
    greedy, cool = (
        direct.send(CHAT, json.dumps({**SAID, "temperature": value}).encode()).json()["choices"]
        for value in (0, temperature)
    )
    assert cool == greedy


@pytest.mark.parametrize("path", [CHAT, TEXT, "/v1/models", "/metrics", "/health"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_wrong_methods(direct: Direct, method: str, path: str) -> None:
    answer = direct.send(path, b"{}", method)
    assert answer.status_code == 405
    assert answer.json()["error"]["message"] == f"There is no {method} {path} here."


@pytest.mark.parametrize("stream", [False, True])
async def test_too_much_for_the_context_is_refused_with_numbers_before_any_work(
    server: Running, *, stream: bool
) -> None:
    file = "x = 1\n" * 3_000
    for body in ({}, {"prediction": {"type": "content", "content": file}}):
        message = {"role": "user", "content": f"```\n{file}```\n"}
        status, said = await server.refusal(CHAT, messages=[message], stream=stream, **body)
        assert status == 400
        assert said.startswith("The model's context holds 4,096 tokens; this needs ")
    figures = await server.figures()
    assert figures["fastapply_forward_passes_total"] == figures["fastapply_cached_tokens"] == 0


async def test_two_at_once_with_drafts_that_are_wrong_for_both(server: Running) -> None:
    def body(prediction: str) -> dict[str, Any]:
        draft = {"type": "content", "content": prediction}
        return {"messages": tiny.messages_of(RIGHT), "temperature": 0, "prediction": draft}

    drafts = ("x" * 1_000_000, RIGHT.written[::-1])
    answers = await asyncio.gather(*(server.post(CHAT, **body(draft)) for draft in drafts))
    for answer in answers:
        assert answer.json()["choices"][0]["message"]["content"] == RIGHT.written
