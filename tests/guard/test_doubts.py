"""What may not be what was meant is told, where the merge is not sure of the place."""

from __future__ import annotations

import pytest

from fastapply_lsp.evaluation.clean import clean_rewrites
from fastapply_lsp.evaluation.ground import Ground
from fastapply_lsp.guard.model import Fault, FaultKind, Verdict
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from tests.guard.merges import placed

SOURCE = """\
import os
import json


def first(a):
    value = a + 1
    # nobody knows why
    return value


def second(b):
    for each in b:
        print(each)
    return None
"""
LINES = split_lines(SOURCE)
CHANGE = Replacement(5, 6, ("    value = a + 2\n", "    check(value)\n"))
REMOVAL = Replacement(11, 13, ())
EDIT = """\
def first(a):
    value = a + 2
    check(value)
    # ... existing code ...


def second(b):
    return None
"""
UNSURE = placed(SOURCE, (CHANGE, REMOVAL), unsure=True, also=(Span(4, 14),))
EXPECTED = UNSURE.predicted


def of(*done: Replacement) -> str:
    return "".join(apply_replacements(LINES, done))


def judge(rewrite: str, edit: str = EDIT) -> Verdict:
    return verdict(SOURCE, rewrite, merge=UNSURE, language=None, edit=edit)


def doubted(rewrite: str, edit: str = EDIT) -> set[FaultKind]:
    found = judge(rewrite, edit)
    assert found.accepted
    assert found.text == rewrite
    return {fault.kind for fault in found.faults if fault.is_doubt}


def test_what_is_right_is_not_doubted() -> None:
    assert judge(EXPECTED).faults == ()
    ground = Ground(SOURCE, EXPECTED, None, EDIT)
    assert all(judge(clean.text).doubts == () for clean in clean_rewrites("any", ground))


@pytest.mark.parametrize("done", [(CHANGE,), (REMOVAL,)])
def test_a_change_that_was_not_made_is_doubted(done: tuple[Replacement, ...]) -> None:
    kind = FaultKind.UNDONE if REMOVAL not in done else FaultKind.LOST
    assert doubted(of(*done)) == {kind}


def test_it_is_not_where_the_edit_does_not_show_the_place() -> None:
    elided = EDIT.replace("def second(b):\n", "def second(b):\n    # ... existing code ...\n")
    assert doubted(of(CHANGE), elided) == set()


def test_it_is_not_where_another_candidate_leaves_the_place() -> None:
    merge = placed(SOURCE, (CHANGE, REMOVAL), (CHANGE,), unsure=True, also=(Span(4, 14),))
    found = verdict(SOURCE, of(CHANGE), merge=merge, language=None, edit=EDIT)
    assert found.doubts == ()


def test_a_line_that_the_edit_shows_and_that_is_not_there_is_doubted() -> None:
    assert doubted(EXPECTED.replace("    check(value)\n", "")) == {FaultKind.LOST}
    assert doubted(EXPECTED.replace("check(value)", "check(value, 1)")) == set()


def test_a_line_that_is_gone_and_not_mentioned_is_doubted() -> None:
    assert doubted(EXPECTED.replace("    return value\n", "")) == {FaultKind.LOST}


def test_so_is_one_of_several_equal_lines_and_one_beside_a_change() -> None:
    again = SOURCE.replace("print(each)", "print(each)\n        return value")
    change = Replacement(12, 13, ())
    merge = placed(again, (CHANGE, change), unsure=True, also=(Span(4, 15),))
    lost = merge.predicted.replace("        return value\n", "")
    found = verdict(again, lost, merge=merge, language=None, edit=EDIT)
    assert [fault.kind for fault in found.faults] == [FaultKind.LOST]
    assert doubted(EXPECTED.replace("    # nobody knows why\n", "")) == {FaultKind.LOST}


def test_a_block_that_the_edit_brings_at_another_place_may_go_from_its_own() -> None:
    block = tuple(split_lines(SOURCE[SOURCE.index("def first") : SOURCE.index("\n\ndef second")]))
    brought = placed(SOURCE, (Replacement(13, 13, block),), unsure=True, also=(Span(0, 13),))
    moved = brought.predicted.replace("".join(block), "", 1)
    found = verdict(SOURCE, moved, merge=brought, language=None, edit="".join(block))
    assert FaultKind.LOST not in {fault.kind for fault in found.faults}
    torn = brought.predicted.replace(block[1], "", 1)
    found = verdict(SOURCE, torn, merge=brought, language=None, edit="".join(block[1:2]))
    assert FaultKind.LOST in {fault.kind for fault in found.faults}


def test_other_white_space_in_the_edit_is_doubted() -> None:
    assert doubted(EXPECTED.replace("    check", "        check")) == {FaultKind.WHITESPACE}
    assert doubted(EXPECTED.replace(":\n    value", ":\n\n    value")) == {FaultKind.WHITESPACE}


@pytest.mark.parametrize("kind", FaultKind)
def test_news_are_no_doubt_and_a_fatal_fault_is_a_reason(kind: FaultKind) -> None:
    news = {FaultKind.MARKER, FaultKind.PROSE}
    told = Verdict("", (), (), (Fault(kind, "why", None, fatal=False),))
    assert told.doubts == () or kind not in news
    fatal = Verdict("", (), (), (Fault(kind, "why", None, fatal=True),))
    assert (fatal.doubts, fatal.reasons) == ((), ("why",))
