"""A check refuses what a model wrote: it is asked again, then the merge, then the user."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.neovim.model_server import ModelServer
from tests.server.conftest import Connect
from tests.server.fake_client import FakeClient, title_of
from tests.server.stories import FIRST_ONLY, ORIGINAL, scene

pytestmark = pytest.mark.process

CERTAIN = "def first(x):\n    one = 10 * x\n    return one\n"
UNSURE = "# ... existing code ...\n    one = 10 * x\n    return one\n# ... existing code ...\n"
BROKEN = FIRST_ONLY.replace("def first(x):", "def first(x:")
BROKEN_INSIDE = FIRST_ONLY.replace("one = 10 * x", "one = (10 * x")
"""Broken where the edit asks for a change; elsewhere the guard would put the line back."""


def steps(client: FakeClient) -> list[str]:
    """Return what the progress said."""
    told = [params["value"].get("message") or "" for params in client.told("$/progress")]
    return list(dict.fromkeys(told))


async def test_the_model_is_asked_again_and_told_why(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root, code=UNSURE)
    model.answer(BROKEN)
    model.answer(FIRST_ONLY)
    await play.apply()
    result = await client.applied()
    assert (result["outcome"], result["backend"]) == ("applied", "openai")
    assert [hunk["mark"] for hunk in result["hunks"]] == [None]
    assert play.source.text == FIRST_ONLY
    assert any("syntax error" in note for note in result["notes"])
    said = str(model.requests[1]["messages"])
    assert "syntax error" in said
    assert "asking again (openai)" in steps(client)
    await client.lenses(play.source)  # what was said before has come by then
    assert client.told("window/showMessage") == [], "all is as it should be"
    assert "syntax error" in client.told("window/logMessage")[0]["message"]


async def test_what_is_put_back_between_two_tries_is_no_decision(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root, code=UNSURE)
    await play.half(model, BROKEN)
    model.answer(BROKEN[BROKEN.index("def third") :])
    model.answer(FIRST_ONLY)
    await client.applied()
    assert client.told("fastapply/decided") == []
    await client.execute("fastapply.acceptAll")
    (decided,) = await client.until(lambda: client.told("fastapply/decided"), "the decision")
    assert (decided["hunks"][0]["state"], decided["pending"]) == ("accepted", 0)


@pytest.mark.parametrize(
    "answer",
    [
        BROKEN_INSIDE,
        "I am sorry, but I cannot edit this file.\n",
        BROKEN[:60] + "I cannot go on.\n",
    ],
    ids=["broken", "prose", "prose midway"],
)
async def test_then_the_merge_takes_its_place_where_it_is_certain(
    connect: Connect, root: Path, model: ModelServer, answer: str
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root, code=CERTAIN)
    model.answer(answer)
    model.answer(answer)
    await play.apply()
    result = await client.applied()
    assert (result["outcome"], result["backend"]) == ("applied", "embedded")
    assert len(model.requests) == 2
    assert [hunk["mark"] for hunk in result["hunks"]] == [None]
    assert play.source.text == FIRST_ONLY


async def refused_twice(
    client: FakeClient, model: ModelServer, answer: str = BROKEN
) -> dict[str, Any]:
    model.answer(answer)
    model.answer(answer)
    call = {"target_file": "app.py", "instructions": "", "code_edit": UNSURE}
    await client.execute("fastapply.apply", call)
    return await client.applied()


async def test_else_it_waits_for_the_user(connect: Connect, root: Path, model: ModelServer) -> None:
    client = await connect(options={**model.settings, "review": "accept"})
    source = client.open(root / "app.py", ORIGINAL)
    result = await refused_twice(client, model)
    assert result["outcome"] == "applied"
    assert {hunk["mark"] for hunk in result["hunks"]} == {"refused"}
    assert {hunk["state"] for hunk in result["hunks"]} == {"pending"}
    titles = [title_of(lens) for lens in await client.lenses(source)]
    (shown,) = client.told("window/showMessage")
    assert shown["type"] == 2
    assert "A check refused" in shown["message"]
    assert "syntax error" in shown["message"]
    assert titles[0].startswith("Refused (")
    assert "syntax error" in titles[0]
    await client.execute("fastapply.acceptAsked")
    await client.execute("fastapply.rejectUnrequested")
    assert [title_of(lens) for lens in await client.lenses(source)] == titles, "it waits on"
    await client.execute("fastapply.rejectAll")
    await client.until(lambda: source.text == ORIGINAL, "as it was")


async def test_of_an_answer_without_code_nothing_waits(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    source = client.open(root / "app.py", ORIGINAL)
    result = await refused_twice(client, model, "I am sorry, but I cannot edit this file.\n")
    assert (result["outcome"], result["error"]["code"]) == ("failed", "rewrite-rejected")
    assert source.text == ORIGINAL
    assert await client.lenses(source) == []


async def test_nothing_of_it_lands_in_a_file_that_is_not_open(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings, show_document=False)
    (root / "app.py").write_text(ORIGINAL)
    result = await refused_twice(client, model)
    assert (result["outcome"], result["error"]["code"]) == ("failed", "rewrite-rejected")
    assert any("syntax error" in reason for reason in result["error"]["reasons"])
    assert result["hunks"] == []
    assert client.edits == []
    (shown,) = await client.until(lambda: client.told("window/showMessage"), "a message")
    assert "The rewrite was refused: " in shown["message"]
