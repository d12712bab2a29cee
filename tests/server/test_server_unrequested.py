"""A model changes more than the block asked for: what the user sees, and every way to decide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.neovim.model_server import ModelServer
from tests.server.conftest import Connect
from tests.server.fake_client import FakeClient, title_of
from tests.server.fake_editor import Buffer, Manner
from tests.server.stories import FIRST_ONLY, ORIGINAL, scene

pytestmark = pytest.mark.process

BLOCK = "def first(x):\n    one = 10 * x\n    return one\n"
IMPORT = "import os\nimport json\n"
GREEDY = FIRST_ONLY.replace("import os\n", IMPORT).replace("three = x", "three = x + 1")
TITLES = {
    "Accept only what was asked",
    "Reject the 2 changes that were not asked for",
    "Accept all 3 changes (2 not asked for)",
    "Reject all 3 changes",
}


async def greedy(
    connect: Connect, root: Path, model: ModelServer, **options: Any
) -> tuple[FakeClient, Buffer]:
    """Apply the block by a model that adds an import and changes the third function."""
    client = await connect(options={**model.settings, **options})
    play = scene(client, root, code=BLOCK)
    model.answer(GREEDY)
    await play.apply()
    result = await client.applied()
    assert result["outcome"] == "applied"
    assert [hunk["mark"] for hunk in result["hunks"]] == ["unrequested", None, "unrequested"]
    assert all(hunk["note"] for hunk in result["hunks"] if hunk["mark"])
    return client, play.source


def states(client: FakeClient) -> list[str]:
    """Return the decisions so far, in the order of the hunks."""
    told = client.told("fastapply/decided")
    decided = {hunk["id"]: hunk["state"] for one in told for hunk in one["hunks"]}
    return [decided[hunk] for hunk in sorted(decided)]


async def until_decided(client: FakeClient, pending: int) -> None:
    await client.until(
        lambda: [one["pending"] for one in client.told("fastapply/decided")][-1:] == [pending],
        f"{pending} hunks pending",
    )


async def test_the_lens_says_that_nobody_asked(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model)
    assert source.text == GREEDY
    lenses = await client.lenses(source)
    by_line: dict[int, list[str]] = {}
    for lens in lenses:
        by_line.setdefault(lens["range"]["start"]["line"], []).append(title_of(lens))
    top, asked, last = (by_line[line] for line in sorted(by_line))
    assert re.fullmatch(r"Not asked for \((?!the edit)[^)]+\): accept this change", top[0])
    assert top[1:3] == ["Reject this change", "Accept only what was asked"]
    assert asked == ["Accept this change", "Reject this change"]
    assert last[0].startswith("Not asked for (")


async def test_the_user_is_told_once(connect: Connect, root: Path, model: ModelServer) -> None:
    client, source = await greedy(connect, root, model)
    await client.lenses(source)
    (shown,) = client.told("window/showMessage")
    assert shown["type"] == 2
    assert "2 changes of app.py that the block did not ask for" in shown["message"]
    (logged,) = client.told("window/logMessage")
    assert logged["message"].count("is unrequested: ") == 2


async def test_everything_is_an_action_too(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model)
    elsewhere = {title_of(one) for one in await client.actions(source, len(GREEDY) - 30)}
    assert elsewhere >= TITLES
    top = [title_of(one) for one in await client.actions(source, len("import os\n"))]
    assert top[0].startswith("Not asked for (")
    assert set(top) >= TITLES


async def test_only_what_was_asked(connect: Connect, root: Path, model: ModelServer) -> None:
    client, source = await greedy(connect, root, model)
    await client.choose(await client.actions(source), "Accept only what was asked")
    await until_decided(client, 0)
    assert sorted(states(client)) == ["accepted", "rejected", "rejected"]
    await client.until(lambda: source.text == FIRST_ONLY, "what was asked")
    assert await client.lenses(source) == []


async def test_what_was_not_asked_for_goes_and_the_rest_waits(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model)
    await client.choose(
        await client.actions(source), "Reject the 2 changes that were not asked for"
    )
    await client.until(lambda: source.text == FIRST_ONLY, "what was asked")
    await until_decided(client, 1)
    left = [title_of(lens) for lens in await client.lenses(source)]
    assert left == ["Accept this change", "Reject this change"]


async def test_what_a_model_added_can_be_kept(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model)
    await client.choose(await client.actions(source), "Accept all 3 changes (2 not asked for)")
    await until_decided(client, 0)
    assert source.text == GREEDY


async def test_where_only_the_others_wait_there_is_nothing_to_part(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model)
    at = GREEDY.index("one = 10")
    await client.choose(await client.actions(source, at), "Accept this change")
    await until_decided(client, 2)
    offered = {title_of(one) for one in await client.actions(source, at)}
    assert "Accept all 2 changes (2 not asked for)" in offered
    assert not offered & {
        "Accept only what was asked",
        "Reject the 2 changes that were not asked for",
    }


async def test_at_once_means_what_was_asked(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model, review="accept")
    await until_decided(client, 2)
    assert states(client) == ["accepted"]
    assert source.text == GREEDY
    waiting = [title_of(lens) for lens in await client.lenses(source)]
    assert sum(title.startswith("Not asked for (") for title in waiting) == 2


async def test_a_command_without_an_argument_means_every_document(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client, source = await greedy(connect, root, model)
    assert await client.execute("fastapply.acceptAsked") is None
    await client.until(lambda: source.text == FIRST_ONLY, "what was asked")


# A file that is not open


def call(code: str = BLOCK) -> dict[str, Any]:
    return {"target_file": "app.py", "instructions": "", "code_edit": code}


@pytest.mark.parametrize("manner", [Manner(show_document=False), Manner(opens=False)])
async def test_in_a_file_that_is_not_open_only_what_was_asked_lands(
    connect: Connect, root: Path, model: ModelServer, manner: Manner
) -> None:
    client = await connect(manner, options=model.settings)
    (root / "app.py").write_text(ORIGINAL)
    model.answer(GREEDY)
    await client.execute("fastapply.apply", call())
    result = await client.applied()
    assert result["outcome"] == "applied"
    assert (root / "app.py.unsaved").read_text() == FIRST_ONLY
    assert [hunk["state"] for hunk in result["hunks"]] == ["rejected", "accepted", "rejected"]
    (shown,) = await client.until(lambda: client.told("window/showMessage"), "a message")
    assert "2 changes that the block did not ask for (lines 2 and 15)" in shown["message"]
    assert "save it" in shown["message"]
    assert shown["type"] == 2


async def test_nothing_lands_where_nothing_was_asked(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings, show_document=False)
    (root / "app.py").write_text(FIRST_ONLY)
    model.answer(GREEDY)
    await client.execute("fastapply.apply", call())
    result = await client.applied()
    assert client.edits == []
    assert {hunk["state"] for hunk in result["hunks"]} <= {"rejected"}
    (shown,) = await client.until(lambda: client.told("window/showMessage"), "a message")
    assert "save it" not in shown["message"]


async def test_a_program_hears_it_in_the_answer(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings, show_document=False)
    (root / "app.py").write_text(ORIGINAL)
    model.answer(GREEDY)
    answer = await client.request("fastapply/editFile", call())
    assert [hunk["state"] for hunk in answer["hunks"]] == ["rejected", "accepted", "rejected"]
    assert any("did not ask for" in note for note in answer["notes"])
    assert client.told("window/showMessage") == []
