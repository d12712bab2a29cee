"""A block of a chat streams into its file: hunks, decisions, figures, typing meanwhile."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.neovim.model_server import ModelServer
from tests.server.conftest import Connect
from tests.server.fake_client import title_of
from tests.server.fake_editor import Manner
from tests.server.stories import FIRST_ONLY, HALF, ORIGINAL, REWRITE, THIRD_ONLY, scene

pytestmark = pytest.mark.process

LAZY_SECOND = """\
def second(x):
    two = 20 * x
    return two
"""


async def test_hunks_arrive_while_the_model_writes(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    identifier = await play.half(model)
    assert play.source.text == FIRST_ONLY
    model.answer(REWRITE[HALF:])
    result = await client.applied()
    assert play.source.text == REWRITE
    assert result["apply"] == identifier
    assert result["outcome"] == "applied"
    assert result["backend"] == "openai"
    assert result["uri"] == play.source.uri
    assert [hunk["state"] for hunk in result["hunks"]] == ["pending", "pending"]
    assert [hunk["removed"] for hunk in result["hunks"]] == [["    one = x\n"], ["    three = x\n"]]
    for hunk in result["hunks"]:
        start = client.place(play.source, hunk["range"]["start"])
        end = client.place(play.source, hunk["range"]["end"])
        assert play.source.text[start:end] == "".join(hunk["added"])
    figures = result["figures"]
    assert 0 < figures["first_change_ms"] <= figures["wall_ms"]
    assert figures["characters"] == len(REWRITE)
    assert figures["tokens_per_s"] == pytest.approx(figures["characters_per_s"] / 4)


async def test_edits_are_versioned_and_spare_the_lines_that_stay(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    model.answer(REWRITE[HALF:])
    await client.applied()
    changes = [change for edit in client.edits for change in edit["documentChanges"]]
    assert [change["textDocument"]["version"] for change in changes] == [1, 2]
    lines = [
        (edit["range"]["start"]["line"], edit["range"]["end"]["line"])
        for change in changes
        for edit in change["edits"]
    ]
    assert all(start in (4, 14) and end <= start + 1 for start, end in lines)
    assert all("label" not in edit for edit in client.edits)


async def test_accept_and_reject_exactly(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    first = [
        lens for lens in await client.lenses(play.source) if lens["range"]["start"]["line"] == 4
    ]
    await client.choose(first, "Accept this change")
    decided = await client.until(lambda: client.told("fastapply/decided"), "the decision")
    assert decided[0]["hunks"] == [{"id": 1, "state": "accepted"}]
    assert decided[0]["pending"] == 1
    await client.choose(await client.lenses(play.source), "Reject this change")
    await client.until(lambda: play.source.text == FIRST_ONLY, "the second hunk rejected")
    assert [one["pending"] for one in client.told("fastapply/decided")] == [1, 0]
    await client.until(lambda: client.told("fastapply/decided")[1:], "the second decision")
    assert await client.lenses(play.source) == []


async def test_a_rejected_hunk_leaves_the_other(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    at = play.source.text.index("10 * x")
    await client.choose(await client.actions(play.source, at), "Reject this change")
    await client.until(lambda: play.source.text == THIRD_ONLY, "the first hunk rejected")


@pytest.mark.parametrize(("word", "text"), [("Accept", REWRITE), ("Reject", ORIGINAL)])
async def test_decide_on_all(connect: Connect, root: Path, word: str, text: str) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    await client.choose(await client.actions(play.source), f"{word} all 2 changes")
    await client.until(
        lambda: sum(len(one["hunks"]) for one in client.told("fastapply/decided")) == 2, "both"
    )
    await client.until(lambda: play.source.text == text, "the buffer as decided")
    assert await client.actions(play.source) == [] or word == "Reject"


async def test_an_applied_block_is_no_longer_pending(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    offered = await client.actions(play.source)
    assert [title_of(one) for one in offered] == ["Apply edit"]
    assert all(one["kind"] == "refactor.rewrite.fastapply" for one in offered)
    assert all("edit" not in one for one in offered)
    await client.choose(offered, "Apply edit")
    await client.applied()
    await client.execute("fastapply.acceptAll")
    await client.until(lambda: client.told("fastapply/decided"), "accepted")
    assert await client.actions(play.source) == []
    assert [title_of(one) for one in await client.lenses(play.talk)] == ["Apply again to app.py"]


async def test_a_rejected_block_is_pending_again(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    await client.execute("fastapply.rejectAll", {"uri": play.source.uri})
    await client.until(lambda: play.source.text == ORIGINAL, "rejected")
    await client.choose(await client.actions(play.source), "Apply edit")
    await client.applied(2)
    assert play.source.text == REWRITE


async def test_the_user_types_meanwhile(connect: Connect, root: Path, model: ModelServer) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    client.type(play.source, 0, "# mine\n")
    client.type(play.source, play.source.text.index("def third"), "# mine too\n")
    model.answer(REWRITE[HALF:])
    await client.applied()
    mine = "# mine\n" + REWRITE.replace("def third", "# mine too\ndef third")
    await client.until(lambda: play.source.text == mine, "both")
    await client.execute("fastapply.rejectAll", {"uri": play.source.uri})
    restored = "# mine\n" + ORIGINAL.replace("def third", "# mine too\ndef third")
    await client.until(lambda: play.source.text == restored, "only mine")


async def test_progress_tells_lines_rate_and_phase(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    model.answer(REWRITE[HALF:])
    await client.applied()
    values = [told["value"] for told in client.told("$/progress")]
    assert values[0]["kind"] == "begin"
    assert values[0]["title"] == "Applying to app.py"
    assert values[0]["cancellable"] is True
    assert values[-1]["kind"] == "end"
    assert "2 changes" in values[-1]["message"]
    messages = [value.get("message", "") for value in values[1:-1]]
    assert any(message.startswith("waiting for the backend") for message in messages)
    assert any("line " in message and "characters/s" in message for message in messages)


async def test_a_client_without_the_extras(connect: Connect, root: Path) -> None:
    plain = Manner(progress=False, lens_refresh=False, show_document=False, document_changes=False)
    client = await connect(plain, options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    assert play.source.text == REWRITE
    assert client.told("$/progress") == []
    assert set(client.requests) == {"workspace/applyEdit"}
    assert all(set(edit) == {"changes"} for edit in client.edits)


async def test_a_client_that_blocks_on_commands(connect: Connect, root: Path) -> None:
    client = await connect(Manner(blocking=True), options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    assert play.source.text == REWRITE


async def test_actions_without_a_command_are_resolved(connect: Connect, root: Path) -> None:
    client = await connect(Manner(resolve_commands=True), options={"backend": "embedded"})
    play = scene(client, root)
    offered = await client.actions(play.source)
    assert all("command" not in one for one in offered)
    await client.choose(offered, "Apply edit")
    await client.applied()
    assert play.source.text == REWRITE


async def test_only_the_wanted_kinds(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    assert await client.actions(play.source, only=["quickfix"]) == []
    assert len(await client.actions(play.source, only=["refactor"])) == 1
    assert len(await client.actions(play.source, only=["refactor.rewrite.fastapply"])) == 1
    assert await client.actions(play.source, only=["refactor.rewrite.fast"]) == []


async def test_sure_hunks_are_accepted_at_once_where_the_user_wants_it(
    connect: Connect, root: Path
) -> None:
    client = await connect(options={"backend": "embedded", "review": "accept"})
    play = scene(client, root)
    await play.apply()
    await client.applied()
    await client.until(lambda: client.told("fastapply/decided"), "accepted")
    assert play.source.text == REWRITE
    assert await client.lenses(play.source) == []


async def test_two_blocks_for_one_file_wait_for_each_other(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    call = {"target_file": "app.py", "instructions": "", "code_edit": LAZY_SECOND}
    await play.half(model)
    await client.execute("fastapply.apply", {**call, "backend": "embedded"})
    assert client.told("fastapply/applied") == []
    model.answer(REWRITE[HALF:])
    first, second = await client.applied(1), await client.applied(2)
    assert (first["backend"], second["backend"]) == ("openai", "embedded")
    assert play.source.text == REWRITE.replace("two = x", "two = 20 * x")
    await client.execute("fastapply.rejectAll", {"apply": first["apply"]})
    await client.until(
        lambda: play.source.text == ORIGINAL.replace("two = x", "two = 20 * x"), "first rejected"
    )


async def test_the_same_block_again_takes_the_place_of_the_first(
    connect: Connect, root: Path, model: ModelServer
) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    await play.half(model)
    await client.execute("fastapply.apply", play.argument)
    first = await client.applied(1)
    assert first["outcome"] == "superseded"
    assert first["hunks"] == []
    assert await asyncio.to_thread(model.left.wait, 30)
    model.answer(REWRITE)
    second = await client.applied(2)
    assert second["outcome"] == "applied"
    assert play.source.text == REWRITE


async def test_a_block_under_review_applied_again_begins_anew(connect: Connect, root: Path) -> None:
    client = await connect(options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    await client.applied(1)
    await client.execute("fastapply.apply", play.argument)
    second = await client.applied(2)
    assert [hunk["state"] for hunk in second["hunks"]] == ["pending", "pending"]
    assert ORIGINAL in play.source.history[2:]
    assert play.source.text == REWRITE
