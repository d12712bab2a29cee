"""What was typed between two texts, and how much: laws."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.session.typed import distance, typed

TEXTS = st.text(alphabet="ab \n\r", max_size=40)


@given(TEXTS, TEXTS)
def test_what_was_typed_makes_the_one_of_the_other(old: str, new: str) -> None:
    assert typed(old, new).apply(old) == new


@given(TEXTS, TEXTS)
def test_a_distance_is_no_less_than_the_difference_of_the_lengths(old: str, new: str) -> None:
    assert distance(old, new) >= abs(len(new) - len(old))
    assert (distance(old, new) == 0) == (old == new)
