"""The gate lets through what is licensed and clean; the rest waits for the verdict."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard.gate import MOST_LINES_REMOVED, Admitted, Gate, Held
from fastapply_lsp.merge.model import Region
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements

PYTHON = language_named("python")
LINES = [f"line_{number}()\n" for number in range(100)]


def gate(*spans: tuple[int, int]) -> Gate:
    return Gate(LINES, [Region(Span(*span), "asked") for span in spans], PYTHON)


@pytest.mark.parametrize(
    ("replacement", "admitted"),
    [
        (Replacement(10, 12, ("x\n",)), True),
        (Replacement(10, 15, ()), True),
        (Replacement(15, 15, ("x\n",)), True),
        (Replacement(10, 10, ("x\n",)), True),
        (Replacement(9, 11, ("x\n",)), False),
        (Replacement(14, 16, ("x\n",)), False),
        (Replacement(9, 9, ("x\n",)), False),
        (Replacement(0, 100, ("x\n",)), False),
        (Replacement(30, 50, ("x\n",) * 20), True),
        (Replacement(38, 42, ("x\n",)), True),
    ],
)
def test_only_licensed_lines_change(replacement: Replacement, *, admitted: bool) -> None:
    decision = gate((10, 15), (30, 40), (40, 50)).admit(replacement)
    assert isinstance(decision, Admitted) is admitted
    if isinstance(decision, Held):
        assert f"{replacement.start + 1} to" in decision.reason


def test_no_region_licenses_nothing_and_no_merge_everything() -> None:
    replacement = Replacement(3, 4, ("x\n",))
    assert isinstance(gate().admit(replacement), Held)
    assert gate((0, 100)).admit(replacement) == Admitted()
    assert Gate(LINES, None, PYTHON).admit(replacement) == Admitted()
    assert Gate([], None, PYTHON).admit(Replacement(0, 0, ("x\n",))) == Admitted()


@pytest.mark.parametrize(
    ("line", "admitted"),
    [
        ("# ... existing code ...\n", False),
        ("    # ...\n", False),
        ("# rest of the code\n", False),
        ("f(a, # ... unchanged\n", False),
        ("# own ... marker ...\n", True),
        ("# existing imports\n", True),
        ("# removed: f\n", True),
        ("x: Callable[..., int]\n", True),
        ("    ...\n", True),
    ],
)
def test_new_markers_wait(line: str, *, admitted: bool) -> None:
    own = Gate([*LINES, "# own ... marker ...\n"], None, PYTHON)
    assert isinstance(own.admit(Replacement(3, 4, ("a\n", line, "b\n"))), Admitted) is admitted


def test_much_code_goes_only_where_just_that_was_asked() -> None:
    much = Replacement(20, 20 + MOST_LINES_REMOVED + 1, ())
    assert isinstance(Gate(LINES, None, PYTHON).admit(much), Held)
    assert gate((20, 70)).admit(much) == Admitted()
    less = Replacement(20, 20 + MOST_LINES_REMOVED, ())
    assert Gate(LINES, None, PYTHON).admit(less) == Admitted()
    moved = Replacement(0, 100, tuple(LINES[40:]))
    assert Gate(LINES, None, PYTHON).admit(moved) == Admitted()


def test_equal_lines_can_be_put_in_or_taken_out_at_each_of_their_places() -> None:
    lines = ["a\n", "}\n", "\n", "b\n", "}\n", "\n", "c\n"]
    added = ("b\n", "}\n", "\n")
    for region in (Span(3, 3), Span(6, 6), Span(4, 4)):
        own = Gate(lines, [Region(region, "asked")], None)
        assert own.admit(Replacement(3, 3, added)) == Admitted()
        assert own.admit(Replacement(6, 6, added)) == Admitted()
    own = Gate(lines, [Region(Span(1, 4), "asked")], None)
    assert own.admit(Replacement(3, 6, ())) == Admitted()
    assert isinstance(own.admit(Replacement(4, 7, ())), Held)
    assert isinstance(own.admit(Replacement(5, 5, added)), Held)


@settings(max_examples=200)
@given(data=st.data())
def test_places_that_make_the_same_file_are_judged_alike(data: st.DataObject) -> None:
    lines = data.draw(st.lists(st.sampled_from(["a\n", "b\n"]), min_size=1, max_size=6))
    low, high = sorted(data.draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
    own = Gate(lines, [Region(Span(low, high), "asked")], None)
    added = tuple(data.draw(st.lists(st.sampled_from(["a\n", "b\n"]), min_size=1, max_size=3)))
    places: dict[str, list[Replacement]] = {}
    for at in range(len(lines) + 1):
        for count in range(1, len(lines) + 1 - at):
            taken = Replacement(at, at + count, ())
            places.setdefault("".join(apply_replacements(lines, [taken])), []).append(taken)
        rotations = {added[turn:] + added[:turn] for turn in range(len(added))}
        for rotated in rotations:
            put = Replacement(at, at, rotated)
            places.setdefault("".join(apply_replacements(lines, [put])), []).append(put)
    for same in places.values():
        assert len({isinstance(own.admit(one), Admitted) for one in same}) == 1, same


_SPANS = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda pair: tuple(sorted(pair)))


@settings(max_examples=200)
@given(spans=st.lists(_SPANS, max_size=5), change=_SPANS)
def test_a_change_is_admitted_exactly_where_every_line_and_boundary_is_licensed(
    spans: list[tuple[int, int]], change: tuple[int, int]
) -> None:
    start, end = change
    points = {point for low, high in spans for point in range(2 * low, 2 * high + 1)}
    licensed = all(point in points for point in range(2 * start, 2 * end + 1))
    decision = gate(*spans).admit(Replacement(start, end, ("x\n",) * (end - start)))
    assert isinstance(decision, Admitted) is licensed
