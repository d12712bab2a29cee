"""The chat endpoint: what is sent, what comes out, and every way in which a server fails."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator
from contextlib import aclosing

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.backends.model import End, Text, Usage
from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.errors import (
    RewriteTruncated,
    SettingsError,
    TooLarge,
)
from fastapply_lsp.settings import Header, OpenAISettings, Secret
from tests.backends.asking import (
    KEY,
    ORIGINAL,
    PREDICTED,
    REQUEST,
    answered,
    configured,
    text_of,
)
from tests.backends.fake_openai import (
    DONE,
    FakeOpenAI,
    Hold,
    Reply,
    chunk,
    event,
    streamed,
    usage,
    vllm_usage,
)

# What goes out


async def test_the_request_says_all_that_matters() -> None:
    async with FakeOpenAI(streamed(["x"])) as server:
        await answered(
            server,
            model="m",
            api_key=Secret(KEY),
            headers=(Header("X-Team", Secret("t1")),),
            takes_prediction=True,
        )
        (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["x-team"] == "t1"
    body = asked.body
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert ORIGINAL in body["messages"][1]["content"]
    assert body["model"] == "m"
    assert body["temperature"] == 0
    assert body["stream"] is True
    assert body["stream_options"] == {"include_usage": True}
    assert body["prediction"] == {"type": "content", "content": PREDICTED}
    assert 256 < body["max_tokens"] < 300


async def test_asked_again_it_says_what_was_wrong_and_changes_nothing_else() -> None:
    again = dataclasses.replace(REQUEST, refused=("line 2: 1 python syntax error",))
    async with FakeOpenAI(streamed(["x"])) as server:
        await answered(server, takes_prediction=True)
        await answered(server, again, takes_prediction=True)
        first, second = (asked.body for asked in server.asked)
    said, more = (body.pop("messages") for body in (first, second))
    assert first == second
    assert second["temperature"] == 0
    assert more[:-1] == said[:-1]
    assert more[-1]["content"].startswith(said[-1]["content"])
    assert "- line 2: 1 python syntax error" in more[-1]["content"]


async def test_nothing_is_sent_that_was_not_set() -> None:
    async with FakeOpenAI(streamed(["x"])) as server:
        await answered(server)
        (asked,) = server.asked
    assert "prediction" not in asked.body
    assert "model" not in asked.body
    assert "authorization" not in asked.headers


async def test_the_draft_of_a_wrapping_dialect_is_wrapped() -> None:
    async with FakeOpenAI(streamed(["x"])) as server:
        await answered(server, takes_prediction=True, dialect="kortix")
        draft = server.asked[0].body["prediction"]["content"]
    assert draft == f"<updated-code>{PREDICTED}</updated-code>"


async def test_half_a_surrogate_pair_can_be_sent() -> None:
    request = dataclasses.replace(REQUEST, original="x = '\ud800'\n")
    async with FakeOpenAI(streamed(["x"])) as server:
        await answered(server, request)
        assert "\ud800" in server.asked[0].body["messages"][1]["content"]


async def test_one_connection_serves_many_edits() -> None:
    async with FakeOpenAI(streamed(["x"])) as server:
        backend = OpenAIBackend(configured(server.base_url))
        for _ in range(3):
            async with aclosing(backend.stream(REQUEST)) as stream:
                assert [piece async for piece in stream][-1] == End("stop")
        await backend.aclose()
        assert {asked.connection for asked in server.asked} == {1}
        assert len(server.asked) == 3


# What comes out


async def test_a_right_stream() -> None:
    async with FakeOpenAI(streamed(["a = ", "1\n"], "stop", usage(5, 2))) as server:
        pieces = await answered(server)
    figures = Usage(prompt_tokens=11, completion_tokens=7, accepted=5, rejected=2)
    assert pieces == [Text("a = "), Text("1\n"), figures, End("stop")]


async def test_the_forward_passes_of_a_server_that_tells_them() -> None:
    async with FakeOpenAI(streamed(["x"], "stop", usage(5, 2, 3))) as server:
        pieces = await answered(server)
    assert pieces[1] == Usage(11, 7, accepted=5, rejected=2, passes=3)


@pytest.mark.parametrize(
    ("told", "figures"),
    [
        (
            {"num_accepted_draft_tokens": 4, "num_draft_tokens": 9, "num_spec_steps": 2},
            Usage(11, 7, accepted=4, rejected=5, passes=3),
        ),
        ({"num_accepted_draft_tokens": 0, "num_draft_tokens": 0}, Usage(11, 7, 0, 0, 7)),
        ({"num_accepted_draft_tokens": "4", "num_draft_tokens": 9}, Usage(11, 7)),
        (None, Usage(11, 7)),
    ],
)
async def test_vllms_figures_of_a_request(told: object, figures: Usage) -> None:
    async with FakeOpenAI(streamed(["x"], "stop", vllm_usage(told))) as server:
        pieces = await answered(server)
    assert pieces[1] == figures


async def test_a_server_without_details_reports_no_acceptance() -> None:
    async with FakeOpenAI(streamed(["x"], "stop", usage())) as server:
        pieces = await answered(server)
    assert pieces[1] == Usage(prompt_tokens=11, completion_tokens=7)


async def test_separators_of_other_formats_cut_nothing() -> None:
    text = "x = 'a\u2028b\u2029c\x85d'\n"
    async with FakeOpenAI(streamed([text], ascii_only=False)) as server:
        assert text_of(await answered(server)) == text


async def test_a_character_may_arrive_in_pieces() -> None:
    whole = chunk("é😀", ascii_only=False) + chunk(finish="stop") + DONE
    pieces = tuple(bytes([one]) for one in whole)
    async with FakeOpenAI(Reply(pieces)) as server:
        assert text_of(await answered(server)) == "é😀"


class Bytes(httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


@settings(max_examples=60)
@given(
    st.lists(st.text(st.sampled_from('aé😀\u2028\n\\"{'), min_size=1, max_size=6), max_size=5),
    st.data(),
)
def test_the_cutting_of_the_bytes_changes_nothing(texts: list[str], data: st.DataObject) -> None:
    reply = streamed(texts, "stop", usage(1, 2), ascii_only=False)
    whole = b"".join(piece for piece in reply.pieces if isinstance(piece, bytes))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=9)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    def handler(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, headers={"content-type": "text/event-stream"}, stream=Bytes(pieces)
        )

    async def run() -> list[Text | Usage | End]:
        transport = httpx.MockTransport(handler)
        backend = OpenAIBackend(configured("http://fake/v1"), transport=transport)
        async with aclosing(backend.stream(REQUEST)) as stream:
            found = [piece async for piece in stream]
        await backend.aclose()
        return found

    found = asyncio.run(run())
    assert [piece for piece in found if isinstance(piece, Text)] == [Text(one) for one in texts]
    assert isinstance(found[-2], Usage)
    assert found[-1] == End("stop")


@pytest.mark.parametrize(
    "pieces",
    [
        (chunk("x", "stop"),),  # no [DONE]
        (chunk("x"), DONE),  # no reason
        (b": ping\n\n", chunk("x"), b": ping\n\n", chunk(finish="eos"), DONE),
        (event({"choices": [{"delta": {"reasoning_content": "hm"}}]}), chunk("x", "stop"), DONE),
        (event({"choices": [{"delta": None}]}), chunk("x", "stop"), DONE),
        (event({"choices": [{"delta": {"content": [{"type": "text", "text": "x"}]}}]}), DONE),
        (event({"choices": [], "usage": None}), chunk("x", "stop"), DONE),
        (chunk("x", "stop").replace(b"\n", b"\r\n"), DONE),
        (chunk("x", "stop") + b"data: [DONE]\n",),
    ],
)
async def test_the_streams_of_other_servers(pieces: tuple[bytes, ...]) -> None:
    async with FakeOpenAI(Reply(pieces)) as server:
        assert await answered(server) == [Text("x"), End("stop")]


async def test_a_server_that_does_not_stream_is_read_too() -> None:
    message = {"message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [message], "usage": {"prompt_tokens": 3}}).encode()
    async with FakeOpenAI(Reply((body[:9], body[9:]), 200, "application/json; x=y")) as server:
        assert await answered(server) == [Text("x"), Usage(prompt_tokens=3), End("stop")]


@pytest.mark.parametrize(
    ("dialect", "answer"),
    [
        ("kortix", ["<updated", "-code>", "x\n</updated", "-code>"]),
        ("osmosis", ["<code>\nx\n", "</code>", "\n"]),
        ("morph", ["x\n"]),
    ],
)
async def test_the_dialects_wrapping_comes_off(dialect: str, answer: list[str]) -> None:
    async with FakeOpenAI(streamed(answer)) as server:
        pieces = await answered(server, dialect=dialect)
    assert text_of(pieces) == "x\n"
    assert pieces[-1] == End("stop")


async def test_a_wrapped_rewrite_goes_on_inside_its_wrapping() -> None:
    replies = streamed(["<updated-code>a = 1\n"], "length"), streamed(["b = 3\n</updated-code>"])
    async with FakeOpenAI(*replies) as server:
        pieces = await answered(server, dialect="kortix", continuation="prefix")
        assert server.asked[1].body["messages"][-1]["content"] == "<updated-code>a = 1\n"
    assert text_of(pieces) == PREDICTED


# The output limit


async def test_a_cut_off_rewrite_is_loud_and_says_the_limit() -> None:
    async with FakeOpenAI(streamed(["half"], "length")) as server:
        with pytest.raises(RewriteTruncated) as caught:
            await answered(server, max_tokens=100)
        assert server.asked[0].body["max_tokens"] == 100
    assert (caught.value.limit, caught.value.characters) == (100, 4)


async def test_a_file_that_cannot_fit_is_refused_before_anything_is_sent() -> None:
    text = "x = 12345\n" * 100  # 250 tokens or so; 166 at the very least
    request = dataclasses.replace(
        REQUEST, original=text, merge=dataclasses.replace(REQUEST.merge, predicted=text)
    )
    async with FakeOpenAI(streamed([text])) as server:
        with pytest.raises(TooLarge) as caught:
            await answered(server, request, max_tokens=165)
        assert server.asked == []
        assert (caught.value.size, caught.value.limit) == (166, 165)
        assert text_of(await answered(server, request, max_tokens=166)) == text
        assert text_of(await answered(server, request, max_tokens=9, continuation="prefix")) == text


@pytest.mark.parametrize(
    ("form", "mark"),
    [
        ("continue_final_message", {"role": "assistant", "content": "a = 1\n"}),
        ("prefix", {"role": "assistant", "content": "a = 1\n", "prefix": True}),
    ],
)
async def test_a_cut_off_rewrite_goes_on_where_the_server_can(
    form: str, mark: dict[str, object]
) -> None:
    replies = (
        streamed(["a = 1\n"], "length", usage(2, 1)),
        streamed(["b = 3\n"], "stop", usage(1, 0)),
    )
    async with FakeOpenAI(*replies) as server:
        pieces = await answered(server, continuation=form, takes_prediction=True)
        second = server.asked[1].body
    assert text_of(pieces) == PREDICTED
    assert pieces[-2] == Usage(22, 14, accepted=3, rejected=1)
    assert pieces[-1] == End("stop")
    assert second["messages"][-1] == mark
    assert second["prediction"]["content"] == "b = 3\n"
    assert second.get("continue_final_message") is (True if "final" in form else None)


@pytest.mark.parametrize("said", ["", "again and again " * 40])
async def test_a_model_that_gets_nowhere_is_not_asked_for_ever(said: str) -> None:
    async with FakeOpenAI(streamed([said] if said else [], "length")) as server:
        with pytest.raises(RewriteTruncated):
            await answered(server, continuation="prefix")
        assert len(server.asked) < 5


# Cancelling


async def test_closing_the_stream_hangs_up() -> None:
    hold = Hold()
    async with FakeOpenAI(Reply((chunk("x"), hold))) as server:
        backend = OpenAIBackend(configured(server.base_url))
        async with aclosing(backend.stream(REQUEST)) as stream:
            assert await anext(stream) == Text("x")
        await server.gone.wait()
        await backend.aclose()


async def test_cancelling_the_reader_hangs_up() -> None:
    hold = Hold()
    async with FakeOpenAI(Reply((hold,))) as server:
        backend = OpenAIBackend(configured(server.base_url))

        async def read() -> None:
            async for _ in backend.stream(REQUEST):
                pass

        reader = asyncio.create_task(read())
        await hold.reached.wait()
        reader.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader
        await server.gone.wait()
        await backend.aclose()


async def test_a_server_that_lingers_after_its_last_word_holds_nobody_up() -> None:
    async with FakeOpenAI(Reply((chunk("x", "stop"), DONE, Hold()))) as server:
        assert await answered(server) == [Text("x"), End("stop")]


def test_without_an_address_or_the_named_key_there_is_no_backend() -> None:
    with pytest.raises(SettingsError, match="no server"):
        OpenAIBackend(OpenAISettings())
    with pytest.raises(SettingsError, match="MY_KEY"):
        OpenAIBackend(OpenAISettings(base_url="http://fake/v1", api_key_env="MY_KEY"))


def test_what_it_can_do_is_data() -> None:
    values = OpenAISettings(base_url="http://fake/v1", takes_prediction=True, continuation="prefix")
    abilities = OpenAIBackend(values).abilities
    assert (abilities.takes_prediction, abilities.can_continue) == (True, True)
    assert (abilities.needs_network, abilities.is_model) == (True, True)
    assert abilities.limits == {"max_tokens": values.max_tokens}
