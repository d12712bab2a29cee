"""`fastapply eval draft`: how many tokens does a forward pass give, with which draft?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fastapply_lsp.commands.figures import add_row, figures_table, wide_console
from fastapply_lsp.errors import Unreadable
from fastapply_lsp.evaluation.cases import read_cases
from fastapply_lsp.evaluation.deviations import read_written
from fastapply_lsp.evaluation.drafting import (
    CEILING,
    CEILING_ENDLESS,
    OURS,
    OURS_ENDLESS,
    UNLIMITED,
    draft_cases,
)
from fastapply_lsp.evaluation.model import percentile
from fastapply_lsp.evaluation.tokenizer import read_tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.evaluation.drafting import Count, Drafted


def run(
    cases: str,
    tokenizer: str | None,
    draft_tokens: int | None,
    written: str | None,
    *,
    as_json: bool,
) -> int:
    """Draft the cases of a file, print the figures; return the exit code.

    Raises:
        Unreadable: the cases, the written files or the tokenizer cannot be read.
    """
    read = read_cases(Path(cases))
    files = None if written is None else read_written(Path(written))
    most = UNLIMITED if draft_tokens is None else draft_tokens
    drafted = draft_cases(read, read_tokenizer(tokenizer), most, files)
    if not drafted.cases:
        raise Unreadable(cases, "it holds no case" if written is None else f"none is in {written}")
    if as_json:
        click.echo(json.dumps(_as_json(drafted, draft_tokens), indent=2))
    else:
        _print(drafted, draft_tokens)
    return 0


def _as_json(drafted: Drafted, draft_tokens: int | None) -> dict[str, Any]:
    counts = drafted.counts
    return {
        "cases": drafted.cases,
        "draft_tokens": draft_tokens,
        "tokens": counts[OURS].tokens,
        "tokens_per_pass": round(counts[OURS].tokens_per_pass, 3),
        "ceiling": round(counts[CEILING].tokens_per_pass, 3),
        "methods": {name: round(each.tokens_per_pass, 3) for name, each in counts.items()},
        "by_style": {
            style: {name: round(each.tokens_per_pass, 3) for name, each in group.items()}
            for style, group in drafted.by_style.items()
        },
        "proposal_us": _times(drafted.propose_s, 1e6),
        "prepare_ms": _times(drafted.prepare_s, 1e3),
    }


def _times(seconds: Sequence[float], unit: float) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        name: round(unit * percentile(ordered, percent), 3)
        for name, percent in (("median", 50), ("p95", 95), ("p99", 99))
    }


def _print(drafted: Drafted, draft_tokens: int | None) -> None:
    console = wide_console(60 + 12 * len(drafted.by_style))
    limit = "no limit" if draft_tokens is None else f"{draft_tokens} draft tokens"
    title = f"Tokens per forward pass, {drafted.cases} files, {limit}"
    table = figures_table(title, ("all", "of ceiling", *drafted.by_style))
    for name, count in drafted.counts.items():
        if name in {CEILING, OURS_ENDLESS}:
            table.add_section()
        endless = name in {OURS_ENDLESS, CEILING_ENDLESS}
        ceiling = drafted.counts[CEILING_ENDLESS if endless else CEILING]
        whole = (f"{count.tokens_per_pass:.1f}", _share(count, ceiling))
        groups = (group[name] for group in drafted.by_style.values())
        add_row(table, name, (*whole, *(f"{each.tokens_per_pass:.1f}" for each in groups)))
    console.print(table)
    propose, prepare = _times(drafted.propose_s, 1e6), _times(drafted.prepare_s, 1e3)
    console.print(
        f"a proposal takes {propose['median']:.0f} µs (p95 {propose['p95']:.0f}), "
        f"to prepare a file {prepare['median']:.1f} ms (p95 {prepare['p95']:.1f})",
        style="dim",
    )


def _share(count: Count, ceiling: Count) -> str:
    return f"{count.tokens_per_pass / ceiling.tokens_per_pass:.1%}"
