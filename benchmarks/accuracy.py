"""How often is the merge right, how often is it sure, and what does it miss, and why?

The figures leave out what no form can express (`Case.left_out`). Every miss has its reason in
`misses.toml`: why nothing in the file and in the block says what its author meant.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.model import Figure, Grid, Section, share
from benchmarks.samples import cases_of
from fastapply_lsp.commands.evaluation_table import COLUMNS, exact_figures
from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.evaluation.cases import Case

FILES = ("apply-dev", "apply-dev-long", "chat-dev")
MISSES = Path(__file__).with_name("misses.toml")
AMBIGUOUS = "ambiguous"
STYLES = {
    "udiff": "unified diffs",
    "search_replace": "search/replace blocks",
    "full_file": "whole files",
    "udiff_nolines": "diffs without numbers",
    "function": "definitions",
    "lazy": "lazy snippets",
}
PERCENT_MIN = {"udiff": 100, "search_replace": 100, "full_file": 100, "function": 93, "lazy": 88}
CERTAIN_PERCENT_MIN = 80.0
RIGHT_PERCENT_MIN = 99.5
CHAT_MIN = 22
NO_REASON = "no reason is written down in benchmarks/misses.toml"


@dataclass(frozen=True, slots=True)
class Merged:
    """What the merge made of one case."""

    case: Case
    exact: bool
    certain: bool
    doubts: tuple[str, ...]

    @property
    def is_ambiguous(self) -> bool:
        """Whether it is a lazy snippet that leaves out what it means to delete."""
        return self.case.style == "lazy" and AMBIGUOUS in self.case.tags


@cache
def merged(name: str) -> tuple[Merged, ...]:
    """Merge every case of a file; none where it is not here."""
    return tuple(map(merged_case, cases_of(name)))


def merged_case(case: Case) -> Merged:
    """Merge one case."""
    call = EditFile(case.path, case.instruction, case.code_edit)
    try:
        told = merge(case.original, call)
    except MalformedEdit as error:
        return Merged(case, exact=False, certain=False, doubts=(str(error),))
    return Merged(case, told.predicted == case.expected, told.certain, told.reasons)


def by_form() -> Section | None:
    """Compare with the figures to reach; ``None`` without cases."""
    if not merged("apply-dev"):
        return None
    figures: list[Figure] = []
    for name in ("apply-dev", "apply-dev-long"):
        for style, words in STYLES.items():
            rows = [row for row in merged(name) if row.case.style == style]
            figures += _exact(f"{name}: {words}", rows, style)
    every = [*merged("apply-dev"), *merged("apply-dev-long")]
    figures += _certain("both", every)
    chat = merged("chat-dev")
    right = sum(row.exact for row in chat)
    wrong = sum(row.certain and not row.exact for row in chat)
    if chat:
        figures += (
            share("chat-dev: replies as assistants write them", right, len(chat), _chat_min(chat)),
            Figure("chat-dev: wrong and called certain", wrong, "cases", 0),
        )
    how = "Exact to the byte; cases tagged eof_newline_changed are left out."
    return Section("Merge accuracy", how, tuple(figures))


def forms() -> Grid | None:
    """Count what is exact and what is certain, by file and form; ``None`` without cases."""
    rows: list[tuple[str, ...]] = []
    for name in FILES:
        for style, words in STYLES.items():
            some = [row for row in merged(name) if row.case.style == style]
            if some:
                rows.append((f"{name}: {words}", *_counts(some)))
        if merged(name):
            rows.append((f"{name}: all", *_counts(merged(name))))
    how = (
        "Counts and percentages, ambiguous snippets included; the last column is a share of the"
        " certain ones."
    )
    return Grid("Merge accuracy by form", how, ("", *COLUMNS), tuple(rows)) if rows else None


def misses() -> Grid | None:
    """List every miss with its reason, and each reason that is no longer needed."""
    found = [row for name in FILES for row in merged(name) if not row.exact]
    known = reasons()
    if not any(merged(name) for name in FILES):
        return None
    rows = [
        (
            row.case.id,
            row.case.style,
            "certain" if row.certain else "",
            known.get(row.case.id, NO_REASON),
        )
        for row in found
    ]
    left = known.keys() - {row.case.id for row in found}
    rows += (
        (case, "", "", "is listed in benchmarks/misses.toml and no longer missed")
        for case in sorted(left)
    )
    how = "Why nothing in the file and in the block says what its author meant."
    return Grid("What the merge misses", how, ("case", "form", "called", "why"), tuple(rows))


def reasons() -> dict[str, str]:
    """Return why the merge cannot know, by the case's id."""
    tables = tomllib.loads(MISSES.read_text(encoding="utf-8"))
    return {case: " ".join(why.split()) for each in tables.values() for case, why in each.items()}


def _exact(what: str, rows: Sequence[Merged], style: str) -> list[Figure]:
    plain = [row for row in rows if not row.is_ambiguous]
    other = [row for row in rows if row.is_ambiguous]
    if not rows:
        return []
    limit = PERCENT_MIN.get(style, 100 * (len(plain) - 1) / len(plain) if plain else None)
    figures = [share(what + (", not ambiguous" if other else ""), _right(plain), len(plain), limit)]
    if other:
        figures.append(share(f"{what}, ambiguous", _right(other), len(other)))
    return figures


def _certain(what: str, rows: Sequence[Merged]) -> list[Figure]:
    sure = [row for row in rows if row.certain]
    return [
        share(f"{what}: certain", len(sure), len(rows), CERTAIN_PERCENT_MIN),
        share(f"{what}: exact, of the certain ones", _right(sure), len(sure), RIGHT_PERCENT_MIN),
    ]


def _counts(rows: Sequence[Merged]) -> tuple[str, ...]:
    sure = [row for row in rows if row.certain]
    return exact_figures(len(rows), _right(rows), len(sure), _right(sure))


def _right(rows: Iterable[Merged]) -> int:
    return sum(row.exact for row in rows)


def _chat_min(rows: Sequence[Merged]) -> float:
    """Return the share that the count to reach is of the replies there are."""
    return 100 * min(1.0, CHAT_MIN / len(rows))
