"""The target is explicit: the most explicit place decides, and several files are an error."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.errors import AmbiguousTarget, UnknownTarget
from fastapply_lsp.request.chat import parse_chat
from fastapply_lsp.request.paths import Workspace, clean_path, looks_like_path, mentions
from fastapply_lsp.request.target import (
    Level,
    Target,
    find_target,
    resolve_target,
    without_label,
)
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.languages import language_of
from tests.cases import cases, needs_cases

FILES = ["src/app.py", "src/util.py", "lib/util.py", "web/main.ts", "style.css", "Makefile"]
WORKSPACE = Workspace([*FILES, "my notes.md"], roots=["/home/me/project", "C:\\work\\project"])


def target(text: str, block: int = 0, defines: dict[str, list[str]] | None = None) -> Target:
    chat = parse_chat(text)
    index = defines or {}
    return find_target(chat, chat.blocks[block], WORKSPACE, lambda name: index.get(name, ()))


def fenced(info: str, code: str = "x = 1\n", before: str = "") -> str:
    return f"{before}```{info}\n{code}```\n"


@pytest.mark.parametrize(
    "info",
    [
        "python src/app.py",
        "src/app.py",
        "app.py",
        "python:src/app.py",
        "py src/app.py:12-20",
        "12:30:src/app.py",
        "startLine:endLine:src/app.py",
        'python title="src/app.py"',
        "python title='src/app.py' {1,3-5}",
        "python file=src/app.py",
        "python {filename=src/app.py}",
        "py [src/app.py]",
        "python (src/app.py)",
        "./src/app.py",
        "src\\app.py",
        "C:\\work\\project\\src\\app.py",
        "/home/me/project/src/app.py",
        "project/src/app.py",
        "file:///home/me/project/src/app.py",
    ],
)
def test_info_strings(info: str) -> None:
    assert target(fenced(info)) == Target("src/app.py", exists=True, level=Level.INFO)


@pytest.mark.parametrize("info", ["python", "", "text", "make", "js {1,3}", 'py title="Example"'])
def test_info_strings_that_name_no_file(info: str) -> None:
    with pytest.raises(UnknownTarget):
        target(fenced(info))


def test_a_name_with_a_space_and_a_new_file() -> None:
    assert target(fenced("md my notes.md")).path == "my notes.md"
    assert target(fenced("py src/new.py")) == Target("src/new.py", exists=False, level=Level.INFO)


@pytest.mark.parametrize(
    "before",
    [
        "src/app.py\n",
        "src/app.py:\n\n",
        "`src/app.py`\n\n",
        "**`src/app.py`**:\n",
        "**src/app.py**\n",
        "### src/app.py\n\n",
        "### `src/app.py` (updated)\n\nReplace the function:\n\n",
        "### 1. Update `src/app.py`\n\nFirst the import.\n\n",
        "## src/app.py\n\n### The import\n\nReplace it:\n\n",
        "File: src/app.py\n",
        "**File:** `src/app.py`\n",
        "- `src/app.py`:\n\n",
        "1. **src/app.py**\n",
        "[src/app.py](src/app.py)\n",
        "[app](./src/app.py):\n",
        "📄 src/app.py\n",
        "**src/app.py**\n\nReplace the function:\n\n",
        "In `src/app.py`:\n\n",
    ],
)
def test_path_lines_and_headings_before(before: str) -> None:
    found = target(fenced("python", before=before))
    assert found.path == "src/app.py"
    assert found.level in {Level.LINE_BEFORE, Level.PARAGRAPH}


def test_a_heading_holds_for_every_block_under_it() -> None:
    text = "## `style.css`\n\nA:\n\n```\na\n```\n\nB:\n\n```\nb\n```\n\n## Other\n\n```\nc\n```\n"
    assert [target(text, block).path for block in (0, 1)] == ["style.css", "style.css"]
    with pytest.raises(UnknownTarget):
        target("# T\n\n## Other\n\n```\nc\n```\n")


def test_a_path_line_holds_for_the_next_block_only() -> None:
    text = "style.css\n\n```\na\n```\n\nB:\n\n```py src/app.py\nb\n```\n\nC\n\n```sh\nc\n```\n"
    assert target(text).path == "style.css"
    with pytest.raises((UnknownTarget, AmbiguousTarget)):
        target(text, 2)


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("# src/app.py", "python"),
        ("// src/app.py", "js"),
        ("# file: src/app.py", "python"),
        ("<!-- src/app.py -->", "html"),
        ("/* src/app.py */", "css"),
        ("-- path: src/app.py", "sql"),
        ("# src/app.py (updated)", ""),
        ("# ./src/app.py:12", ""),
    ],
)
def test_a_path_comment_in_the_first_line(line: str, language: str) -> None:
    found = target(fenced(language, f"{line}\n\nx = 1\n"))
    assert (found.path, found.level) == ("src/app.py", Level.FIRST_LINE)
    assert without_label(f"{line}\n\nx = 1\n", found, "y = 2\n") == "x = 1\n"
    assert without_label(f"{line}\n\nx = 1\n", found, f"{line}\ny\n").startswith(line)


@pytest.mark.parametrize(
    "line",
    ["# setup", "# Use app.py here", "// e.g. and/or", "#!/bin/sh", "# v1.2", "import app.py"],
)
def test_first_lines_that_name_no_file(line: str) -> None:
    with pytest.raises(UnknownTarget):
        target(fenced("", f"{line}\nx\n"))


def test_diffs_and_patches_name_their_file() -> None:
    diff = "--- a/src/app.py\n+++ b/src/app.py\n@@ -1 +1 @@\n-x\n+y\n"
    assert target(fenced("diff", diff)).level is Level.DIFF_HEADER
    assert (
        target(fenced("diff", "diff --git a/style.css b/style.css\n@@ @@\n-x\n")).path
        == "style.css"
    )
    new = "--- /dev/null\n+++ b/src/new.py\n@@ -0,0 +1 @@\n+y\n"
    assert target(fenced("diff", new)) == Target(
        "src/new.py", exists=False, level=Level.DIFF_HEADER
    )
    gone = "--- a/style.css\n+++ /dev/null\n@@ -1 +0,0 @@\n-y\n"
    assert target(fenced("diff", gone)).path == "style.css"
    patch = "*** Begin Patch\n*** Update File: src/app.py\n@@\n-x\n+y\n*** End Patch\n"
    assert target(fenced("", patch)).path == "src/app.py"
    with pytest.raises(AmbiguousTarget) as caught:
        target(fenced("diff", diff + diff.replace("src/app.py", "style.css")))
    assert caught.value.candidates == ("src/app.py", "style.css")


def test_a_search_block_may_begin_with_its_path() -> None:
    code = "src/app.py\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n"
    found = target(fenced("", code))
    assert (found.path, found.label) == ("src/app.py", "src/app.py\n")


def test_the_more_explicit_place_wins() -> None:
    code = "# src/util.py\nx = 1\n"
    before = "Instead of lib/util.py, in `style.css`:\n\n"
    assert target(fenced("py src/app.py", code, before)).path == "src/app.py"
    assert target(fenced("py", code, before)).path == "src/util.py"
    assert target(fenced("css", "a {}\n", before)).path == "style.css"


def test_several_files_are_an_error_that_names_them() -> None:
    with pytest.raises(AmbiguousTarget) as caught:
        target(fenced("python util.py"))
    assert caught.value.candidates == ("lib/util.py", "src/util.py")
    with pytest.raises(AmbiguousTarget):
        target(fenced("python", before="In `src/app.py` and `src/util.py`:\n\n"))


def test_definitions_name_the_file_that_has_them_all() -> None:
    code = "def f():\n    pass\n\n\ndef g():\n    pass\n"
    defines = {"f": ["src/app.py", "src/util.py"], "g": ["src/util.py", "style.css"]}
    found = target(fenced("python", code), defines=defines)
    assert (found.path, found.level) == ("src/util.py", Level.DEFINITIONS)
    with pytest.raises(AmbiguousTarget):
        target(fenced("python", code), defines={"f": ["src/app.py", "src/util.py"]})


def test_the_only_file_of_the_dialogue() -> None:
    text = "## User\nPlease tidy src/app.py.\n\n## Assistant\nSure.\n\n```python\nx = 1\n```\n"
    assert target(text) == Target("src/app.py", exists=True, level=Level.MENTION)
    with pytest.raises(UnknownTarget):
        target(text.replace("```python", "```css"))
    with pytest.raises(AmbiguousTarget):
        target(text.replace("Sure.", "As in lib/util.py."))


@pytest.mark.parametrize("word", ["Node.js", "requests.get", "e.g.", "1.2.3", "and/or", "a.b()"])
def test_words_of_prose_are_no_new_files(word: str) -> None:
    with pytest.raises(UnknownTarget):
        target(fenced("python", before=f"With {word} this gets easy:\n\n"))


def test_resolving_a_name() -> None:
    assert resolve_target("main.ts", WORKSPACE) == "web/main.ts"
    with pytest.raises(AmbiguousTarget):
        resolve_target("util.py", WORKSPACE)
    for name in ("other/app.py", "/tmp/src/app.py", "../src/app.py", "pp.py", ""):
        with pytest.raises(UnknownTarget):
            resolve_target(name, WORKSPACE)


_NAMES = st.from_regex(r"[a-z]{1,4}(/[a-z_]{1,5}){0,2}\.(py|ts|css)", fullmatch=True)


@settings(max_examples=200)
@given(name=_NAMES, others=st.lists(_NAMES, max_size=4), line=st.integers(1, 999))
def test_a_path_means_itself_however_it_is_written(name: str, others: list[str], line: int) -> None:
    workspace = Workspace([name, *others], roots=["/r"])
    windows = name.replace("/", "\\")
    for written in (name, f"./{name}", f"`{name}`", f"{name}:{line}", f"{windows}:", f"**{name}**"):
        assert looks_like_path(clean_path(written))
        assert workspace.resolve(clean_path(written)) == (name,)
    assert workspace.resolve(f"/r/{name}") == (name,)
    assert [one.name for one in mentions(f"In `{name}`, and so on.")] == [name]


@needs_cases
def test_real_chats_never_get_a_wrong_file() -> None:
    files: dict[str, set[str]] = defaultdict(set)
    index: dict[tuple[str, str], set[str]] = defaultdict(set)
    for case in (*cases("apply-dev"), *cases("chat-dev")):
        files[case["repo"]].add(case["path"])
        for outer in definitions(case["original"], language_of(case["path"], case["original"])):
            for one in outer.walk():
                parts = one.qualified.split(".")
                for start in range(len(parts)):
                    index[case["repo"], ".".join(parts[start:])].add(case["path"])
    right = 0
    for case in cases("chat-dev"):
        chat = parse_chat(case["chat"])
        try:
            found = find_target(
                chat,
                chat.blocks[0],
                Workspace(files[case["repo"]]),
                lambda name, repo=case["repo"]: index[repo, name],
            )
        except (AmbiguousTarget, UnknownTarget):
            continue
        assert found.path == case["path"], case["id"]
        right += 1
    assert right >= 21
