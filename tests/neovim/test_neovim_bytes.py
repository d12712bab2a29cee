"""What lands on the disk after `:write`, byte by byte."""

from __future__ import annotations

import pytest

from tests.neovim.example import BLOCK, ORIGINAL, REWRITE, chat
from tests.neovim.harness import Configuration, Neovim, Start

pytestmark = pytest.mark.editor

TARGET, CHAT = "app.py", "chat.md"
BOM = b"\xef\xbb\xbf"


def applied(
    start: Start, content: bytes, block: str = BLOCK, encoding: str | None = None
) -> Neovim:
    """Apply a block to a file of these bytes."""
    neovim = start(Configuration({"backend": "embedded"}, encoding=encoding))
    neovim.write(TARGET, content)
    neovim.write(CHAT, chat(block))
    neovim.open(TARGET)
    neovim.open(CHAT, "split")
    neovim.act(f"Apply to {TARGET}", 8)
    assert neovim.applied()["outcome"] == "applied"
    return neovim


def dos(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(dos(ORIGINAL), dos(REWRITE), id="CRLF"),
        pytest.param(BOM + ORIGINAL.encode(), BOM + REWRITE.encode(), id="BOM"),
        pytest.param(BOM + dos(ORIGINAL), BOM + dos(REWRITE), id="BOM and CRLF"),
    ],
)
def test_line_ends_and_mark_stay(start: Start, before: bytes, after: bytes) -> None:
    neovim = applied(start, before)
    assert neovim.save(TARGET) == after


def test_a_missing_final_newline_stays_missing(start: Start) -> None:
    neovim = applied(start, ORIGINAL.encode().removesuffix(b"\n"))
    neovim.command("set nofixendofline")  # Neovim would add it at each write
    neovim.lua("vim.bo[...].fixendofline = false", neovim.buffer(TARGET))
    assert neovim.save(TARGET) == REWRITE.encode().removesuffix(b"\n")


def test_a_change_of_the_last_line_adds_no_empty_line(start: Start) -> None:
    neovim = applied(start, ORIGINAL.encode(), "def fourth():\n    return 44\n")
    assert neovim.save(TARGET) == ORIGINAL.replace("return 4", "return 44").encode()


@pytest.mark.parametrize("end", ["", "\n"], ids=["no final newline", "final newline"])
def test_lines_after_the_last_one(start: Start, end: str) -> None:
    added = "\n\ndef fifth():\n    return 5\n"
    block = "# ... existing code ...\n\ndef fourth():\n    return 4\n" + added
    neovim = applied(start, ORIGINAL.removesuffix("\n").encode() + end.encode(), block)
    neovim.lua("vim.bo[...].fixendofline = false", neovim.buffer(TARGET))
    assert neovim.save(TARGET).decode() == (ORIGINAL + added).removesuffix("\n") + end


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_characters_beyond_the_basic_plane(start: Start, encoding: str) -> None:
    comment = "# 😀 naïve 漢字 👩‍👩‍👧 e\u0301\n"
    original = ORIGINAL.replace("    return 1\n", f"    s = '🚀é'; {comment}    return 1\n")
    original = original.replace("    return 2\n", "    return '😀', 2\n")
    block = "def second():\n    return '😀', 22, '🚀'\n"
    neovim = applied(start, original.encode(), block, encoding)
    assert neovim.lua("return harness.client().offset_encoding") == encoding
    after = original.replace("'😀', 2\n", "'😀', 22, '🚀'\n")
    assert neovim.save(TARGET) == after.encode()
    neovim.command("wincmd p")
    neovim.run_lens("fastapply.reject")
    neovim.until(lambda: neovim.text(TARGET) == original, "the original")


def test_what_only_python_calls_a_line_end(start: Start) -> None:
    comment = "import sys  # \x0c \x0b \x1c \x85 \u2028 \u2029\n"
    original = ORIGINAL.replace("import sys\n", comment)
    neovim = applied(start, original.encode())
    assert neovim.save(TARGET) == REWRITE.replace("import sys\n", comment).encode()
