"""From the editor to a model over HTTP and back: what is asked, what comes of it, what fails."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.merge import merge
from fastapply_lsp.prompt.budget import estimated_tokens
from fastapply_lsp.request.model import EditFile
from tests.backends.fake_openai import (
    DONE,
    Drop,
    FakeOpenAI,
    Hold,
    Reply,
    chunk,
    refused,
    streamed,
    usage,
)
from tests.server.conftest import Connect
from tests.server.fake_client import FakeClient
from tests.server.stories import FIRST_ONLY, HALF, LAZY, ORIGINAL, REWRITE, Scene, scene

pytestmark = pytest.mark.process

KEY = "sk-very-secret-key"
FIRST_HALF = chunk(REWRITE[:HALF])


def asking(model: FakeOpenAI, backend: str = "openai", **more: object) -> dict[str, Any]:
    """Return the settings of a user of this model."""
    return {"backend": backend, "openai": {"base_url": model.base_url, "model": "m", **more}}


@pytest.mark.parametrize("takes_prediction", [True, False])
async def test_from_the_lens_to_the_accepted_file(
    connect: Connect, root: Path, *, takes_prediction: bool
) -> None:
    hold = Hold()
    rest = (chunk(REWRITE[HALF:]), chunk(finish="stop"), usage(120, 5), DONE)
    async with FakeOpenAI(Reply((FIRST_HALF, hold, *rest))) as model:
        client = await connect(options=asking(model, takes_prediction=takes_prediction))
        play = scene(client, root)
        await play.apply()
        await client.until(lambda: "10 * x" in play.source.text, "the first hunk")
        assert play.source.text == FIRST_ONLY
        assert client.told("fastapply/applied") == []
        hold.release.set()
        result = await client.applied()
        assert (result["outcome"], result["backend"]) == ("applied", "openai")
        figures = result["figures"]
        assert (figures["accepted"], figures["rejected"]) == (120, 5)
        assert figures["acceptance"] == pytest.approx(120 / 125)
        await client.choose(await client.actions(play.source), "Accept all 2 changes")
        await client.until(lambda: client.told("fastapply/decided"), "the decision")
        assert play.source.text == REWRITE
        assert await client.lenses(play.source) == []
        (asked,) = model.chats
    says_what_matters(asked.body, takes_prediction=takes_prediction)


def says_what_matters(body: Mapping[str, Any], *, takes_prediction: bool) -> None:
    assert body["model"] == "m"
    assert body["stream"] is True
    assert body["temperature"] == 0
    assert estimated_tokens(REWRITE) <= body["max_tokens"] <= 32_768
    said = body["messages"][-1]["content"]
    for part in ("app.py", ORIGINAL, LAZY, "Multiply them.", "Done:"):
        assert part in said
    if takes_prediction:
        predicted = merge(ORIGINAL, EditFile("app.py", "", LAZY), path="app.py").predicted
        assert body["prediction"] == {"type": "content", "content": predicted}
    else:
        assert "prediction" not in body


async def test_what_stands_around_the_file_is_taken_off(connect: Connect, root: Path) -> None:
    answer = f"Here is the whole file:\n\n```python\n{REWRITE}```\n\nBoth are multiplied now.\n"
    async with FakeOpenAI(streamed(re.findall(r"(?s).{1,7}", answer))) as model:
        client = await connect(options=asking(model))
        play = scene(client, root)
        await play.apply()
        result = await client.applied()
    assert result["outcome"] == "applied"
    assert play.source.text == REWRITE
    assert not any("```" in text for text in play.source.history)


MIDWAY: dict[str, tuple[bytes | Drop, str, str]] = {
    "breaks off": (Drop(), "stream-broken", rf"broke off after {HALF} characters"),
    "stops at its limit": (
        chunk(finish="length") + DONE,
        "rewrite-truncated",
        rf"output limit of \d+ tokens after {HALF} characters",
    ),
}


@pytest.mark.parametrize("fault", MIDWAY)
async def test_a_model_that_fails_midway(connect: Connect, root: Path, fault: str) -> None:
    last, code, sentence = MIDWAY[fault]
    hold = Hold()
    async with FakeOpenAI(Reply((FIRST_HALF, hold, last))) as model:
        client = await connect(options=asking(model))
        play = scene(client, root)
        await play.apply()
        await client.until(lambda: play.source.text == FIRST_ONLY, "the first hunk")
        hold.release.set()
        await failed(client, play, code, sentence)


AT_ONCE = {
    "is silent": (Reply((Hold(),)), "backend-timeout", r"was silent for 0\.2 s"),
    "falls silent": (Reply((FIRST_HALF, Hold())), "backend-timeout", r"was silent for 0\.2 s"),
    "is no model": (
        Reply((b"<h1>Welcome</h1>",), content_type="text/html"),
        "backend-garbled",
        "cannot be read",
    ),
    "is overloaded": (refused(503, "try later"), "backend-refused", "status 503: try later"),
}


@pytest.mark.parametrize("fault", AT_ONCE)
async def test_a_model_that_fails(connect: Connect, root: Path, fault: str) -> None:
    reply, code, sentence = AT_ONCE[fault]
    async with FakeOpenAI(reply) as model:
        client = await connect(options=asking(model, silence_timeout_s=0.2))
        play = scene(client, root)
        await play.apply()
        await failed(client, play, code, sentence)


async def test_nobody_at_the_address(connect: Connect, root: Path) -> None:
    async with FakeOpenAI() as model:
        settings = asking(model)
    client = await connect(options=settings)
    play = scene(client, root)
    await play.apply()
    await failed(client, play, "backend-unreachable", r"http://127\.0\.0\.1:\d+/\S+ cannot be")


async def failed(client: FakeClient, play: Scene, code: str, sentence: str) -> None:
    """Wait for the end: the buffer as it was, and one message that says what happened."""
    result = await client.applied()
    assert (result["outcome"], result["error"]["code"]) == ("failed", code)
    assert play.source.text == ORIGINAL
    assert result["hunks"] == []
    await client.until(lambda: client.told("window/showMessage"), "a message")
    (shown,) = client.told("window/showMessage")
    assert re.search(sentence, shown["message"])
    assert result["error"]["advice"] in shown["message"]
    assert "Traceback" not in shown["message"]


async def test_a_refused_key_is_never_shown(connect: Connect, root: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with FakeOpenAI(refused(401, f"Incorrect API key provided: {KEY}.")) as model:
        user = home / "config" / "fastapply-lsp" / "config.toml"
        user.parent.mkdir(parents=True)
        user.write_text(
            'backend = "openai"\nlog_level = "debug"\n'
            f'[openai]\nbase_url = "{model.base_url}"\napi_key = "{KEY}"\n'
        )
        client = await connect()
        play = scene(client, root)
        await play.apply()
        await failed(client, play, "backend-refused", r"status 401: Incorrect API key .*\*\*\*")
        (asked,) = model.chats
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert await client.close() == 0
    assert KEY not in json.dumps(client.heard)
    written = [file for name in ("log", "state") for file in (home / name).rglob("*")]
    logged = [file.read_text() for file in written if file.is_file()]
    assert any("401" in text for text in logged)
    assert not any(KEY in text for text in logged)


UNSURE = "# ... existing code ...\n    one = 10 * x\n    return one\n# ... existing code ...\n"


@pytest.mark.parametrize(
    "reply", [Reply((FIRST_HALF, Drop())), refused(503)], ids=["midway", "at once"]
)
async def test_where_the_model_fails_the_guess_takes_its_place(
    connect: Connect, root: Path, reply: Reply
) -> None:
    async with FakeOpenAI(reply) as model:
        client = await connect(options=asking(model, "auto"))
        play = scene(client, root, code=UNSURE)
        await play.apply()
        result = await client.applied()
        assert len(model.chats) == 1
    assert (result["outcome"], result["backend"]) == ("applied", "embedded")
    assert result["certain"] is False
    assert result["hunks"][0]["mark"] == "unsure"
    assert any("embedded was asked instead" in note for note in result["notes"])
    assert play.source.text == FIRST_ONLY
