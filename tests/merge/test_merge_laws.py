"""What holds for every file and every edit."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.merge import merge
from fastapply_lsp.merge.model import Form
from fastapply_lsp.request.model import EditFile
from tests.merge.laws import check

WORDS = ("alpha", "beta", "gamma", "delta", "rest", "open", "count", "value")
NAMES = st.sampled_from(WORDS)
STATEMENTS = st.builds("{} = {}({})".format, NAMES, NAMES, NAMES) | st.builds(
    "return {}".format, NAMES
)
BODIES = st.lists(STATEMENTS, min_size=1, max_size=5)


@st.composite
def functions(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    names = draw(st.lists(NAMES, min_size=1, max_size=5, unique=True))
    return [(name, draw(BODIES)) for name in names]


def source(parts: list[tuple[str, list[str]]]) -> str:
    return "\n\n".join(
        f"def {name}():\n" + "".join(f"    {line}\n" for line in body) for name, body in parts
    )


ANY_TEXT = st.text(
    st.sampled_from("abAB ={}()[]#/*<>-+@.:'\"`\\\t\n\r\u2028\x0c\ufeff\U0001f600"), max_size=160
)
PIECES = st.lists(
    st.sampled_from(
        [
            "# ... existing code ...\n",
            "// ...\n",
            "@@ -1,2 +1,3 @@\n",
            "@@\n",
            "--- a/x.py\n+++ b/x.py\n",
            "<<<<<<< SEARCH\n",
            "=======\n",
            ">>>>>>> REPLACE\n",
            "*** Begin Patch\n",
            "*** Update File: x.py\n",
            "*** End Patch\n",
            "```python\n",
            "```\n",
            "-a = 1\n",
            "+a = 2\n",
            " a = 1\n",
            "a = 1\n",
            "def f():\n",
            "    return 1\n",
            "class A:\n",
            "}\n",
            "{\n",
            "\n",
            "# removed it\n",
            "f(/* ... */)\n",
        ]
    ),
    max_size=14,
).map("".join)


@settings(max_examples=200)
@given(
    ANY_TEXT | PIECES,
    ANY_TEXT | PIECES,
    st.sampled_from(["x.py", "x.js", "x.md", "x.yml", "x.zzz"]),
)
def test_no_text_breaks_it(original: str, edit: str, path: str) -> None:
    try:
        merged = merge(original, EditFile(path, "", edit))
    except MalformedEdit:
        return
    check(merged, original)


@given(functions(), functions(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["kept", "cut"]))
def test_a_whole_file_is_that_file(
    before: list[tuple[str, list[str]]],
    after: list[tuple[str, list[str]]],
    end: str,
    final_newline: str,
) -> None:
    old = "#!/usr/bin/env python\n" + source(before)
    new = "#!/usr/bin/env python\n" + source(before + [one for one in after if one[0] not in old])
    old, new = old.replace("\n", end), new.replace("\n", end)
    if final_newline == "cut":
        old, new = old.removesuffix(end), new.removesuffix(end)
    merged = merge(old, EditFile("a.py", "", new))
    assert merged.predicted == new
    assert merged.form is Form.WHOLE_FILE
    check(merged, old)


@given(functions(), st.data())
def test_a_definition_replaces_the_one_of_its_name(
    parts: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(parts) - 1))
    body = data.draw(BODIES)
    changed = [*parts[:at], (parts[at][0], body), *parts[at + 1 :]]
    old, new = "import os\n\n\n" + source(parts), "import os\n\n\n" + source(changed)
    call = EditFile("a.py", "", source([changed[at]]))
    merged = merge(old, call)
    # Where it ends as the file's goes on, what follows there may only not be shown.
    head = body[-1].strip() in {line.strip() for line in parts[at][1][:-1]}
    if merged.certain:
        assert merged.predicted == new
    elif not head:
        assert new in {one.predicted for one in merged.candidates}
    check(merged, old)
    assert merge(merged.predicted, call).predicted == merged.predicted


@given(functions(), st.data())
def test_a_lazy_snippet_gives_back_the_file_that_it_was_cut_from(
    parts: list[tuple[str, list[str]]], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(parts) - 1))
    body = data.draw(BODIES)
    changed = [*parts[:at], (parts[at][0], body), *parts[at + 1 :]]
    marker = "# ... existing code ...\n"
    call = EditFile("a.py", "", f"{marker}\n{source([changed[at]])}\n{marker}")
    old = source(parts)
    merged = merge(old, call)
    check(merged, old)
    if merged.certain:
        assert merged.predicted == source(changed)
    assert merge(merged.predicted, call).predicted == merged.predicted


LINES = st.lists(st.sampled_from(["a", "b", "c", "d", "", "  e"]), max_size=12)


@given(LINES, LINES)
def test_a_diff_makes_the_new_file(old: list[str], new: list[str]) -> None:
    before, after = ["top", *old, "bottom"], ["top", *new, "bottom"]
    diff = "\n".join(difflib.unified_diff(before, after, "a/x", "b/x", lineterm="", n=3))
    if not diff:
        return
    original = "\n".join(before) + "\n"
    merged = merge(original, EditFile("x", "", diff))
    check(merged, original)
    if merged.certain:
        assert merged.predicted == "\n".join(after) + "\n"


@given(LINES, LINES)
def test_a_diff_that_is_in_the_file_is_never_sure_to_go_in_again(
    old: list[str], new: list[str]
) -> None:
    before, after = ["top", *old, "bottom"], ["top", *new, "bottom"]
    diff = "\n".join(difflib.unified_diff(before, after, "a/x", "b/x", lineterm="", n=3))
    if not diff:
        return
    done = "\n".join(after) + "\n"
    merged = merge(done, EditFile("x", "", diff))
    assert not merged.certain or merged.predicted == done


@given(LINES, LINES, LINES)
def test_a_block_replaces_its_search_lines(
    above: list[str], search: list[str], replace: list[str]
) -> None:
    mine = ["unique line", *search]
    file = [*above, *mine, "bottom"]
    edit = "\n".join(["<<<<<<< SEARCH", *mine, "=======", "new", *replace, ">>>>>>> REPLACE"])
    original = "\n".join(file) + "\n"
    merged = merge(original, EditFile("x", "", edit))
    check(merged, original)
    assert merged.predicted == "\n".join([*above, "new", *replace, "bottom"]) + "\n"


@pytest.mark.parametrize("line", ["x = 1\n", "}\n", "\n", "    return None\n"])
def test_a_file_of_one_line_repeated_is_no_trap(line: str) -> None:
    original = line * 3_000
    edit = f"# ... existing code ...\n{line * 300}y = 2\n{line * 300}# ... existing code ...\n"
    merged = merge(original, EditFile("x.py", "", edit))
    assert not merged.certain
    check(merged, original)


def test_broken_text_that_a_grammar_would_read_for_minutes_is_no_trap() -> None:
    body = "".join(
        f'    result.add{i}(Builder("%S").member(it) {{ "value = [%S]${{\n' for i in range(60)
    )
    edit = f"  private fun build(option: Name?): Spec {{\n{body}    // ... existing code ...\n"
    original = "class A {\n  private fun build(option: Name?): Spec {\n    go()\n  }\n}\n"
    check(merge(original, EditFile("A.kt", "", edit)), original)
