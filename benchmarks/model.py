"""A figure, the limit that it should keep, and whether it does."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Bound = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; ``limit`` is ``None`` where nothing is asked of it."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    bound: Bound = "at most"

    @property
    def met(self) -> bool | None:
        """Whether the limit is kept; ``None`` without one."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.bound == "at most" else self.value >= self.limit


@dataclass(frozen=True, slots=True)
class Section:
    """Figures that belong together, and how they were measured."""

    title: str
    how: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Counts in rows and columns, for which no limit is set; the first column names the row."""

    title: str
    how: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def share(what: str, count: int, of: int, limit: float | None = None) -> Figure:
    """Return a share in per cent that should be at least its limit, with its counts beside it."""
    percent = 100 * count / of if of else 100.0
    return Figure(what, percent, f"% ({count} of {of})", limit, "at least")


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def milliseconds(
    work: Callable[[], object], repeats: int, *, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Return how long each of ``repeats`` calls took; one call before them warms up.

    ``clock`` is the wall's; `time.process_time`, for what only computes, does not count what other
    programs do meanwhile.
    """
    work()
    times: list[float] = []
    for _ in range(repeats):
        began = clock()
        work()
        times.append(1000 * (clock() - began))
    return times
