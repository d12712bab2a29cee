"""What is measured, cell by cell; a cell is a model, an engine, a size of file and a draft length."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from benchmarks.gpu.passes import Passes
    from benchmarks.gpu.traces import Trace
    from benchmarks.gpu.writing import Course, Policy

UNDRAFTED_PASSES = 100
"""Passes of a case without a draft: each costs the same, and all of them minutes."""
STEP_ROWS = (1, 8, 16, 32, 64, 96, 128, 144, 192, 256, 384, 512, 1024, 2048)
STEP_CONTEXTS = (1_024, 8_192, 32_768)


class Writer(Protocol):
    """An engine that writes one case."""

    def __call__(self, trace: Trace, policy: Policy, passes: int | None) -> Course:
        """Write it, or ``passes`` passes of it."""
        ...


class Clock:
    """How much time is left of what one run may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds; may be negative."""
        return self._end - time.monotonic()


@dataclass(slots=True)
class Cell:
    """One cell; sums over its cases, times in seconds. ``drafting_s`` is part of ``written_s``.

    ``asked`` cases would have been written had there been time; where ``whole`` is false, only the
    first passes of each were made.
    """

    model: str
    precision: str
    engine: str
    size: str
    draft: str
    asked: int
    cases: int = 0
    tokens: int = 0
    prompt_tokens: int = 0
    passes: int = 0
    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    read_s: float = 0.0
    written_s: float = 0.0
    drafting_s: float = 0.0
    pass_ms_p50: float = 0.0
    whole: bool = True

    @property
    def tokens_per_s(self) -> float:
        """Tokens written, by the time it took to write them."""
        return self.tokens / self.written_s if self.written_s else 0.0

    @property
    def with_prompt(self) -> float | None:
        """The same, with the time in which the prompt was read."""
        took = self.written_s + self.read_s
        return self.tokens / took if self.whole and took else None

    def told(self) -> dict[str, Any]:
        """Return all as JSON has it."""
        rates = {"tokens_per_s": self.tokens_per_s, "tokens_per_s_with_prompt": self.with_prompt}
        return asdict(self) | rates


@dataclass(slots=True)
class Cells:
    """Fills cells with one engine, and hands each on when it is done.

    Args:
        model: its name.
        precision: of its weights, in words.
        engine: its name.
        write: writes a case.
        clock: says when to stop.
        done: takes each cell.
    """

    model: str
    precision: str
    engine: str
    write: Writer
    clock: Clock
    done: Callable[[Cell], None]
    _warm: bool = field(default=False, init=False)

    def measure(
        self, size: str, traces: Sequence[Trace], policies: Iterable[Policy], seconds: float
    ) -> None:
        """Measure one size of files, each policy for ``seconds`` at most (one case at least)."""
        for policy in policies:
            if not traces or self.clock.left <= 0:
                return
            cell = Cell(self.model, self.precision, self.engine, size, policy.name, len(traces))
            passes = None if policy.most else UNDRAFTED_PASSES
            if not self._warm:
                self.write(traces[0], policy, 3)
                self._warm = True
            own = Clock(min(seconds, self.clock.left))
            times: list[float] = []
            for trace in traces:
                course = self.write(trace, policy, passes)
                _add(cell, trace, course)
                times += course.pass_s
                if own.left <= 0:
                    break
            cell.pass_ms_p50 = 1e3 * median(times)
            self.done(cell)


def _add(cell: Cell, trace: Trace, course: Course) -> None:
    cell.cases += 1
    cell.prompt_tokens += len(trace.prompt)
    for name in ("tokens", "passes", "accepted", "rejected", "read_s", "written_s", "drafting_s"):
        setattr(cell, name, getattr(cell, name) + getattr(course, name))
    cell.rows += sum(course.rows)
    cell.whole = cell.whole and course.whole


@dataclass(frozen=True, slots=True)
class Step:
    """What one pass costs: ``rows`` tokens on top of ``context``, from tokens to likeliest ones."""

    rows: int
    context: int
    ms_p50: float


def steps(
    passes: Passes,
    clock: Clock,
    rows: Iterable[int] = STEP_ROWS,
    contexts: Iterable[int] = STEP_CONTEXTS,
    times: int = 9,
) -> list[Step]:
    """Return the cost of passes, in the wall clock: copies and synchronisation included."""
    found = []
    for context in contexts:
        for count in rows:
            if context + passes.most > passes.decoder.room or clock.left <= 0:
                continue
            tokens = [(7 * at) % 1_000 for at in range(count)]
            took = []
            for _ in range(times + 2):
                began = time.perf_counter()
                passes.likeliest(tokens, context)
                took.append(time.perf_counter() - began)
            found.append(Step(count, context, 1e3 * median(took[2:])))
    return found
