"""Which file an edit goes to, how it is opened, and what the user hears when there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.server.conftest import Connect
from tests.server.fake_client import Failure, title_of
from tests.server.fake_editor import Manner
from tests.server.stories import LAZY, ORIGINAL, REWRITE, chat, scene

pytestmark = pytest.mark.process

EMBEDDED = {"backend": "embedded"}


def call(target: str, code: str = LAZY, **more: Any) -> dict[str, Any]:
    return {"target_file": target, "instructions": "Multiply.", "code_edit": code, **more}


async def test_a_target_that_is_not_open_is_opened_without_focus(
    connect: Connect, root: Path
) -> None:
    client = await connect(options=EMBEDDED)
    (root / "app.py").write_text(ORIGINAL)
    talk = client.open(root / "chat.md", chat(), "markdown")
    await client.choose(await client.lenses(talk), "Apply to app.py")
    result = await client.applied()
    buffer = client.buffers[(root / "app.py").as_uri()]
    assert "window/showDocument" in client.requests
    assert buffer.text == REWRITE
    assert [hunk["state"] for hunk in result["hunks"]] == ["pending", "pending"]
    assert (root / "app.py").read_text() == ORIGINAL


@pytest.mark.parametrize("manner", [Manner(show_document=False), Manner(opens=False)])
async def test_a_target_that_cannot_be_opened_is_edited_once(
    connect: Connect, root: Path, manner: Manner
) -> None:
    client = await connect(manner, options=EMBEDDED)
    (root / "app.py").write_text(ORIGINAL)
    await client.execute("fastapply.apply", call("app.py"))
    result = await client.applied()
    assert result["outcome"] == "applied"
    assert len(client.edits) == 1
    assert (root / "app.py.unsaved").read_text() == REWRITE
    assert [hunk["state"] for hunk in result["hunks"]] == ["accepted", "accepted"]
    shown = await client.until(lambda: client.told("window/showMessage"), "a notice")
    assert "save it" in shown[0]["message"]


async def test_a_whole_file_for_a_new_path_creates_it(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    talk = client.open(root / "chat.md", chat(ORIGINAL, "python pkg/new.py"), "markdown")
    (root / "pkg").mkdir()
    await client.choose(await client.lenses(talk), "Apply to pkg/new.py")
    result = await client.applied()
    assert result["outcome"] == "applied", result
    create, edit = client.edits[0]["documentChanges"]
    assert (create["kind"], create["uri"]) == ("create", (root / "pkg" / "new.py").as_uri())
    assert create["options"]["overwrite"] is False
    assert "".join(one["newText"] for one in edit["edits"]) == ORIGINAL


async def test_a_client_that_cannot_create_files(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED, document_changes=False)
    await client.execute("fastapply.apply", call("new.py", ORIGINAL))
    assert (await client.applied())["outcome"] == "applied"
    assert (root / "new.py").read_text() == ""
    assert (root / "new.py.unsaved").read_text() == ORIGINAL


async def test_no_empty_file_is_left_behind(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED, document_changes=False, refuses=True)
    await client.execute("fastapply.apply", call("new.py", ORIGINAL))
    assert (await client.applied())["error"]["code"] == "editor-refused"
    assert not (root / "new.py").exists()


@pytest.mark.parametrize("pasted", [LAZY, f"```python\n{LAZY}```\n"])
async def test_the_selected_snippet_leaves_and_its_edit_stays(
    connect: Connect, root: Path, pasted: str
) -> None:
    client = await connect(options=EMBEDDED)
    at = ORIGINAL.index("def second")
    source = client.open(root / "app.py", ORIGINAL[:at] + pasted + ORIGINAL[at:])
    offered = await client.actions(source, at, at + len(pasted))
    await client.choose(offered, "Apply the selected snippet to this file")
    result = await client.applied()
    assert result["outcome"] == "applied", result
    assert source.text == REWRITE


async def test_a_selection_that_changed_meanwhile_is_not_applied(
    connect: Connect, root: Path
) -> None:
    client = await connect(options=EMBEDDED)
    source = client.open(root / "app.py", LAZY + ORIGINAL)
    offered = await client.actions(source, 0, len(LAZY))
    client.type(source, 4, "x")
    with pytest.raises(Failure) as failure:
        await client.choose(offered, "Apply the selected snippet to this file")
    assert failure.value.data["code"] == "no-code-block"
    assert client.edits == []


async def test_a_word_is_no_snippet(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    source = client.open(root / "app.py", ORIGINAL)
    assert await client.actions(source, 0, 9) == []


async def test_a_reply_that_is_still_being_written_is_never_certain(
    connect: Connect, root: Path
) -> None:
    client = await connect(options=EMBEDDED)
    (root / "app.py").write_text(ORIGINAL)
    talk = client.open(root / "chat.md", chat().removesuffix("```\n"), "markdown")
    await client.choose(await client.lenses(talk), "Apply to app.py")
    result = await client.applied()
    assert (result["outcome"], result["certain"]) == ("applied", False)
    assert "never closed" in result["reasons"][0]
    assert {hunk["mark"] for hunk in result["hunks"]} == {"unsure"}


async def test_the_dialogue_goes_with_the_block(connect: Connect, root: Path, model: Any) -> None:
    client = await connect(options=model.settings)
    play = scene(client, root)
    model.answer(REWRITE)
    await play.apply()
    await client.applied()
    sent = "\n".join(str(message["content"]) for message in model.requests[0]["messages"])
    assert "Multiply them." in sent
    assert "Done:" in sent


async def test_a_chat_without_a_folder(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED, folders=False)
    play = scene(client, root)
    await play.apply()
    await client.applied()
    assert play.source.text == REWRITE


async def test_a_path_beside_a_chat_without_a_folder(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED, folders=False)
    (root / "app.py").write_text(ORIGINAL)
    talk = client.open(root / "chat.md", chat(), "markdown")
    await client.choose(await client.lenses(talk), "Apply to app.py")
    assert (await client.applied())["outcome"] == "applied"


async def test_a_buffer_that_was_never_saved(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    source = client.open(root / "app.py", ORIGINAL)
    answer = await client.request("fastapply/editFile", call("app.py"))
    assert answer["outcome"] == "applied"
    assert source.text == REWRITE


async def test_the_buffer_counts_and_not_the_disk(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    play = scene(client, root)
    (root / "app.py").write_text("something else entirely\n")
    await play.apply()
    await client.applied()
    assert play.source.text == REWRITE


async def test_definitions_name_the_file(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    client.open(root / "app.py", ORIGINAL)
    client.open(root / "other.py", "def fourth():\n    pass\n")
    code = "def second(x):\n    two = 2\n    return two\n"
    talk = client.open(root / "chat.md", chat(code, "python"), "markdown")
    assert [title_of(lens) for lens in await client.lenses(talk)] == ["Apply to app.py"]


async def test_definitions_name_a_file_that_is_not_open(connect: Connect, root: Path) -> None:
    (root / "deep").mkdir()
    (root / "deep" / "app.py").write_text(ORIGINAL)
    (root / "other.py").write_text("# second\ndef fourth():\n    pass\n")
    client = await connect(options=EMBEDDED)
    code = "def second(x):\n    two = 2\n    return two\n"
    talk = client.open(root / "chat.md", chat(code, "python"), "markdown")
    lens = (await client.lenses(talk))[0]
    await client.execute("fastapply.apply", *lens["command"]["arguments"])
    result = await client.applied()
    assert (result["outcome"], result["target_file"]) == ("applied", "deep/app.py")
    found = [title_of(lens) for lens in await client.lenses(talk)]
    assert found == ["Apply again to deep/app.py"]


async def refused(connect: Connect, root: Path, target: str, **more: Any) -> dict[str, Any]:
    """Ask for an edit that must fail, and return the error's data."""
    client = await connect(options={**EMBEDDED, **more.pop("options", {})})
    with pytest.raises(Failure) as failure:
        await client.request("fastapply/editFile", call(target, **more))
    assert failure.value.code == -32803
    assert client.edits == []
    assert failure.value.data["result"]["outcome"] == "failed"
    data: dict[str, Any] = failure.value.data
    return data


async def test_several_candidates_are_named(connect: Connect, root: Path) -> None:
    for folder in ("a", "b"):
        (root / folder).mkdir()
        (root / folder / "app.py").write_text(ORIGINAL)
    client = await connect(options=EMBEDDED)
    talk = client.open(root / "chat.md", chat(), "markdown")
    await client.choose(await client.lenses(talk), "Apply: several files could be meant")
    result = await client.applied()
    assert result["error"]["code"] == "ambiguous-target"
    assert result["error"]["candidates"] == ["a/app.py", "b/app.py"]
    shown = await client.until(lambda: client.told("window/showMessage"), "a message")
    assert "a/app.py, b/app.py" in shown[0]["message"]
    assert client.edits == []


async def test_no_file_is_named(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    talk = client.open(root / "chat.md", chat("x = 1\n", "python"), "markdown")
    await client.choose(await client.lenses(talk), "Apply: no file is named")
    assert (await client.applied())["error"]["code"] == "unknown-target"


async def test_an_unknown_file(connect: Connect, root: Path) -> None:
    data = await refused(connect, root, "nowhere.py")
    assert data["code"] == "unknown-target"


async def test_a_name_that_several_folders_have(connect: Connect, root: Path) -> None:
    for folder in ("a", "b"):
        (root / folder).mkdir()
        (root / folder / "util.py").write_text(ORIGINAL)
    data = await refused(connect, root, "util.py")
    assert data["code"] == "ambiguous-target"
    assert sorted(data["candidates"]) == ["a/util.py", "b/util.py"]


@pytest.mark.parametrize("target", ["../outside.py", "link.py"])
async def test_a_file_outside_the_folders(connect: Connect, root: Path, target: str) -> None:
    (root.parent / "outside.py").write_text(ORIGINAL)
    (root / "link.py").symlink_to(root.parent / "outside.py")
    assert (await refused(connect, root, target))["code"] == "outside-workspace"
    assert (root.parent / "outside.py").read_text() == ORIGINAL


async def test_an_open_file_outside_the_folders(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    source = client.open(root.parent / "outside.py", ORIGINAL)
    with pytest.raises(Failure) as failure:
        await client.request("fastapply/editFile", call(source.uri))
    assert failure.value.data["code"] == "outside-workspace"


async def test_a_binary_file(connect: Connect, root: Path) -> None:
    (root / "a.bin").write_bytes(b"\x00\x01\x02")
    (root / "latin.py").write_bytes("caf\xe9\n".encode("latin-1"))
    assert (await refused(connect, root, "a.bin"))["code"] == "not-text"
    assert (await refused(connect, root, "latin.py"))["code"] == "not-text"


async def test_a_file_above_the_limit(connect: Connect, root: Path) -> None:
    (root / "app.py").write_text(ORIGINAL)
    limits = {"limits": {"file_bytes": 100}}
    data = await refused(connect, root, "app.py", options=limits)
    assert data["code"] == "too-large"
    assert (data["size"], data["limit"], data["unit"]) == (len(ORIGINAL), 100, "bytes")
    data = await refused(connect, root, "app.py", options={"limits": {"file_lines": 3}})
    assert (data["code"], data["limit"], data["unit"]) == ("too-large", 3, "lines")


async def test_a_buffer_above_the_limit(connect: Connect, root: Path) -> None:
    client = await connect(options={**EMBEDDED, "limits": {"file_lines": 3}})
    client.open(root / "app.py", ORIGINAL)
    with pytest.raises(Failure) as failure:
        await client.request("fastapply/editFile", call("app.py"))
    assert failure.value.data["code"] == "too-large"


async def test_a_malformed_diff(connect: Connect, root: Path) -> None:
    (root / "app.py").write_text(ORIGINAL)
    code = "<<<<<<< SEARCH\n    one = x\n>>>>>>> REPLACE\n"
    assert (await refused(connect, root, "app.py", code=code))["code"] == "malformed-edit"


async def test_a_call_that_is_none(connect: Connect) -> None:
    client = await connect(options=EMBEDDED)
    with pytest.raises(Failure) as failure:
        await client.request("fastapply/editFile", {"target_file": "app.py"})
    assert "code_edit" in str(failure.value)
    with pytest.raises(Failure):
        await client.execute("fastapply.apply", {"chat": "file:///x.md", "block": 7})
    with pytest.raises(Failure):
        await client.execute("fastapply.accept", {"apply": "gone", "hunks": [1]})
    with pytest.raises(Failure):
        await client.execute("fastapply.apply", "app.py")
    with pytest.raises(Failure):
        await client.request("textDocument/codeLens", {"nothing": "of this"})
    # And the server is still there.
    assert await client.execute("fastapply.cancel") == {"cancelled": 0}


async def test_a_block_that_is_gone(connect: Connect, root: Path) -> None:
    client = await connect(options=EMBEDDED)
    play = scene(client, root)
    lenses = await client.lenses(play.talk)
    client.type(play.talk, play.talk.text.index("one = 10"), "xx")
    await client.choose(lenses, "Apply to app.py")
    assert (await client.applied())["error"]["code"] == "no-code-block"


async def test_wrong_settings_are_told_and_can_be_mended(connect: Connect, root: Path) -> None:
    client = await connect(configuration={"backend": "embeded"})
    shown = await client.until(lambda: client.told("window/showMessage"), "a message")
    assert "backend" in shown[0]["message"]
    play = scene(client, root)
    await play.apply()
    assert (await client.applied())["error"]["code"] == "settings"
    mended = {"settings": {"fastapply": EMBEDDED}}
    client.manner.configuration.clear()  # type: ignore[union-attr]
    client.manner.configuration.update(EMBEDDED)  # type: ignore[union-attr]
    client.notify("workspace/didChangeConfiguration", mended)
    await play.apply()
    assert (await client.applied(2))["outcome"] == "applied"


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ("", "$ pip install x\n$ pytest\n3 passed\n"),
        ("", "ada@box:~/work$ ls\napp.py\n"),
        ("", "PS C:\\work> dir\n"),
        ("console", "ls -l\n"),
        ("pycon", ">>> first(1)\n10\n"),
        ("bash", "pip install x\n"),
    ],
)
async def test_what_is_for_a_terminal_has_no_lens(
    connect: Connect, root: Path, info: str, code: str
) -> None:
    client = await connect(options=EMBEDDED)
    for folder in ("a", "b"):
        (root / folder).mkdir()
        (root / folder / "app.py").write_text(ORIGINAL)
    talk = client.open(root / "chat.md", chat(code, info), "markdown")
    assert await client.lenses(talk) == []
    there = talk.text.index(code)
    assert len(await client.actions(talk, there)) == 1, "whoever asks hears why"


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ("bash run.sh", "$ pip install x\n"),
        ("", "# run.sh\npip install x\n"),
        ("", "x = 1\n"),
        ("python", "$ = 1\n"),
        ("php", "$x = 1;\n"),
    ],
)
async def test_what_may_be_for_a_file_has_one(
    connect: Connect, root: Path, info: str, code: str
) -> None:
    client = await connect(options=EMBEDDED)
    (root / "run.sh").write_text("pip install y\n")
    talk = client.open(root / "chat.md", chat(code, info), "markdown")
    assert len(await client.lenses(talk)) == 1
