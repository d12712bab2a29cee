"""What doctor finds out about a server."""

import itertools
from typing import Any

import pytest

from fastapply_lsp.backends.probe import SAMPLE, Prediction, ProbeResult, probe
from fastapply_lsp.errors import BackendRefused, BackendUnreachable
from fastapply_lsp.settings import OpenAISettings, Secret
from tests.backends.fake_openai import FakeOpenAI, Reply, refused, streamed, usage


async def found(server: FakeOpenAI, **values: Any) -> ProbeResult:
    ticks = itertools.count()
    settings = OpenAISettings(base_url=server.base_url, **values)
    return await probe(settings, clock=lambda: next(ticks) / 1000)


@pytest.mark.parametrize(
    ("replies", "prediction", "asked"),
    [
        ([streamed([SAMPLE], "stop", usage(8, 0))], Prediction.TAKEN, 1),
        ([streamed([SAMPLE], "stop", usage())], Prediction.IGNORED, 1),
        ([refused(400, "unknown field prediction"), streamed([SAMPLE])], Prediction.REFUSED, 2),
        ([streamed([SAMPLE[:5]], "length", usage(8, 0))], Prediction.TAKEN, 1),
    ],
)
async def test_a_server_that_answers(
    replies: list[Reply], prediction: Prediction, asked: int
) -> None:
    async with FakeOpenAI(*replies, models=("a", "b")) as server:
        result = await found(server, model="a")
        assert len(server.chats) == asked
        assert server.chats[0].body["prediction"]["content"] == SAMPLE
        assert "prediction" not in server.chats[-1].body or asked == 1
    assert (result.answers, result.problem) == (True, None)
    assert result.prediction is prediction
    assert result.models == ("a", "b")
    assert result.first_text_ms == pytest.approx(1.0)
    assert result.whole_ms == pytest.approx(2.0)


@pytest.mark.parametrize("status", [400, 401])
async def test_a_server_that_refuses(status: int) -> None:
    async with FakeOpenAI(refused(status, "key sk-hush-hush is wrong")) as server:
        result = await found(server, api_key=Secret("sk-hush-hush"))
    assert result.answers is False
    assert isinstance(result.problem, BackendRefused)
    assert result.problem.status == status
    assert "hush" not in str(result.problem)
    assert result.prediction is Prediction.UNKNOWN
    assert result.whole_ms is None


async def test_a_server_that_is_not_there() -> None:
    async with FakeOpenAI(streamed([])) as server:
        settings = OpenAISettings(base_url=server.base_url)
    result = await probe(settings)
    assert isinstance(result.problem, BackendUnreachable)
    assert result.models == ()
