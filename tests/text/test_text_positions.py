"""Offsets and positions are two names of one place, in each encoding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.positions import Position, PositionEncoding, TextIndex

TEXTS = st.text(alphabet="ab\r\n\x0c\u2028é€\U0001f600\ud83d")
ENCODINGS = st.sampled_from(PositionEncoding)
UTF8, UTF16, UTF32 = PositionEncoding.UTF8, PositionEncoding.UTF16, PositionEncoding.UTF32


def units(text: str, encoding: PositionEncoding) -> int:
    """Count one character at a time, as the standards define it."""
    match encoding:
        case PositionEncoding.UTF8:
            return sum(1 + (c > "\x7f") + (c > "\u07ff") + (c > "\uffff") for c in text)
        case PositionEncoding.UTF16:
            return sum(1 + (c > "\uffff") for c in text)
        case PositionEncoding.UTF32:
            return len(text)


@given(TEXTS, ENCODINGS)
def test_each_offset_survives_the_way_there_and_back(text: str, encoding: PositionEncoding) -> None:
    index = TextIndex(text)
    for offset in range(len(text) + 1):
        position = index.position_at(offset, encoding)
        back = index.offset_at(position.line, position.character, encoding)
        inside_line_end = text[max(offset - 1, 0) : offset + 1] == "\r\n"
        assert back == (offset - 1 if inside_line_end else offset)


@given(TEXTS, ENCODINGS)
def test_characters_are_counted_in_units_from_the_line_start(
    text: str, encoding: PositionEncoding
) -> None:
    index = TextIndex(text)
    start = 0
    for number, line in enumerate(split_lines(text)):
        content = line.rstrip("\r\n")
        for width in range(len(content) + 1):
            expected = Position(number, units(content[:width], encoding))
            assert index.position_at(start + width, encoding) == expected
        start += len(line)


@given(TEXTS, ENCODINGS, st.integers(-2, 8), st.integers(-2, 12))
def test_bad_positions_clamp_and_round_down(
    text: str, encoding: PositionEncoding, line: int, character: int
) -> None:
    index = TextIndex(text)
    offset = index.offset_at(line, character, encoding)
    if line < 0:
        assert offset == 0
        return
    if line >= index.line_count:
        assert offset == len(text)
        return
    start = index.line_start(line)
    rest = text[start:].split("\n", maxsplit=1)[0].split("\r", maxsplit=1)[0]
    fitting = [n for n in range(len(rest) + 1) if units(rest[:n], encoding) <= max(character, 0)]
    assert offset == start + fitting[-1]


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [(UTF8, 3, 0), (UTF8, 4, 1), (UTF16, 1, 0), (UTF16, 2, 1), (UTF32, 1, 1), (UTF16, 9, 2)],
)
def test_half_an_emoji_is_its_start(
    encoding: PositionEncoding, character: int, offset: int
) -> None:
    assert TextIndex("\U0001f600b\r\n").offset_at(0, character, encoding) == offset


def test_offsets_outside_the_text_are_its_ends() -> None:
    index = TextIndex("a\nb")
    assert index.position_at(-1, UTF16) == Position(0, 0)
    assert index.position_at(99, UTF16) == Position(1, 1)
    assert index.line_start(99) == 3
