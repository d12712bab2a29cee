"""How does the report of an evaluation look in a terminal?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.commands.figures import add_groups, add_row, figures_table, share, wide_console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.evaluation.model import Report, Tally

_WIDTH_MIN = 100
COLUMNS = ("n", "exact", "certain", "certain and exact")
"""The names of `exact_figures`."""
_COLUMNS = (*COLUMNS, "errors", "ms median", "ms p95")
_COMPARED = ("n", "exact", "errors", "fell back", "ms median", "ms p95", "passes")


def print_report(told: Report) -> None:
    """Print the figures to stdout, plain where it is no terminal."""
    console = wide_console(_WIDTH_MIN)
    asked = "" if told.dialect is None else f", dialect {told.dialect}"
    table = figures_table(f"Backend {told.backend}{asked}", _COLUMNS)
    add_groups(table, told.total, (told.by_style, told.by_language), _figures)
    console.print(table)
    console.print("certain and exact: as a share of the certain ones", style="dim")
    if told.left_out:
        console.print(f"{told.left_out} cases tagged eof_newline_changed count in no figure")


def print_comparison(told: Sequence[Report]) -> None:
    """Print what several dialects came to, below each other."""
    table = figures_table(f"Backend {told[0].backend}, by dialect", _COMPARED)
    for each in told:
        tally = each.total
        figures = (
            f"{tally.n}",
            share(tally.exact, tally.n),
            f"{tally.errors}",
            f"{tally.fell_back}",
            f"{tally.ms_median:.1f}",
            f"{tally.ms_p95:.1f}",
            "" if tally.passes is None else f"{tally.passes:,}",
        )
        add_row(table, str(each.dialect), figures)
    wide_console(_WIDTH_MIN).print(table)


def exact_figures(n: int, exact: int, certain: int, certain_and_exact: int) -> tuple[str, ...]:
    """Return counts of cases, with shares: of all, and the last one of the certain ones."""
    return (
        f"{n}",
        share(exact, n),
        share(certain, n),
        share(certain_and_exact, certain),
    )


def _figures(tally: Tally) -> tuple[str, ...]:
    return (
        *exact_figures(tally.n, tally.exact, tally.certain, tally.certain_and_exact),
        f"{tally.errors}",
        f"{tally.ms_median:.1f}",
        f"{tally.ms_p95:.1f}",
    )
