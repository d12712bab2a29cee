"""Several requests at a time, in a vLLM with little room: put aside, read in pieces, given up.

The proposer is one that can be told to fail, and drafts only for requests that ask.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from fastapply_lsp.engines.vllm.environment import DEFAULT_VARIABLE
from tests.engines import tiny
from tests.engines.tiny_examples import EXAMPLES, GOING_ON, RIGHT, Example
from tests.vllm.asking import OFF, PREEMPTED, RUNNING, SURE, ask, body, brought, predicted, text_of
from tests.vllm.faulty import FAIL, Faulty
from tests.vllm.serving_vllm import NAME, Served, served

pytestmark = pytest.mark.process

BLOCK, BLOCKS = 32, 56
"""Room for 1,792 tokens: for two prompts of 676, and not for their answers of 297, too."""
SPECULATIVE = {
    "method": "custom_class",
    "model": f"{Faulty.__module__}.{Faulty.__name__}",
    "num_speculative_tokens": 16,
}
PROMPT = {"vllm_xargs": {"fastapply_source": "prompt"}}
TRIES = 400


@pytest.fixture(scope="module")
def narrow() -> Iterator[Served]:
    """Prompts are read in pieces of 256 tokens, and two edits don't fit beside each other."""
    arguments = [
        *("--speculative-config", json.dumps(SPECULATIVE)),
        *("--max-model-len", "1024", "--max-num-batched-tokens", "256"),
        *("--block-size", str(BLOCK)),
        *("--num-gpu-blocks-override", str(BLOCKS)),
    ]
    with served(tiny.folder(), "--", *arguments, **{DEFAULT_VARIABLE: "off"}) as one:
        yield one


def together(server: Served, asked: Sequence[tuple[Example, dict[str, Any]]]) -> list[str]:
    with ThreadPoolExecutor(len(asked)) as threads:
        answers = [threads.submit(text_of, server, one, **fields) for one, fields in asked]
        return [answer.result() for answer in answers]


def test_several_at_once_have_each_their_own_draft(server: Served) -> None:
    ways: list[dict[str, Any]] = [{}, OFF]
    asked = [(one, way) for one in EXAMPLES for way in (*ways, predicted(one.written))]
    asked += [(one, predicted(RIGHT.written)) for one in EXAMPLES]
    assert together(server, asked) == [one.written for one, _ in asked]


def test_several_answers_of_one_request(server: Served) -> None:
    fields = {"n": 3, "temperature": SURE, **predicted(RIGHT.written)}  # vLLM wants no three alike
    answer = server.post("/v1/chat/completions", **body(RIGHT, **fields))
    texts = [choice["message"]["content"] for choice in answer.json()["choices"]]
    assert texts == [RIGHT.written] * 3


def test_those_that_are_put_aside_come_back_to_their_drafts(narrow: Served) -> None:
    before = narrow.figures()
    # A salt of its own for each: nothing is shared, so all of it needs room.
    ways = [{**brought(RIGHT.written), "cache_salt": f"salt {number}"} for number in range(5)]
    asked = [(RIGHT, way) for way in ways]
    assert together(narrow, asked) == [one.written for one, _ in asked]
    assert narrow.figures()[PREEMPTED] > before[PREEMPTED]
    answer = ask(narrow, RIGHT, **brought(RIGHT.written), cache_salt="alone")
    assert answer.text == RIGHT.written
    assert answer.steps < answer.tokens / 3


def test_a_server_may_draft_only_when_asked(narrow: Served) -> None:
    plain = ask(narrow, RIGHT)
    assert (plain.text, plain.drafted) == (RIGHT.written, 0)
    drafted = ask(narrow, RIGHT, **PROMPT)
    assert drafted.text == RIGHT.written
    assert drafted.steps < plain.steps / 2


@pytest.mark.parametrize("when", ["begin", "step"])
def test_an_error_costs_the_draft_and_no_answer(narrow: Served, when: str) -> None:
    fails = {"vllm_xargs": {"fastapply_source": "prompt", FAIL: when}}
    asked = [(RIGHT, fails), (GOING_ON, PROMPT), (RIGHT, PROMPT), (RIGHT, fails)]
    assert together(narrow, asked) == [one.written for one, _ in asked]
    alone = ask(narrow, RIGHT, **fails)
    assert (alone.text, alone.drafted) == (RIGHT.written, 0)
    assert ask(narrow, RIGHT, **PROMPT).drafted > 0
    said = narrow.started.said()
    kind = "LookupError" if when == "begin" else "ArithmeticError"
    assert said.count(f"{kind}: told to") == 1


def test_a_client_that_goes_away_leaves_nothing_behind(server: Served, narrow: Served) -> None:
    for place, most in ((server, 3000), (narrow, 340)):
        fields = {"stream": True, "max_tokens": most, "ignore_eos": True}
        content = {"model": NAME, **body(RIGHT, **fields, **brought(RIGHT.written))}
        with httpx.stream(
            "POST", f"{place.root}/v1/chat/completions", json=content, timeout=60
        ) as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("data: ")
        assert ended(place)
        assert ask(place, RIGHT, **brought(RIGHT.written)).text == RIGHT.written


def ended(server: Served) -> bool:
    """Whether the server comes to rest: long before the answer could be complete."""
    return any(server.figures()[RUNNING] == 0 for _ in range(TRIES))
