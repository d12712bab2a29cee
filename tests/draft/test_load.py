"""Several drafts share one pass: fairly, within the free rows, and never more than is wished."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.load import ROWS, shares, sure_tokens

wishes = st.lists(st.integers(0, 5_000), max_size=40)
several = st.lists(st.integers(0, 300), min_size=2, max_size=60)
rows = st.integers(0, 1_000)


@given(wishes, rows)
def test_nobody_gets_more_than_it_wishes(wished: list[int], free: int) -> None:
    given_out = shares(wished, free)
    assert len(given_out) == len(wished)
    assert all(0 <= share <= wish for share, wish in zip(given_out, wished, strict=True))


@given(several, rows)
def test_drafts_and_a_row_each_stay_within_the_rows(wished: list[int], free: int) -> None:
    assert sum(shares(wished, free)) + len(wished) <= max(free, len(wished))


@given(st.integers(2, ROWS), st.integers(ROWS, 5_000))
def test_where_all_wish_much_the_rows_are_used_up(count: int, wish: int) -> None:
    """Concurrent rewrites x (K + 1) stays at the rows, and no two differ by more than one token."""
    given_out = shares([wish] * count)
    assert sum(given_out) + count == ROWS
    assert max(given_out) - min(given_out) <= 1


@given(st.integers(0, 10**9), rows)
def test_one_alone_gets_its_wish(wish: int, free: int) -> None:
    assert shares([wish], free) == [wish]
    assert shares([wish], free, sure=[0]) == [wish]


@given(several, rows)
def test_a_wish_that_is_met_is_never_larger_than_a_share_that_is_not(
    wished: list[int], free: int
) -> None:
    both = list(zip(shares(wished, free), wished, strict=True))
    met = [wish for share, wish in both if share == wish]
    unmet = [share for share, wish in both if share < wish]
    if met and unmet:
        # Whole tokens: what does not divide evenly goes to the larger wishes.
        assert max(met) <= min(unmet) + 1
        assert max(unmet) - min(unmet) <= 1


@given(several, rows)
def test_no_row_stays_free_while_a_wish_is_not_met(wished: list[int], free: int) -> None:
    given_out = shares(wished, free)
    used = sum(given_out) + len(wished)
    assert given_out == wished or used >= free


@given(st.data(), several, rows)
def test_the_order_of_the_rewrites_gives_nobody_more_than_a_token(
    data: st.DataObject, wished: list[int], free: int
) -> None:
    order = data.draw(st.permutations(range(len(wished))))
    there = shares(wished, free)
    here = shares([wished[which] for which in order], free)
    assert all(abs(there[which] - share) <= 1 for which, share in zip(order, here, strict=True))


@given(several, rows, rows)
def test_more_rows_take_from_nobody(wished: list[int], free: int, more: int) -> None:
    both = zip(shares(wished, free), shares(wished, free + more), strict=True)
    assert all(before <= after for before, after in both)


@given(st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)), max_size=40), rows)
def test_what_is_sure_is_given_in_any_case_and_nothing_else_changes(
    rewrites: list[tuple[int, int]], free: int
) -> None:
    wished, sure = [wish for wish, _ in rewrites], [certain for _, certain in rewrites]
    plain, given_out = shares(wished, free), shares(wished, free, sure)
    for share, before, wish, certain in zip(given_out, plain, wished, sure, strict=True):
        assert share == max(before, min(wish, certain))
    assert shares(wished, free, [0] * len(wished)) == plain


@given(st.integers(0, 10**6), st.integers(0, 10**4), st.integers(0, 10**4))
def test_less_is_sure_after_more_misses_and_more_after_more_tokens(
    written: int, missed: int, more: int
) -> None:
    sure = sure_tokens(written, missed, lost=False)
    assert 0 <= sure_tokens(written, missed + more, lost=False) <= sure
    assert sure <= sure_tokens(written + more, missed, lost=False)


@given(st.integers(0, 10**6), st.integers(0, 10**4))
def test_a_lost_drafter_is_sure_of_nothing(written: int, missed: int) -> None:
    assert sure_tokens(written, missed, lost=True) == 0


def test_nobody_is_nobody() -> None:
    assert shares([]) == []
    assert shares([], sure=[]) == []


def test_shares_by_example() -> None:
    assert shares([128] * 3) == [65, 66, 66]
    assert shares([1, 2, 1_000]) == [1, 2, 194]
    assert shares([128] * 300) == [0] * 300
    assert shares([128] * 300, sure=[5] * 300) == [5] * 300
