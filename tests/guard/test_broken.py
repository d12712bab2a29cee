"""A change that nobody asked for and that breaks the syntax is put back."""

from __future__ import annotations

import pytest

from fastapply_lsp.guard.model import FaultKind, Verdict
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements
from tests.guard.merges import placed

SOURCE = """\
import os


def first(a):
    print("first", a)
    return a + 1


def second(b):
    print("second", b)
    return [b, os.sep]


def third(c):
    return (c, c)
"""
EDIT = (Replacement(5, 6, ("    return a + 2\n",)),)
CERTAIN = placed(SOURCE, EDIT)
UNSURE = placed(SOURCE, EDIT, unsure=True)
RESULT = CERTAIN.predicted


def judge(rewrite: str, merge: Merge | None) -> Verdict:
    return verdict(SOURCE, rewrite, merge=merge, language=language_named("python"))


@pytest.mark.parametrize("merge", [CERTAIN, UNSURE])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"second"', "second'"),
        ("os.sep]", "os.sep"),
        ("def third(c):", "def third(c:"),
        ("(c, c)", "(c, (d)"),
    ],
)
def test_it_is_put_back(merge: Merge, old: str, new: str) -> None:
    found = judge(RESULT.replace(old, new), merge)
    assert found.text == RESULT
    assert found.accepted
    assert [repair.kind for repair in found.repairs] == [FaultKind.SYNTAX]


@pytest.mark.parametrize("merge", [CERTAIN, UNSURE])
def test_what_does_not_break_it_stays_and_waits(merge: Merge) -> None:
    fine = RESULT.replace("import os\n", "import os\nimport re\n").replace("(c, c)", "(c, re)")
    found = judge(fine.replace("os.sep]", "os.sep"), merge)
    assert found.text == fine
    assert found.accepted
    assert sum(bool(change.unrequested) for change in found.changes) == 2
    [repair] = found.repairs
    assert "`return [b, os.sep`" in repair.message


def test_what_was_asked_for_and_is_broken_is_refused() -> None:
    broken = RESULT.replace("a + 2", "(a + 2")
    found = judge(broken, CERTAIN)
    assert found.text == broken
    assert not found.accepted


def test_it_is_not_known_what_to_put_back_where_no_place_was_found() -> None:
    broken = RESULT.replace("os.sep]", "os.sep")
    assert judge(broken, None).text == broken
    assert not judge(broken, None).accepted


@pytest.mark.parametrize("merge", [CERTAIN, UNSURE])
@pytest.mark.parametrize(
    "rewrite",
    ["I'm sorry, I can't edit this file.\n", "package main\n\nfunc main() {\n}\n"],
    ids=["an apology", "another file"],
)
def test_what_has_next_to_nothing_of_the_file_is_no_rewrite(merge: Merge, rewrite: str) -> None:
    found = judge(rewrite, merge)
    assert not found.accepted
    assert FaultKind.SYNTAX not in [repair.kind for repair in found.repairs]


def test_a_change_beside_asked_lines_that_repeat_it_is_told_alone() -> None:
    # The diff sees the new call above the old one, which in truth was put in.
    original = "def f(a):\n    if a:\n        run(a)\n        log(a)\n    return a\n"
    added = ("    if a.b:\n", "        run(a)\n", "        log(a)\n")
    merge = placed(original, (Replacement(4, 4, added),))
    rewrite = merge.predicted.replace("        run(a)\n", "        run(a, 1)\n", 1)
    found = verdict(original, rewrite, merge=merge, language=language_named("python"))
    assert found.text == rewrite
    asked = [one.replacement for one in found.changes if not one.unrequested]
    assert "".join(apply_replacements(split_lines(original), asked)) == merge.predicted
