"""Names that are gone or there twice, drifted lines, and a torn last line."""

from __future__ import annotations

import pytest

from fastapply_lsp.guard import drift, names, truncation
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from tests.guard.merges import placed

SOURCE = """\
import os
from typing import Any, List


class Shop:
    def open(self):
        return os.getcwd()

    def close(self):
        return None


def first(a):
    return second(a)


def second(b):
    return b
"""
EDIT = (Replacement(13, 14, ("    return second(a + 1)\n",)),)
RESULT = SOURCE.replace("second(a)", "second(a + 1)")
CERTAIN = placed(SOURCE, EDIT)
UNSURE = placed(SOURCE, EDIT, unsure=True)
ALL = (Span(0, len(split_lines(SOURCE))),)
WIDE = placed(SOURCE, EDIT, also=ALL)
WIDE_UNSURE = placed(SOURCE, EDIT, also=ALL, unsure=True)


def context(rewrite: str, merge: Merge | None = CERTAIN) -> Context:
    return Context(SOURCE, rewrite, merge, language_named("python"), "")


def found(rewrite: str, merge: Merge | None = CERTAIN) -> list[Fault]:
    return list(names.check(context(rewrite, merge)))


def changed(old: str, new: str) -> str:
    assert old in RESULT
    return RESULT.replace(old, new)


GONE = [
    (changed("def second", "def seconds"), "the function second is gone"),
    (changed("def close", "def shut"), "the function Shop.close is gone"),
    (changed("class Shop", "class Store"), "the class Shop is gone"),
    (changed("Any, List", "Any"), "what was imported is gone: List"),
    (changed("import os", "import sys"), "what was imported is gone: os"),
]


@pytest.mark.parametrize(("rewrite", "gone"), GONE)
def test_a_name_that_a_certain_merge_keeps_may_not_go(rewrite: str, gone: str) -> None:
    faults = found(rewrite, WIDE)
    assert gone in [fault.message for fault in faults]
    assert {fault.kind for fault in faults} == {FaultKind.DROPPED}
    assert all(fault.fatal for fault in faults)


@pytest.mark.parametrize("rewrite", [rewrite for rewrite, _ in GONE])
@pytest.mark.parametrize("merge", [CERTAIN, UNSURE])
def test_one_that_went_where_nobody_asked_for_it_waits_with_its_mark(
    rewrite: str, merge: Merge
) -> None:
    told = verdict(SOURCE, rewrite, merge=merge, language=language_named("python"))
    assert told.accepted
    assert told.doubts == ()
    assert told.text == rewrite
    asked = [one.replacement for one in told.changes if not one.unrequested]
    assert "".join(apply_replacements(split_lines(SOURCE), asked)) == RESULT


def test_an_unsure_merge_only_tells_and_only_of_names_in_use() -> None:
    [fault] = found(changed("def second", "def seconds"), WIDE_UNSURE)
    assert not fault.fatal
    assert found(changed("def close", "def shut"), WIDE_UNSURE) == []
    other = (Replacement(13, 14, ("    return a\n",)), Replacement(16, 18, ("x = first\n",)))
    both = placed(SOURCE, EDIT, other, unsure=True, also=ALL)
    assert found(changed("def second", "def seconds"), both) == []
    assert found(changed("def second", "def seconds"), None) == []


@pytest.mark.parametrize(
    "rewrite",
    [
        RESULT,
        changed("a + 1", "a + 2"),
        changed("import os\n", "import os\nimport re\n"),
        changed("Any, List", "Any, List, Set"),
        changed("import os", "from os import path"),
        changed("first(a)", "first(a, *, b=1)"),
        changed("def second(b):", "def second(b):  # as before"),
        RESULT.replace("def second(b):\n    return b\n", "def second(b): return b\n"),
    ],
)
@pytest.mark.parametrize("merge", [CERTAIN, UNSURE, WIDE, WIDE_UNSURE])
def test_names_that_are_still_there(rewrite: str, merge: Merge) -> None:
    assert found(rewrite, merge) == []


def test_what_was_asked_to_go_may_go() -> None:
    lines = split_lines(SOURCE)
    merge = placed(SOURCE, (Replacement(15, 18, ()),))
    assert found("".join(lines[:15]), merge) == []
    merge = placed(SOURCE, (Replacement(16, 17, ("def other(b):\n",)),))
    assert found(SOURCE.replace("def second", "def other"), merge) == []


def test_definitions_there_twice() -> None:
    [fault] = found(RESULT + "\n\ndef second(b):\n    return b + 1\n")
    assert (fault.kind, fault.fatal) == (FaultKind.DUPLICATE, False)
    [fault] = found(RESULT + "\n\ndef second(b):\n    return b\n")
    assert (fault.kind, fault.fatal) == (FaultKind.DUPLICATE, True)
    assert found(RESULT + "\n\ndef second(b, c):\n    return b\n") == []
    assert found(RESULT + "\n\ndef third(b):\n    return b\n") == []


def test_drift_inside_an_unsure_edit_is_told() -> None:
    rewrite = SOURCE.replace("    return second(a)", "        return second(a + 1)")
    [fault] = drift.check(context(rewrite, UNSURE))
    assert (fault.kind, fault.fatal) == (FaultKind.WHITESPACE, False)
    assert "line 14" in fault.message
    assert drift.check(context(RESULT, UNSURE)) == ()


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("cut", [3, 6, 9])
def test_a_torn_last_line_is_completed(cut: int, end: str) -> None:
    lines = split_lines(RESULT)
    for count in (5, 9, 17):
        whole = lines[count]
        torn = "".join(lines[:count]) + whole.rstrip("\n")[:cut] + end
        for merge in (CERTAIN, UNSURE):
            mended = truncation.mend(context(torn, merge))
            assert mended is not None
            assert mended.lines == (*lines[:count], whole)


def test_a_last_line_that_is_whole_stays() -> None:
    lines = split_lines(RESULT)
    for count in range(1, len(lines)):
        assert truncation.mend(context("".join(lines[:count]))) is None
    asked = placed(SOURCE, (Replacement(16, 18, ("done = 1\n",)),))
    assert truncation.mend(context("".join([*split_lines(SOURCE)[:16], "done"]), None)) is None
    assert truncation.mend(context("".join([*split_lines(SOURCE)[:16], "other\n"]), asked)) is None


def test_the_end_is_what_was_asked_for_and_not_what_was_there() -> None:
    lines = split_lines(SOURCE)
    asked = placed(SOURCE, (Replacement(15, 18, ()),))
    short = "import re\n" + "".join(lines[:15])
    assert truncation.check(context(short, asked)) == ()
    [fault] = truncation.check(context("".join(lines[:12]), asked))
    assert fault.fatal


@pytest.mark.parametrize("merge", [CERTAIN, UNSURE, WIDE, WIDE_UNSURE])
@pytest.mark.parametrize(
    "last", ["  return b", "return b\n", "    return b + 1\n", "    return b\n\n"]
)
def test_a_last_line_that_is_only_altered_is_neither_torn_nor_missing(
    last: str, merge: Merge
) -> None:
    altered = RESULT.removesuffix("    return b\n") + last
    assert truncation.mend(context(altered, merge)) is None
    assert truncation.check(context(altered, merge)) == ()
