"""Lost lines and white space come back; additions and changes stay, and are told.

Of this file the edit asks for one thing: ``print(each)`` becomes ``print(each, flush=True)``.
"""

from __future__ import annotations

import pytest

from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import FaultKind, Verdict
from fastapply_lsp.guard.parts import PartKind
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, Span
from tests.guard.merges import placed

PYTHON = language_named("python")
SOURCE = """\
import os
import sys


def first(a):
    # One more, as in the book.
    return a + 1


def second(b):
    for each in b:
        print(each)
    return None


def third(c):
    size = len(c)
    return [size, size]
"""
SERIES = (Replacement(11, 12, ("        print(each, flush=True)\n",)),)
CERTAIN, UNSURE = placed(SOURCE, SERIES), placed(SOURCE, SERIES, unsure=True)
ASKED = CERTAIN.predicted
MERGES = pytest.mark.parametrize("merge", [CERTAIN, UNSURE], ids=["certain", "unsure"])


def of(*changes: tuple[str, str], text: str = ASKED) -> str:
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def told(found: Verdict) -> list[str]:
    return [change.unrequested for change in found.changes if change.unrequested]


LOST = {
    "an import": ("import sys\n", ""),
    "a comment": ("    # One more, as in the book.\n", ""),
    "a function": (SOURCE[SOURCE.index("def third") :], ""),
    "a function and the blank lines": (SOURCE[SOURCE.index("def third") - 2 :], ""),
    "the end of a statement": ("    return [size, size]\n", "    retu"),
    "blank lines": ("\n\n\ndef third", "\ndef third"),
    "the first lines": ("import os\nimport sys\n\n\n", ""),
}
SPACE = {
    "indentation": ("    size = len(c)\n    return [", "  size = len(c)\n  return ["),
    "a tab": ("    # One", "\t# One"),
    "a trailing blank": ("def first(a):\n", "def first(a): \n"),
    "a blank line": ("import sys\n", "\nimport sys\n"),
    "spaces in a line": ("a + 1", "a+1"),
    "a broken line": ("    size = len(c)\n", "    size =\n        len(c)\n"),
}


@MERGES
@pytest.mark.parametrize("fault", LOST.values(), ids=LOST.keys())
def test_what_is_lost_comes_back(merge: object, fault: tuple[str, str]) -> None:
    found = verdict(SOURCE, of(fault), merge=merge, language=PYTHON)  # type: ignore[arg-type]
    assert found.text == ASKED
    assert found.repairs
    assert found.accepted
    assert told(found) == []


@MERGES
@pytest.mark.parametrize("fault", SPACE.values(), ids=SPACE.keys())
def test_white_space_comes_back(merge: object, fault: tuple[str, str]) -> None:
    found = verdict(SOURCE, of(fault), merge=merge, language=PYTHON)  # type: ignore[arg-type]
    assert found.text == ASKED
    assert [repair.kind for repair in found.repairs] == [FaultKind.WHITESPACE]
    assert told(found) == []


def test_a_repair_says_what_came_back() -> None:
    lost = of(LOST["a function"], LOST["an import"], SPACE["a trailing blank"])
    found = verdict(SOURCE, lost, merge=CERTAIN, language=PYTHON)
    assert [repair.message for repair in found.repairs] == [
        "put back a line that the rewrite had lost: `import sys`, line 2",
        "put back 3 lines that the rewrite had lost: from `def third(c):` on, lines 16 to 18",
        "put back the white space that the rewrite had changed: line 5",
    ]


CHANGES = {
    "a needed import": (
        [("import os\n", "import os\nimport io\n")],
        ["the edit does not ask for `import io`"],
    ),
    "a rename": (
        [("def third(c):\n", "def last(c):\n")],
        ["the edit does not ask for `def third(c):` to change"],
    ),
    "a call that follows": (
        [("    size = len(c)\n", "    size = second(c)\n")],
        ["the edit does not ask for `size = len(c)` to change"],
    ),
    "another body": (
        [("    size = len(c)\n    return [size, size]\n", "    yield from second(c)\n")],
        ["the edit does not ask for line 17 to change"],
    ),
    "two lines in one": (
        [("    size = len(c)\n    return [size, size]\n", "    return [len(c)] * 2\n")],
        ["the edit does not ask for line 17 to change"],
    ),
    "a block put around lines": (
        [("    size = len(c)\n    return [", "    if c:\n        size = len(c)\n        return [")],
        ["the edit does not ask for `if c:`, nor for lines 18 to 19 to change"],
    ),
    "a function that moved": (
        [
            (SOURCE[SOURCE.index("def third") :], ""),
            ("def first", LAST := SOURCE[-61:] + "def first"),
        ],
        [],
    ),
}
del LAST


@MERGES
def test_what_a_good_model_adds_or_changes_stays_and_is_told(merge: object) -> None:
    for name, (changes, sentences) in CHANGES.items():
        rewrite = of(*changes)
        found = verdict(SOURCE, rewrite, merge=merge, language=PYTHON)  # type: ignore[arg-type]
        assert found.text == rewrite, name
        assert found.repairs == (), name
        if sentences:
            assert told(found) == sentences, name
        assert told(found), name


def test_a_rename_beside_lost_lines_stays_and_they_come_back() -> None:
    third = SOURCE[SOURCE.index("def third") :]
    found = verdict(SOURCE, of((third, "def last(c):\n")), merge=CERTAIN, language=PYTHON)
    assert found.text == of(("def third(c):\n", "def last(c):\n"))
    assert told(found) == ["the edit does not ask for `def third(c):` to change"]


def test_inside_a_certain_edit_a_reworded_comment_stays() -> None:
    series = (
        Replacement(5, 7, ("    # One more,\n", "    # as in the book.\n", "    return 1 + a\n")),
    )
    merge = placed(SOURCE, series)
    for words in ("    # As in the book, one more.\n", "    # One is added.\n"):
        rewrite = merge.predicted.replace("    # One more,\n    # as in the book.\n", words)
        found = verdict(SOURCE, rewrite, merge=merge, language=PYTHON)
        assert found.text == rewrite
        assert found.repairs == ()
        assert told(found) == []


def test_inside_an_unsure_edit_nothing_is_touched() -> None:
    merge = placed(SOURCE, SERIES, unsure=True, also=(Span(9, 13),))
    for rewrite in (
        of(("    return None\n", "")),
        of(("        print(each, flush=True)\n", "    print(each, flush=True)\n")),
        of(("    for each in b:\n        print(each, flush=True)\n", "    print(*b)\n")),
    ):
        found = verdict(SOURCE, rewrite, merge=merge, language=None)
        assert found.text == rewrite
        assert told(found) == []


def test_beside_an_unsure_edit_what_goes_is_told_and_not_put_back() -> None:
    rewrite = of(("    return None\n", ""))
    assert verdict(SOURCE, rewrite, merge=CERTAIN, language=PYTHON).text == ASKED
    found = verdict(SOURCE, rewrite, merge=UNSURE, language=PYTHON)
    assert found.text == rewrite
    assert told(found) == ["the edit does not ask for `return None` to go"]


def test_lines_that_an_unsure_edit_may_bring_from_elsewhere_are_no_loss() -> None:
    third = tuple(split_lines(SOURCE[SOURCE.index("def third") :]))
    series = (Replacement(4, 4, (*third, "\n", "\n")),)
    unsure, certain = placed(SOURCE, series, unsure=True), placed(SOURCE, series)
    moved = unsure.predicted.removesuffix("\n\n" + "".join(third))
    assert verdict(SOURCE, moved, merge=certain, language=None).text == certain.predicted
    found = verdict(SOURCE, moved, merge=unsure, language=None)
    assert "`def third(c):`" in " ".join(told(found))
    assert "def third" not in found.text[found.text.index("def second") :]


def test_a_change_that_is_asked_for_in_part_is_taken_apart_at_a_kept_line() -> None:
    rewrite = of(("    # One more, as", "    # One, as"))
    streamed = [Replacement(5, 12, tuple(split_lines(rewrite)[5:12]))]
    found = verdict(SOURCE, rewrite, merge=CERTAIN, language=None, replacements=streamed)
    assert [(one.replacement.span, bool(one.unrequested)) for one in found.changes] == [
        (Span(5, 6), True),
        (Span(11, 12), False),
    ]


def test_where_no_line_is_kept_the_whole_is_told_and_which_line_it_is() -> None:
    rewrite = of(("    return None\n", "    return b\n"))
    found = verdict(SOURCE, rewrite, merge=CERTAIN, language=None)
    assert [one.replacement.span for one in found.changes] == [Span(11, 13)]
    assert told(found) == ["the edit does not ask for `return None` to change"]


def test_an_edit_that_wants_nothing_says_nothing_of_what_may_go() -> None:
    there = placed(SOURCE, (), unsure=True)
    rewrite = of(LOST["a function"], text=SOURCE)
    found = verdict(SOURCE, rewrite, merge=there, language=None)
    assert found.text == rewrite
    assert len(told(found)) == 1


def test_what_does_not_parse_when_it_is_put_back_is_left() -> None:
    source = "a {\n  b: 1;\n}\n\nc {\n  d: 2;\n}\n"
    merge = placed(source, (Replacement(4, 4, ("e {\n",)),))
    css = language_named("css")
    assert verdict(source, source, merge=merge, language=css).text == merge.predicted
    rewrite = source.replace("  b: 1;\n", "  b: 3;\n")
    assert verdict(source, rewrite, merge=merge, language=css).text == rewrite
    without = verdict(source, rewrite, merge=merge, language=None)
    assert without.text == merge.predicted.replace("  b: 1;\n", "  b: 3;\n")


def test_what_is_put_back_behind_a_last_line_is_not_glued_to_it() -> None:
    original, edit = "a\na\n b", "a\na\n b\nzz\n"
    asked = merge(original, EditFile("file.txt", "", edit))
    found = verdict(original, "c\nc\n  b\n", merge=asked, language=None, edit=edit)
    known = {line.strip() for line in split_lines(f"{edit}c\n")}
    assert {line.strip() for line in split_lines(found.text)} <= known


@MERGES
def test_new_lines_behind_a_last_line_without_an_end_do_not_change_that(merge: Merge) -> None:
    source, asked = SOURCE.removesuffix("\n"), ASKED.removesuffix("\n")
    merge = placed(source, SERIES, unsure=not merge.certain)
    rewrite = asked + "\nthird(1)"
    found = verdict(source, rewrite, merge=merge, language=PYTHON)
    assert (found.text, found.repairs) == (rewrite, ())
    assert told(found) == ["the edit does not ask for `third(1)`"]
    shorter = asked.removesuffix("\n    return [size, size]")
    assert verdict(source, shorter, merge=merge, language=PYTHON).text == asked


def test_the_parts_of_one_deviation() -> None:
    rewrite = of(
        ("import os\nimport sys\n", "import os.path\n"),
        ("def first(a):\n", "def first(a) :\n"),
        ("    return a + 1\n", "    return a + 2\n    # done\n"),
    )
    parts = Context(SOURCE, rewrite, CERTAIN, PYTHON, "").parts
    assert [part.kind for part in parts] == [
        PartKind.CHANGED,
        PartKind.LOST,
        PartKind.SPACE,
        PartKind.CHANGED,
        PartKind.ADDED,
    ]
