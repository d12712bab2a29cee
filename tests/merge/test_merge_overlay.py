"""Entries laid over a table: what is shown is set, and what is not shown stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.merge import merge
from fastapply_lsp.merge.overlay import overlaid
from fastapply_lsp.request.model import EditFile

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
FORMS = st.sampled_from(['{} = "{}"', '  "{}": {}', "- {}: {}"])


def entries(form: str, names: Sequence[str], value: int) -> list[str]:
    return [form.format(name, value) for name in names]


@given(FORMS, NAMES)
def test_a_table_over_itself_is_itself(form: str, names: list[str]) -> None:
    texts = entries(form, names, 1)
    assert list(overlaid(texts, texts)) == texts
    assert list(overlaid((), texts)) == texts


@given(FORMS, NAMES, NAMES)
def test_each_name_is_there_once_and_what_is_shown_counts(
    form: str, theirs: list[str], ours: list[str]
) -> None:
    result = overlaid(entries(form, theirs, 2), entries(form, ours, 1))
    kept = [name for name in ours if name not in theirs]
    assert sorted(result) == sorted(entries(form, theirs, 2) + entries(form, kept, 1))
    stay = {*entries(form, ours, 1), *entries(form, ours, 2)}
    assert [text for text in result if text in stay] == [
        form.format(name, 2 if name in theirs else 1) for name in ours
    ]


@given(NAMES, NAMES, st.booleans())
def test_commas_part_entries_as_before(theirs: list[str], ours: list[str], trailing: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    old = [f'"{name}": 1,' for name in ours]
    if old and not trailing:
        old[-1] = old[-1].removesuffix(",")
    result = overlaid([f'"{name}": 2' for name in theirs], old)
    if len(ours) > 1:
        assert all(text.endswith(",") for text in result[:-1])
        assert result[-1].endswith(",") == trailing


@pytest.mark.parametrize(
    ("theirs", "ours", "result"),
    [
        (["a:", "  y: 3"], ["a:", "  x: 1", "  y: 2", "b: 4"], ["a:", "  x: 1", "  y: 3", "b: 4"]),
        (["b: 3", "c: 4"], ["a: 1", "b: 2", "d: 5"], ["a: 1", "b: 3", "c: 4", "d: 5"]),
        (["new: 1"], ["a: 1", "# the end"], ["a: 1", "new: 1", "# the end"]),
        (["a:b{ x: 2; }"], ["a:b { x: 1; } /* one */", "c {}"], ["a:b{ x: 2; } /* one */", "c {}"]),
        (["a {", "  x;", "}"], ["a {", "  y;", "},", "b"], ["a {", "  y;", "  x;", "},", "b"]),
    ],
)
def test_entries_are_gone_into(theirs: list[str], ours: list[str], result: list[str]) -> None:
    assert list(overlaid(theirs, ours)) == result


def test_the_file_that_keeps_comes_before_the_one_that_deletes() -> None:
    file = '[package]\nname = "x"\nversion = "1"\nlicense = "MIT"\n'
    merged = merge(file, EditFile("a.toml", "", '[package]\nversion = "2"\n'))
    assert [one.predicted for one in merged.candidates] == [
        file.replace('"1"', '"2"'),
        '[package]\nversion = "2"\n',
    ]
    assert merged.reasons == ("the snippet shows package without some of its lines",)
    lines = {at for region in merged.regions for at in range(region.span.start, region.span.end)}
    assert lines == {1, 2, 3}


def test_several_definitions_that_are_asked_to_go_are_not_kept() -> None:
    parts = [f"def {name}(x):\n    return {name!r} + x\n" for name in ("a1", "b2", "c3", "d4")]
    file = "\n\n".join(parts)
    edit = f"{parts[0]}\n\n{parts[3]}    # ...\n".replace("'d4'", "'d'")
    kept = merge(file, EditFile("a.py", "", edit))
    assert not kept.certain
    assert "def b2" in kept.predicted
    assert "def c3" in kept.predicted
    gone = merge(file, EditFile("a.py", "Remove `b2` and `c3`", edit))
    assert "def b2" not in gone.predicted
    assert "def c3" not in gone.predicted


@pytest.mark.parametrize(
    ("path", "file", "edit"),
    [
        ("a.css", "a { top: 1px; } /* once */\n", "a { top: 2px; }\n"),
        ("a.css", "a {\n  /* once */\n  top: 1px;\n}\n", "a {\n  top: 2px;\n  left: 0;\n}\n"),
        ("a.toml", '[a]\ntop = "#1" # once\n', '[a]\ntop = "#2"\n'),
    ],
)
def test_a_comment_goes_only_if_it_is_asked_to(path: str, file: str, edit: str) -> None:
    head = "[b]\nx = 1\ny = 2\n\n" if path == "a.toml" else "b {\n  x: 1;\n  y: 2;\n}\n\n"
    merged = merge(head + file, EditFile(path, "", edit))
    assert merged.reasons == ("the snippet shows a without its comments",)
    assert "once" in merged.predicted
    assert merged.candidates[1].predicted == head + edit
    asked = merge(head + file, EditFile(path, "Drop the comments", edit))
    assert asked.certain
    assert asked.predicted == head + edit


def test_a_marker_for_a_docstring_is_not_sure_to_keep_more() -> None:
    doc = '    """All of it."""\n'
    edit = "def f(a):\n    # ... existing docstring ...\n    check(a)\n    a += 1\n    return a\n"
    short = f"def f(a):\n{doc}    check(a)\n    return a\n"
    assert merge(short, EditFile("a.py", "", edit)).certain
    long = short.replace(doc, f"{doc}    # Nothing to do.\n")
    merged = merge(long, EditFile("a.py", "", edit))
    assert merged.predicted == long.replace("    return", "    a += 1\n    return")
    assert "a marker for a docstring also stands for what follows it" in merged.reasons
    both = edit.replace("docstring", "docstring and checks")
    assert (
        merge(long, EditFile("a.py", "", both)).reasons
        == merge(long, EditFile("a.py", "", edit.replace("docstring", "code"))).reasons
    )
