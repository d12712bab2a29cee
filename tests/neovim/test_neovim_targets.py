"""Which file is changed, and what the user sees when it is none."""

from __future__ import annotations

import pytest

from tests.neovim.example import BLOCK, ORIGINAL, REWRITE, chat
from tests.neovim.harness import Configuration, Start

pytestmark = pytest.mark.editor

EMBEDDED = Configuration({"backend": "embedded"})


def test_a_target_that_is_not_open_is_opened_without_the_focus(start: Start) -> None:
    neovim = start(EMBEDDED)
    neovim.write("src/app.py", ORIGINAL)
    neovim.write("chat.md", chat(BLOCK, path="src/app.py"))
    neovim.open("chat.md")
    neovim.command("call cursor(8, 3)")
    neovim.act("Apply to src/app.py")
    assert neovim.applied()["outcome"] == "applied"
    assert neovim.text("src/app.py") == REWRITE
    assert neovim.lua("return vim.fn.expand('%:t')") == "chat.md"
    assert neovim.lua("return vim.api.nvim_win_get_cursor(0)") == [8, 2]
    shown = neovim.lua("return #vim.fn.win_findbuf(...)", neovim.buffer("src/app.py"))
    assert shown == 1
    assert (neovim.workspace / "src/app.py").read_text() == ORIGINAL, "nobody asked to save"


def test_a_block_for_a_new_path_creates_the_file(start: Start) -> None:
    neovim = start(EMBEDDED)
    neovim.write("chat.md", chat(ORIGINAL, path="pkg/new.py"))
    neovim.open("chat.md")
    neovim.act("Apply to pkg/new.py", 8)
    assert neovim.applied()["outcome"] == "applied"
    assert neovim.text("pkg/new.py") == ORIGINAL


def test_the_selected_snippet_leaves_and_its_edit_stays(start: Start) -> None:
    neovim = start(EMBEDDED)
    neovim.write("app.py", ORIGINAL + "\n" + BLOCK)
    neovim.open("app.py")
    first = ORIGINAL.count("\n") + 2
    neovim.keys(f"{first}GVG")
    neovim.until(lambda: neovim.lua("return vim.fn.mode()") == "V", "the selection")
    neovim.act("Apply the selected snippet to this file")
    assert neovim.applied()["outcome"] == "applied"
    assert neovim.text("app.py").rstrip("\n") == REWRITE.rstrip("\n")


def test_from_the_source_file(start: Start) -> None:
    neovim = start(EMBEDDED)
    neovim.write("app.py", ORIGINAL)
    neovim.write("chat.md", chat(BLOCK))
    neovim.open("chat.md")
    neovim.open("app.py", "split")
    offered = [
        action for action in neovim.actions(1) if action["kind"] == "refactor.rewrite.fastapply"
    ]
    assert len(offered) == 1
    neovim.act(offered[0]["title"], 1)
    assert neovim.applied()["outcome"] == "applied"
    assert neovim.text("app.py") == REWRITE


def test_several_candidates_are_named_and_none_is_touched(start: Start) -> None:
    neovim = start(EMBEDDED)
    for path in ("a/app.py", "b/app.py"):
        neovim.write(path, ORIGINAL)
    neovim.write("chat.md", chat(BLOCK))
    neovim.open("chat.md")
    neovim.run_lens("fastapply.apply")
    neovim.until(lambda: "a/app.py" in neovim.messages(), "a message")
    assert "b/app.py" in neovim.messages()
    assert neovim.applied()["error"]["candidates"] == ["a/app.py", "b/app.py"]
    assert all(neovim.buffer(path) == -1 for path in ("a/app.py", "b/app.py"))
