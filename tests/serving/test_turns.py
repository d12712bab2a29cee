"""Several clients at once, and clients that go away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest

from fastapply_lsp.draft.load import ROWS
from fastapply_lsp.engines.model import Task, Watcher
from fastapply_lsp.engines.transformers import Engine
from fastapply_lsp.serving.desk import Desk
from fastapply_lsp.serving.metrics import Metrics
from fastapply_lsp.serving.refusals import Refused
from fastapply_lsp.serving.turns import Turns
from tests.engines import tiny
from tests.engines.tiny_examples import EXAMPLES, RIGHT
from tests.serving.gate import Gate
from tests.serving.running import Running, running

CHAT = "/v1/chat/completions"
LONG = {"prompt": "Write on.", "max_tokens": 3_000, "temperature": 0}


@pytest.fixture
def endless(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The engine with a model that never ends by itself: ``LONG`` takes its 3,000 passes."""
    monkeypatch.setattr(engine._fallback, "eos_token_id", None)
    return engine


@pytest.fixture
def rows(engine: Engine) -> Iterator[list[int]]:
    """The rows that each forward pass verifies."""
    seen: list[int] = []

    def look(_model: object, _arguments: object, how: dict[str, Any]) -> None:
        seen.append(how["logits_to_keep"])

    hook = engine.model.register_forward_pre_hook(look, with_kwargs=True)
    yield seen
    hook.remove()


@asynccontextmanager
async def a_gate(server: Running) -> AsyncIterator[Gate]:
    with Gate.of(server.server) as gate:
        yield gate


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0)


async def test_a_client_that_leaves_a_stream_stops_the_writing(
    server: Running, endless: Engine
) -> None:
    metrics = server.server.metrics
    body = {**LONG, "stream": True}
    async with server.client.stream("POST", "/v1/completions", json=body) as answer:
        async for _ in answer.aiter_bytes():
            break
        assert metrics.running == 1
    await until(lambda: metrics.running == 0)
    figures = await server.figures()
    assert figures["fastapply_cancelled_total"] == 1
    assert figures["fastapply_completion_tokens_total"] == 0
    assert endless.kept_tokens == 0


async def test_a_client_that_waits_no_longer_stops_the_writing(
    server: Running, endless: Engine
) -> None:
    metrics = server.server.metrics
    asking = asyncio.create_task(server.post("/v1/completions", **LONG))
    await until(lambda: metrics.running == 1)
    asking.cancel()
    await until(lambda: metrics.running == 0)
    assert (await server.figures())["fastapply_cancelled_total"] == 1
    assert endless.kept_tokens == 0
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_many_at_once_get_what_each_gets_alone(server: Running) -> None:
    async def ask(number: int) -> str:
        example = EXAMPLES[number % len(EXAMPLES)]
        body = {"messages": tiny.messages_of(example), "temperature": 0}
        if number % 2:
            body["prediction"] = {"type": "content", "content": example.original}
        answer = (await server.post(CHAT, **body)).json()
        return str(answer["choices"][0]["message"]["content"])

    answers = await asyncio.gather(*(ask(number) for number in range(9)))
    assert answers == [EXAMPLES[number % len(EXAMPLES)].written for number in range(9)]


async def test_a_short_answer_does_not_wait_for_a_long_one(endless: Engine) -> None:
    async with running(endless, running=2) as server:
        metrics = server.server.metrics
        long = asyncio.create_task(server.post("/v1/completions", **LONG))
        await until(lambda: metrics.running == 1)
        body = {"messages": tiny.messages_of(RIGHT), "temperature": 0, "max_tokens": 20}
        short = await server.post(CHAT, **body)
        assert RIGHT.written.startswith(short.json()["choices"][0]["message"]["content"])
        assert not long.done()
        long.cancel()
        await until(lambda: metrics.running == 0)


async def test_alone_a_draft_is_long_and_among_others_it_is_free(
    endless: Engine, rows: list[int]
) -> None:
    prediction = {"prediction": {"type": "content", "content": "all of it is wrong " * 99}}
    async with running(endless, running=2) as server, a_gate(server) as gate:
        metrics = server.server.metrics

        async def writing(count: int) -> list[asyncio.Task[httpx.Response]]:
            asked = [server.post("/v1/completions", **LONG, **prediction) for _ in range(count)]
            tasks = [asyncio.create_task(each) for each in asked]
            await until(lambda: gate.under_way == count)
            gate.open(3 * count)
            await until(lambda: len(rows) == 3 * count)
            return tasks

        async def leave(tasks: list[asyncio.Task[httpx.Response]]) -> None:
            for task in tasks:
                task.cancel()
            gate.open()
            await until(lambda: metrics.running == 0 and gate.under_way == 0)
            gate.shut()
            rows.clear()

        alone = await writing(1)
        assert rows[0] > 2 * ROWS
        await leave(alone)
        two = await writing(2)
        assert rows[:2] == [ROWS, ROWS]
        assert max(rows) == ROWS
        await leave(two)
        again = await writing(1)
        assert rows[0] > 2 * ROWS
        await leave(again)


async def test_one_that_comes_while_a_long_draft_waits_for_its_turn_shortens_it(
    endless: Engine, rows: list[int]
) -> None:
    prediction = {"prediction": {"type": "content", "content": "all of it is wrong " * 99}}
    async with running(endless, running=2) as server, a_gate(server) as gate:
        metrics = server.server.metrics
        first = asyncio.create_task(server.post("/v1/completions", **LONG, **prediction))
        await until(lambda: gate.at_the_gate == 1)
        second = asyncio.create_task(server.post("/v1/completions", **LONG))
        await until(lambda: gate.at_the_gate == 2)
        gate.open(2)
        await until(lambda: len(rows) == 2)
        assert sorted(rows) == [1, ROWS]
        for task in (first, second):
            task.cancel()
        gate.open()
        await until(lambda: metrics.running == 0)


async def test_who_waits_is_served_in_order_and_too_many_are_sent_away(endless: Engine) -> None:
    async with running(endless, running=1, waiting=2) as server:
        metrics = server.server.metrics
        first = asyncio.create_task(server.post("/v1/completions", **LONG))
        await until(lambda: metrics.running == 1)
        order: list[int] = []

        async def ask(number: int) -> httpx.Response:
            messages = tiny.messages_of(RIGHT)
            answer = await server.post(CHAT, messages=messages, temperature=0, max_tokens=20)
            order.append(number)
            return answer

        waiting = []
        for number in (1, 2):
            waiting.append(asyncio.create_task(ask(number)))
            await until(lambda number=number: metrics.waiting == number)  # type: ignore[misc]
        status, sentence = await server.refusal(CHAT, messages=tiny.messages_of(RIGHT))
        assert (status, sentence) == (503, "2 requests wait already; try again later.")
        first.cancel()
        assert {(await one).status_code for one in waiting} == {200}
        assert order == [1, 2]


async def test_too_many_at_the_same_moment_are_sent_away(engine: Engine) -> None:
    desk = Desk(engine, Metrics(), running=1, waiting=2)
    with ExitStack() as all_at_once:
        for _ in range(3):
            all_at_once.enter_context(desk.preparing())
        with pytest.raises(Refused, match="3 requests wait already"):
            all_at_once.enter_context(desk.preparing())
    with desk.preparing():
        desk.close()


async def test_an_engine_that_fails_says_so_and_the_server_goes_on(
    server: Running, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(task: Task, watcher: Watcher) -> None:
        watcher.wrote([40], [])
        raise MemoryError

    body = {"messages": tiny.messages_of(RIGHT), "temperature": 0}
    with monkeypatch.context() as patch:
        patch.setattr(engine, "write", fail)
        status, sentence = await server.refusal(CHAT, **body)
        assert (status, "MemoryError" in sentence) == (500, True)
        stream = await server.post(CHAT, stream=True, **body)
        assert stream.status_code == 200
        assert '"error":{"message":"The engine failed (MemoryError)' in stream.text
        assert "[DONE]" not in stream.text
    answer = await server.post(CHAT, **body)
    assert answer.json()["choices"][0]["message"]["content"] == RIGHT.written


def test_turns_go_round() -> None:
    turns, order = Turns(), []
    inside, go = threading.Event(), threading.Event()

    def hold() -> None:
        with turns.turn():
            inside.set()
            go.wait()

    def take(number: int) -> None:
        for _ in range(2):
            with turns.turn():
                order.append(number)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait()
    takers = []
    for number in range(3):
        takers.append(threading.Thread(target=take, args=(number,)))
        takers[-1].start()
        while turns.waiting <= number:
            pass
    go.set()
    for thread in (holder, *takers):
        thread.join()
    assert order[:3] == [0, 1, 2]
    assert sorted(order[3:]) == [0, 1, 2]


def test_a_turn_that_fails_is_handed_on() -> None:
    turns = Turns()
    with pytest.raises(ZeroDivisionError), turns.turn():
        raise ZeroDivisionError
    with turns.turn():
        assert turns.waiting == 0
