"""What does a chunk cost on its whole way, the event loop included?

The same apply as in an editor: conductor, session, gate, rewrite and model editor; a scripted
backend says the file in chunks without pauses. The time from one chunk to the next is all ours.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from benchmarks.model import Figure, Section, percentile
from benchmarks.samples import sample
from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order, Progress, Result, Step
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Unwatched, WallClock
from fastapply_lsp.backends.scripted import Predicted, Script, ScriptedBackend
from fastapply_lsp.evaluation.run import Forgetful
from fastapply_lsp.request.model import EditFile

if TYPE_CHECKING:
    from benchmarks.samples import Sample

TOKEN_CHARACTERS = 4
RUNS = 3


class Stopwatch(Unwatched):
    """Notes when each chunk was taken, and when the backend was first waited for."""

    def __init__(self) -> None:
        self.taken_s: list[float] = []
        self.waiting_s = 0.0

    def progressed(self, progress: Progress) -> None:
        """Look at the clock."""
        now = time.perf_counter()
        if progress.step is Step.STREAMING:
            self.taken_s.append(now)
        elif progress.step is Step.WAITING:
            self.waiting_s = now


def conducting() -> Section:
    """Measure the conductor with a backend that never pauses."""
    figures: list[Figure] = []
    for lines, limit in ((400, 5.0), (2500, 15.0)):
        made = sample(lines)
        watch, result = Stopwatch(), None
        for _ in range(RUNS):
            watch = Stopwatch()
            result = asyncio.run(_apply(made, watch))
        assert result is not None
        assert result.text == made.expected
        pairs = zip(watch.taken_s, watch.taken_s[1:], strict=False)
        ms = [1000 * (after - before) for before, after in pairs]
        streamed = watch.taken_s[-1] - watch.waiting_s
        figures += (
            Figure(f"per chunk, {lines:,} lines, p50", percentile(ms, 50), "ms"),
            Figure(f"per chunk, {lines:,} lines, p95", percentile(ms, 95), "ms", limit),
            Figure(f"per chunk, {lines:,} lines, longest", max(ms), "ms"),
            Figure(f"stream, {lines:,} lines", len(made.expected) / streamed, "characters/s"),
            Figure(f"call to first changed line, {lines:,} lines", _first_ms(result), "ms"),
        )
    how = (
        f"Conductor, event loop, session, gate, rewrite and model editor; chunks of"
        f" {TOKEN_CHARACTERS} characters, one method changed in the middle of the file."
    )
    return Section("The whole way of a chunk", how, tuple(figures))


def _first_ms(result: Result) -> float:
    first = result.figures.first_change_ms
    assert first is not None
    return first


async def _apply(made: Sample, watch: Stopwatch) -> Result:
    editor = ModelEditor(made.original)
    backend = ScriptedBackend(Script((Predicted(TOKEN_CHARACTERS),)))
    call = EditFile("parts.py", "", made.edits["lazy snippet"])
    order = Order("bench", call, "bench:", "parts.py", made.original, version=0)
    ports = Ports(editor, Forgetful(), lambda *_: (backend,), WallClock())
    apply = Apply(order, ports, watch)
    editor.follow(apply)
    result = await apply.run()
    await apply.aclose()
    return result
