"""How long does one forward pass take? From the roofline of a GPU, or from measurements."""

from __future__ import annotations

import json
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.capacity.assumptions import Gpu, Model


@dataclass(frozen=True, slots=True)
class Work:
    """What one pass does.

    ``attended`` are the tokens that its requests attend to, each counted once for its request;
    ``pairs`` are those of a row and a token that it attends to.
    """

    rows: int
    attended: int = 0
    pairs: int = 0


class Cost(Protocol):
    """The GPU's time for a pass."""

    def seconds(self, work: Work) -> float:
        """Return it; it never falls when there is more to do."""
        ...


@dataclass(frozen=True, slots=True)
class Roofline:
    """The slower of reading and computing, for the weights and for attention, one after the other.

    Reading: every weight once, every key and value of every request once. Computing: two operations
    per weight and row, four per layer, width and pair (Williams et al. 2009; Kaplan et al. 2020,
    table 1). No kernel is as good as that, so a real pass takes longer.
    """

    gpu: Gpu
    model: Model

    def seconds(self, work: Work) -> float:
        """See `Cost`."""
        gpu, model = self.gpu, self.model
        flop_per_s = gpu.flop_per_s * 2 / model.bytes_per_weight
        reading = model.weights * model.bytes_per_weight / gpu.bytes_per_s
        computing = 2 * model.weights * work.rows / flop_per_s
        keys = model.kv_bytes * work.attended / gpu.bytes_per_s
        scores = 4 * model.layers * model.attention_width * work.pairs / gpu.flop_per_s
        return max(reading, computing) + max(keys, scores)

    @property
    def free_rows(self) -> float:
        """Rows at which computing takes as long as reading; the same in 16 and in 8 bit."""
        return self.gpu.flop_per_s / self.gpu.bytes_per_s


@dataclass(frozen=True, slots=True)
class Measured:
    """Passes that somebody has timed: ``seconds_at[i]`` for ``rows[i]``; straight lines between.

    Beyond the last row the last line goes on. What attention costs at the context of the
    measurement is in them, so nothing is added for it.
    """

    rows: Sequence[int]
    seconds_at: Sequence[float]

    def seconds(self, work: Work) -> float:
        """See `Cost`."""
        rows, times = self.rows, self.seconds_at
        at = min(max(1, bisect_left(rows, work.rows)), len(rows) - 1)
        slope = (times[at] - times[at - 1]) / (rows[at] - rows[at - 1])
        return max(times[0], times[at - 1] + slope * (work.rows - rows[at - 1]))


def read_costs(path: Path) -> Measured:
    """Return the costs of a JSON file: ``{"rows": [1, 65, …], "seconds": [0.0035, …]}``.

    Raises:
        ValueError: it says something else; at least two rows in rising order, and as many times that
            never fall.
    """
    held = json.loads(path.read_text(encoding="utf-8"))
    rows, times = held.get("rows"), held.get("seconds")
    if not (
        isinstance(rows, list)
        and isinstance(times, list)
        and len(rows) == len(times) >= 2
        and all(one < two for one, two in pairwise(rows))
        and all(0 < one <= two for one, two in pairwise(times))
    ):
        message = f'{path}: not {{"rows": [...], "seconds": [...]}}, both rising'
        raise ValueError(message)
    return Measured(rows, times)
