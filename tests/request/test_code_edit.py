"""Every form of a code_edit is told apart and read."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unidiff.patch import PatchSet

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.request.code_edit import (
    SearchReplace,
    Snippet,
    UnifiedDiff,
    parse_code_edit,
)
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.syntax.markers import MarkerKind

PYTHON = language_named("python")
LINES = st.lists(st.sampled_from(["a", "-- b", "++ c", "@@", "", "  d", "--- e", "d"]), max_size=12)


@given(LINES, LINES, st.integers(0, 4))
def test_a_well_formed_diff_is_read_as_unidiff_reads_it(
    old: list[str], new: list[str], context: int
) -> None:
    text = "".join(
        difflib.unified_diff(
            [f"{line}\n" for line in old],
            [f"{line}\n" for line in new],
            "a/x.py",
            "b/x.py",
            n=context,
        )
    )
    if not text:
        return
    parsed = parse_code_edit(text)
    assert isinstance(parsed, UnifiedDiff)
    [theirs] = PatchSet(text)
    [ours] = parsed.files
    assert ours.path == "x.py"
    assert [[(line.sign, line.text) for line in hunk.lines] for hunk in ours.hunks] == [
        [(line.line_type, line.value.rstrip("\n")) for line in hunk] for hunk in theirs
    ]
    assert [hunk.old_start for hunk in ours.hunks] == [
        hunk.source_start if hunk.source_length == 0 else hunk.source_start - 1 for hunk in theirs
    ]


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_its_form(text: str) -> None:
    try:
        parsed = parse_code_edit(text)
    except MalformedEdit:
        return
    assert isinstance(parsed, Snippet | UnifiedDiff | SearchReplace)


@pytest.mark.parametrize(
    "header",
    ["@@ -1,1 +1,1 @@", "@@ ... @@", "@@", "@@ @@", "@@ -99 +99 @@ def f():", "@@ def f():"],
)
def test_a_hunk_header_needs_no_right_numbers(header: str) -> None:
    parsed = parse_code_edit(f"{header}\n-a\n+b\n")
    assert isinstance(parsed, UnifiedDiff)
    [hunk] = parsed.files[0].hunks
    assert (hunk.old, hunk.new) == (("a",), ("b",))
    assert hunk.hint == ("def f():" if "def" in header else "")


def test_a_class_variable_of_ruby_is_no_hunk_header() -> None:
    assert isinstance(parse_code_edit("@@count = 1\n@@total = 2\n"), Snippet)


def test_a_list_in_markdown_is_no_diff() -> None:
    assert isinstance(parse_code_edit("- one\n- two\n+ three\n"), Snippet)


def test_a_diff_without_header_lines_under_its_file_names_is_one_hunk() -> None:
    parsed = parse_code_edit("--- a/x\n+++ b/x\n a\n-b\n+c\n")
    assert isinstance(parsed, UnifiedDiff)
    [hunk] = parsed.files[0].hunks
    assert (hunk.old, hunk.new) == (("a", "b"), ("a", "c"))


def test_new_and_deleted_files_have_one_path() -> None:
    parsed = parse_code_edit(
        "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n"
    )
    assert isinstance(parsed, UnifiedDiff)
    [file] = parsed.files
    assert (file.old_path, file.new_path, file.path) == (None, "n", "n")
    assert file.hunks[0].old_start == 0


def test_a_patch_names_files_and_scopes() -> None:
    parsed = parse_code_edit(
        "*** Begin Patch\n"
        "*** Update File: src/a.py\n"
        "@@ class A:\n"
        "@@ def f(self):\n"
        "     x = 1\n"
        "-    y = 2\n"
        "+    y = 3\n"
        "*** End of File\n"
        "*** Add File: src/b.py\n"
        "+b = 1\n"
        "*** Delete File: src/c.py\n"
        "*** End Patch\n"
    )
    assert isinstance(parsed, UnifiedDiff)
    first, second = parsed.files
    assert (first.path, second.old_path, second.new_path) == ("src/a.py", None, "src/b.py")
    [hunk] = first.hunks
    assert (hunk.hint, hunk.to_end) == ("def f(self):", True)
    assert hunk.new == ("    x = 1", "    y = 3")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("<<<<<<< SEARCH", ">>>>>>> REPLACE"),
        ("<<<<< SEARCH", ">>>>> REPLACE"),
        ("------- SEARCH", "+++++++ REPLACE"),
        ("<<<<<<< SEARCH>", ">>>>>>> REPLACE"),
        ("<<<<<<< ORIGINAL", ">>>>>>> UPDATED"),
    ],
)
def test_blocks_in_each_spelling(first: str, last: str) -> None:
    parsed = parse_code_edit(f"src/a.py\n```python\n{first}\na\n=======\nb\nc\n{last}\n```\n")
    assert isinstance(parsed, SearchReplace)
    [block] = parsed.blocks
    [reading] = block.readings
    assert (reading.search, reading.replace, block.path) == (("a",), ("b", "c"), "src/a.py")


def test_the_start_line_and_escapes_of_roo() -> None:
    parsed = parse_code_edit(
        "<<<<<<< SEARCH\n:start_line:7\n:end_line:8\n-------\n\\=======\n=======\nb\n>>>>>>> REPLACE"
    )
    assert isinstance(parsed, SearchReplace)
    [block] = parsed.blocks
    assert (block.start, block.readings[0].search) == (6, ("=======",))


def test_a_block_without_its_last_line_ends_with_the_text() -> None:
    parsed = parse_code_edit("```\n<<<<<<< SEARCH\na\n=======\nb\n```\n")
    assert isinstance(parsed, SearchReplace)
    assert parsed.blocks[0].readings[0].replace == ("b",)


def test_a_block_without_divider_is_refused() -> None:
    with pytest.raises(MalformedEdit) as refused:
        parse_code_edit("<<<<<<< SEARCH\na\nb\n>>>>>>> REPLACE\n")
    assert refused.value.line == 1


def test_a_patch_without_changes_is_refused() -> None:
    with pytest.raises(MalformedEdit):
        parse_code_edit("*** Begin Patch\n*** Update File: a\n x\n*** End Patch\n")


@pytest.mark.parametrize("fence", ["```", "````", "~~~"])
def test_a_fence_around_all_is_taken_away(fence: str) -> None:
    parsed = parse_code_edit(f"\n{fence}python src/a.py\nx = 1\n{fence}\n\n")
    assert isinstance(parsed, Snippet)
    assert (parsed.lines, parsed.fenced) == (("x = 1",), True)


def test_fences_inside_markdown_stay() -> None:
    text = "```sh\nmake\n```\n\nthen\n\n```sh\nrun\n```\n"
    parsed = parse_code_edit(text)
    assert isinstance(parsed, Snippet)
    assert (parsed.lines, parsed.fenced) == (tuple(text.splitlines()), False)


def test_a_fence_that_holds_a_fence() -> None:
    parsed = parse_code_edit("```markdown\nSee\n```sh\nmake\n```\nend\n```\n")
    assert isinstance(parsed, Snippet)
    assert parsed.lines == ("See", "```sh", "make", "```", "end")


def test_markers_are_found_with_what_they_say() -> None:
    parsed = parse_code_edit("a = 1\n# ... existing code ...\n# removed b\nc = 1", language=PYTHON)
    assert isinstance(parsed, Snippet)
    assert [(marker.line, marker.kind) for marker in parsed.markers] == [
        (1, MarkerKind.ELISION),
        (2, MarkerKind.REMOVAL),
    ]
    assert not parsed.final_newline
