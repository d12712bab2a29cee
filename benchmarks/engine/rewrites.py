"""Which files are rewritten? A short one, one of 400 lines, and one of 2,500.

Real commits where the evaluation cases are (the lazy snippet whose file is nearest in length, no
choice beyond that), else generated files. A model does not always write what the merge predicts:
the file of 400 lines comes a second time with about one line in 40 in other words.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

from benchmarks.engine.model import Rewrite
from benchmarks.samples import case_file, cases, sample
from fastapply_lsp.prompt.build import plain

if TYPE_CHECKING:
    from fastapply_lsp.evaluation.cases import Case

LENGTHS = (40, 400, 2500)
DEVIATING = 400
_EVERY = 40
_MARK = "\ufeff"


def rewrites() -> tuple[Rewrite, ...]:
    """Return what is measured on, the shortest first."""
    made: list[Rewrite] = []
    for lines in LENGTHS:
        case = _nearest(lines)
        made.append(_generated(lines) if case is None else _real(case, case.expected))
        if lines == DEVIATING:
            made.append(_deviating(made[-1], None if case is None else _otherwise(case)))
    return tuple(made)


def _nearest(lines: int) -> Case | None:
    lazy = [case for case in cases() if case.style == "lazy"]
    return min(lazy, key=lambda case: (abs(_lines(case.original) - lines), case.id), default=None)


def _real(case: Case, written: str) -> Rewrite:
    original, text = (plain(each).removeprefix(_MARK) for each in (case.original, written))
    name = f"{_lines(original):,} lines ({case.path.rpartition('/')[2]})"
    return Rewrite(name, case.path, original, case.code_edit, text)


def _generated(lines: int) -> Rewrite:
    made = sample(lines)
    edit = made.edits["lazy snippet"]
    return Rewrite(f"{lines:,} lines, generated", "parts.py", made.original, edit, made.expected)


def _otherwise(case: Case) -> str | None:
    """Return the case's file as a model may write it, where the folder has it."""
    path = case_file(f"deviations-{_EVERY}")
    if not path.exists():
        return None
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = map(json.loads, lines)
        return next((plain(row["written"]) for row in rows if row["id"] == case.id), None)


def _deviating(right: Rewrite, written: str | None) -> Rewrite:
    if written is None:
        lines = right.written.split("\n")
        for at in range(_EVERY // 2, len(lines), _EVERY):
            lines[at] += "  # as before"
        written = "\n".join(lines)
    name = f"{right.name}, one line in {_EVERY} otherwise"
    return Rewrite(name, right.path, right.original, right.code_edit, written)


def _lines(text: str) -> int:
    return text.count("\n")
