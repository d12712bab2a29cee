"""Which of a model's faults does the guard catch, what does it stop that has none, how fast is it?"""

from __future__ import annotations

import time
from functools import cache, partial
from typing import TYPE_CHECKING

from benchmarks.model import Figure, Grid, Section, milliseconds, percentile, share
from benchmarks.samples import case_file, cases_of, sample
from fastapply_lsp.commands.figures import share as counted
from fastapply_lsp.commands.guard_table import COLUMNS, caught_figures
from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.evaluation.deviations import deviations_of, read_written
from fastapply_lsp.evaluation.guard_report import GuardReport, altered_of, guard_report
from fastapply_lsp.evaluation.guarding import Bench, judge_case
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.syntax.tree import forget_trees

if TYPE_CHECKING:
    from fastapply_lsp.evaluation.guard_report import Altered, Caught
    from fastapply_lsp.guard.model import Verdict

FILES = ("apply-dev", "apply-dev-long", "chat-dev")
WRITTEN = ("deviations-40", "deviations-10")
CAUGHT_PERCENT_MIN = 99.0
REPAIRED_PERCENT_MIN = 90.0
ALARMS_PERCENT_MAX = 1.0
REPEATS = 20


@cache
def told() -> GuardReport | None:
    """Judge every planted rewrite of every case; ``None`` without cases. Takes minutes."""
    rows = [row for name in FILES for case in cases_of(name) for row in judge_case(case)]
    return guard_report(rows) if rows else None


@cache
def altered(name: str) -> Altered | None:
    """Judge the written rewrites of a file; ``None`` without it."""
    if not case_file(name).exists():
        return None
    written = read_written(case_file(name))
    return altered_of(
        [
            deviations_of(case, written[case.id])
            for case in cases_of("apply-dev")
            if case.id in written
        ]
    )


def limits() -> Section | None:
    """Compare with the figures to reach."""
    report = told()
    if report is None:
        return None
    total, clean = report.total, report.clean_total
    false = 100 * len(clean.alarms) / clean.n
    counts = f"% ({len(clean.alarms)} of {clean.n})"
    figures = [
        share("faults caught", total.caught, total.n, CAUGHT_PERCENT_MIN),
        share("faults repaired to the exact file", total.repaired, total.n, REPAIRED_PERCENT_MIN),
        Figure("false alarms on clean rewrites", false, counts, ALARMS_PERCENT_MAX),
    ]
    for name in WRITTEN:
        if (there := altered(name)) is not None:
            places = f"places (of {there.outside} outside, {there.inside} inside)"
            limit = 0.0 if name == WRITTEN[0] else None
            figures.append(
                Figure(f"{name}: altered outside and silent", there.silent, places, limit)
            )
    how = (
        f"Faults as models make them, planted into the expected files of {report.cases} cases;"
        " each rewrite judged once, nobody asked again, nothing taken from the merge."
        " `fastapply eval guard` prints the same; docs/reference/cli.md explains the words."
    )
    return Section("Guard", how, tuple(figures))


def by_fault() -> Grid | None:
    """Count what became of each fault; ``None`` without cases."""
    return None if (report := told()) is None else fault_grid(report)


def by_language() -> Grid | None:
    """Count what became of the faults in each language; ``None`` without cases."""
    return None if (report := told()) is None else language_grid(report)


def by_both() -> Grid | None:
    """Count what became of each fault in each language; ``None`` without cases."""
    return None if (report := told()) is None else cell_grid(report)


def alarms() -> Grid | None:
    """Count the clean rewrites that were stopped, and name their cases; ``None`` without cases."""
    return None if (report := told()) is None else clean_grid(report)


def fault_grid(report: GuardReport) -> Grid:
    """Return a row for each fault, and one for all."""
    rows = [(name, *caught_figures(each)) for name, each in report.by_fault.items()]
    rows.append(("all", *caught_figures(report.total)))
    return Grid("Guard by fault", _HOW, ("fault", *COLUMNS), tuple(rows))


def language_grid(report: GuardReport) -> Grid:
    """Return a row for each language."""
    rows = [(name, *caught_figures(each)) for name, each in report.by_language.items()]
    return Grid("Guard by language", _HOW, ("language", *COLUMNS), tuple(rows))


def cell_grid(report: GuardReport) -> Grid:
    """Return a row for each fault, with a column for each language."""
    languages = tuple(report.by_language)
    rows = [
        (fault, *(_short(report.cells.get((fault, language))) for language in languages))
        for fault in report.by_fault
    ]
    how = "In each cell: how many were caught, repaired, and planted."
    return Grid("Guard by fault and language", how, ("fault", *languages), tuple(rows))


def clean_grid(report: GuardReport) -> Grid:
    """Return a row for each kind of clean rewrite."""
    rows = [
        (name, f"{each.n}", counted(len(each.alarms), each.n), ", ".join(each.alarms))
        for name, each in report.clean.items()
    ]
    how = "Rewrites without a fault that were changed, refused, or marked in what was asked for."
    columns = ("rewrite", "n", "false alarms", "cases")
    return Grid("Guard on clean rewrites", how, columns, tuple(rows))


def speed() -> Section:
    """Measure the verdict on a rewrite as asked, and on one that needs mending."""
    figures: list[Figure] = []
    for lines in (400, 2_500):
        made = sample(lines)
        call = EditFile("parts.py", "", made.edits["lazy snippet"])
        case = Case("1", made.original, call.code_edit, made.expected, "parts.py")
        bench = Bench(case, language_of("parts.py"), merge(made.original, call))
        at = made.expected.index("    def method_0(")
        lost = made.expected[:at] + made.expected[made.expected.index("    def method_1(") :]
        for what, rewrite in (("as asked", made.expected), ("a method lost", lost)):
            work = partial(_judge_cold, bench, rewrite)
            times = milliseconds(work, REPEATS, clock=time.process_time)
            figures.append(Figure(f"{what}, {lines:,} lines, median", percentile(times, 50), "ms"))
            figures.append(Figure(f"{what}, {lines:,} lines, p95", percentile(times, 95), "ms"))
    how = (
        "Processor time for a whole rewrite, streamed and judged, nothing parsed before;"
        f" {REPEATS} times each."
    )
    return Section("Speed of the guard", how, tuple(figures))


_HOW = "Caught is repaired, marked, refused or told; the shares are of the planted ones."


def _short(counts: Caught | None) -> str:
    return "" if counts is None else f"{counts.caught}/{counts.repaired}/{counts.n}"


def _judge_cold(bench: Bench, rewrite: str) -> Verdict:
    forget_trees()
    return bench.judge(rewrite)
