"""Every way in which a server fails is an error of its own kind, and no key is ever shown."""

import asyncio

import httpx
import pytest

from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.errors import (
    BackendError,
    BackendGarbled,
    BackendRefused,
    BackendTimeout,
    BackendUnreachable,
    StreamBroken,
)
from fastapply_lsp.settings import Header, Secret
from tests.backends.asking import (
    KEY,
    REQUEST,
    answered,
    configured,
    failure,
)
from tests.backends.fake_openai import (
    DONE,
    Drop,
    FakeOpenAI,
    Hold,
    Reply,
    chunk,
    event,
    refused,
    streamed,
)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
async def test_a_refusal_has_the_servers_words(status: int) -> None:
    error = await failure(refused(status, "model\nx not found"))
    assert isinstance(error, BackendRefused)
    assert (error.status, error.detail) == (status, "model x not found")


@pytest.mark.parametrize(
    ("body", "kind", "detail"),
    [
        (b'{"detail": [{"msg": "field required"}]}', "application/json", "field required"),
        (b'{"message": "gone"}', "application/json", "gone"),
        (b"plain words", "text/plain", "plain words"),
        (b"<html><style>p{}</style><h1>Bad gateway</h1></html>", "text/html", "Bad gateway"),
        (b"", "text/plain", "Said"),
        (b"\xff\xfe", "text/plain", "\ufffd\ufffd"),
        (b"x" * 5000, "text/plain", "x" * 300 + "…"),
    ],
)
async def test_refusals_in_every_form(body: bytes, kind: str, detail: str) -> None:
    error = await failure(Reply((body,) if body else (), 500, kind))
    assert isinstance(error, BackendRefused)
    assert error.detail == detail


async def test_a_refusal_that_never_ends_is_not_read_for_ever() -> None:
    reply = Reply((b"x" * 70_000, Hold()), 500, "text/plain")
    error = await failure(reply)
    assert isinstance(error, BackendRefused)


async def test_a_key_that_is_echoed_is_not_shown() -> None:
    secrets = {"api_key": Secret(KEY), "headers": (Header("X-Auth", Secret("Token abcd-99")),)}
    error = await failure(refused(401, f"bad key {KEY} or abcd-99"), **secrets)
    assert isinstance(error, BackendRefused)
    assert error.detail == "bad key *** or ***"


async def test_a_redirect_is_not_followed() -> None:
    reply = Reply((), 302, "text/plain", {"Location": "http://evil.example/"})
    async with FakeOpenAI(reply) as server:
        with pytest.raises(BackendRefused, match="redirects to http://evil"):
            await answered(server, api_key=Secret(KEY))
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (Reply((b"<html>hi</html>",), 200, "text/html"), BackendGarbled, "HTML page"),
        (Reply((b"hello",), 200, "text/plain"), BackendGarbled, "no event"),
        (Reply((b"{]",), 200, "application/json"), BackendGarbled, "no JSON"),
        (Reply((b'{"ok": 1}',), 200, "application/json"), BackendGarbled, "no choices"),
        (Reply((b"[]",), 200, "application/json"), BackendGarbled, "no choices"),
        (Reply((event("{broken"),)), BackendGarbled, "no JSON"),
        (Reply((event({"choices": [3]}),)), BackendGarbled, "no object"),
        (Reply((event({"error": {"message": "oom", "code": 503}}),)), BackendRefused, "503: oom"),
        (Reply((event({"error": "oom"}),)), BackendRefused, "200: oom"),
        (Reply((chunk("x", "content_filter"), DONE)), BackendRefused, "content_filter"),
        (Reply((event({"choices": [{"delta": {"refusal": "no"}}]}),)), BackendRefused, "no"),
        (Reply((chunk("four"),)), StreamBroken, "after 4 characters"),
        (Reply((chunk("four"), Drop())), StreamBroken, "after 4 characters"),
        (Reply((chunk("four"), b'data: {"choices": [{"de', Drop())), StreamBroken, "4 char"),
        (Reply((Drop(),)), StreamBroken, "after 0 characters"),
        (Reply((b"x",), headers={"Content-Encoding": "gzip"}), BackendGarbled, "read"),
    ],
)
async def test_a_bad_answer_is_an_error_of_its_own_kind(
    reply: Reply, kind: type[BackendError], words: str
) -> None:
    error = await failure(reply)
    assert type(error) is kind
    assert words in str(error)


async def test_silence_ends_at_its_limit() -> None:
    error = await failure(Reply((chunk("x"), Hold())), silence=0.05)
    assert isinstance(error, BackendTimeout)
    assert error.limit_s == 0.05


async def test_a_slow_connection_ends_at_its_own_limit() -> None:
    def handler(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("slow", request=request)

    backend = OpenAIBackend(
        configured("http://fake/v1", connect_timeout_s=3.0), transport=httpx.MockTransport(handler)
    )
    with pytest.raises(BackendTimeout) as caught:
        await anext(backend.stream(REQUEST))
    assert caught.value.limit_s == 3.0
    await backend.aclose()


async def test_nobody_at_the_address() -> None:
    async with FakeOpenAI(streamed([])) as server:
        url = server.base_url
    backend = OpenAIBackend(configured(url))
    with pytest.raises(BackendUnreachable) as caught:
        await anext(backend.stream(REQUEST))
    assert caught.value.url == f"{url}/chat/completions"
    await backend.aclose()


async def test_something_that_speaks_no_http() -> None:
    async def grumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    server = await asyncio.start_server(grumble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    backend = OpenAIBackend(configured(f"http://127.0.0.1:{port}/v1"))
    with pytest.raises(BackendGarbled, match="HTTP"):
        await anext(backend.stream(REQUEST))
    await backend.aclose()
    server.close()
    await server.wait_closed()


async def test_a_key_that_no_header_can_hold_is_not_shown() -> None:
    async with FakeOpenAI(streamed([])) as server:
        with pytest.raises(BackendGarbled) as caught:
            await answered(server, api_key=Secret(f"{KEY}\n"))
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None
