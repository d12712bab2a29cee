"""The alignment after a divergence costs the least, and its first row is what the rest begins with."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft import realignment
from fastapply_lsp.draft.realignment import Realignment
from fastapply_lsp.draft.vocabulary import Kind, Vocabulary

TEXTS = [b"+", b'"', b" ", b"  ", b"\n", b",\n", b"name", b"other", b"x", b"longer_name"]
VOCABULARY = Vocabulary.of(TEXTS)
PLUS, QUOTE, BLANK, WIDE, END, COMMA_END, NAME, OTHER, X, LONG = range(len(TEXTS))

tokens = st.lists(st.integers(0, len(TEXTS) - 1), max_size=14)


def least_cost(source: list[int], first: list[int], back: int, written: list[int]) -> list[int]:
    """Return the last row, from the costs' definition: every gap of every width is tried."""
    kinds = [Kind(VOCABULARY.kinds[token]) for token in written]
    replace, other = realignment._REPLACE, realignment._OTHER_KIND

    def inserted(row: int, count: int, at: int) -> int:
        more = realignment._INSERT_MORE
        if count > row:  # an insertion that began before the divergence goes on
            return first[at] + more * row
        space = kinds[row - count] == Kind.SPACE
        opening = realignment._INSERT_SPACE if space else realignment._INSERT
        return cost(row - count, at) + opening + more * (count - 1)

    @cache
    def cost(row: int, at: int) -> int:
        if not row:
            return first[at]
        costs = [inserted(row, count, at) for count in range(1, row + 1 + (at < back))]
        for count in range(1, at + 1):
            gap = realignment._LEAVE_OUT + realignment._LEAVE_OUT_MORE * (count - 1)
            costs.append(cost(row, at - count) + gap)
        if at:
            same = source[at - 1] == written[row - 1]
            was = Kind(VOCABULARY.kinds[source[at - 1]])
            pair = (was, kinds[row - 1])
            costs.append(cost(row - 1, at - 1) + (0 if same else replace.get(pair, other)))
        return min(costs)

    return [cost(len(written), at) for at in range(len(source) + 1)]


@given(tokens.filter(bool), tokens.filter(bool), st.data())
def test_each_row_is_the_least_cost(
    source: list[int], written: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(source)))
    search = Realignment(source, at, VOCABULARY)
    window, back, first = source[search._first :], len(search._written), list(search._cost)
    assert (first[back], len(first)) == (0, len(window) + 1)
    search.push(written)
    assert search._cost == least_cost(window, first, back, written)


@given(tokens, tokens.filter(bool), st.data())
def test_in_any_pieces_the_same_place(
    source: list[int], written: list[int], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(source)))
    whole, pieces = (Realignment(source, at, VOCABULARY) for _ in range(2))
    whole.push(written)
    for token in written:
        pieces.push([token])
    told = [(one.resume, one.settled, one.pushed) for one in (whole, pieces)]
    assert told[0] == told[1]
    assert 0 <= whole.resume <= len(source)


LINE = [WIDE, NAME, BLANK, PLUS, BLANK, QUOTE, X, QUOTE, END]


@pytest.mark.parametrize(
    ("at", "written", "resume"),
    [
        pytest.param(1, [OTHER], 2, id="a name for a name"),
        pytest.param(8, [COMMA_END], 9, id="another line end"),
        pytest.param(3, [QUOTE, X, QUOTE], 8, id="signs and a blank left out"),
        pytest.param(1, [LONG, END, WIDE, NAME], 2, id="a line put in before"),
        pytest.param(8, [WIDE, PLUS, NAME, COMMA_END], 9, id="a comment at the end"),
    ],
)
def test_where_a_line_goes_on(at: int, written: list[int], resume: int) -> None:
    source = [END, *LINE, WIDE, OTHER, PLUS, LONG, END]
    search = Realignment(source, at + 1, VOCABULARY)
    search.push(written)
    assert search.resume == resume + 1
