"""Lines from outside a window go where they cannot be meant, and no others do."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.merge.model import Candidate, Form, Merge, Region
from fastapply_lsp.prompt.parts import merge_in
from fastapply_lsp.prompt.seams import REACH, Seams
from fastapply_lsp.prompt.windows import Window
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements

some = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "}\n", "\n"]), max_size=6)


@dataclass(frozen=True)
class File:
    """Lines of which those in the middle are a window; the last of them are no region's."""

    before: list[str]
    shown: list[str]
    context: list[str]
    after: list[str]

    @property
    def lines(self) -> list[str]:
        return self.before + self.shown + self.context + self.after

    @property
    def window(self) -> Span:
        start = len(self.before)
        return Span(start, start + len(self.shown) + len(self.context))


files = st.builds(File, some, some, some, some)

FILE = [f"line {number}\n" for number in range(40)]
WINDOW = Span(16, 24)


def merged(
    lines: list[str], window: Span, new: list[str], *, region: Span, unsure: bool = False
) -> Merge:
    """Return what is to become of the window: ``new`` in place of the region's lines."""
    replacement = Replacement(region.start, region.end, tuple(new))
    predicted = "".join(apply_replacements(lines, [replacement]))
    whole = Merge(
        form=Form.LAZY,
        predicted=predicted,
        replacements=(replacement,),
        regions=(Region(region, "asked"),),
        reasons=("two places",) if unsure else (),
        candidates=(Candidate((replacement,), predicted, "asked"),),
    )
    return merge_in(whole, lines, Window(window, whole.regions))


def sewn(lines: list[str], window: Span, merge: Merge, text: list[str], piece: int = 99) -> str:
    seams = Seams(lines, window, merge)
    out: list[str] = []
    for at in range(0, len(text), piece):
        out += seams.push(text[at : at + piece])
    return "".join(out + seams.finish())


@given(files, some, st.booleans())
def test_the_window_as_it_is_and_as_predicted_loses_nothing(
    file: File,
    new: list[str],
    unsure: bool,  # noqa: FBT001 - Hypothesis passes it
) -> None:
    window = file.window
    region = Span(window.start, window.start + len(file.shown))
    merge = merged(file.lines, window, new, region=region, unsure=unsure)
    for text in (file.shown, new):
        whole = text + file.context
        assert sewn(file.lines, window, merge, whole) == "".join(whole)


@given(files, some, some, st.data())
def test_only_lines_from_just_outside_go_and_pieces_change_nothing(
    file: File, new: list[str], other: list[str], data: st.DataObject
) -> None:
    head = file.before[data.draw(st.integers(0, len(file.before))) :]
    tail = file.after[: data.draw(st.integers(0, len(file.after)))]
    text = head + data.draw(st.sampled_from([new + file.context, other])) + tail
    region = Span(file.window.start, file.window.start + len(file.shown))
    merge = merged(file.lines, file.window, new, region=region)
    out = sewn(file.lines, file.window, merge, text)
    assert sewn(file.lines, file.window, merge, text, data.draw(st.integers(1, 9))) == out
    heads = ["".join(file.before[at:]) for at in range(len(file.before) + 1)]
    tails = ["".join(file.after[:count]) for count in range(len(file.after) + 1)]
    assert "".join(text) in {head + out + tail for head in heads for tail in tails}


@given(st.integers(0, REACH), st.integers(0, REACH), st.integers(1, 30))
def test_lines_that_were_brought_along_go(before: int, after: int, piece: int) -> None:
    new = ["new\n"]
    merge = merged(FILE, WINDOW, new, region=Span(18, 20))
    wanted = [*FILE[16:18], *new, *FILE[20:24]]
    text = FILE[16 - before : 16] + wanted + FILE[24 : 24 + after]
    assert sewn(FILE, WINDOW, merge, text, piece) == "".join(wanted)
    assert sewn(FILE, WINDOW, merge, [*text[:-1], text[-1].rstrip("\n")], piece) == (
        "".join(wanted) if after else "".join(wanted).rstrip("\n")
    )


@pytest.mark.parametrize("region", [Span(16, 17), Span(23, 24), Span(16, 24)])
def test_what_an_unsure_edit_may_add_at_an_end_stays(region: Span) -> None:
    merge = merged(FILE, WINDOW, FILE[region.start : region.end], region=region, unsure=True)
    text = FILE[15:25]
    start, end = int(region.start > 16), 10 - int(region.end < 24)
    assert sewn(FILE, WINDOW, merge, text) == "".join(text[start:end])


def test_lines_around_something_new_stay() -> None:
    lines = ["f {\n", "    x()\n", "}\n"]
    merge = merged(lines, Span(1, 2), ["    y()\n"], region=Span(1, 2))
    text = ["f {\n", "    z()\n", "}\n", "    y()\n"]
    assert sewn(lines, Span(1, 2), merge, text) == "".join(text)
    text = ["    x()\n", "}\n", "g {\n", "    z()\n", "}\n"]
    assert sewn(lines, Span(1, 2), merge, text) == "".join(text)
    assert sewn(lines, Span(1, 2), merge, ["    y()\n", "}\n"]) == "    y()\n"


def test_blank_lines_alone_are_left_to_the_guard_which_tells_of_them() -> None:
    lines = ["a\n", "\n", "b\n", "\n", "c\n"]
    merge = merged(lines, Span(2, 3), ["x\n"], region=Span(2, 3))
    assert sewn(lines, Span(2, 3), merge, ["\n", "x\n", "\n"]) == "\nx\n\n"
    assert sewn(lines, Span(2, 3), merge, ["a\n", "\n", "x\n", "\n", "c\n"]) == "x\n"
