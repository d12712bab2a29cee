"""The diff gives back the new text, and terminals are not steered by what it holds."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.commands.unified_diff import coloured, unified_diff

LINE = st.text(alphabet="ab\\ \r\x0c\u2028é𝄞-+@", max_size=4)
TEXT = st.builds(
    lambda lines, final: "\n".join(lines) + final,
    st.lists(LINE, max_size=12),
    st.sampled_from(["", "\n"]),
)


def patched(old: str, diff: list[str]) -> str:
    """Apply a diff as `patch` does, by its numbers alone."""
    before = [line + "\n" for line in old.split("\n")]
    before[-1] = before[-1][:-1]
    if before[-1] == "":
        before.pop()
    result: list[str] = []
    at = 0
    for number, line in enumerate(diff[2:], 2):
        if line.startswith("@@"):
            first, _, length = line.split()[1][1:].partition(",")
            start = int(first) - (length != "0")
            result += before[at:start]
            at = start
            continue
        if line.startswith("\\"):
            continue
        bare = number + 1 < len(diff) and diff[number + 1].startswith("\\ No newline")
        body = line[1:-1] if bare else line[1:]
        if line[0] in " -":
            assert before[at] == body
            at += 1
        if line[0] in " +":
            result.append(body)
    return "".join([*result, *before[at:]])


@given(TEXT, TEXT)
def test_the_diff_applied_to_the_old_text_gives_the_new_one(old: str, new: str) -> None:
    diff = list(unified_diff(old, new, "x"))
    assert bool(diff) == (old != new)
    if diff:
        assert patched(old, diff) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("", "first\n"),
        ("only\n", ""),
        ("a\r\nb\r\n", "a\r\nb\r\nc\r\n"),
        ("a\nb", "a\nb\n"),
        ("a\nb\n", "a\nb"),
        ("".join(f"{n}\n" for n in range(40)), "".join(f"{n}\n" for n in range(40) if n % 15)),
    ],
)
def test_git_takes_the_diff(tmp_path: Path, old: str, new: str) -> None:
    target = tmp_path / "x.txt"
    target.write_bytes(old.encode())
    diff = "".join(unified_diff(old, new, "x.txt"))
    subprocess.run(
        ["git", "-c", "core.autocrlf=false", "apply", "-"],
        input=diff.encode(),
        cwd=tmp_path,
        check=True,
    )
    assert target.read_bytes() == new.encode()


def test_far_changes_get_hunks_of_their_own() -> None:
    old = "".join(f"{n}\n" for n in range(30))
    new = old.replace("5\n", "five\n", 1).replace("25\n", "twenty\n")
    diff = list(unified_diff(old, new, "n"))
    assert [line for line in diff if line.startswith("@@")] == [
        "@@ -3,7 +3,7 @@\n",
        "@@ -23,7 +23,7 @@\n",
    ]


def test_a_terminal_sees_control_characters_and_does_not_obey_them() -> None:
    assert "\x1b]0;owned\x07" not in coloured("+\x1b]0;owned\x07\n")
    assert "\\x1b]0;owned\\x07" in coloured("+\x1b]0;owned\x07\n")
    assert coloured("+a\tb\n") == "\x1b[32m+a\tb\x1b[0m\n"
