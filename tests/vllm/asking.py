"""One request to a vLLM, and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.engines import tiny
from tests.engines.tiny_examples import Example
from tests.vllm.serving_vllm import Served

STEPS = "vllm:iteration_tokens_total_count"
DRAFTED = "vllm:spec_decode_num_draft_tokens_total"
ACCEPTED = "vllm:spec_decode_num_accepted_tokens_total"
RUNNING = "vllm:num_requests_running"
PREEMPTED = "vllm:num_preemptions_total"
K = 64
MOST = 320
"""Tokens of an answer: the longest that the tiny model knows has 297."""

SURE = 0.2
"""At this temperature each of the tiny model's tokens has more than 0.9999 of the probability."""

OFF = {"vllm_xargs": {"fastapply_source": "off"}}


@dataclass(frozen=True)
class Answer:
    """The text, its tokens, and the figures of the server that grew meanwhile."""

    text: str
    tokens: int
    steps: int
    drafted: int
    accepted: int


def predicted(text: str) -> dict[str, Any]:
    return {"prediction": {"type": "content", "content": text}}


def brought(text: str) -> dict[str, Any]:
    return {"vllm_xargs": {"fastapply_source": "request", "fastapply_draft": text}}


def body(example: Example, **fields: Any) -> dict[str, Any]:
    return {"messages": tiny.messages_of(example), "temperature": 0, "max_tokens": MOST, **fields}


def text_of(server: Served, example: Example, **fields: Any) -> str:
    """Ask beside others; the figures would be theirs, too."""
    answer = server.post("/v1/chat/completions", **body(example, **fields))
    assert answer.status_code == 200, answer.text
    text: str = answer.json()["choices"][0]["message"]["content"]
    return text


def ask(server: Served, example: Example, **fields: Any) -> Answer:
    """Ask alone."""
    return took(server, "/v1/chat/completions", **body(example, **fields))


def took(server: Served, path: str, **fields: Any) -> Answer:
    before = server.figures()
    answer = server.post(path, **fields)
    after = server.figures()
    assert answer.status_code == 200, answer.text
    content = answer.json()
    choice = content["choices"][0]
    text = choice["message"]["content"] if "message" in choice else choice["text"]
    steps, drafted, accepted = (
        int(after[name] - before.get(name, 0)) for name in (STEPS, DRAFTED, ACCEPTED)
    )
    return Answer(text, content["usage"]["completion_tokens"], steps, drafted, accepted)


def refusal(server: Served, path: str = "/v1/chat/completions", **fields: Any) -> tuple[int, str]:
    """Return the status and the sentence."""
    answer = server.post(path, **fields)
    error = answer.json()["error"]
    return answer.status_code, f"{error['param']}: {error['message']}"
