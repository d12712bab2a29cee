"""A recorded file plays like the real drafter, whatever the length of its drafts."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.capacity.recording import rows
from benchmarks.capacity.traces import CONDITIONS, Point, Trace, flat, record, traces
from benchmarks.capacity.traces import _read as read
from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.evaluation.drafting import count_passes
from tests.cases import needs_cases

WORDS = 400
VOCABULARY = Vocabulary.of([b"\n", *(b"word%d" % n for n in range(1, WORDS))])


def played(trace: Trace, most: int) -> int:
    """Return the passes of a recorded file with drafts of up to ``most`` tokens."""
    at = passes = 0
    while at < trace.tokens:
        at += min(most, trace.point(at).until - at) + 1
        passes += 1
    return passes


def a_file(seed: int) -> tuple[list[int], list[int]]:
    """A draft, and what is written: a word of every twentieth line is another."""
    rng = random.Random(seed)
    drafted, written = [], []
    for line in range(120):
        words = [1 + line, *(rng.randrange(200, WORDS) for _ in range(rng.randrange(2, 9)))]
        drafted += [*words, 0]
        if rng.random() < 0.05:
            words[rng.randrange(len(words))] = rng.randrange(200, WORDS)
        written += [*words, 0]
    return drafted, written


@pytest.mark.parametrize("most", [4, 32, 128, 100_000])
def test_a_recorded_file_takes_the_passes_of_the_real_drafter(most: int) -> None:
    real = replayed = 0
    for seed in range(12):
        drafted, written = a_file(seed)
        points = record(Drafter([drafted], VOCABULARY), written)
        replayed += played(Trace.of(1, len(written), points), most)
        real += count_passes(Drafter([drafted], VOCABULARY), written, most)
    # How long the drafts were decides in rare cases what a lost drafter tries first.
    assert replayed == pytest.approx(real, rel=0.02)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000))
def test_a_point_says_how_far_the_draft_is_true(seed: int) -> None:
    drafted, written = a_file(seed)
    points = list(record(Drafter([drafted], VOCABULARY), written))
    assert points[0].at == 0
    assert [point.at for point in points] == sorted({point.at for point in points})
    assert all(point.at <= point.until <= point.reach for point in points)
    first = points[0]
    assert written[: first.until] == drafted[: first.until]
    assert first.until == len(written) or written[first.until] != drafted[first.until]
    assert read(7, len(written), flat(points)) == Trace.of(7, len(written), points)


def test_a_right_draft_is_one_point() -> None:
    drafted, _ = a_file(0)
    points = list(record(Drafter([drafted], VOCABULARY), drafted))
    assert points == [Point(0, len(drafted), len(drafted), lost=False)]


def test_the_table_has_the_same_cases_in_every_condition() -> None:
    clean, some, many = (traces(condition) for condition in CONDITIONS)
    assert [one.prompt for one in clean] == [one.prompt for one in some]
    misses = [sum(played(one, 10**6) for one in files) for files in (clean, some, many)]
    assert misses == sorted(misses)
    assert misses[0] < misses[1] < misses[2]


@needs_cases
def test_the_table_is_what_the_drafter_does_now() -> None:
    """A little better or worse does not matter; the page's figures have no more digits."""
    found = list(rows(every=24))
    prompts = {one.prompt: at for at, one in enumerate(traces("clean"))}
    for condition in CONDITIONS:
        now = then = 0
        for row in found:
            now += played(read(1, *row[condition]), 128)
            then += played(traces(condition)[prompts[row["prompt"]]], 128)
        assert now == pytest.approx(then, rel=0.05), "run: python -m benchmarks.capacity.recording"
