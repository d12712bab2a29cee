"""Line ends, the byte order mark and the final newline come back; nothing else is touched."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard import ends
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.text.lines import split_lines, without_line_end
from fastapply_lsp.text.replacement import Replacement
from tests.guard.merges import placed

BOM = "\ufeff"


def mended(original: str, rewrite: str, merge: Merge | None = None) -> str:
    context = Context(original, rewrite, merge, None, "")
    for mend in (ends.mend_lines, ends.mend):
        if (found := mend(context)) is not None:
            assert {repair.kind for repair in found.repairs} == {FaultKind.LINE_ENDS}
            context = context.rewritten(found.lines)
    return context.rewrite


@pytest.mark.parametrize(
    ("original", "rewrite", "result"),
    [
        ("a\r\nb\r\n", "a\nnew\nb\n", "a\r\nnew\r\nb\r\n"),
        ("a\r\nb\r\n", "a\r\nnew\nb\r\n", "a\r\nnew\r\nb\r\n"),
        ("a\nb\n", "a\r\nnew\r\nb\r\n", "a\nnew\nb\n"),
        ("a\nb\r\nc\n", "a\nb\nc\nnew\r\n", "a\nb\r\nc\nnew\r\n"),
        ("a\rb\r", "a\nb\nnew\n", "a\rb\rnew\r"),
        ("a\nb\n", "a\nb", "a\nb\n"),
        ("a\nb", "a\nb\n", "a\nb"),
        ("a\nb", "a\nnew\n\n", "a\nnew"),
        ("a\nb\n", "a\nb\n\n", "a\nb\n\n"),
        (BOM + "a\nb\n", "a\nnew\n", BOM + "a\nnew\n"),
        (BOM + "a\nb\n", BOM + BOM + "a\nb\n", BOM + "a\nb\n"),
        ("a\nb\n", BOM + "a\nb\n", "a\nb\n"),
        (BOM + "a\r\nb\r\n", "a\nb", BOM + "a\r\nb\r\n"),
        ("a\x85b\u2028c\x0cd\r\n", "a\x85b\u2028c\x0ce\n", "a\x85b\u2028c\x0ce\r\n"),
        ("", "a\n", "a\n"),
        ("a\n", "", ""),
        ("first line\nsecond line\n", "first line\nsecond", "first line\nsecond"),
    ],
)
def test_what_no_model_means_comes_back(original: str, rewrite: str, result: str) -> None:
    assert mended(original, rewrite) == result


def test_a_final_newline_and_a_mark_that_were_asked_for_stay() -> None:
    merge = placed("a\nb", (Replacement(1, 2, ("b\n",)),))
    assert mended("a\nb", "a\nb\n", merge) == "a\nb\n"
    merge = placed(BOM + "a\n", (Replacement(0, 1, ("a\n",)),))
    assert mended(BOM + "a\n", "a\nb\n", merge) == "a\nb\n"


_CONTENT = st.text(st.sampled_from("ab \t\x85\u2028\x0c"), max_size=3)
_END = st.sampled_from(["\n", "\r\n", "\r"])


def _text(contents: list[str], line_ends: list[str]) -> str:
    return "".join(map("".join, zip(contents, line_ends, strict=True)))


@settings(max_examples=200)
@given(contents=st.lists(_CONTENT, min_size=1), one=_END, other=_END, marked=st.booleans())
def test_a_file_written_with_other_ends_comes_back(
    contents: list[str], one: str, other: str, *, marked: bool
) -> None:
    mark = BOM if marked else ""
    original = mark + _text(contents, [one] * len(contents))
    rewrite = _text(contents, [other] * len(contents))
    if rewrite.strip("\r\n"):
        assert mended(original, rewrite) == original


@settings(max_examples=200)
@given(data=st.data(), contents=st.lists(_CONTENT, max_size=8), changed=st.lists(_CONTENT))
def test_contents_stay_and_a_second_time_changes_nothing(
    data: st.DataObject, contents: list[str], changed: list[str]
) -> None:
    texts = [
        _text(some, data.draw(st.lists(_END, min_size=len(some), max_size=len(some))))
        for some in (contents, changed)
    ]
    once = mended(texts[0], texts[1])
    assert mended(texts[0], once) == once
    before = [without_line_end(line) for line in split_lines(texts[1])]
    after = [without_line_end(line) for line in split_lines(once)]
    assert after == before[: len(after)]
    assert not any(before[len(after) :])
