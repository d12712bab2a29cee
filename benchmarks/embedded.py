"""How long does the embedded backend take, from the call to the changed buffer?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from benchmarks.model import Figure, Section, percentile
from benchmarks.samples import cases, sample
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.evaluation.run import run_case
from fastapply_lsp.syntax.tree import forget_trees

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT_MS = 20.0
REPEATS = 20
ABOUT_400 = range(300, 501)
LONG = 800


def applying() -> Section:
    """Measure the whole apply: merge, session, gate, verdict, and the edit into a buffer."""
    figures: list[Figure] = []
    for lines in (400, 2500):
        made = sample(lines)
        case = Case("1", made.original, made.edits["lazy snippet"], made.expected, "parts.py")
        times = [_apply_ms(case) for _ in range(REPEATS)]
        limit = LIMIT_MS if lines == 400 else None
        figures += (
            Figure(f"lazy snippet, {lines:,} lines, median", percentile(times, 50), "ms", limit),
            Figure(f"lazy snippet, {lines:,} lines, p95", percentile(times, 95), "ms"),
        )
    near = [case for case in cases() if case.original.count("\n") in ABOUT_400]
    long = [case for case in cases() if case.original.count("\n") >= LONG]
    figures += _of_cases(f"{len(near)} cases of 300 to 500 lines", near, LIMIT_MS)
    figures += _of_cases(f"{len(long)} cases of {LONG} lines and more", long, None)
    how = "From the call to the changed buffer: merge, session, gate, verdict, model editor."
    return Section("Embedded backend, whole apply", how, tuple(figures))


def _of_cases(what: str, chosen: Sequence[Case], limit: float | None) -> list[Figure]:
    if not chosen:
        return []
    for case in chosen:
        _apply_ms(case)  # a grammar loads once, with the first file of its language
    times = [min(_apply_ms(case) for _ in range(3)) for case in chosen]
    return [
        Figure(f"{what}, median", percentile(times, 50), "ms", limit),
        Figure(f"{what}, p95", percentile(times, 95), "ms"),
    ]


def _apply_ms(case: Case) -> float:
    forget_trees()
    embedded = EmbeddedBackend()
    return asyncio.run(run_case(case, lambda *_: (embedded,))).figures.wall_ms
