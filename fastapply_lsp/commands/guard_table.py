"""How does the report of the guard's examination look in a terminal?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.commands.figures import (
    add_groups,
    add_row,
    figures_table,
    share,
    wide_console,
)

if TYPE_CHECKING:
    from rich.table import Table

    from fastapply_lsp.evaluation.guard_report import Altered, Caught, GuardReport, Let

_WIDTH_MIN = 120
COLUMNS = ("n", "caught", "repaired", "at once", "marked", "refused", "told", "silent")
"""The names of `caught_figures`."""


def print_guard_report(told: GuardReport, *, left_out: int) -> None:
    """Print the figures to stdout, plain where it is no terminal."""
    console = wide_console(_WIDTH_MIN)
    table = figures_table(f"Faults planted in {told.cases} cases", COLUMNS)
    add_groups(table, told.total, (told.by_fault, told.by_language), caught_figures)
    console.print(table)
    console.print(_clean_table(told))
    for name, let in told.clean.items():
        for case in let.alarms:
            console.print(f"false alarm: {case} ({name})", markup=False)
    if told.altered is not None:
        console.print(_altered_words(told.altered))
    if left_out:
        console.print(f"{left_out} cases tagged eof_newline_changed count in no figure")


def caught_figures(counts: Caught) -> tuple[str, ...]:
    """Return what became of some planted faults, with the shares of them all."""
    return (
        f"{counts.n}",
        share(counts.caught, counts.n),
        share(counts.repaired, counts.n),
        share(counts.at_once, counts.n),
        f"{counts.marked}",
        f"{counts.refused}",
        f"{counts.told}",
        f"{counts.silent}",
    )


def _clean_table(told: GuardReport) -> Table:
    table = figures_table("Rewrites without a fault", ("n", "false alarms"))
    rows: dict[str, Let] = {"all": told.clean_total, **told.clean}
    for name, let in rows.items():
        add_row(table, name, (f"{let.n}", share(len(let.alarms), let.n)))
    return table


def _altered_words(altered: Altered) -> str:
    return (
        f"{altered.outside} altered places outside the licence in {altered.rewrites} written"
        f" rewrites: {altered.reverted} reverted, {altered.marked} marked, {altered.refused} in"
        f" refused rewrites, {altered.silent} silent"
    )
