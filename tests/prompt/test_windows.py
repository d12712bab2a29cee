"""Windows: disjoint, in order, whole where they can be, and put back together without a trace."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.errors import TooLarge
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.merge.model import Merge, Region
from fastapply_lsp.prompt.budget import Room, estimated_tokens
from fastapply_lsp.prompt.parts import Scale, call_in, merge_in
from fastapply_lsp.prompt.windows import CONTEXT, NEAR, Edges, Window, cut, seamed, splice
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span

PYTHON = language_named("python")

some_lines = st.lists(
    st.sampled_from(
        [
            "\n",
            "x = 1\n",
            "def f():\n",
            "    pass\n",
            "    y = 2\n",
            "class A:\n",
            "    def g(s):\n",
        ]
    ),
    min_size=1,
    max_size=60,
)


@st.composite
def regions_in(draw: st.DrawFn, count: int) -> tuple[Region, ...]:
    """Disjoint regions that do not touch, as the merge makes them."""
    cuts = sorted(draw(st.lists(st.integers(0, count), max_size=8, unique=True)))
    spans: list[Span] = []
    while cuts:
        start = cuts.pop(0)
        end = cuts.pop(0) if cuts and draw(st.sampled_from([1, 0])) else start
        if not spans or spans[-1].end < start:
            spans.append(Span(start, end))
    return tuple(Region(span, "test") for span in spans)


def cut_by_lines(lines: list[str], regions: tuple[Region, ...], most: int) -> tuple[Window, ...]:
    return cut(
        lines,
        regions,
        definitions("".join(lines), PYTHON),
        lambda span: len(span) <= most,
        lambda span: TooLarge("it", len(span), most, "lines"),
    )


@settings(max_examples=200)
@given(some_lines, st.integers(1, 60), st.data())
def test_the_laws_of_windows(lines: list[str], most: int, data: st.DataObject) -> None:
    regions = data.draw(regions_in(len(lines)))
    too_large = [one for one in regions if len(one.span) > most]
    if too_large:
        with pytest.raises(TooLarge):
            cut_by_lines(lines, regions, most)
        return
    windows = cut_by_lines(lines, regions, most)
    edges = Edges.of(lines, definitions("".join(lines), PYTHON))
    assert tuple(region for window in windows for region in window.regions) == regions
    at = 0
    for window in windows:
        assert at <= window.span.start <= window.span.end <= len(lines)
        at = window.span.end
        assert len(window.span) <= most
        for region in window.regions:
            assert window.span.covers(region.span)
        if not window.torn:
            assert window.span.start in edges.starts
            assert window.span.end in edges.ends


@given(some_lines, st.data())
def test_a_window_is_torn_only_where_the_nearest_edges_do_not_fit(
    lines: list[str], data: st.DataObject
) -> None:
    (region, *_) = data.draw(regions_in(len(lines)).filter(bool))
    most = data.draw(st.integers(len(region.span), len(lines) + 1))
    (window,) = cut_by_lines(lines, (region,), most)
    edges = Edges.of(lines, definitions("".join(lines), PYTHON))
    assert window.torn == (len(edges.around(region.span)) > most)


@given(some_lines)
def test_an_edge_shows_a_line_that_holds_something(lines: list[str]) -> None:
    edges = Edges.of(lines, definitions("".join(lines), PYTHON))
    assert all(lines[at].strip() for at in edges.starts if at)
    assert all(lines[at - 1].strip() for at in edges.ends if at < len(lines))


@given(some_lines, st.integers(1, 60), st.data())
def test_unchanged_windows_leave_the_file_as_it_was(
    lines: list[str], most: int, data: st.DataObject
) -> None:
    regions = tuple(one for one in data.draw(regions_in(len(lines))) if len(one.span) <= most)
    windows = cut_by_lines(lines, regions, most)
    shown = ["".join(lines[one.span.start : one.span.end]) for one in windows]
    assert splice(lines, windows, shown) == "".join(lines)
    # A model that leaves out a blank last line has left out a line, and no line end alone.
    bare = [text.removesuffix("\n") for text in shown]
    dropped = [
        text if not cut or cut.endswith("\n") else cut
        for text, cut in zip(shown, bare, strict=True)
    ]
    ended = "".join(lines) if not windows or windows[-1].span.end < len(lines) else None
    assert ended is None or splice(lines, windows, dropped) == ended


MANY = [f"def f{n}():\n    a = {n}\n    return a\n\n\n" for n in range(200)]
FILE = "".join(MANY)
EDIT = (
    "# ... existing code ...\ndef f20():\n    a = 2000\n    return a\n\n\n"
    "# ... existing code ...\n\n\ndef f150():\n    b = 150\n    return b\n"
    "# ... existing code ...\n"
)


def windows_of(
    file: str, edit: str, *, output: int, path: str = "f.py"
) -> tuple[list[str], Merge, tuple[Window, ...]]:
    lines = split_lines(file)
    merged = merge(file, EditFile(path, "", edit))
    assert merged.placed
    scale, room = Scale.of(lines, merged), Room(output, None, 0)
    cutting = cut(
        lines,
        merged.regions,
        definitions(file, PYTHON),
        lambda span: room.holds(scale.before(span), scale.after(span)),
        lambda span: TooLarge("it", scale.before(span), output, "tokens"),
    )
    return lines, merged, cutting


def test_whole_definitions_are_shown() -> None:
    lines, _, windows = windows_of(FILE, EDIT, output=600)
    assert ["".join(lines[one.span.start : one.span.end]) for one in windows] == [
        MANY[20].rstrip("\n") + "\n",
        MANY[150].rstrip("\n") + "\n",
    ]


def test_what_is_near_goes_together() -> None:
    edit = EDIT.replace("150", "22")
    lines, _, windows = windows_of(FILE, edit, output=600)
    assert [one.span for one in windows] == [Span(100, 113)]
    assert len(lines) > 100 + NEAR + CONTEXT


@pytest.mark.parametrize("output", [300, 400, 1000, 9000])
def test_the_predictions_of_the_windows_are_the_merges_prediction(output: int) -> None:
    lines, merged, windows = windows_of(FILE, EDIT, output=output)
    parts = [merge_in(merged, lines, window) for window in windows]
    assert splice(lines, windows, [part.predicted for part in parts]) == merged.predicted
    assert all(part.certain == merged.certain and part.placed for part in parts)
    for part, window in zip(parts, windows, strict=True):
        assert all(one.span.end <= len(window.span) for one in part.replacements)
        assert part.candidates[0].predicted == part.predicted


def test_the_model_is_told_that_it_sees_a_part() -> None:
    _, _, windows = windows_of(FILE, EDIT, output=600)
    call = call_in(EditFile("f.py", "Twenty.", EDIT), windows[0], 1000)
    assert call.instructions.startswith("Twenty. These are lines 101 to 103 of a file of 1000")
    assert call.code_edit == EDIT


@given(st.lists(st.text(max_size=9).map(lambda text: f"{text}\n"), max_size=20))
def test_the_scale_errs_upwards_by_less_than_a_token_a_line(texts: list[str]) -> None:
    lines = split_lines("".join(texts))
    nothing = merge("".join(lines), EditFile("f.txt", "", "zzzz_not_there"))
    scale = Scale.of(lines, Merge(nothing.form, "", (), (), (), ()))
    whole = Span(0, len(lines))
    true = estimated_tokens("".join(lines))
    assert true <= scale.before(whole) <= true + len(lines)
    assert scale.after(whole) == scale.before(whole)


@pytest.mark.parametrize(
    ("shown", "written", "last", "expected"),
    [
        (["a\n", "b\n"], "x", False, "x\n"),
        (["a\r\n"], "x\r\n", False, "x\r\n"),
        (["a"], "x", True, "x"),
        (["a\n"], "x", True, "x"),
        (["a\n"], "", False, ""),
    ],
)
def test_no_window_runs_into_what_follows(
    shown: list[str],
    written: str,
    last: bool,  # noqa: FBT001 - a column of the table
    expected: str,
) -> None:
    assert seamed(shown, written, last=last) == expected


def test_the_room_of_both_limits() -> None:
    assert Room(1000, None, 0).holds(400, 400)
    assert not Room(1000, None, 0).holds(400, 500)
    assert Room(None, 2000, 100).holds(600, 600)
    assert not Room(None, 2000, 800).holds(600, 600)
    assert not Room(1000, None, 0).may_hold(0, 1600)
    assert Room(1000, None, 0).may_hold(0, 1400)
    assert not Room(None, 1000, 0).may_hold(800, 800)
