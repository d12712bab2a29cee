"""A cancelled or failed apply puts the buffer back exactly; what the user typed elsewhere stays."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from tests.neovim.model_server import ModelServer
from tests.server.conftest import Connect
from tests.server.fake_client import Failure, FakeClient, title_of
from tests.server.stories import HALF, ORIGINAL, REWRITE, Scene, scene

pytestmark = pytest.mark.process


async def by_command(client: FakeClient, play: Scene, identifier: str) -> None:
    assert await client.execute("fastapply.cancel", {"apply": identifier}) == {"cancelled": 1}


async def by_progress(client: FakeClient, play: Scene, identifier: str) -> None:
    token = client.told("$/progress")[0]["token"]
    client.notify("window/workDoneProgress/cancel", {"token": token})


async def by_action(client: FakeClient, play: Scene, identifier: str) -> None:
    offered = await client.actions(play.source)
    await client.choose(offered, "Cancel applying to app.py")


async def by_lens(client: FakeClient, play: Scene, identifier: str) -> None:
    await client.choose(await client.lenses(play.talk), "Cancel applying to app.py")


@pytest.mark.parametrize("way", [by_command, by_progress, by_action, by_lens])
async def test_every_way_to_cancel(
    connect: Connect, root: Path, model: ModelServer, way: object
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    identifier = await play.half(model)
    client.type(play.source, 0, "# mine\n")
    await way(client, play, identifier)  # type: ignore[operator]
    result = await client.applied()
    assert result["outcome"] == "cancelled"
    assert result["hunks"] == []
    assert play.source.text == "# mine\n" + ORIGINAL
    assert client.told("window/showMessage") == []
    ends = [told["value"] for told in client.told("$/progress") if told["value"]["kind"] == "end"]
    assert len(ends) == 1
    assert "Apply to app.py" in [title_of(one) for one in await client.lenses(play.talk)]


async def test_cancel_request_on_edit_file(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    call = {"target_file": "app.py", "instructions": "", "code_edit": REWRITE}
    number, answer = client.ask("fastapply/editFile", call)
    model.say(REWRITE[:HALF])
    await client.until(lambda: "10 * x" in play.source.text, "the first hunk")
    client.notify("$/cancelRequest", {"id": number})
    with pytest.raises(Failure) as failure:
        await asyncio.wait_for(answer, 30)
    assert failure.value.code == -32800
    # The answer comes after the buffer was put back, not before.
    assert play.source.text == ORIGINAL
    assert (await client.applied())["outcome"] == "cancelled"


async def test_cancel_at_every_chunk(connect: Connect, root: Path, model: ModelServer) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    for number, cut in enumerate(range(0, len(REWRITE), 23), 1):
        identifier = await play.apply()
        await asyncio.to_thread(asked, model, number)
        if cut:
            model.say(REWRITE[:cut])
            await client.until(partial(has_read, client, identifier), "the chunk has arrived")
        await client.execute("fastapply.cancel", {"apply": identifier})
        assert (await client.applied(number))["outcome"] == "cancelled"
        assert play.source.text == ORIGINAL
        assert await asyncio.to_thread(model.left.wait, 30)
        model.left.clear()


def asked(model: ModelServer, times: int) -> None:
    """Wait until the model was asked so often."""
    deadline = time.monotonic() + 30
    while len(model.requests) < times:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def has_read(client: FakeClient, identifier: str) -> bool:
    return any(
        told["token"] == f"fastapply-{identifier}"
        and told["value"].get("message", "").startswith("rewriting")
        for told in client.told("$/progress")
    )


async def test_cancel_before_the_turn_has_come(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    call = {"target_file": "app.py", "instructions": "", "code_edit": REWRITE}
    waiting = await client.execute("fastapply.apply", call)
    await client.execute("fastapply.cancel", waiting)
    cancelled = await client.applied()
    assert (cancelled["apply"], cancelled["outcome"]) == (waiting["apply"], "cancelled")
    model.answer(REWRITE[HALF:])
    assert (await client.applied(2))["outcome"] == "applied"
    assert play.source.text == REWRITE


async def test_a_failed_backend_leaves_the_file_as_it_was(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root, code="# ... existing code ...\none = 10 * x\n")
    await play.apply()
    model.say(REWRITE[:HALF])
    await client.until(lambda: play.source.text != ORIGINAL or model.requests, "begun")
    model.break_off()
    result = await client.applied()
    assert (result["outcome"], result["error"]["code"]) == ("failed", "stream-broken")
    assert play.source.text == ORIGINAL
    shown = await client.until(lambda: client.told("window/showMessage"), "a message")
    assert result["error"]["message"] in shown[0]["message"]
    assert result["error"]["advice"] in shown[0]["message"]
    assert "Traceback" not in shown[0]["message"]


async def test_an_unreachable_backend(connect: Connect, root: Path) -> None:
    nobody = {"backend": "openai", "openai": {"base_url": "http://127.0.0.1:9/v1"}}
    client = await connect(options=nobody)
    play = scene(client, root)
    await play.apply()
    assert (await client.applied())["error"]["code"] == "backend-unreachable"
    assert play.source.text == ORIGINAL


async def test_the_buffer_closes_midway(connect: Connect, root: Path, model: ModelServer) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    client.shut(play.source)
    result = await client.applied()
    assert (result["outcome"], result["error"]["code"]) == ("failed", "buffer-closed")
    again = client.open(root / "app.py")
    assert await asyncio.to_thread(model.left.wait, 30)
    model.answer(REWRITE)
    await play.apply()
    assert (await client.applied(2))["outcome"] == "applied"
    assert again.text == REWRITE


async def test_closing_under_review_accepts(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    client.shut(play.source)
    decided = await client.until(lambda: client.told("fastapply/decided"), "the decision")
    assert [hunk["state"] for hunk in decided[0]["hunks"]] == ["accepted", "accepted"]


async def test_leaving_midway_puts_the_buffer_back(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    assert await client.close() == 0
    assert play.source.text == ORIGINAL


async def test_the_connection_breaks_midway(
    connect: Connect, root: Path, model: ModelServer, tmp_path: Path
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    await client.drop()
    journal = "".join(
        file.read_text() for file in (tmp_path / "home" / "state").rglob("applies-*.jsonl")
    )
    assert '"kind":"begin"' in journal
    assert '"kind":"end"' not in journal
