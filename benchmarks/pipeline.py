"""What does the pipeline cost? Chunks through session, gate and rewrite, into the model editor.

The clock runs while the session handles a chunk and all that follows from it: the edit that leaves
and what the editor answers. The editor's own work is its own, and is not counted.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.model import Figure, Section, percentile
from benchmarks.samples import spread
from fastapply_lsp.guard.gate import Gate
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.session.events import (
    BufferChanged,
    Chunk,
    EditAnswered,
    JournalAcknowledged,
    SendEdit,
    StreamEnded,
)
from fastapply_lsp.session.session import Session
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from fastapply_lsp.session.events import Input, Output

TOKEN_CHARACTERS = 4
PIECE_CHARACTERS = 16_384
"""What the conductor hands over at once where a backend says everything in one piece."""

CHANGED_EVERY = 100
REPEATS = 5


@dataclass(slots=True)
class Run:
    """One stream: seconds per chunk, seconds until a changed line showed, and the end's."""

    chunk_s: list[float]
    first_change_s: float
    end_s: float


class Driver:
    """Feeds a session and plays the editor."""

    def __init__(self, before: str) -> None:
        gate = Gate(split_lines(before), None, language_of("parts.py"))
        self.session = Session("bench:", before, 0, rewrite=Rewriter(before), gate=gate)
        self.text = before
        self._version = 0
        self.spent_s = 0.0
        self.first_change_s = 0.0
        self.session.begin()
        self.feed(JournalAcknowledged())

    def feed(self, event: Input) -> None:
        """Handle an event and all that follows from it."""
        waiting: list[Input] = [event]
        while waiting:
            began = time.perf_counter()
            outputs = self.session.handle(waiting.pop(0))
            self.spent_s += time.perf_counter() - began
            for output in outputs:
                waiting += self._answer(output)

    def _answer(self, output: Output) -> list[Input]:
        if not isinstance(output, SendEdit):
            return []
        self.text = output.edits.apply(self.text)
        self._version += 1
        self.first_change_s = self.first_change_s or self.spent_s
        changed = BufferChanged(self.text, self._version)
        return [changed, EditAnswered(output.token, applied=True)]


def stream(before: str, after: str, size: int) -> Run:
    """Stream ``after`` over ``before`` in chunks of ``size`` characters."""
    driver = Driver(before)
    times: list[float] = []
    for at in range(0, len(after), size):
        began = driver.spent_s
        driver.feed(Chunk(after[at : at + size]))
        times.append(driver.spent_s - began)
    began = driver.spent_s
    driver.feed(StreamEnded())
    if driver.text != after:
        raise AssertionError("the buffer does not hold the rewrite")
    return Run(times, driver.first_change_s, driver.spent_s - began)


def overhead() -> Section:
    """Measure the cost of each chunk of one token."""
    figures: list[Figure] = []
    for lines, limit in ((400, 5.0), (2500, 15.0)):
        before, after = spread(lines, CHANGED_EVERY)
        stream(before, after, TOKEN_CHARACTERS)  # what is loaded once is not a chunk's cost
        run = stream(before, after, TOKEN_CHARACTERS)
        ms = [1000 * one for one in run.chunk_s]
        figures += (
            Figure(f"per chunk, {lines:,} lines, p50", percentile(ms, 50), "ms"),
            Figure(f"per chunk, {lines:,} lines, p95", percentile(ms, 95), "ms", limit),
            Figure(f"per chunk, {lines:,} lines, longest", max(ms), "ms"),
            Figure(f"end of the stream, {lines:,} lines", 1000 * run.end_s, "ms"),
        )
    how = (
        f"Chunks of {TOKEN_CHARACTERS} characters through session, gate and rewrite; one line"
        f" changed in every {CHANGED_EVERY}."
    )
    return Section("Overhead per chunk", how, tuple(figures))


def speed() -> Section:
    """Measure how many characters pass per second, and how the cost grows."""
    rates: dict[int, float] = {}
    for lines in (400, 2500, 10_000):
        before, after = spread(lines, CHANGED_EVERY)
        best = min(_whole_s(before, after, PIECE_CHARACTERS) for _ in range(REPEATS))
        rates[lines] = len(after) / best
    before, after = spread(2500, CHANGED_EVERY)
    tokens = len(after) / min(_whole_s(before, after, TOKEN_CHARACTERS) for _ in range(2))
    first = min(stream(before, after, PIECE_CHARACTERS).first_change_s for _ in range(REPEATS))
    limit = 2_000_000.0
    figures = [
        Figure(f"instant backend, {lines:,} lines", rate, "characters/s", limit, "at least")
        for lines, rate in rates.items()
    ]
    figures += (
        Figure("in chunks of one token, 2,500 lines", tokens, "characters/s"),
        Figure("cost per character, 10,000 against 400 lines", rates[400] / rates[10_000], "times"),
        Figure("to the first changed line, 2,500 lines", 1000 * first, "ms"),
    )
    how = (
        f"The whole file in pieces of {PIECE_CHARACTERS:,} characters, as the conductor cuts what"
        " an instant backend says; session, gate and rewrite together, best of several."
    )
    return Section("Speed of session and rewrite", how, tuple(figures))


def _whole_s(before: str, after: str, size: int) -> float:
    run = stream(before, after, size)
    return sum(run.chunk_s) + run.end_s
