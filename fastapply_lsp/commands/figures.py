"""How do figures stand in a terminal? A row has a name and then its figures, under their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Counted = TypeVar("Counted")


def wide_console(least: int) -> Console:
    """Return stdout as a console; a pipe has no width, so no table is cut there below ``least``."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, least)
    return console


def figures_table(title: str, columns: Iterable[str]) -> Table:
    """Return an empty table with a column for names, and ``columns`` of figures."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    return table


def add_row(table: Table, name: str, figures: Iterable[str]) -> None:
    """Add a row; the name is no markup."""
    table.add_row(Text(name), *figures)


def add_groups(
    table: Table,
    total: Counted,
    groups: Iterable[Mapping[str, Counted]],
    figures: Callable[[Counted], Iterable[str]],
) -> None:
    """Add a row for all cases, and below it a section for each way to group them."""
    add_row(table, "all", figures(total))
    for group in groups:
        table.add_section()
        for name, counted in group.items():
            add_row(table, name, figures(counted))


def share(count: int, of: int) -> str:
    """Return a count with its percentage.

    >>> share(3, 4), share(0, 0)
    ('3 (75.0%)', '0')
    """
    return f"{count} ({count / of:.1%})" if of else f"{count}"
