"""The tutorial for Neovim, step by step, with its own files and configuration."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.neovim.harness import Configuration, Neovim, Start

pytestmark = pytest.mark.editor

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "neovim.md"

_FENCE = re.compile(
    r"^(?P<fence>`{3,}).*?(?P<name>[\w.]+)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)
BLOCKS = {match["name"]: match["body"] for match in _FENCE.finditer(PAGE.read_text("utf-8"))}
GREET = BLOCKS["greet.py"]

POLITE = GREET.replace(
    'def greet(name):\n    print("Hello, " + name)\n',
    "def greet(name, polite=False):\n"
    '    greeting = "Good day" if polite else "Hello"\n'
    '    print(f"{greeting}, {name}")\n',
)


@pytest.fixture
def neovim(start: Start, tmp_path: Path) -> Neovim:
    """Steps 1 to 4, up to the two open windows."""
    home = tmp_path / "home0"
    installed = home / ".local" / "share" / "fastapply" / "bin" / "fastapply-lsp"
    installed.parent.mkdir(parents=True)
    installed.symlink_to(Path(sys.executable).parent / "fastapply-lsp")
    editor = start(Configuration(init=BLOCKS["init.lua"]))
    editor.write("greet.py", GREET)
    editor.write("chat.md", BLOCKS["chat.md"])
    for step in BLOCKS["steps"].splitlines():
        editor.command(step.removeprefix(":"))
    for name in ("greet.py", "chat.md"):
        editor.attached(editor.buffer(name))
    return editor


def lenses(neovim: Neovim) -> list[str]:
    """Return the titles of the lenses that Neovim shows in this window."""
    return [
        lens["command"]["title"]
        for lens in neovim.lua("return vim.lsp.codelens.get(0)")
        if "command" in lens
    ]


def choose(neovim: Neovim, keys: str, words: str) -> None:
    """Press keys that open a menu, and choose the entry with these words, as a user does."""
    neovim.lua(
        """
        local words = ...
        vim.ui.select = function(items, options, choose)
          for _, item in ipairs(items) do
            if options.format_item(item):lower():find(words, 1, true) then
              return choose(item)
            end
          end
          error("no entry with " .. words)
        end
        """,
        words,
    )
    neovim.keys(keys)


def test_apply_by_lens_and_reject_by_lens(neovim: Neovim) -> None:
    neovim.until(lambda: "Apply to greet.py" in lenses(neovim), "the lens above the block")
    neovim.command("call search('```python')")
    neovim.keys("grl")
    assert neovim.applied()["certain"] is True
    assert neovim.text("greet.py") == POLITE
    neovim.until(lambda: lenses(neovim) == ["Apply again to greet.py"], "the lens, afterwards")
    neovim.keys("<C-W>j")
    neovim.until(lambda: lenses(neovim), "the lenses of the hunk")
    neovim.command("call cursor(4, 1)")
    choose(neovim, "grl", "reject")
    neovim.until(lambda: neovim.text("greet.py") == GREET, "the original")


def test_apply_by_action_and_accept_all(neovim: Neovim) -> None:
    neovim.command("call search('greeting = ')")
    choose(neovim, "gra", "apply to greet.py")
    neovim.applied()
    neovim.keys("<C-W>j")
    neovim.command("FastapplyAcceptAll")
    neovim.until(lambda: neovim.heard("decided"), "the decision")
    assert neovim.heard("decided")[-1]["pending"] == 0
    assert neovim.text("greet.py") == POLITE
    neovim.keys("u")
    neovim.until(lambda: neovim.text("greet.py") == GREET, "the original, by one undo")


def test_without_a_chat_document(neovim: Neovim) -> None:
    neovim.keys("<C-W>j")
    snippet = 'def main():\n    greet(" ".join(sys.argv[1:]))\n'
    neovim.lua(
        "vim.api.nvim_buf_set_lines(..., -1, -1, false, {'', unpack(vim.split(select(2, ...), '\\n'))})",
        neovim.buffer("greet.py"),
        snippet.rstrip("\n"),
    )
    neovim.command("call cursor(line('$') - 1, 1)")
    choose(neovim, "Vjgra", "apply the selected snippet")
    assert neovim.applied()["outcome"] == "applied"
    after = GREET.replace("sys.argv[1])", '" ".join(sys.argv[1:]))')
    assert neovim.text("greet.py").rstrip("\n") == after.rstrip("\n")


def test_every_command_that_the_pages_name_is_there(neovim: Neovim) -> None:
    review = PAGE.parents[1] / "how-to" / "review-an-apply.md"
    pages = PAGE.read_text("utf-8") + review.read_text("utf-8")
    named = set(re.findall(r"`:(Fastapply\w+)`", pages))
    assert named >= {"FastapplyAcceptAsked", "FastapplyRejectUnrequested"}
    for name in named:
        assert neovim.lua("return vim.fn.exists(...)", f":{name}") == 2, name
        neovim.command(name)
    assert "Error" not in neovim.messages()
