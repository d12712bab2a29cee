"""What was asked for happens, or it is told that it did not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements
from tests.guard.merges import placed

SOURCE = """\
import os
import sys


def first(a):
    return a + 1


def second(b):
    for each in b:
        print(each)
    return None
"""
LINES = split_lines(SOURCE)
RENAME = Replacement(5, 6, ("    return a + 2\n",))
LOOP = Replacement(9, 11, ("    print(*b)\n",))
REMOVAL = Replacement(1, 2, ())
BOTH = placed(SOURCE, (REMOVAL, RENAME, LOOP))


def of(*done: Replacement) -> str:
    return "".join(apply_replacements(LINES, done))


@pytest.mark.parametrize(
    "done",
    [(), (REMOVAL,), (RENAME,), (LOOP,), (REMOVAL, LOOP), (REMOVAL, RENAME), (RENAME, LOOP)],
)
def test_what_a_certain_merge_asks_for_is_done(done: tuple[Replacement, ...]) -> None:
    found = verdict(SOURCE, of(*done), merge=BOTH, language=None)
    assert found.text == BOTH.predicted
    assert {repair.kind for repair in found.repairs} == {FaultKind.UNDONE}
    assert found.faults == ()
    assert not any(change.unrequested for change in found.changes)


def test_it_is_done_beside_lost_lines_and_in_drifted_ones() -> None:
    lost = "".join(line for line in split_lines(of(RENAME)) if "def second" not in line)
    drifted = of(REMOVAL).replace("    ", "  ")
    for rewrite in (lost, drifted):
        found = verdict(SOURCE, rewrite, merge=BOTH, language=None)
        assert found.text == BOTH.predicted
        assert FaultKind.UNDONE in {repair.kind for repair in found.repairs}


def test_what_was_done_otherwise_stays() -> None:
    other = of(REMOVAL, Replacement(5, 6, ("    return a + 3\n",)), LOOP)
    found = verdict(SOURCE, other, merge=BOTH, language=None)
    assert found.text == other
    assert found.repairs == ()


def test_a_rewrite_that_changes_nothing() -> None:
    unsure = placed(SOURCE, (RENAME,), unsure=True)
    found = verdict(SOURCE, SOURCE, merge=unsure, language=None)
    assert [(fault.kind, fault.fatal) for fault in found.faults] == [(FaultKind.UNDONE, True)]
    there = placed(SOURCE, (), (RENAME,), unsure=True)
    assert verdict(SOURCE, SOURCE, merge=there, language=None).faults == ()
    assert verdict(SOURCE, SOURCE, merge=None, language=None).faults == ()


def test_doing_nothing_where_no_place_was_found_is_only_told() -> None:
    nowhere = replace(placed(SOURCE, (), unsure=True), candidates=())
    found = verdict(SOURCE, SOURCE, merge=nowhere, language=None)
    assert [(fault.kind, fault.fatal) for fault in found.faults] == [(FaultKind.UNDONE, False)]
    assert found.accepted
