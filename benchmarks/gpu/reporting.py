"""The figures as JSON, and as the section "On a GPU" of docs/benchmarks.md."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.gpu.writing import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
RESULTS = Path(__file__).with_name("results.json")
"""The last run on a GPU, where there was one: what the section is made of."""
BEGIN, END = "<!-- begin: benchmarks.gpu -->", "<!-- end: benchmarks.gpu -->"
NOT_RUN = "not run"
EIGHT = "8 bit"
TARGETS = {
    ("qwen2.5-coder-7b", "bf16"): 25_000,
    ("qwen2.5-coder-7b", EIGHT): 25_000,
    ("llama-3-70b", EIGHT): 3_000,
}
"""Tokens per second over the dev cases, adaptive drafts, one request, one H200."""
ALL = "all dev cases"
_PLANNED = (
    ("qwen2.5-coder-7b", "bf16", "graphs"),
    ("llama-3-70b", EIGHT, "graphs"),
    ("qwen2.5-coder-7b", EIGHT, "graphs"),
    ("llama-3-8b", "bf16", "graphs"),
    ("qwen2.5-coder-7b", "bf16", "transformers"),
)
_SIZES = ("short", "400 lines", "long", ALL)
_HOW = """\
One request at a time. Weights are random, made on the device in the shapes of the public models;
the prompts, the drafts and the files that are written are the dev cases' (`short` is up to 120
lines, `long` 1,900 to 2,500). **Acceptance is an oracle's**: each pass does the whole work (forward
pass over the draft's rows with the cache, head over all rows, likeliest tokens, comparison), then
the expected file's tokens take the place of the random model's. The drafter is the one that the
engines use, and its time is included. Cells are tokens per second while writing; after the stroke
with the prompt's reading included. Without a draft only the first 100 tokens of each case are
written."""
_RUN = """\
`python -m benchmarks.gpu.making .cache/gpu-traces.npz` makes the file of cases (here, with
`FASTAPPLY_CASES`); on the machine with the GPU `python -m benchmarks.gpu --traces
.cache/gpu-traces.npz --json results.json --minutes 9` measures. That machine needs torch and numpy,
of this repository the folders `benchmarks/gpu` and `fastapply_lsp`, for 8 bit a GPU that has it
(Hopper or later), for `--engine transformers` transformers; where Triton is installed, its kernels
are used. `--write-docs results.json …` takes what was measured into `benchmarks/gpu/results.json`
and puts it here. In that file `models[].steps` is what a pass costs, for simulations: `rows` of one
pass, the `context` before them, `ms_p50` from tokens on the host to the likeliest tokens on the
host."""


def section(results: Mapping[str, Any] | None) -> str:
    """Return the section, between its marks; every cell says so where nothing was run."""
    told = results or {}
    lines = [BEGIN, "", "## On a GPU", "", _HOW, "", _RUN, ""]
    if results:
        lines += [f"Measured on {told['machine']}.", ""]
    else:
        lines += ["**Not run yet**: no GPU was at hand. Nothing in this table is an estimate.", ""]
    lines += [*_rates(told), "", *_targets(told), ""]
    lines += ["### What a pass costs", "", *_step_rows(told), ""]
    lines += [*_checked(told), END]
    return "\n".join(lines)


def inserted(page: str, text: str) -> str:
    r"""Return the page with the section between its marks; at the end where it has none.

    >>> inserted(f"a\n{BEGIN}\nold\n{END}\nb\n", f"{BEGIN}\nnew\n{END}").split()[-2:]
    ['-->', 'b']
    """
    found = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if found.search(page):
        return found.sub(lambda _: text, page)
    return f"{page.rstrip()}\n\n{text}\n"


def merged(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return several runs as one: of the machine and the cases, what the last one says."""
    whole: dict[str, Any] = {}
    for run in runs:
        for name, value in run.items():
            whole[name] = [*whole.get(name, ()), *value] if isinstance(value, list) else value
    return whole


def take(files: Sequence[Path], results: Path = RESULTS) -> None:
    """Make these runs the last results."""
    runs = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    results.write_text(json.dumps(merged(runs), indent=1) + "\n", encoding="utf-8")


def write_docs(page: Path = PAGE, results: Path = RESULTS) -> None:
    """Put the section into the page."""
    told = json.loads(results.read_text(encoding="utf-8")) if results.exists() else None
    page.write_text(inserted(page.read_text(encoding="utf-8"), section(told)), encoding="utf-8")


def _rates(told: Mapping[str, Any]) -> Iterator[str]:
    cells = {
        (cell["model"], cell["precision"], cell["engine"], cell["size"], cell["draft"]): cell
        for cell in told.get("cells", ())
    }
    known = dict.fromkeys((*_PLANNED, *(key[:3] for key in cells)))
    yield _row(
        "model", "engine", "files", *(f"K = {one.name}" for one in POLICIES[:-1]), "adaptive"
    )
    yield _row("---", "---", "---", *["---:"] * len(POLICIES))
    for model, precision, engine in known:
        for size in _SIZES:
            found = [cells.get((model, precision, engine, size, one.name)) for one in POLICIES]
            if size != ALL or any(found) or ((model, precision) in TARGETS and engine == "graphs"):
                values = [_rate(one) for one in found]
                yield _row(f"{model}, {precision}", engine, size, *values)


def _rate(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return NOT_RUN
    rest = cell["tokens_per_s_with_prompt"]
    part = "" if cell["cases"] == cell["asked"] else f" ({cell['cases']} of {cell['asked']} cases)"
    return f"{cell['tokens_per_s']:,.0f}{'' if rest is None else f' / {rest:,.0f}'}{part}"


def _targets(told: Mapping[str, Any]) -> Iterator[str]:
    yield _row("one request, adaptive drafts", "tokens/s", "to reach", "")
    yield _row("---", "---:", "---:", "---")
    for (model, precision), least in TARGETS.items():
        cells = [
            cell
            for cell in told.get("cells", ())
            if (cell["model"], cell["precision"], cell["engine"], cell["size"], cell["draft"])
            == (model, precision, "graphs", ALL, "adaptive")
        ]
        rate = cells[-1]["tokens_per_s"] if cells else None
        mark = "" if rate is None else "ok" if rate >= least else "short"
        figure = NOT_RUN if rate is None else f"{rate:,.0f}"
        yield _row(f"{model}, {precision}", figure, f"≥ {least:,}", mark)


def _step_rows(told: Mapping[str, Any]) -> Iterator[str]:
    models = told.get("models", ())
    yield _row("rows of one pass", *(str(rows) for rows in _STEPS_SHOWN))
    yield _row("---", *["---:"] * len(_STEPS_SHOWN))
    for told_model in models:
        what = f"{told_model['model']}, {told_model['precision']}"
        for context in sorted({step["context"] for step in told_model["steps"]}):
            cost = {s["rows"]: s["ms_p50"] for s in told_model["steps"] if s["context"] == context}
            values = [f"{cost[rows]:.2f}" if rows in cost else "" for rows in _STEPS_SHOWN]
            yield _row(f"{what}, context {context:,}, ms", *values)
    if not models:
        for model, precision in dict.fromkeys(key[:2] for key in _PLANNED):
            yield _row(f"{model}, {precision}, ms", *[NOT_RUN] * len(_STEPS_SHOWN))


_STEPS_SHOWN = (1, 16, 64, 128, 192, 256, 512, 1024, 2048)


def _checked(told: Mapping[str, Any]) -> Iterator[str]:
    for check in told.get("checks", ()):
        yield f"- {check['what']}: {check['wrong'] or 'right'}"
    for model in told.get("models", ()):
        memory = f"{model['peak_gb']:.1f} GB at most" if model.get("peak_gb") else "memory unknown"
        yield f"- {model['model']}, {model['precision']}, {model['engine']}: {memory}" + (
            f"; {model['mismatches']} of {model['mismatches_of']} tokens others where 128 rows are"
            " verified at once (random weights: an upper bound)"
            if model.get("mismatches_of")
            else ""
        )
    for error in told.get("errors", ()):
        yield f"- failed: {error}"
    if told:
        yield ""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
