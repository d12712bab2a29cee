"""How does the report of an evaluation look in a terminal?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from fastapply_lsp.evaluation.model import Report, Tally

_WIDTH_MIN = 100


def print_report(told: Report) -> None:
    """Print the figures to stdout, plain where it is no terminal."""
    console = wide_console(_WIDTH_MIN)
    table = Table(title=Text(f"Backend {told.backend}"), title_justify="left")
    table.add_column("")
    for name in ("n", "exact", "certain", "certain and exact", "errors", "ms median", "ms p95"):
        table.add_column(name, justify="right")
    _add(table, "all", told.total)
    for group in (told.by_style, told.by_language):
        table.add_section()
        for name, tally in group.items():
            _add(table, name, tally)
    console.print(table)
    console.print("certain and exact: as a share of the certain ones", style="dim")
    if told.left_out:
        console.print(f"{told.left_out} cases tagged eof_newline_changed count in no figure")


def _add(table: Table, name: str, tally: Tally) -> None:
    table.add_row(
        Text(name),
        f"{tally.n}",
        share(tally.exact, tally.n),
        share(tally.certain, tally.n),
        share(tally.certain_and_exact, tally.certain),
        f"{tally.errors}",
        f"{tally.ms_median:.1f}",
        f"{tally.ms_p95:.1f}",
    )


def wide_console(least: int) -> Console:
    """Return stdout as a console; a pipe has no width, so no table is cut there below ``least``."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, least)
    return console


def share(count: int, of: int) -> str:
    """Return a count with its percentage."""
    return f"{count} ({count / of:.1%})" if of else f"{count}"
