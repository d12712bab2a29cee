"""What a file's bytes promise, they keep."""

import codecs
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.text.contract import (
    FileText,
    LineEnds,
    NotDecodable,
    decode,
    dominant_line_end,
    fit_line_ends,
    has_final_newline,
)
from fastapply_lsp.text.lines import split_lines, without_line_end

ENDS = ("\n", "\r\n", "\r")
CONTENTS = st.sampled_from(["", "a", "b", "c\x0c", "\u2028", "\U0001f600"])
ANY_LINES = st.lists(st.tuples(CONTENTS, st.sampled_from(ENDS)), max_size=8)


@st.composite
def texts(draw: st.DrawFn) -> str:
    text = "".join(content + end for content, end in draw(ANY_LINES))
    return text + draw(CONTENTS)


def contents(text: str) -> list[str]:
    return [without_line_end(line) for line in split_lines(text)]


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    st.sampled_from(
        [
            ("utf-8", b""),
            ("utf-8", codecs.BOM_UTF8),
            ("utf-16-le", codecs.BOM_UTF16_LE),
            ("utf-16-be", codecs.BOM_UTF16_BE),
        ]
    ),
)
def test_bytes_come_back_bit_for_bit(text: str, form: tuple[str, bytes]) -> None:
    encoding, bom = form
    data = bom + text.encode(encoding)
    file = decode(data)
    assert file.encode(file.text) == data
    if bom:
        assert file == FileText(text, file.encoding, bom)


@pytest.mark.parametrize("data", [b"\xff", b"a\0b", b"\xed\xa0\x80", codecs.BOM_UTF16_LE + b"a"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(NotDecodable):
        decode(data)


def test_half_a_pair_is_refused() -> None:
    with pytest.raises(NotDecodable, match="character 1"):
        decode(b"a").encode("a\ud83d")


def test_dominant_end_is_the_most_frequent_then_the_first() -> None:
    assert dominant_line_end("a\nb\r\n\r\n") == "\r\n"
    assert dominant_line_end("a\r\nb\n") == "\r\n"
    assert dominant_line_end("a\rb") == "\r"
    assert dominant_line_end("") == "\n"


@given(texts())
def test_final_newline_is_seen(text: str) -> None:
    assert has_final_newline(text) == bool(re.search(r"[\r\n]\Z", text))


@given(texts(), st.sampled_from(ENDS), st.booleans())
def test_the_original_in_any_one_line_end_becomes_the_original(
    original: str,
    end: str,
    ended: bool,  # noqa: FBT001 - Hypothesis fills it in
) -> None:
    # Without its end an empty last line is no line at all.
    ended = ended or contents(original)[-1:] == [""]
    rewritten = end.join(contents(original)) + (end if original and ended else "")
    assert fit_line_ends(rewritten, original) == original


@given(texts(), texts())
def test_fitting_changes_only_line_ends(new: str, original: str) -> None:
    fitted = fit_line_ends(new, original)
    if new and original and not has_final_newline(original):
        assert contents(fitted) in (contents(new), contents(new)[:-1])
    else:
        assert contents(fitted) == contents(new)
    if fitted and original and contents(new)[-1]:
        assert has_final_newline(fitted) == has_final_newline(original)


@given(texts(), texts(), st.data())
def test_fitting_line_by_line_is_fitting_at_once(
    new: str, original: str, data: st.DataObject
) -> None:
    stage = LineEnds(split_lines(original))
    left, out = split_lines(new), list[str]()
    while left:
        size = data.draw(st.integers(1, len(left)))
        out += stage.push(left[:size])
        left = left[size:]
    assert "".join([*out, *stage.finish()]) == fit_line_ends(new, original)


def test_mixed_files_keep_each_lines_own_end() -> None:
    original = "a\r\nb\na\n"
    assert fit_line_ends("a\nb\nnew\na\n", original) == "a\r\nb\nnew\na\n"
    assert fit_line_ends("a\nx\na\na\n", original) == "a\r\nx\na\na\n"


def test_a_lost_or_added_final_newline_is_as_in_the_original() -> None:
    assert fit_line_ends("a\nc", "a\nb\n") == "a\nc\n"
    assert fit_line_ends("a\nc\n", "a\nb") == "a\nc"
    assert fit_line_ends("a\nc\n", "") == "a\nc\n"
