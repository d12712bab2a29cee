"""What the guard makes of the cases in tests/data/apply, compared with the committed table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.guarding import cell_grid, clean_grid, fault_grid
from benchmarks.model import Grid
from benchmarks.table import grid_markdown
from fastapply_lsp.evaluation.cases import read_cases
from fastapply_lsp.evaluation.guard_report import GuardReport, guard_report
from fastapply_lsp.evaluation.guarding import REPAIRED, Judged, judge_case

FOLDER = Path(__file__).parents[1] / "data" / "apply"
CASES = FOLDER / "cases.jsonl"
TABLE = FOLDER / "guard_table.md"
CAUGHT_PERCENT_MIN = 99
REPAIRED_PERCENT_MIN = 90
ALARMS_PERCENT_MAX = 1


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [row for case in read_cases(CASES) for row in judge_case(case)]


@pytest.fixture(scope="module")
def report(judged: list[Judged]) -> GuardReport:
    return guard_report(judged)


def left(judged: list[Judged]) -> Grid:
    """The rewrites with faults that are not repaired, each with its fate."""
    rows = [
        (row.case, ", ".join(row.faults), row.fate.value)
        for row in judged
        if not row.is_clean and row.fate not in REPAIRED
    ]
    return Grid("Not repaired", "", ("case", "faults", "fate"), tuple(rows))


def page_of(judged: list[Judged], report: GuardReport) -> str:
    parts = [fault_grid(report), cell_grid(report), clean_grid(report), left(judged)]
    lines = ["# The guard on the cases of this folder", ""]
    for grid in parts:
        lines += [f"## {grid.title}", ""]
        lines += [grid.how, ""] if grid.how else []
        lines += [*grid_markdown(grid), ""]
    return "\n".join(lines)


def test_the_table_is_as_committed(
    judged: list[Judged], report: GuardReport, pytestconfig: pytest.Config
) -> None:
    page = page_of(judged, report)
    if pytestconfig.getoption("--update-guard-table"):
        TABLE.write_text(page, encoding="utf-8", newline="\n")
        return
    assert page == TABLE.read_text(encoding="utf-8"), "see tests/data/apply/README.md"


def test_the_figures_to_reach_are_reached(report: GuardReport) -> None:
    total, clean = report.total, report.clean_total
    assert total.caught * 100 >= CAUGHT_PERCENT_MIN * total.n
    assert total.repaired * 100 >= REPAIRED_PERCENT_MIN * total.n
    assert len(clean.alarms) * 100 <= ALARMS_PERCENT_MAX * clean.n


def test_every_file_has_its_licence_and_its_origin() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for line in CASES.read_text(encoding="utf-8").strip().split("\n"):
        case = json.loads(line)
        name = f"licences/{case['repo'].replace('/', '-')}.txt"
        row = next(row for row in readme.split("\n") if row.startswith(f"| {case['id']} |"))
        for word in (case["repo"], case["path"], case["commit"][:12], f"({name})"):
            assert word in row
        notice = (FOLDER / name).read_text(encoding="utf-8")
        assert "Copyright" in notice
        assert ("Apache License" in notice) == (case["license"] == "Apache-2.0")
        assert ("Permission is hereby granted" in notice) == ("MIT" in case["license"])
