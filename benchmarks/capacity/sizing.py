"""How much load does a GPU hold, and how many GPUs does a load need?

The same arrivals are used for every rule and rate, only nearer together or further apart: what
differs between two figures is then what is asked about, and not chance.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.capacity.assumptions import H200, MODELS, Engine, Gpu, Model, People
from benchmarks.capacity.costs import Roofline
from benchmarks.capacity.simulation import Arrival, Server, Tally, simulate
from benchmarks.capacity.traces import traces

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.capacity.costs import Cost
    from benchmarks.capacity.policies import Policy

SEED = 4
APPLIES = 1_500
"""Of one run, at least; the first tenth counts in no figure, for it meets empty servers."""
STEADY_S = 60.0
"""Arrivals go on for so long at least."""
_HALVINGS = 8
_LEAST, _MOST = 0.02, 60.0


@dataclass(frozen=True, slots=True)
class Setting:
    """All that a run depends on beside the load; ``cost`` None is the roofline."""

    model: Model = MODELS["7b"]
    condition: str = "40"
    gpu: Gpu = H200
    engine: Engine = field(default_factory=Engine)
    people: People = field(default_factory=People)
    cost: Cost | None = None
    applies: int = APPLIES
    seed: int = SEED

    def servers(self, policy: Policy, count: int) -> list[Server]:
        """Return so many replicas, with nothing to do yet."""
        model, gpu = self.model, self.gpu
        left = gpu.memory_bytes - model.weights * model.bytes_per_weight
        cost = self.cost or Roofline(gpu, model)
        return [Server(cost, self.engine, policy, left / model.kv_bytes) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a load came to. Latencies in seconds, from the request to the last token."""

    p50_s: float
    p95_s: float
    tally: Tally


def arrivals(setting: Setting, per_s: float) -> list[Arrival]:
    """Return applies at random times (Poisson), ``per_s`` a second on average.

    All files come once before one comes again, so that no run has more of the long ones than
    another.
    """
    rng = random.Random(setting.seed)
    files = list(traces(setting.condition))
    found: list[Arrival] = []
    at = 0.0
    while len(found) < max(setting.applies, per_s * STEADY_S):
        rng.shuffle(files)
        for file in files:
            at += rng.expovariate(1.0)
            found.append(Arrival(at / per_s, file, int(setting.people.cached * file.prompt)))
    return found


def outcome(setting: Setting, policy: Policy, per_s: float, replicas: int = 1) -> Outcome:
    """Run a load, in applies per second over all replicas."""
    servers = setting.servers(policy, replicas)
    done = simulate(arrivals(setting, per_s), servers)
    counted = sorted(one.latency_s for one in done[len(done) // 10 :])
    return Outcome(percentile(counted, 50), percentile(counted, 95), total(servers))


def alone(setting: Setting, policy: Policy) -> Outcome:
    """Run every file once, each when the one before it is long over."""
    far_s = 1e5
    files = traces(setting.condition)
    servers = setting.servers(policy, 1)
    done = simulate([Arrival(far_s * at, file) for at, file in enumerate(files)], servers)
    counted = sorted(one.latency_s for one in done)
    return Outcome(percentile(counted, 50), percentile(counted, 95), total(servers))


def total(servers: Sequence[Server]) -> Tally:
    """Return what all servers did together."""
    tallies = [server.tally for server in servers]
    return Tally(
        passes=sum(one.passes for one in tallies),
        busy_s=sum(one.busy_s for one in tallies),
        present_s=sum(one.present_s for one in tallies),
        prompt_rows=sum(one.prompt_rows for one in tallies),
        written=sum(one.written for one in tallies),
        wasted=sum(one.wasted for one in tallies),
        most_draft_rows=max(one.most_draft_rows for one in tallies),
    )


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest value that so many percent are not above.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 50), percentile([1.0], 95)
    (2.0, 1.0)
    """
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def held(setting: Setting, policy: Policy, target_s: float) -> float:
    """Return the most applies per second of one GPU with a p95 of at most ``target_s``; 0 if none."""
    if outcome(setting, policy, _LEAST).p95_s > target_s:
        return 0.0
    low, high = _LEAST, _LEAST
    while high < _MOST and outcome(setting, policy, high).p95_s <= target_s:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if outcome(setting, policy, middle).p95_s <= target_s:
            low = middle
        else:
            high = middle
    return low


def replicas(setting: Setting, policy: Policy, per_s: float, target_s: float, one: float) -> int:
    """Return the fewest GPUs that hold a load; ``one`` is what `held` says of a single one.

    Many behind one router hold more than as many alone, so it is looked for below ``per_s / one``.
    """
    low, high = 0, max(1, math.ceil(per_s / one))
    while high - low > 1:
        middle = (low + high) // 2
        if outcome(setting, policy, per_s, middle).p95_s <= target_s:
            high = middle
        else:
            low = middle
    return high
