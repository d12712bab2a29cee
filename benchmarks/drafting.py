"""What are drafts worth, by method and by length, and how long does a proposal take?"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from benchmarks.model import Figure, Grid, Section, percentile
from benchmarks.samples import case_file, cases_of, spread
from fastapply_lsp.draft.depth import Depth
from fastapply_lsp.draft.load import ROWS
from fastapply_lsp.evaluation.branches import ALL, Branching, branched_passes
from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.evaluation.deviations import read_written
from fastapply_lsp.evaluation.draft_lengths import Fixed, pass_cost, pass_rows
from fastapply_lsp.evaluation.drafting import CEILING, OURS, UNLIMITED, draft_cases, tokens_of
from fastapply_lsp.evaluation.tokenizer import read_tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fastapply_lsp.evaluation.draft_lengths import Length
    from fastapply_lsp.evaluation.drafting import Drafted, Tokens

CONDITIONS = {
    "as expected": "",
    "one line in 40 altered": "deviations-40",
    "one line in 10 altered": "deviations-10",
}
PERCENT_MIN = {"as expected": 97.0, "one line in 40 altered": 88.0, "one line in 10 altered": 80.0}
"""Of the ceiling."""
LIMITS = {64: "K = 64", 128: "K = 128", UNLIMITED: "no limit"}
PROPOSAL_US = 100.0
PREPARE_MS = 10.0
LINES = 1_300
"""So long is a generated file of 12,000 tokens."""
LENGTHS: dict[str, Callable[[], Length]] = {
    **{f"{rows:,}": partial(Fixed, rows - 1) for rows in (32, 64, 128, ROWS, 512, 2_048)},
    "adaptive": partial(Depth, UNLIMITED),
}
TREE_TOKENS = 128
TREE_EVERY = 4
"""Cases; more take minutes."""
SHOWN = (0.0, 0.5)
"""Of reading the weights, what computing does not hide: the best engine, and a usual one."""


def proposals() -> Section:
    """Measure the drafter's own time on a long file, and on the cases."""
    figures: list[Figure] = []
    for name, every in zip(CONDITIONS, (LINES * 2, 40, 10), strict=True):
        before, after = spread(LINES, every)
        case = Case("long", before, code_edit="", expected=before, path="parts.py")
        drafted = draft_cases([case], read_tokenizer(None), 128, {case.id: after})
        what = f"{drafted.counts[OURS].tokens:,} tokens, {name}, K = 128"
        figures += _times(drafted, what)
        figures.append(_prepared(drafted, what))
    for limit in (64, 128):
        for name in CONDITIONS:
            if cases_of("apply-dev"):
                figures += _times(_drafted(name, limit), f"cases, {name}, {LIMITS[limit]}")
    how = (
        "Processor time of a proposal with all that it learned before; to prepare is to make the"
        f" drafter of three sources. A file of {LINES:,} generated lines, and apply-dev."
    )
    return Section("Time of a draft", how, tuple(figures))


def shares() -> Section | None:
    """Compare our drafts with the ceiling; ``None`` without cases."""
    if not cases_of("apply-dev"):
        return None
    figures = []
    for limit, said in LIMITS.items():
        for name in CONDITIONS:
            counts = _drafted(name, limit).counts
            percent = 100 * counts[CEILING].passes / counts[OURS].passes
            least = PERCENT_MIN[name] if limit < UNLIMITED else None
            figures.append(Figure(f"{name}, {said}", percent, "%", least, "at least"))
    how = (
        "Tokens per forward pass on apply-dev, in per cent of what the expected file gives as draft"
        " with a cursor that is told the right place at once."
    )
    return Section("Drafts against their ceiling", how, tuple(figures))


def methods() -> Grid | None:
    """Count tokens per pass by method; ``None`` without cases."""
    if not cases_of("apply-dev"):
        return None
    runs = {
        f"{name}, {said}": _drafted(name, limit)
        for limit, said in LIMITS.items()
        for name in CONDITIONS
    }
    names = next(reversed(runs.values())).counts
    rows = tuple(
        (method, *(f"{run.counts[method].tokens_per_pass:.1f}" for run in runs.values()))
        for method in names
    )
    how = "apply-dev; an oracle writes the expected file, or the altered one of the same case."
    return Grid("Tokens per forward pass", how, ("method", *runs), rows)


def lengths() -> Grid | None:
    """Cost of a rewrite by the length of its drafts; ``None`` without cases."""
    if not cases_of("apply-dev"):
        return None
    made = [_tokens(name) for name in CONDITIONS]
    rows = tuple(
        (said, *(cell for tokens in made for cell in _costs(tokens, length)))
        for said, length in LENGTHS.items()
    )
    how = (
        "Cost of 1,000 tokens of apply-dev, in passes of one row. A pass of n rows costs"
        f" max(1, s + n / {ROWS}), where s of reading the weights does not hide behind computing."
    )
    columns = tuple(f"{name}, s = {shown:g}" for name in CONDITIONS for shown in SHOWN)
    return Grid("Cost by the length of drafts", how, ("rows", *columns), rows)


def trees() -> Grid | None:
    """Count the passes that branches beside a draft would save; ``None`` without cases."""
    if not cases_of("apply-dev"):
        return None
    rows = []
    for name in CONDITIONS:
        sample = _tokens(name)[::TREE_EVERY]
        alone, one, every = (
            sum(
                branched_passes(
                    Branching(
                        [each.predicted, each.code_edit, each.original], each.tokenizer.vocabulary
                    ),
                    each.written,
                    TREE_TOKENS,
                    branches,
                )
                for each in sample
            )
            for branches in (0, 1, ALL)
        )
        saved = (f"{100 * (1 - passes / alone):.1f} %" for passes in (one, every))
        rows.append((name, f"{alone:,}", *saved))
    how = (
        f"Every {TREE_EVERY}th case of apply-dev, K = {TREE_TOKENS}: passes that an oracle saves if"
        " the second-best place is verified beside each draft, and if all that are thought of are."
        " The branches' rows cost nothing here, so these are bounds from above."
    )
    columns = ("", "passes", "one branch more", "all branches")
    return Grid("What trees of drafts would save", how, columns, tuple(rows))


def _costs(cases: Sequence[Tokens], length: Callable[[], Length]) -> list[str]:
    """Return the cost of 1,000 tokens, for each of ``SHOWN``."""
    passes = [rows for tokens in cases for rows in pass_rows(tokens, length())]
    thousands = sum(len(tokens.written) for tokens in cases) / 1000
    return [f"{sum(pass_cost(rows, shown) for rows in passes) / thousands:.2f}" for shown in SHOWN]


@cache
def _drafted(condition: str, limit: int) -> Drafted:
    return draft_cases(cases_of("apply-dev"), read_tokenizer(None), limit, _written(condition))


@cache
def _tokens(condition: str) -> list[Tokens]:
    tokenizer, written = read_tokenizer(None), _written(condition)
    return [
        tokens_of(case, case.expected if written is None else written[case.id], tokenizer)
        for case in cases_of("apply-dev")
        if written is None or case.id in written
    ]


def _written(condition: str) -> Mapping[str, str] | None:
    name = CONDITIONS[condition]
    return read_written(case_file(name)) if name else None


def _times(drafted: Drafted, what: str) -> list[Figure]:
    took = [1e6 * each for each in drafted.propose_s]
    limits = {50: None, 95: PROPOSAL_US, 99: None}
    return [
        Figure(f"{what}, p{percent}", percentile(took, percent), "µs", limit)
        for percent, limit in limits.items()
    ]


def _prepared(drafted: Drafted, what: str) -> Figure:
    took = [1e3 * each for each in drafted.prepare_s]
    return Figure(f"{what}, to prepare, p95", percentile(took, 95), "ms", PREPARE_MS)
