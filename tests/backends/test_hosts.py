"""Who gets a draft, in which field, and what must not stand beside it."""

import dataclasses
from typing import Any

import pytest

from fastapply_lsp.backends.draft_fields import (
    XARG_DRAFT,
    XARG_SOURCE,
    Way,
    add_draft,
    way_of,
)
from fastapply_lsp.backends.hosts import HOSTS, host_of
from fastapply_lsp.errors import BackendRefused
from fastapply_lsp.prompt.budget import estimated_tokens
from fastapply_lsp.settings import OpenAISettings
from tests.backends.asking import PREDICTED, answered, text_of
from tests.backends.fake_openai import FakeOpenAI, refused, streamed

OPENAI = "https://api.openai.com/v1"
LOCAL = "http://127.0.0.1:8000/v1"


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        (OpenAISettings(LOCAL), "no"),
        (OpenAISettings(LOCAL, takes_prediction=True), "prediction"),
        (OpenAISettings(LOCAL, draft="vllm"), "vllm"),
        (OpenAISettings(LOCAL, draft="vllm_prompt", takes_prediction=True), "vllm_prompt"),
        (OpenAISettings(LOCAL, draft="no", takes_prediction=True), "no"),
        (OpenAISettings(OPENAI, "gpt-4.1-mini"), "prediction"),
        (OpenAISettings(OPENAI, "o3"), "no"),
        (OpenAISettings(OPENAI), "no"),
        (OpenAISettings(OPENAI, "o3", takes_prediction=True), "prediction"),
        (OpenAISettings(OPENAI, "gpt-4o", draft="no"), "no"),
        (OpenAISettings("https://team.openai.azure.com/openai/v1", "gpt-4o"), "prediction"),
        (OpenAISettings("https://api.fireworks.ai/inference/v1", "any"), "prediction"),
        (OpenAISettings("https://api.cerebras.ai/v1", "gpt-oss-120b"), "prediction"),
        (OpenAISettings("https://api.cerebras.ai/v1", "llama3.1-8b"), "no"),
        (OpenAISettings("https://api.mistral.ai/v1", "codestral-latest"), "prediction"),
        (OpenAISettings("https://api.mistral.ai.example/v1", "codestral-latest"), "no"),
    ],
)
def test_the_settings_come_before_the_table(settings: OpenAISettings, way: str) -> None:
    assert way_of(settings) == way


def test_each_host_names_its_page_and_no_host_is_in_two_rows() -> None:
    assert all(host.source.startswith("https://") for host in HOSTS)
    ends = [suffix for host in HOSTS for suffix in host.suffixes]
    assert len(ends) == len(set(ends))
    for host in HOSTS:
        for suffix in host.suffixes:
            assert (
                host_of(f"https://a{suffix}:443/v1" if suffix[0] == "." else f"//{suffix}") is host
            )


def with_draft(settings: OpenAISettings, way: Way, draft: str, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"messages": [], "max_tokens": 10, **more}
    add_draft(body, settings, way, draft)
    return body


def test_what_a_host_refuses_beside_a_draft_goes() -> None:
    openai = OpenAISettings(OPENAI, "gpt-4o")
    body = with_draft(openai, "prediction", "x", max_completion_tokens=9, n=1, temperature=0)
    assert body.keys() == {"messages", "max_tokens", "temperature", "prediction"}
    local = with_draft(OpenAISettings(LOCAL), "prediction", "x", n=1)
    assert local["n"] == 1


def test_where_nothing_is_drafted_nothing_else_changes() -> None:
    openai = OpenAISettings(OPENAI, "gpt-4o")
    ways: tuple[Way, ...] = ("no", "prediction", "vllm")
    for way in ways:
        assert with_draft(openai, way, "", n=1) == {"messages": [], "max_tokens": 10, "n": 1}
    assert with_draft(openai, "no", "x") == {"messages": [], "max_tokens": 10}


@pytest.mark.parametrize("line", ["abcdefg\n", "é漢漢\n", "no line ends here "])
def test_a_draft_keeps_the_limit_of_a_host_that_has_one(line: str) -> None:
    fireworks = OpenAISettings("https://api.fireworks.ai/inference/v1")
    draft = with_draft(fireworks, "prediction", line * 50)["prediction"]["content"]
    assert (line * 50).startswith(draft)
    assert 5 <= estimated_tokens(draft) <= 10
    assert draft.endswith("\n") or "\n" not in line
    whole = with_draft(OpenAISettings(LOCAL), "prediction", line * 50)
    assert whole["prediction"]["content"] == line * 50


def test_vllm_gets_strings_that_its_plug_in_knows() -> None:
    local = OpenAISettings(LOCAL)
    assert with_draft(local, "vllm", "x\n")["vllm_xargs"] == {
        XARG_SOURCE: "request",
        XARG_DRAFT: "x\n",
    }
    assert with_draft(local, "vllm_prompt", "x\n")["vllm_xargs"] == {XARG_SOURCE: "prompt"}


# Through the backend


async def test_the_draft_for_vllm_is_the_predicted_file() -> None:
    async with FakeOpenAI(streamed(["x"])) as server:
        await answered(server, draft="vllm")
        await answered(server, draft="vllm_prompt")
        bodies = [asked.body for asked in server.asked]
    assert bodies[0]["vllm_xargs"][XARG_DRAFT] == PREDICTED
    assert bodies[1]["vllm_xargs"] == {XARG_SOURCE: "prompt"}
    assert all("prediction" not in body for body in bodies)


async def test_a_draft_that_only_the_table_wanted_is_dropped_where_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = dataclasses.replace(HOSTS[0], suffixes=("127.0.0.1",), models=())
    monkeypatch.setattr("fastapply_lsp.backends.hosts.HOSTS", (row,))
    async with FakeOpenAI(refused(400, "no prediction here"), streamed(["x"])) as server:
        assert text_of(await answered(server)) == "x"
        first, second = (asked.body for asked in server.asked)
    assert first.pop("prediction") == {"type": "content", "content": PREDICTED}
    assert first == second


@pytest.mark.parametrize("values", [{"draft": "prediction"}, {"takes_prediction": True}, {}])
async def test_a_refusal_of_what_the_user_asked_for_is_told(values: dict[str, Any]) -> None:
    async with FakeOpenAI(refused(400, "no prediction here"), streamed(["x"])) as server:
        with pytest.raises(BackendRefused, match="no prediction here"):
            await answered(server, **values)
        assert len(server.asked) == 1
