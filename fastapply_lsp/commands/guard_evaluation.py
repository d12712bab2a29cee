"""`fastapply eval guard`: which faults of a model does the guard catch, and what does it stop?"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from fastapply_lsp.commands.guard_table import print_guard_report
from fastapply_lsp.errors import Unreadable
from fastapply_lsp.evaluation.cases import read_cases
from fastapply_lsp.evaluation.deviations import deviations_of, read_written
from fastapply_lsp.evaluation.guard_report import guard_report
from fastapply_lsp.evaluation.guarding import judge_case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.evaluation.deviations import Deviations
    from fastapply_lsp.evaluation.guard_report import Caught, GuardReport, Let
    from fastapply_lsp.evaluation.guarding import Judged


def run(cases: str, written: str | None, out: str | None, *, as_json: bool) -> int:
    """Plant faults into the cases of a file, print what became of them; return the exit code.

    Raises:
        Unreadable: the cases or the written rewrites cannot be read, or the results not be written.
    """
    every = read_cases(Path(cases))
    if not every:
        raise Unreadable(cases, "it holds no case")
    read = [case for case in every if not case.left_out]
    rewrites = read_written(Path(written)) if written is not None else None
    try:
        with open(out or os.devnull, "w", encoding="utf-8", newline="\n") as results:  # noqa: PTH123
            judged = _judge(read, results)
            altered = None if rewrites is None else _altered(read, rewrites, results)
    except OSError as error:
        raise Unreadable(out or os.devnull, error.strerror or str(error)) from error
    told = guard_report(judged, altered)
    if as_json:
        click.echo(json.dumps(_report_json(told, len(every) - len(read)), indent=2))
    else:
        print_guard_report(told, left_out=len(every) - len(read))
    return 0


def _judge(cases: Sequence[Case], results: IO[str]) -> list[Judged]:
    judged: list[Judged] = []
    shows = sys.stderr.isatty()
    for number, case in enumerate(cases, 1):
        for row in judge_case(case):
            judged.append(row)
            results.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
        if shows:
            end = "\n" if number == len(cases) else ""
            click.echo(f"\r{number} of {len(cases)} cases{end}", nl=False, err=True)
    return judged


def _altered(cases: Sequence[Case], written: dict[str, str], results: IO[str]) -> list[Deviations]:
    found: list[Deviations] = []
    for case in cases:
        if case.id in written:
            found.append(deviations_of(case, written[case.id]))
            results.write(json.dumps(asdict(found[-1]), ensure_ascii=False) + "\n")
    return found


def _report_json(told: GuardReport, left_out: int) -> dict[str, Any]:
    report: dict[str, Any] = {
        "cases": told.cases,
        "left_out": left_out,
        "faults": asdict(told.total),
        "by_fault": {name: _fault_json(told, name, each) for name, each in told.by_fault.items()},
        "by_language": {name: asdict(each) for name, each in told.by_language.items()},
        "clean": _clean_json(told.clean_total),
        "by_clean": {name: _clean_json(each) for name, each in told.clean.items()},
    }
    if told.altered is not None:
        report["altered"] = asdict(told.altered)
    return report


def _fault_json(told: GuardReport, fault: str, counts: Caught) -> dict[str, Any]:
    cells = {
        language: asdict(cell) for (name, language), cell in told.cells.items() if name == fault
    }
    return {**asdict(counts), "by_language": cells}


def _clean_json(counts: Let) -> dict[str, Any]:
    return {"n": counts.n, "false_alarms": len(counts.alarms), "cases": list(counts.alarms)}
