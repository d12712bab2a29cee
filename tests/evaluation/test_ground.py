"""Where faults may be planted: kept lines, blocks, comments and imports of a rewrite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.evaluation.ground import Ground
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span, apply_replacements

LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "# d\n"]), max_size=9).map("".join)


@given(LINES, LINES)
def test_runs_and_changes_share_out_the_rewrite(original: str, text: str) -> None:
    ground = Ground(original, text, language_named("python"))
    spans = sorted([*ground.runs, *(span for span in ground.changed if len(span))])
    assert [line for span in spans for line in ground.lines[span.start : span.end]] == list(
        ground.lines
    )
    old = split_lines(original)
    assert apply_replacements(old, ground.changes) == list(ground.lines)
    kept = [line for run in ground.runs for line in ground.lines[run.start : run.end]]
    assert len(kept) == len(old) - sum(len(change.span) for change in ground.changes)
    for span in (*ground.comments, *ground.blocks):
        assert ground.kept(span)


def test_a_place_where_lines_were_taken_out_is_not_kept() -> None:
    ground = Ground("a\nb\nc\nd\n", "a\nc\nd\n", None)
    assert ground.runs == (Span(0, 1), Span(1, 3))
    assert ground.kept(Span(1, 3))
    assert not ground.kept(Span(0, 2))


@pytest.mark.parametrize(
    ("language", "text", "comments"),
    [
        ("python", "#!/bin/python\nx = 1  # no\n# yes\n# and on\ny = 2\n", [Span(2, 4)]),
        ("python", 'a = 1\n"""text"""\n', []),
        ("javascript", "f()\n/* one\n   two */\n// three\ng()\n", [Span(1, 4)]),
        ("javascript", "f()\n/* one */ g()\n", []),
        ("css", "a{}\n/* open\n", []),
        ("html", "<p>\n<!-- why -->\n</p>\n", [Span(1, 2)]),
        ("c", "#include <a.h>\n", []),
    ],
)
def test_comments_fill_their_lines(language: str, text: str, comments: list[Span]) -> None:
    assert list(Ground(text, text, language_named(language)).comments) == comments


def test_a_licence_at_the_top_is_left_alone() -> None:
    text = "// Copyright\n\nf()\n// why\ng()\n"
    assert Ground(text, text, language_named("go")).comments == (Span(3, 4),)


@pytest.mark.parametrize(
    ("language", "line", "is_import"),
    [
        ("python", "from a import b\n", True),
        ("python", "from a import (\n", False),
        ("python", "important = 1\n", False),
        ("rust", "pub use a::b;\n", True),
        ("rust", "use a::{\n", False),
        ("go", '\t"net/http"\n', True),
        ("cpp", "#include <vector>\r\n", True),
        ("javascript", "const a = require('a');\n", True),
        ("javascript", "import {\n", False),
        ("ruby", "require 'set'\n", True),
        ("markdown", "import a\n", False),
    ],
)
def test_imports_are_statements_of_one_line(language: str, line: str, is_import: bool) -> None:  # noqa: FBT001 - a table's column
    assert bool(Ground(line, line, language_named(language)).imports) == is_import


def test_a_definition_that_changed_or_is_most_of_the_file_is_no_block() -> None:
    original = "".join(f"def f{n}():\n    return {n}\n\n\n" for n in range(4))
    text = original.replace("return 2", "return 3")
    ground = Ground(original, text, language_named("python"))
    assert [ground.lines[block.start] for block in ground.blocks] == [
        "def f0():\n",
        "def f1():\n",
        "def f3():\n",
    ]
    whole = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"
    blocks = Ground(whole, whole, language_named("python")).blocks
    assert [block.start for block in blocks] == [1, 4]
