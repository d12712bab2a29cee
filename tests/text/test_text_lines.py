"""Lines end where editors end them, and nowhere else."""

import re
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.text.lines import (
    indent_of,
    line_end,
    line_starts,
    split_lines,
    without_line_end,
)

TEXTS = st.text(alphabet="ab \r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\U0001f600")


def slow_split(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


@given(TEXTS)
def test_lines_join_to_the_text_and_end_only_at_line_ends(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert lines == slow_split(text)


def test_every_short_text_splits_as_the_plain_definition_says() -> None:
    for length in range(6):
        for letters in product("a\r\n\x0c", repeat=length):
            text = "".join(letters)
            assert split_lines(text) == slow_split(text)


@given(TEXTS)
def test_a_line_is_its_content_and_its_end(text: str) -> None:
    for line in split_lines(text):
        assert without_line_end(line) + line_end(line) == line
        assert not re.search(r"[\r\n]", without_line_end(line))


@given(TEXTS)
def test_starts_are_zero_and_the_places_after_line_ends(text: str) -> None:
    ends = [match.end() for match in re.finditer(r"\r\n|\r|\n", text)]
    assert line_starts(text) == [0, *ends]


@given(TEXTS)
def test_a_filled_line_is_its_indentation_and_what_begins_with_a_character(text: str) -> None:
    for line in split_lines(text):
        indent = indent_of(line)
        assert line.startswith(indent)
        assert not indent.strip()
        assert not line.strip() or not line[len(indent)].isspace()
        assert line.strip() or not indent
