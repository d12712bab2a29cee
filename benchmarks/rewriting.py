"""How many lines a second does ``rewrite/`` take? The figures of `rewrite_speed` beside the limit."""

from __future__ import annotations

from benchmarks.model import Figure, Section
from benchmarks.rewrite_speed import speed

LIMIT = 250_000.0
CHUNK = 3
"""Which of the table's columns: chunks of 40 characters, as a quick model sends them."""


def rewriting() -> Section:
    """Measure ``rewrite/`` alone."""
    figures: list[Figure] = []
    growth: dict[str, list[float]] = {}
    for row in speed().rows:
        rate = float(row[CHUNK].replace(",", ""))
        growth.setdefault(row[0], []).append(rate)
        limit = LIMIT if row[0].startswith("one line in") else None
        figures.append(Figure(f"{row[0]}, {row[1]} lines", rate, "lines/s", limit, "at least"))
    ordinary = next(iter(growth.values()))
    grown = Figure(
        "cost per line, longest against shortest file", ordinary[0] / ordinary[-1], "times"
    )
    how = "Unwrapping, lines, line ends and alignment, in chunks of 40 characters; best of several."
    return Section("Speed of rewrite/ alone", how, (*figures, grown))
