"""Drafts grow with what comes true, shrink with misses, and are near the best length for a rate."""

from __future__ import annotations

from math import exp

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.depth import _OWN_COST, LEAST, Depth
from fastapply_lsp.draft.load import ROWS

limits = st.integers(0, 100_000)
shares = st.sampled_from([0.0, 0.0, 0.3, 0.99, 1.0, 1.0, 1.0])
courses = st.lists(st.tuples(st.booleans(), shares), max_size=30)


def driven(limit: int, course: list[tuple[bool, float]]) -> Depth:
    """Return the depth after drafts of which such shares came true, by a drafter lost or not."""
    depth = Depth(limit)
    for lost, share in course:
        drafted = depth.next(lost=lost)
        depth.learned(drafted=drafted, accepted=int(share * drafted))
    return depth


@given(limits, courses)
def test_within_the_limit_and_no_shorter_than_what_is_free(
    limit: int, course: list[tuple[bool, float]]
) -> None:
    depth = driven(limit, course)
    sure, lost = depth.next(lost=False), depth.next(lost=True)
    assert min(limit, ROWS - 1) <= sure <= limit
    assert min(limit, LEAST) <= lost <= min(limit, ROWS - 1)


@given(courses, st.integers(1, 5_000))
def test_what_comes_true_lengthens_and_a_miss_shortens(
    course: list[tuple[bool, float]], accepted: int
) -> None:
    before = driven(1 << 40, course).next(lost=False)
    one, two = driven(1 << 40, course), driven(1 << 40, course)
    for depth, drafted in ((one, accepted), (two, accepted + 1)):
        depth.next(lost=False)
        depth.learned(drafted=drafted, accepted=accepted)
    hit, miss = one.next(lost=False), two.next(lost=False)
    assert miss <= hit
    assert hit >= before


@given(courses, st.integers(0, 9), st.integers(1, 300))
def test_what_a_lost_drafter_drafted_says_nothing_of_later_drafts(
    course: list[tuple[bool, float]], accepted: int, more: int
) -> None:
    depth = driven(1 << 40, course)
    before = depth.next(lost=False)
    depth.next(lost=True)
    depth.learned(drafted=accepted + more, accepted=accepted)
    assert depth.next(lost=False) == before


@given(st.integers(1, 60_000), st.integers(1, 2_528))
def test_a_right_rewrite_takes_few_passes(tokens: int, limit: int) -> None:
    depth, written, passes = Depth(limit), 0, 0
    while written < tokens:
        drafted = min(depth.next(lost=False), tokens - written - 1)
        depth.learned(drafted=drafted, accepted=drafted)
        written += drafted + 1
        passes += 1
    assert passes <= tokens / limit + 2


@given(st.integers(1, 1 << 40))
def test_no_upper_limit_of_its_own(longest: int) -> None:
    depth = Depth(longest)
    assert depth.next(lost=False) <= 1_000
    depth.learned(drafted=longest**2, accepted=longest**2)
    assert depth.next(lost=False) == longest


@pytest.mark.parametrize("between", [500, 1_000, 3_000, 10_000, 100_000])
def test_the_length_costs_little_more_than_the_best_one(between: int) -> None:
    """Misses at random, once in ``between`` tokens: what a token then costs, in rows."""

    def cost(length: int) -> float:
        written = between * (1 - exp(-(length + 1) / between))
        return (_OWN_COST + length + 1) / written

    depth = Depth(1 << 40)
    for _ in range(300):
        depth.next(lost=False)
        depth.learned(drafted=2 * between, accepted=between)
    assert cost(depth.next(lost=False)) <= 1.02 * min(map(cost, range(10, 10_000, 10)))


def test_fewer_free_rows_are_all_that_a_lost_drafter_gets() -> None:
    depth = Depth(4096, rows=33)
    assert depth.next(lost=True) == 32
    for _ in range(9):
        depth.learned(drafted=32, accepted=0)
    assert depth.next(lost=True) == LEAST
