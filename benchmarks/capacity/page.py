"""The tables of docs/explanation/capacity.md, from the answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.capacity.answers import (
    BUSY_PER_S,
    PLAIN_TARGET_S,
    TARGET_S,
    read_answers,
    workload,
)
from benchmarks.capacity.assumptions import MODELS
from benchmarks.capacity.policies import FIXED, PLAIN, SHARED, SURE
from benchmarks.capacity.traces import CONDITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "capacity.md"
_MARKED = re.compile(r"(?<=<!-- generated: begin -->\n).*?(?=<!-- generated: end -->)", re.DOTALL)
_NOT_MEASURED = "**From a roofline, not measured on a GPU.**"
_MEASURED = "**Simulated, with measured times of passes.**"


def with_tables(page: str, answers: Mapping[str, Any]) -> str:
    """Return the page with its tables written anew."""
    assert _MARKED.search(page), "the page has lost its marks"
    return _MARKED.sub(lambda _: tables(answers), page)


def tables(answers: Mapping[str, Any]) -> str:
    """Return all tables as Markdown."""
    lines: list[str] = []
    for model in answers["gpus"]:
        lines += _gpus(model, answers["gpus"][model])
    lines += _rules(answers["rules"])
    if "sensitivity" in answers:
        lines += _sensitivity(answers["sensitivity"])
    lines += [*_work(), *_passes(answers["passes"])]
    text = "".join(f"{line}\n" for line in lines)
    return text.replace(_NOT_MEASURED, _MEASURED) if "measured" in answers else text


def _gpus(model: str, found: Mapping[str, Any]) -> Iterator[str]:
    held, plain_s, target_s = found["held_per_s"], PLAIN_TARGET_S[model], TARGET_S[model]
    yield f"### GPUs for {MODELS[model].name}"
    yield ""
    yield (
        f"{_NOT_MEASURED} H200s that hold a p95 of {target_s:g} s; without drafts, of {plain_s:g} s."
        " One line in 40 is not as the merge predicted. The last two columns are for the GPUs of the"
        " column before them."
    )
    yield ""
    rows = [
        [
            f"{row['users']:,}",
            _figure(row["per_s"]),
            _gpu_count(row["gpus"][PLAIN.name], row["users"]),
            *(f"{row['gpus'][policy.name]:,}" for policy in (FIXED, SHARED, SURE)),
            f"{_figure(row['p50_s'])} s",
            f"{_figure(row['p95_s'])} s",
        ]
        for row in found["rows"]
    ]
    rows.append(
        [
            "one GPU holds, applies/s",
            "",
            *(_figure(held[policy.name]) for policy in (PLAIN, FIXED, SHARED, SURE)),
            "",
            "",
        ]
    )
    columns = [
        "users",
        "applies/s",
        f"no drafts, {plain_s:g} s",
        *(policy.name for policy in (FIXED, SHARED, SURE)),
        "p50",
        "p95",
    ]
    yield from _table(columns, rows)
    alone = found["alone"]
    told = "; ".join(
        f"{policy.name}: {_figure(alone[policy.name]['p50_s'])} s"
        f" ({_figure(alone[policy.name]['p95_s'])} s)"
        for policy in (PLAIN, FIXED, SHARED)
    )
    yield f"An apply on a GPU that has nothing else to do takes, p50 (p95): {told}."
    yield ""


def _rules(found: Mapping[str, Any]) -> Iterator[str]:
    models = list(next(iter(found.values())))
    yield "### What one GPU holds, by rule"
    yield ""
    yield (
        f"{_NOT_MEASURED} Applies per second of one GPU with a p95 of at most "
        + " or ".join(f"{TARGET_S[model]:g} s ({model.upper()})" for model in models)
        + "; how many of the lines are not as the merge predicted: none, one in 40, one in 10."
    )
    yield ""
    columns = ["rule"] + [
        f"{model.upper()}, {_short(condition)}" for model in models for condition in CONDITIONS
    ]
    yield from _table(
        columns,
        [
            [name]
            + [
                _figure(row[model][condition]["held_per_s"])
                for model in models
                for condition in CONDITIONS
            ]
            for name, row in found.items()
        ],
    )
    if "7b" not in models:
        return
    yield (
        f"{_NOT_MEASURED} The 7B model on one GPU when {BUSY_PER_S:g} applies arrive each second, more"
        " than it holds: p95, and draft tokens in vain for each token written."
    )
    yield ""
    columns = ["rule"] + [_short(condition) for condition in CONDITIONS]
    yield from _table(
        columns,
        [
            [name]
            + [
                f"{_figure(row['7b'][condition]['busy_p95_s'])} s,"
                f" {_figure(row['7b'][condition]['wasted'])}"
                for condition in CONDITIONS
            ]
            for name, row in found.items()
        ],
    )


def _sensitivity(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "### If an assumption is wrong"
    yield ""
    yield (
        f"{_NOT_MEASURED} Applies per second of one GPU with a p95 of at most {TARGET_S['7b']:g} s, the"
        " 7B model, one line in 40."
    )
    yield ""
    names = list(found[0]["held_per_s"])
    rows = [
        [each["what"], *(_figure(each["held_per_s"][name]) for name in names)] for each in found
    ]
    yield from _table(["", *names], rows)


def _work() -> Iterator[str]:
    yield "### What is read and written"
    yield ""
    yield "Tokens of an apply, over the recorded files."
    yield ""
    columns = [
        "the model's file",
        "files",
        "prompt, median",
        "mean",
        "written, median",
        "mean",
        "p95",
    ]
    yield from _table(
        columns,
        [
            [
                CONDITIONS[condition],
                f"{one['files']:,}",
                *(
                    f"{one[name]:,.0f}"
                    for name in (
                        "prompt_median",
                        "prompt_mean",
                        "tokens_median",
                        "tokens_mean",
                        "tokens_p95",
                    )
                ),
            ]
            for condition, one in workload().items()
        ],
    )


def _passes(found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    yield "### A pass"
    yield ""
    yield f"{_NOT_MEASURED} Milliseconds on the GPU by rows, without attention."
    yield ""
    rows = list(next(iter(found.values())))
    yield from _table(
        ["", *(f"{int(each):,}" for each in rows)],
        [
            [MODELS[model].name, *(_figure(1e3 * one[each]) for each in rows)]
            for model, one in found.items()
        ],
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|---|{'---:|' * (len(columns) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _gpu_count(count: int, users: int) -> str:
    return f"{count:,}" if users == 1 else f"about {count:,}"


def _short(condition: str) -> str:
    return {"clean": "none", "40": "1 in 40", "10": "1 in 10"}[condition]


def _figure(value: float) -> str:
    """Return a figure with three digits.

    >>> _figure(0.0067), _figure(2.0), _figure(16.66), _figure(1234.0)
    ('0.0067', '2', '16.7', '1,234')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), read_answers()), encoding="utf-8")
