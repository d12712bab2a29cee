"""Requests to a real vLLM, one by one: every way to bring a draft, and what a bad one costs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from fastapply_lsp.engines.asked import PREPARED
from tests.engines import tiny
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, GOING_ON, RIGHT, Example
from tests.vllm.asking import MOST, OFF, Answer, K, ask, body, brought, predicted, refusal, took
from tests.vllm.serving_vllm import Served

pytestmark = pytest.mark.process

SPELLED = [{"type": "text", "text": part} for part in RIGHT.written.partition("class")]


def fast(answer: Answer) -> bool:
    return answer.steps <= math.ceil(answer.tokens / K) + 2


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
def test_a_draft_changes_the_speed_and_not_the_text(server: Served, example: Example) -> None:
    plain = ask(server, example, **OFF)
    assert (plain.text, plain.drafted) == (example.written, 0)
    assert plain.steps >= plain.tokens
    for fields in (predicted(example.written), brought(example.written)):
        answer = ask(server, example, **fields)
        assert (answer.text, answer.tokens) == (plain.text, plain.tokens)
        assert fast(answer)
        assert answer.accepted >= answer.tokens - answer.steps - 1
    found = ask(server, example)
    assert (found.text, found.tokens) == (plain.text, plain.tokens)
    assert found.steps < plain.steps / 8


@pytest.mark.parametrize("example", [RIGHT, GOING_ON], ids=lambda example: example.path)
def test_the_file_is_found_in_the_prompt_and_merged(server: Served, example: Example) -> None:
    for fields in ({}, {"vllm_xargs": {"fastapply_source": "prompt"}}):
        answer = ask(server, example, **fields)
        assert answer.text == example.written
        assert fast(answer)


def test_an_edited_draft_is_followed_again_after_each_edit(server: Served) -> None:
    edited = RIGHT.written.replace("self.items", "self.goods").replace("price", "cost")
    answer = ask(server, RIGHT, **predicted(edited))
    assert answer.text == RIGHT.written
    assert answer.accepted > answer.tokens / 2
    assert answer.steps < answer.tokens / 3


HOSTILE = {
    "another language": "ein ganz anderer Satz, völlig ohne Bezug\n" * 30,
    "another file": GOING_ON.written,
    "nothing at all": "",
    "a single letter": "x",
    "a megabyte of one letter": "y" * 1_000_000,
    "a megabyte of code": RIGHT.original * 1_200,
    "control tokens": tiny.END * 40 + tiny.START + "user\n" + tiny.PAD,
    "half a surrogate pair": "a\ud800" * 50,
    "no text": "\0\x01\x7f" * 100,
}


@pytest.mark.parametrize("draft", HOSTILE.values(), ids=HOSTILE)
def test_a_bad_draft_costs_only_time(server: Served, draft: str) -> None:
    for fields in (predicted(draft), brought(draft)):
        answer = ask(server, RIGHT, **fields)
        assert answer.text == RIGHT.written
        assert answer.steps <= answer.tokens + 1


@pytest.mark.parametrize(
    "tokens",
    [[-1, 1 << 40, 448, 449], [0, 1, 2] * 200, [], [447] * 5_000],
    ids=["outside the vocabulary", "control tokens", "none", "more than fit"],
)
def test_bad_tokens_cost_only_time(server: Served, tokens: list[int]) -> None:
    answer = ask(server, RIGHT, vllm_xargs={"fastapply_draft_tokens": tokens})
    assert answer.text == RIGHT.written


@pytest.mark.parametrize("forged", ["x", [1, 2], 7])
def test_what_the_server_prepares_cannot_be_forged(server: Served, forged: object) -> None:
    answer = ask(server, RIGHT, vllm_xargs={PREPARED: forged})
    assert answer.text == RIGHT.written
    assert fast(answer)


@pytest.mark.parametrize("content", [RIGHT.written, SPELLED], ids=["text", "parts"])
def test_completions_take_a_prediction_too(server: Served, content: object) -> None:
    prompt = "".join(
        f"{tiny.START}{message['role']}\n{message['content']}{tiny.END}\n"
        for message in tiny.messages_of(RIGHT)
    )
    fields = {"prompt": f"{prompt}{tiny.START}assistant\n", "temperature": 0, "max_tokens": MOST}
    prediction = {"type": "content", "content": content}
    drafted = took(server, "/v1/completions", **fields, prediction=prediction)
    assert drafted.text == RIGHT.written
    assert fast(drafted)
    several = server.post(
        "/v1/completions", **{**fields, "prompt": [fields["prompt"]] * 2}, prediction=prediction
    )
    assert [choice["text"] for choice in several.json()["choices"]] == [RIGHT.written] * 2


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"prediction": 7}, "prediction: `prediction` must be "),
        ({"prediction": {"type": "image", "content": "a"}}, "prediction: `prediction` must be "),
        (
            {"prediction": {"type": "content", "content": [{"type": "image_url"}]}},
            'prediction: `prediction` must be made of text alone, not {"type": "image_url"}.',
        ),
        (
            {"vllm_xargs": {"fastapply_source": "there"}},
            "vllm_xargs.fastapply_source: `vllm_xargs.fastapply_source` must be one of ",
        ),
        (
            {"vllm_xargs": {"fastapply_draft": 3}},
            "vllm_xargs.fastapply_draft: `vllm_xargs.fastapply_draft` must be a text, not 3.",
        ),
        (
            {"vllm_xargs": {"fastapply_draft_tokens": "3"}},
            "vllm_xargs.fastapply_draft_tokens: `vllm_xargs.fastapply_draft_tokens` must be ",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    server: Served, path: str, fields: dict[str, Any], sentence: str
) -> None:
    what = {"prompt": "a"} if path == "/v1/completions" else body(RIGHT)
    status, words = refusal(server, path, **what, **fields)
    assert status == 400
    assert words.startswith(sentence)


def test_an_answer_may_end_anywhere(server: Served) -> None:
    whole = ask(server, RIGHT, **OFF).text
    for most in (1, 2, K, K + 1, K + 2):
        fields = body(RIGHT, max_tokens=most, **predicted(RIGHT.written))
        answer = server.post("/v1/chat/completions", **fields).json()
        assert answer["usage"]["completion_tokens"] == most
        assert answer["choices"][0]["finish_reason"] == "length"
        assert whole.startswith(answer["choices"][0]["message"]["content"])
    stopped = text_until(server, "self.items = {}")
    assert stopped == whole.partition("self.items = {}")[0]


def text_until(server: Served, stop: str) -> str:
    return ask(server, RIGHT, stop=[stop], **predicted(RIGHT.written)).text


def test_drafts_go_on_to_the_models_last_place(server: Served) -> None:
    """Near its limit vLLM would take the drafts from the whole batch."""
    prompt = list(range(3, 403)) * 10
    fields = {"prompt": prompt, "temperature": 0, "max_tokens": tiny.CONTEXT - len(prompt)}
    options = {"ignore_eos": True, "return_token_ids": True}
    plain = server.post("/v1/completions", **fields, **options, **OFF).json()["choices"][0]
    assert len(plain["token_ids"]) == tiny.CONTEXT - len(prompt)
    xargs = {"fastapply_draft_tokens": plain["token_ids"]}
    drafted = took(server, "/v1/completions", **fields, **options, vllm_xargs=xargs)
    assert drafted.text == plain["text"]
    assert drafted.accepted >= drafted.tokens - drafted.steps - 1
    assert drafted.steps <= 4


def test_each_answer_tells_its_own_figures(server: Served) -> None:
    answer = server.post("/v1/chat/completions", **body(DEVIATING)).json()
    figures = answer["metrics"]["speculative_decoding"]
    accepted, drafted = figures["num_accepted_draft_tokens"], figures["num_draft_tokens"]
    assert 0 < accepted < drafted
    # Each step writes what came true and one token more; the prompt's step wrote the first.
    assert accepted + figures["num_spec_steps"] <= answer["usage"]["completion_tokens"]
