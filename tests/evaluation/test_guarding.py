"""The fates of rewrites: what counts as repaired, caught, silent and false alarm."""

from __future__ import annotations

import pytest

from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.evaluation.clean import Clean
from fastapply_lsp.evaluation.deviations import deviations_of
from fastapply_lsp.evaluation.guard_report import Caught, caught_of, guard_report
from fastapply_lsp.evaluation.guarding import (
    CAUGHT,
    REPAIRED,
    Fate,
    Judged,
    clean_fate,
    fate_of,
    judge_case,
)
from fastapply_lsp.guard.model import Change, Fault, FaultKind, Verdict
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines

LINES = [f"line {n}\n" for n in range(12)]
ORIGINAL = "".join(LINES)
EXPECTED = ORIGINAL.replace("line 3", "three")
EDIT = "<<<<<<< SEARCH\nline 3\n=======\nthree\n>>>>>>> REPLACE\n"
CASE = Case("c", ORIGINAL, EDIT, EXPECTED, "x.txt")
WRONG = EXPECTED.replace("line 9", "nine")


def verdict_of(text: str, *, marked: str = "", fatal: bool | None = None) -> Verdict:
    """A verdict whose changes with ``marked`` in them are unrequested; ``fatal`` of its fault."""
    changes = tuple(
        Change(one, "why" if marked and marked in "".join(one.lines) else "")
        for one in diff_lines(split_lines(ORIGINAL), split_lines(text))
    )
    faults = () if fatal is None else (Fault(FaultKind.LOST, "lost", None, fatal=fatal),)
    return Verdict(text, changes, (), faults)


@pytest.mark.parametrize(
    ("told", "fate"),
    [
        (verdict_of(EXPECTED), Fate.AT_ONCE),
        (verdict_of(EXPECTED, marked="three"), Fate.AT_ONCE),
        (verdict_of(EXPECTED, fatal=False), Fate.AT_ONCE),
        (verdict_of(EXPECTED, fatal=True), Fate.REFUSED),
        (verdict_of(WRONG, marked="nine"), Fate.MARKED),
        (verdict_of(WRONG, marked="nine", fatal=True), Fate.REFUSED),
        (verdict_of(EXPECTED.replace("three\nline 4", "three\nfour"), marked="four"), Fate.FLAGGED),
        (verdict_of(WRONG.replace("three", "line 3"), marked="nine"), Fate.SILENT),
        (verdict_of(WRONG, marked="three"), Fate.SILENT),
        (verdict_of(WRONG), Fate.SILENT),
        (verdict_of(WRONG, fatal=False), Fate.TOLD),
        (verdict_of(WRONG, fatal=True), Fate.REFUSED),
        (verdict_of(ORIGINAL), Fate.SILENT),
    ],
)
def test_the_fate_of_a_rewrite_with_a_fault(told: Verdict, fate: Fate) -> None:
    assert fate_of(CASE, told) is fate


@pytest.mark.parametrize(
    ("told", "extra", "fate"),
    [
        (verdict_of(WRONG), True, Fate.LET),
        (verdict_of(WRONG, marked="nine"), True, Fate.LET),
        (verdict_of(WRONG, marked="nine"), False, Fate.ALARM),
        (verdict_of(WRONG, marked="three"), True, Fate.ALARM),
        (verdict_of(EXPECTED), True, Fate.ALARM),
        (verdict_of(WRONG, fatal=True), True, Fate.ALARM),
        (verdict_of(WRONG, fatal=False), True, Fate.ALARM),
    ],
)
def test_the_fate_of_a_clean_rewrite(told: Verdict, extra: bool, fate: Fate) -> None:  # noqa: FBT001 - a table's column
    assert clean_fate(CASE, Clean("x", WRONG, extra), told) is fate


def test_only_what_is_repaired_marked_refused_or_told_counts_as_caught() -> None:
    assert {*Fate} - CAUGHT == {Fate.SILENT, Fate.LET, Fate.ALARM}
    rows = [Judged("c", "go", True, "g", ("f",), fate, ()) for fate in (*CAUGHT, Fate.SILENT)]
    assert caught_of(rows) == Caught(6, 5, len(REPAIRED), 1, 1, 1, 1, 1)


def test_a_case_is_judged_by_the_real_guard() -> None:
    rows = {row.group: row for row in judge_case(CASE)}
    assert rows["expected file"].fate is Fate.LET
    assert rows["line ends changed"].fate is Fate.AT_ONCE
    assert rows["fence around"].fate is Fate.AT_ONCE
    assert rows["marker left"].fate in CAUGHT
    assert all(row.certain for row in rows.values())
    told = guard_report(list(rows.values()))
    assert told.cases == 1
    assert told.total.n == sum(one.n for one in told.by_fault.values())
    assert told.total == told.by_language["unknown"]
    assert told.clean_total.n + told.total.n == len(rows)
    assert sum(cell.caught for cell in told.cells.values()) == told.total.caught


def test_an_altered_line_is_outside_or_inside_what_was_asked() -> None:
    altered = EXPECTED.replace("three", "3").replace("line 7", "seven").replace("line 8", "eight")
    told = deviations_of(CASE, altered)
    assert (told.inside, told.outside) == (1, 2)
    assert told.reverted + told.marked + told.refused + len(told.silent) == 2


def test_a_rewrite_as_expected_has_no_altered_line() -> None:
    told = deviations_of(CASE, EXPECTED)
    assert (told.inside, told.outside, told.silent, told.unplaced) == (0, 0, (), False)


def test_where_the_merge_found_no_place_nothing_is_outside() -> None:
    lost = Case("c", ORIGINAL, EDIT.replace("line 3", "nowhere"), EXPECTED, "x.txt")
    told = deviations_of(lost, WRONG)
    assert (told.inside, told.outside, told.unplaced) == (1, 0, True)
