"""What a rewrite costs by the length of its drafts, on a file that the model writes as expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.depth import Depth
from fastapply_lsp.draft.load import ROWS
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.evaluation.draft_lengths import Fixed, pass_cost, pass_rows
from fastapply_lsp.evaluation.drafting import Tokens


class Letters:
    """A tokenizer whose tokens are bytes."""

    vocabulary = Vocabulary.of(bytes([byte]) for byte in range(256))

    def encode(self, text: str) -> list[int]:
        return list(text.encode())


def tokens_for(written: bytes, predicted: bytes) -> Tokens:
    return Tokens(predicted, b"", predicted, predicted, written, Letters())


FILE = b"".join(b"line %d = value\n" % number for number in range(300))


@given(st.binary(max_size=400), st.binary(max_size=400), st.integers(0, 50))
def test_every_token_has_a_row_and_a_pass_at_most_the_draft_and_one(
    written: bytes, predicted: bytes, most: int
) -> None:
    rows = pass_rows(tokens_for(written, predicted), Fixed(most))
    assert sum(rows) >= len(written) >= len(rows)
    assert all(1 <= each <= most + 1 for each in rows)


@pytest.mark.parametrize("most", [1, 63, 199])
def test_a_right_draft_wastes_no_row(most: int) -> None:
    rows = pass_rows(tokens_for(FILE, FILE), Fixed(most))
    assert sum(rows) - len(FILE) in {0, 1}  # the last pass may give a token more
    assert len(rows) == -(-len(FILE) // (most + 1))


def test_adaptive_drafts_save_passes_while_they_are_right_and_rows_when_they_are_not() -> None:
    altered = FILE.replace(b"7 = value", b"7 = other")
    for written, share in ((FILE, 0.5), (altered, 0.6)):
        tokens = tokens_for(written, FILE)
        adaptive = sum(pass_cost(rows, 0.5) for rows in pass_rows(tokens, Depth(1 << 30)))
        short, long = (
            sum(pass_cost(rows, 0.5) for rows in pass_rows(tokens, Fixed(most)))
            for most in (31, 2_047)
        )
        assert adaptive <= share * max(short, long)


def test_a_pass_costs_nothing_more_up_to_the_free_rows() -> None:
    assert pass_cost(1) == pass_cost(ROWS) == 1
    assert pass_cost(3 * ROWS) == 3
    assert pass_cost(1, shown=1) > 1
