"""2,500 lines through the language server: a model with little room, windows, and their seams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.text.lines import split_lines
from tests.apply.test_long_files import EDIT, EXPECTED, FILE, Rewriting, edited
from tests.server.conftest import Connect
from tests.server.fake_client import FakeClient
from tests.server.stories import Scene, scene

pytestmark = pytest.mark.process


def asking(model: Rewriting, **limits: int) -> dict[str, Any]:
    openai = {"base_url": model.base_url, "model": "m", "takes_prediction": True, **limits}
    return {"backend": "openai", "openai": openai}


async def applied(client: FakeClient, root: Path) -> tuple[Scene, dict[str, Any]]:
    play = scene(client, root, text=FILE, code=EDIT)
    await play.apply()
    return play, await client.applied()


def touched(client: FakeClient) -> list[int]:
    """Return the first line of each edit that the editor was sent."""
    changes = [change for edit in client.edits for change in edit["documentChanges"]]
    return [edit["range"]["start"]["line"] for change in changes for edit in change["edits"]]


@pytest.mark.parametrize("limits", [{"max_tokens": 1_000}, {"context_tokens": 4_000}])
async def test_two_windows_of_a_long_file(
    connect: Connect, root: Path, limits: dict[str, int]
) -> None:
    async with Rewriting(edited) as model:
        client = await connect(options=asking(model, **limits))
        play, result = await applied(client, root)
        bodies = [asked.body for asked in model.chats]
    assert (result["outcome"], result["repairs"]) == ("applied", [])
    assert play.source.text == EXPECTED
    assert len(result["hunks"]) == len(bodies) == 2
    for body in bodies:
        assert len(body["messages"][-1]["content"]) < len(FILE) // 8
        assert body["prediction"]["content"] in EXPECTED
    # Nothing but the two places was ever touched, whatever was streamed around them.
    places = [FILE[: FILE.index(f"step {number} of")].count("\n") for number in (20, 290)]
    assert all(min(abs(line - place) for place in places) < 6 for line in touched(client))
    assert result["figures"]["accepted"] > 0
    await client.execute("fastapply.rejectAll")
    await client.until(lambda: play.source.text == FILE, "the file as it was")


def without_last_line(shown: str) -> str:
    """The seam's last line is lost, as where a model stops one line early."""
    return "".join(edited(shown).splitlines(keepends=True)[:-1])


def without_first_line(shown: str) -> str:
    """The seam's first line is lost."""
    return "".join(edited(shown).splitlines(keepends=True)[1:])


def with_the_marker(shown: str) -> str:
    """What stands around the window is left out with a marker, though none was asked for."""
    return f"# ... existing code ...\n{edited(shown)}# ... existing code ...\n"


def with_a_repeated_seam(shown: str) -> str:
    """The first line stands twice."""
    return shown.splitlines(keepends=True)[0] + edited(shown)


@pytest.mark.parametrize(
    "spoilt", [without_last_line, without_first_line, with_the_marker, with_a_repeated_seam]
)
async def test_the_guard_holds_at_the_seams(
    connect: Connect, root: Path, spoilt: Callable[[str], str]
) -> None:
    async with Rewriting(spoilt) as model:
        client = await connect(options=asking(model, context_tokens=4_000))
        play, result = await applied(client, root)
    told = (*result["repairs"], *result["notes"], *result["reasons"])
    assert result["outcome"] == "applied"
    assert play.source.text == EXPECTED
    assert told


def with_the_lines_around(shown: str) -> str:
    """What stands just before and behind the window is written, too."""
    before, _, behind = FILE.partition(shown)
    return "".join([*split_lines(before)[-5:], edited(shown), *split_lines(behind)[:5]])


async def test_lines_around_a_window_are_not_there_twice(connect: Connect, root: Path) -> None:
    async with Rewriting(with_the_lines_around) as model:
        client = await connect(options=asking(model, context_tokens=4_000))
        play, result = await applied(client, root)
    assert play.source.text == EXPECTED
    assert (result["certain"], result["repairs"]) == (True, [])


async def test_a_change_that_no_window_can_hold_is_refused_with_numbers(
    connect: Connect, root: Path
) -> None:
    async with Rewriting(edited) as model:
        client = await connect(options=asking(model, context_tokens=700))
        play, result = await applied(client, root)
        assert model.chats == []
    error = result["error"]
    assert (result["outcome"], error["code"], error["limit"]) == ("failed", "too-large", 700)
    assert error["size"] > 700
    assert play.source.text == FILE
    assert client.edits == []
