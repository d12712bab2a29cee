"""The search in a source finds what a search place by place finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.source import GRAM, LONGEST_MATCH, Place, Source, letters

# Ids that are letters of every kind: of one byte and of four, a byte order mark, half a pair.
ids = st.sampled_from([0, 1, 2, 0x41, 0xD800, 0xDFFF, 0xFEFF, 0xFFFE, 0x1F600, 0x10FFFF])
texts = st.lists(st.one_of(st.integers(0, 2), ids), max_size=60)


def place_by_place(source: list[int], written: list[int], near: int, more: int) -> Place | None:
    """Rank every place: the longest match, then from ``near`` on, then the nearest."""
    best: tuple[int, bool, int] | None = None
    found = None
    for at in range(1, len(source)):
        length = 0
        while (
            length < min(at, len(written), LONGEST_MATCH)
            and source[at - length - 1] == written[-length - 1]
        ):
            length += 1
        rank = (length, at >= near, -abs(at - near))
        if length >= GRAM and length > more and (best is None or rank > best):
            best, found = rank, Place(at, length)
    return found


@given(texts, texts, st.integers(0, 70), st.integers(0, 10), st.data())
def test_the_longest_match_and_then_the_next(
    source: list[int], written: list[int], near: int, more: int, data: st.DataObject
) -> None:
    stretch = data.draw(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted))
    written = written + source[slice(*stretch)]
    found = Source(source).find(letters(written), near, more)
    assert found == place_by_place(source, written, near, more)


@given(st.lists(texts, max_size=5), texts)
def test_a_source_that_grows_is_searched_to_its_end(
    pieces: list[list[int]], end: list[int]
) -> None:
    growing: list[int] = []
    source = Source(growing)
    for piece in pieces:
        growing += piece
        source.find(letters(piece), 0)
    growing += end
    written = growing[-12:-2]
    assert source.find(letters(written), 0) == place_by_place(growing, written, 0, 0)


@given(texts)
def test_letters_stand_for_tokens_one_by_one(tokens: list[int]) -> None:
    assert [ord(letter) for letter in letters(tokens)] == tokens
