"""The figures of a run."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.evaluation.model import Score, percentile, report, tally

SCORE = st.builds(
    Score,
    id=st.text(max_size=3),
    style=st.sampled_from(["lazy", "udiff"]),
    language=st.sampled_from(["go", "css", "c"]),
    exact=st.booleans(),
    certain=st.booleans(),
    reasons=st.just(()),
    ms=st.floats(0, 1e6),
    error=st.sampled_from([None, "broke"]),
    left_out=st.booleans(),
)


@given(st.lists(SCORE))
def test_counts_hold_each_other(scores: list[Score]) -> None:
    told = tally(scores)
    assert told.certain_and_exact <= min(told.exact, told.certain)
    assert max(told.exact, told.certain, told.errors) <= told.n == len(scores)
    assert told.ms_median <= told.ms_p95


@given(st.lists(SCORE))
def test_groups_split_the_whole_and_left_out_cases_are_in_none(scores: list[Score]) -> None:
    told = report("embedded", scores)
    assert told.left_out + told.total.n == len(scores)
    for groups in (told.by_style, told.by_language):
        assert sum(each.n for each in groups.values()) == told.total.n
        assert sum(each.exact for each in groups.values()) == told.total.exact
        sizes = [each.n for each in groups.values()]
        assert sizes == sorted(sizes, reverse=True)


@given(st.lists(st.floats(0, 100), min_size=1))
def test_a_percentile_is_one_of_the_values_and_covers_its_share(values: list[float]) -> None:
    ordered = sorted(values)
    for percent in (1, 50, 95, 100):
        found = percentile(ordered, percent)
        assert found in ordered
        assert sum(value <= found for value in ordered) >= percent / 100 * len(ordered)
