"""The figures as a table in the terminal, as JSON, and as Markdown for the documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from benchmarks.model import Grid, Section

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.machine import Machine
    from benchmarks.model import Figure

BENCH = "make bench"
"""The command whose tables stand between the marks; another command has marks of its own."""
BEGIN = f"<!-- begin: {BENCH} -->"
END = f"<!-- end: {BENCH} -->"
_MARKS = {True: "ok", False: "short", None: ""}
_STYLES = {True: "green", False: "bold red", None: ""}
_SMALL = 10
_MIDDLE = 1_000


def terminal(section: Section) -> Table:
    """Return a section as a table."""
    table = Table(title=Text(section.title, style="bold"), title_justify="left", expand=True)
    table.caption = Text(section.how)
    table.caption_justify = "left"
    table.add_column("what", ratio=5)
    table.add_column("measured", justify="right", ratio=2)
    table.add_column("unit", ratio=2)
    table.add_column("to reach", justify="right", ratio=2)
    table.add_column("", width=5)
    for one in section.figures:
        mark = Text(_MARKS[one.met], style=_STYLES[one.met])
        table.add_row(one.what, number(one.value), one.unit, _limit(one), mark)
    return table


def terminal_grid(grid: Grid) -> Table:
    """Return a grid as a table."""
    table = Table(title=Text(grid.title, style="bold"), title_justify="left")
    table.caption = Text(grid.how)
    table.caption_justify = "left"
    for at, column in enumerate(grid.columns):
        numbers = at and _is_counts(grid, at)
        table.add_column(column, justify="right" if numbers else "left")
    for row in grid.rows:
        table.add_row(*map(Text, row))
    return table


def as_json(machine: Machine, parts: Sequence[Section | Grid]) -> dict[str, Any]:
    """Return everything as one object."""
    sections = [part for part in parts if isinstance(part, Section)]
    grids = [part for part in parts if isinstance(part, Grid)]
    return {
        "machine": {
            "cpu": machine.cpu,
            "cores": machine.cores,
            "python": machine.python,
            "date": machine.date,
            "commit": machine.commit,
        },
        "sections": [
            {
                "title": section.title,
                "how": section.how,
                "figures": [
                    {
                        "what": one.what,
                        "value": one.value,
                        "unit": one.unit,
                        "limit": one.limit,
                        "bound": one.bound,
                        "met": one.met,
                    }
                    for one in section.figures
                ],
            }
            for section in sections
        ],
        "grids": [
            {
                "title": grid.title,
                "how": grid.how,
                "rows": [dict(zip(grid.columns, row, strict=True)) for row in grid.rows],
            }
            for grid in grids
        ],
    }


def markdown(
    machine: Machine,
    parts: Sequence[Section | Grid],
    notes: Sequence[str],
    command: str = BENCH,
) -> str:
    """Return everything as Markdown, between the command's marks."""
    lines = [f"<!-- begin: {command} -->", "", f"{machine.words}.", ""]
    for note in notes:
        lines += [f"{note}", ""]
    for part in parts:
        lines += [f"## {part.title}", "", part.how, ""]
        lines += grid_markdown(part) if isinstance(part, Grid) else _figure_rows(part)
        lines.append("")
    return "\n".join([*lines, f"<!-- end: {command} -->"])


def _figure_rows(section: Section) -> list[str]:
    return [
        "| what | measured | unit | to reach | |",
        "|---|---:|---|---:|---|",
        *(
            f"| {one.what} | {number(one.value)} | {one.unit} | {_limit(one)} | {_MARKS[one.met]} |"
            for one in section.figures
        ),
    ]


def grid_markdown(grid: Grid) -> list[str]:
    """Return a grid as the lines of a Markdown table."""
    rules = ["---:" if at and _is_counts(grid, at) else "---" for at in range(len(grid.columns))]
    rows = [grid.columns, *grid.rows]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    told = [f"| {' | '.join(row)} |" for row in cells]
    return [told[0], f"|{'|'.join(rules)}|", *told[1:]]


def _is_counts(grid: Grid, at: int) -> bool:
    """Whether every cell of a column begins with a number, or is empty."""
    return all(not row[at] or row[at][0].isdigit() for row in grid.rows)


def inserted(page: str, table: str, command: str = BENCH) -> str:
    r"""Return the page with the table between its command's marks; at the end where it has none.

    >>> inserted(f"a\n{BEGIN}\nold\n{END}\nb\n", f"{BEGIN}\nnew\n{END}").split()[-2:]
    ['-->', 'b']
    """
    begin, end = (re.escape(f"<!-- {which}: {command} -->") for which in ("begin", "end"))
    found = re.compile(f"{begin}.*?{end}", re.DOTALL)
    if found.search(page):
        return found.sub(lambda _: table, page)
    return f"{page.rstrip()}\n\n{table}\n"


def number(value: float) -> str:
    """Return a value with as many digits as matter."""
    if abs(value) < _SMALL:
        return f"{value:.3g}"
    if abs(value) < _MIDDLE:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def _limit(one: Figure) -> str:
    if one.limit is None:
        return ""
    return f"{'≤' if one.bound == 'at most' else '≥'} {number(one.limit)}"
