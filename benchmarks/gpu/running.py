"""One run from the first check to the last cell; what fails is noted, and the rest goes on."""

from __future__ import annotations

import gc
import json
import traceback
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import zip_longest
from random import Random as Shuffle
from typing import TYPE_CHECKING, Any

import torch

from benchmarks.gpu import checks, measuring
from benchmarks.gpu.attention import Flash, Masked
from benchmarks.gpu.choosing import Chosen
from benchmarks.gpu.decoder import Decoder
from benchmarks.gpu.measuring import Cells, Clock
from benchmarks.gpu.ops import TorchOps
from benchmarks.gpu.passes import ROWS, ROWS_EIGHT, Passes
from benchmarks.gpu.reporting import ALL, EIGHT
from benchmarks.gpu.traces import SIZES, Traces, invented, read
from benchmarks.gpu.weights import Random
from benchmarks.gpu.writing import POLICIES, Course, Policy, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.gpu.attention import Attention
    from benchmarks.gpu.decoder import Ops
    from benchmarks.gpu.measuring import Cell
    from benchmarks.gpu.shapes import Shape
    from benchmarks.gpu.traces import Trace

_CELL_S = 12.0
_ALL_S = 100.0
_LEAST_S = 20.0
"""Less time than that is not begun a model with."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: ``shapes`` in 16 bit, ``eight`` in 8, by turns.

    ``seconds`` is for all of it; ``plain`` is without Triton.
    ``results`` is written as the cells come; what it holds already stays.
    """

    shapes: tuple[Shape, ...]
    eight: tuple[Shape, ...]
    engines: tuple[str, ...]
    traces: Path | None
    results: Path | None
    seconds: float
    device: str = "auto"
    cases: int = 8
    plain: bool = False


@dataclass
class _Run:
    order: Order
    device: torch.device
    dtype: torch.dtype
    traces: Traces
    clock: Clock
    results: dict[str, Any]
    ops: Ops = field(default_factory=TorchOps)
    attentions: list[Attention] = field(default_factory=list)

    def say(self, words: str) -> None:
        """Print at once: a run may be cut off."""
        print(f"[{self.order.seconds - self.clock.left:6.1f} s] {words}", flush=True)

    def save(self) -> None:
        """Write what there is."""
        if self.order.results is not None:
            self.order.results.parent.mkdir(parents=True, exist_ok=True)
            self.order.results.write_text(json.dumps(self.results, indent=1) + "\n", "utf-8")

    def took(self, cell: Cell) -> None:
        """Take a cell in."""
        self.results["cells"].append(cell.told())
        self.save()
        rest = cell.with_prompt
        self.say(
            f"{cell.model}, {cell.engine}, {cell.size}, K = {cell.draft}:"
            f" {cell.tokens_per_s:,.0f} tokens/s{'' if rest is None else f' ({rest:,.0f})'},"
            f" {cell.cases} cases, {cell.passes} passes of {cell.pass_ms_p50:.2f} ms,"
            f" {cell.rows / max(1, cell.passes):.0f} rows"
        )

    @contextmanager
    def tried(self, what: str) -> Iterator[None]:
        """Note what fails, give its memory back, and go on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the rest of a costly run must not be lost
            self.results["errors"].append(f"{what}: {type(error).__name__}: {error}"[:600])
            self.say(traceback.format_exc()[-3000:])
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        self.save()


def run(order: Order, python: str) -> dict[str, Any]:
    """Run, and return the results: ``checks``, ``models`` with their ``steps``, ``cells``, ``errors``.

    ``models[].steps`` is what a simulation of capacity wants: ``rows`` of one pass, ``context``
    before them, ``ms_p50`` from tokens to likeliest tokens. ``cells`` are `measuring.Cell`.
    """
    name = order.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    device = torch.device(name)
    cuda = device.type == "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    traces = invented((30, 60, 400)) if order.traces is None else read(order.traces)
    machine = torch.cuda.get_device_name() if cuda else "a CPU"
    results: dict[str, Any] = {
        "machine": f"{machine}, torch {torch.__version__}, Python {python}",
        "traces": {"cases": len(traces.cases), "invented": order.traces is None},
        **{name: [] for name in ("checks", "models", "cells", "errors")},
    }
    if order.results is not None and order.results.exists():
        results |= json.loads(order.results.read_text("utf-8"))
    dtype = torch.bfloat16 if cuda else torch.float32
    running = _Run(order, device, dtype, traces, Clock(order.seconds), results)
    running.say(results["machine"])
    with running.tried("checks"):
        _check(running)
    for shape, eight in _in_turn(order):
        if "graphs" in order.engines and running.clock.left > _LEAST_S:
            with running.tried(f"{shape.name}, graphs"):
                _graphs(running, shape, eight=eight)
    for shape in order.shapes:
        if "transformers" in order.engines and running.clock.left > _LEAST_S:
            with running.tried(f"{shape.name}, transformers"):
                _transformers(running, shape)
    running.save()
    return results


def _check(running: _Run) -> None:
    """Find out what may be used here, and prove that drafts change nothing."""
    device, dtype = running.device, running.dtype
    cuda = device.type == "cuda"
    candidates: list[Attention] = []
    exact: list[Attention] = [Masked()]
    verdicts = []
    if cuda:
        candidates.append(Flash())
        verdicts.append(checks.eight_bit(device))
    if cuda and not running.order.plain:
        with running.tried("Triton"):
            from benchmarks.gpu.triton_ops import (  # noqa: PLC0415 - not everywhere
                TritonAttention,
                TritonOps,
            )

            verdicts += [
                checks.operations(TritonOps(), device, kind) for kind in (dtype, torch.float32)
            ]
            verdicts.append(checks.scaling(TritonOps(), device))
            if not any(verdict.wrong for verdict in verdicts):
                running.ops = TritonOps()
            candidates += [TritonAttention(), TritonAttention(keys=128, stages=2)]
            small = TritonAttention(block=64)
            verdicts.append(checks.attention(small, device, torch.float32, 64))
            if not verdicts[-1].wrong:
                exact = [small]
    candidates.append(Masked())
    for candidate in candidates:
        verdict = checks.attention(candidate, device, dtype, 128, 2_048 if cuda else 64)
        verdicts.append(verdict)
        if not verdict.wrong and (candidate.name != "masked" or not running.attentions):
            running.attentions.append(candidate)
    texts = 12 if cuda else 1
    for ops in {one.name: one for one in (TorchOps(), running.ops)}.values():
        verdicts.append(checks.identity(device, exact[0], ops, texts))
    for verdict in verdicts:
        running.say(f"check: {verdict.what}: {verdict.wrong or 'right'}")
    running.results["checks"] += [asdict(verdict) for verdict in verdicts]
    running.save()


def _in_turn(order: Order) -> Iterator[tuple[Shape, bool]]:
    """Yield the shapes, and whether each is in 8 bit: one in 16, one in 8, and so on."""
    for wide, narrow in zip_longest(order.shapes, order.eight):
        if wide is not None:
            yield wide, False
        if narrow is not None:
            yield narrow, True


def _graphs(running: _Run, shape: Shape, *, eight: bool) -> None:
    """Measure one shape with recorded passes."""
    device, cuda = running.device, running.device.type == "cuda"
    precision = EIGHT if eight else _precision(running.dtype)
    weights = Random(shape, device, running.dtype, eight=eight).make()
    longest = max((case.tokens for case in running.traces.cases), default=0)
    chosen = Chosen(running.attentions, shape, running.dtype)
    decoder = Decoder(shape, weights, longest + 2_400, attention=chosen, ops=running.ops)
    recorded = Passes(decoder, ROWS_EIGHT if eight else ROWS)
    if cuda:
        torch.cuda.reset_peak_memory_stats()
        recorded.record()
    running.say(f"{shape.name}: {shape.weights / 1e9:.1f}e9 weights, {precision}, recorded")

    def one(trace: Trace, policy: Policy, passes: int | None) -> Course:
        return write(recorded, trace, running.traces.vocabulary, policy, passes=passes)

    model: dict[str, Any] = {
        "model": shape.name,
        "precision": precision,
        "engine": "graphs",
        "steps": [],
    }
    running.results["models"].append(model)
    model["attention"] = {rows: each.name for rows, each in chosen.chosen.items()}
    model["operations"] = running.ops.name
    cells = Cells(shape.name, precision, "graphs", one, running.clock, running.took)
    if cuda:
        model["steps"] = [
            asdict(step) for step in measuring.steps(recorded, running.clock, times=5)
        ]
        for step in model["steps"]:
            running.say(f"  {step['rows']} rows on {step['context']}: {step['ms_p50']:.2f} ms")
    cells.measure(SIZES[1], running.traces.some(SIZES[1], running.order.cases), POLICIES, _CELL_S)
    if cuda:
        # What counts most comes before what takes longest.
        cells.measure(ALL, _mixed(running.traces), POLICIES[-1:], _ALL_S)
        prompt = running.traces.cases[0].prompt[:1_000]
        model["mismatches_of"] = 256
        model["mismatches"] = checks.mismatches(recorded, prompt, 256, 128)
    for size in (SIZES[0], SIZES[2]):
        some = running.traces.some(size, running.order.cases)
        cells.measure(size, some, POLICIES, _CELL_S)
    if cuda:
        model["peak_gb"] = torch.cuda.max_memory_allocated() / 1e9


def _transformers(running: _Run, shape: Shape) -> None:
    """Measure one shape with the engine as it is shipped."""
    from benchmarks.gpu.hf import TransformersWriter, model_of  # noqa: PLC0415 - only here

    cuda = running.device.type == "cuda"
    longest = max((case.tokens for case in running.traces.cases), default=0)
    if cuda:
        torch.cuda.reset_peak_memory_stats()
    model = model_of(shape, running.device, running.dtype, longest + 4_096)
    precision = _precision(running.dtype)
    running.say(f"{shape.name}: made for transformers")
    writer = TransformersWriter(model, running.traces.vocabulary)
    cells = Cells(shape.name, precision, "transformers", writer, running.clock, running.took)
    told: dict[str, Any] = {
        "model": shape.name,
        "precision": precision,
        "engine": "transformers",
        "steps": [],
    }
    running.results["models"].append(told)
    adaptive_first = (POLICIES[-1], *POLICIES[:-1])
    for size in (SIZES[1], SIZES[0], SIZES[2]):
        some = running.traces.some(size, running.order.cases)
        cells.measure(size, some, adaptive_first, _CELL_S / 2)
    if cuda:
        told["peak_gb"] = torch.cuda.max_memory_allocated() / 1e9


def _precision(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.").replace("bfloat", "bf")


def _mixed(traces: Traces) -> Sequence[Trace]:
    """Return all cases in an order in which the first ones are a fair sample."""
    cases = list(traces.cases)
    Shuffle(1).shuffle(cases)
    return cases
