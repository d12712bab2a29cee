"""The simulation of servers under load obeys the laws of queues, and its own arithmetic."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.capacity.assumptions import Engine
from benchmarks.capacity.costs import Work
from benchmarks.capacity.policies import (
    FIXED,
    LIKELIEST,
    PLAIN,
    POLICIES,
    SHARED,
    SURE,
    WHOLE,
    Policy,
)
from benchmarks.capacity.simulation import Apply, Arrival, Server, simulate
from benchmarks.capacity.sizing import total
from benchmarks.capacity.traces import Point, Trace
from fastapply_lsp.draft.load import ROWS

MEMORY = 50_000.0
calmly = settings(max_examples=60, deadline=None)


@dataclass(frozen=True)
class Rows:
    """A pass takes a second, and a thousandth for each row."""

    def seconds(self, work: Work) -> float:
        return 1.0 + 0.001 * work.rows


@dataclass(frozen=True)
class Even:
    """Every pass takes the same."""

    def seconds(self, work: Work) -> float:
        return 1.0


def engine(rows_most: int = 512, requests_most: int = 64) -> Engine:
    return Engine(rows_most, requests_most, pass_s=0.0, draft_s=0.0)


def right(prompt: int, tokens: int) -> Trace:
    """A file of which every draft comes true."""
    return Trace.of(prompt, tokens, [Point(0, tokens, tokens, lost=False)])


def missing(prompt: int, tokens: int, every: int) -> Trace:
    """A file that differs from its draft at every so many tokens."""
    points = [
        Point(at, min(tokens, at + every - 1), tokens, lost=False) for at in range(0, tokens, every)
    ]
    return Trace.of(prompt, tokens, points)


def run(
    arrivals: list[Arrival],
    policy: Policy = SHARED,
    count: int = 1,
    limits: Engine | None = None,
    memory: float = MEMORY,
) -> tuple[list[Apply], list[Server]]:
    servers = [Server(Rows(), limits or engine(), policy, memory) for _ in range(count)]
    return simulate(arrivals, servers), servers


files = st.builds(missing, st.integers(1, 1_500), st.integers(0, 400), st.integers(2, 300))
arrivals_of_some = st.lists(
    st.builds(Arrival, st.floats(0, 30), files, st.integers(0, 2_000)), min_size=1, max_size=12
)
policies = st.sampled_from(POLICIES)


@calmly
@given(arrivals_of_some, policies, st.integers(1, 3))
def test_every_apply_ends_once_and_after_it_began(
    arrivals: list[Arrival], policy: Policy, count: int
) -> None:
    done, _ = run(arrivals, policy, count)
    assert sorted(map(id, (one.arrival for one in done))) == sorted(map(id, arrivals))
    assert all(one.latency_s >= 1.0 for one in done)
    assert all(one.at == one.arrival.trace.tokens + 1 for one in done)


@calmly
@given(arrivals_of_some, policies, st.integers(1, 3))
def test_littles_law(arrivals: list[Arrival], policy: Policy, count: int) -> None:
    """Applies there, summed over time, are the latencies, summed over applies."""
    done, servers = run(arrivals, policy, count)
    assert total(servers).present_s == pytest.approx(sum(one.latency_s for one in done))


@calmly
@given(arrivals_of_some, policies)
def test_work_is_conserved(arrivals: list[Arrival], policy: Policy) -> None:
    """One server is busy exactly while an apply is there; every row is a token or was in vain."""
    done, [server] = run(arrivals, policy)
    busy_s, until_s = 0.0, 0.0
    for one in sorted(done, key=lambda one: one.arrival.at_s):
        busy_s += max(0.0, one.ended_s - max(until_s, one.arrival.at_s))
        until_s = max(until_s, one.ended_s)
    tally = server.tally
    assert tally.busy_s == pytest.approx(busy_s)
    assert tally.busy_s == pytest.approx(tally.passes + 0.001 * tally.rows)
    assert tally.written == sum(one.arrival.trace.tokens for one in done)
    assert tally.prompt_rows == sum(
        max(1, one.arrival.trace.prompt - one.arrival.cached) for one in done
    )


@calmly
@given(files, policies)
def test_one_user_waits_for_the_sum_of_his_passes(file: Trace, policy: Policy) -> None:
    [one], [server] = run([Arrival(5.0, file)], policy)
    prompts = -(-file.prompt // 512)
    rows = file.prompt + file.tokens + server.tally.wasted
    assert one.latency_s == pytest.approx(server.tally.passes + 0.001 * rows)
    assert server.tally.passes >= prompts + (1 if file.tokens else 0)
    if policy is PLAIN:
        assert server.tally.passes == prompts + file.tokens
        assert server.tally.wasted == 0


def test_a_right_draft_takes_as_many_passes_as_it_has_pieces() -> None:
    _, [server] = run([Arrival(0.0, right(100, 1_000))], FIXED)
    assert server.tally.passes == 1 + -(-1_000 // 129)
    _, [server] = run([Arrival(0.0, right(100, 400))], WHOLE)
    assert server.tally.passes == 2


def test_a_long_prompt_is_read_in_pieces_beside_what_is_written() -> None:
    long, short = right(2_000, 3), right(10, 60)
    done, [server] = run([Arrival(0.0, long), Arrival(0.0, short)], PLAIN)
    # The short one begins with the last piece, for the room before it was the long one's.
    assert [one.ended_s for one in done] == sorted(one.ended_s for one in done)
    assert server.tally.passes == 4 + 60


def waits_of_single_passes(rate: float, count: int) -> float:
    """The mean wait where each apply is one pass, one after the other."""
    rng = random.Random(11)
    at, arrivals = 0.0, []
    for _ in range(count):
        at += rng.expovariate(rate)
        arrivals.append(Arrival(at, right(1, 0)))
    server = Server(Even(), engine(requests_most=1), PLAIN, MEMORY)
    done = simulate(arrivals, [server])
    return sum(one.latency_s - 1.0 for one in done) / count


@pytest.mark.parametrize("rate", [0.3, 0.5, 0.7])
def test_it_degenerates_to_an_m_d_1_queue(rate: float) -> None:
    """Poisson arrivals, one server, one second each: the wait is rho / (2 (1 - rho))."""
    expected = rate / (2 * (1 - rate))
    assert waits_of_single_passes(rate, 20_000) == pytest.approx(expected, rel=0.08)


def some_load(per_s: float, count: int = 150) -> list[Arrival]:
    rng = random.Random(5)
    at, arrivals = 0.0, []
    for _ in range(count):
        at += rng.expovariate(1.0)
        file = missing(rng.randrange(20, 900), rng.randrange(10, 600), rng.choice([20, 60, 400]))
        arrivals.append(Arrival(at / per_s, file))
    return arrivals


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_more_load_takes_longer(policy: Policy) -> None:
    means = []
    for per_s in (0.01, 0.1, 0.4, 1.6):
        done, _ = run(some_load(per_s), policy)
        means.append(sum(one.latency_s for one in done) / len(done))
    assert all(less < more for less, more in pairwise(means))


@pytest.mark.parametrize("policy", [PLAIN, FIXED, SHARED, SURE], ids=lambda policy: policy.name)
def test_more_servers_take_less_time(policy: Policy) -> None:
    means = []
    for count in (1, 2, 4):
        done, _ = run(some_load(0.5), policy, count)
        means.append(sum(one.latency_s for one in done) / len(done))
    assert means[0] > means[1] > means[2]


def test_the_same_again_is_the_same() -> None:
    assert [one.ended_s for one in run(some_load(0.3), SURE, 2)[0]] == [
        one.ended_s for one in run(some_load(0.3), SURE, 2)[0]
    ]


@pytest.mark.parametrize("policy", [SHARED, LIKELIEST], ids=lambda policy: policy.name)
def test_drafts_of_several_stay_within_the_free_rows(policy: Policy) -> None:
    """Concurrent requests x (K + 1) stays near 200 rows, and drafts are what fills them."""
    together = [Arrival(0.0, right(10, 3_000)) for _ in range(12)]
    _, [server] = run(together, policy)
    assert ROWS - 12 <= server.tally.most_draft_rows <= ROWS
    _, [server] = run(together, FIXED, limits=engine(rows_most=4_096))
    assert server.tally.most_draft_rows == 12 * 129
    _, [server] = run(together, SURE, limits=engine(rows_most=4_096))
    assert ROWS < server.tally.most_draft_rows <= 12 * 129


@calmly
@given(arrivals_of_some, policies, st.integers(16, 300))
def test_no_pass_has_more_rows_than_it_may(
    arrivals: list[Arrival], policy: Policy, rows_most: int
) -> None:
    seen: list[int] = []

    class Watched:
        def seconds(self, work: Work) -> float:
            seen.append(work.rows)
            return 1.0

    simulate(arrivals, [Server(Watched(), engine(rows_most), policy, MEMORY)])
    assert min(seen) > 0
    assert max(seen) <= rows_most


@calmly
@given(arrivals_of_some, policies)
def test_one_at_a_time_is_one_after_the_other(arrivals: list[Arrival], policy: Policy) -> None:
    done, [server] = run(arrivals, policy, limits=engine(requests_most=1))
    singles = [run([one.arrival], policy)[1][0].tally for one in done]
    assert server.tally.passes == sum(tally.passes for tally in singles)
    assert server.tally.wasted == sum(tally.wasted for tally in singles)
    assert [one.ended_s for one in done] == sorted(one.ended_s for one in done)


def test_who_finds_no_memory_waits() -> None:
    two = [Arrival(0.0, right(100, 50)), Arrival(0.0, right(100, 50))]
    beside, _ = run(two, PLAIN, memory=1_000)
    after, _ = run(two, PLAIN, memory=200)
    assert beside[1].ended_s == pytest.approx(beside[0].ended_s, rel=0.05)
    assert after[1].ended_s == pytest.approx(2 * after[0].ended_s)
    too_long, _ = run(two, PLAIN, memory=10)
    assert len(too_long) == 2
