"""Two series of replacements become one that does the same."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements
from fastapply_lsp.text.series import compose, tightened, written_spans

LINES = st.lists(st.sampled_from("abcdef"), max_size=14)


@st.composite
def series_of(draw: st.DrawFn, lines: list[str]) -> list[Replacement]:
    """Draw any series, also one that keeps no line that it could keep."""
    bounds = sorted(draw(st.lists(st.integers(0, len(lines)), max_size=8)))
    series: list[Replacement] = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        put = tuple(draw(st.lists(st.sampled_from("abcxyz"), max_size=3)))
        if (start < end or put) and (not series or series[-1].end < start):
            series.append(Replacement(start, end, put))
    return series


@given(data=st.data(), original=LINES)
def test_one_series_does_what_two_do(data: st.DataObject, original: list[str]) -> None:
    first = data.draw(series_of(original))
    between = apply_replacements(original, first)
    second = data.draw(series_of(between))
    composed = compose(original, first, second)
    assert apply_replacements(original, composed) == apply_replacements(between, second)
    assert all(one.end < two.start for one, two in pairwise(composed))
    assert all(len(one.span) or one.lines for one in composed)
    for each, written in zip(first, written_spans(first), strict=True):
        assert between[written.start : written.end] == list(each.lines)
        if not any(written.touches(other.span) for other in second):
            assert each in composed


@given(original=LINES, between=LINES, final=LINES)
def test_diffs_compose(original: list[str], between: list[str], final: list[str]) -> None:
    first, second = diff_lines(original, between), diff_lines(between, final)
    assert compose(original, first, []) == first
    assert compose(between, [], second) == second
    assert apply_replacements(original, compose(original, first, second)) == final


@given(data=st.data(), original=LINES)
def test_a_tightened_series_says_the_same_and_no_more(
    data: st.DataObject, original: list[str]
) -> None:
    series = data.draw(series_of(original))
    tight = tightened(original, series)
    assert apply_replacements(original, tight) == apply_replacements(original, series)
    assert all(one.end < two.start for one, two in pairwise(tight))
    assert size(tight) <= size(series)
    assert tightened(original, diff_lines(original, original)) == []


def size(series: list[Replacement]) -> int:
    return sum(len(each.span) + len(each.lines) for each in series)


def test_what_is_put_back_a_few_equal_lines_further_is_no_change() -> None:
    original = ["a", "", "b", "", "c"]
    loss, repair = [Replacement(1, 3, ())], [Replacement(2, 2, ("b", ""))]
    composed = compose(original, loss, repair)
    assert composed == [Replacement(1, 3, ()), Replacement(4, 4, ("b", ""))]
    assert tightened(original, composed) == []
    far = [Replacement(0, 1, ("x",)), *composed]
    assert tightened(original, far) == [Replacement(0, 1, ("x",))]


def test_what_is_put_back_leaves_no_trace() -> None:
    original = [*"abcdefgh"]
    first = [Replacement(1, 2, ("x",)), Replacement(3, 7, ("y",))]
    put_back = [Replacement(3, 4, ("d", "y", "g"))]
    assert compose(original, first, put_back) == [
        Replacement(1, 2, ("x",)),
        Replacement(4, 6, ("y",)),
    ]
