"""The laws of the edit algebra."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.text.edits import NO_EDITS, Edit, Edits, replacements_to_edits
from fastapply_lsp.text.replacement import Replacement, apply_replacements

WORDS = st.text(alphabet="xyz", max_size=3)
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "\r", "\n", "d e\n"]), max_size=8)


@st.composite
def edits_of(draw: st.DrawFn, length: int) -> Edits:
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    return Edits.of(
        Edit(start, end, draw(WORDS)) for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    )


@st.composite
def text_and_edits(draw: st.DrawFn) -> tuple[str, Edits]:
    text = draw(st.text(alphabet="abcdefgh", max_size=10))
    return text, draw(edits_of(len(text)))


@st.composite
def two_on_one(draw: st.DrawFn) -> tuple[str, Edits, Edits]:
    text, first = draw(text_and_edits())
    return text, first, draw(edits_of(len(text)))


@st.composite
def three_in_a_row(draw: st.DrawFn) -> tuple[str, Edits, Edits, Edits]:
    text, first = draw(text_and_edits())
    second = draw(edits_of(len(first.apply(text))))
    third = draw(edits_of(len(second.apply(first.apply(text)))))
    return text, first, second, third


def is_normal(edits: Edits) -> bool:
    return all(a.end < b.start for a, b in pairwise(edits)) and all(
        e.start < e.end or e.text for e in edits
    )


@given(three_in_a_row())
def test_compose_is_one_after_the_other_and_associative(
    case: tuple[str, Edits, Edits, Edits],
) -> None:
    text, a, b, c = case
    ab = a.compose(b)
    assert ab.apply(text) == b.apply(a.apply(text))
    assert is_normal(ab)
    assert ab.compose(c) == a.compose(b.compose(c))
    assert a.compose(NO_EDITS) == a == NO_EDITS.compose(a)


@given(text_and_edits())
def test_inverse_undoes(case: tuple[str, Edits]) -> None:
    text, edits = case
    undo = edits.inverse(text)
    assert is_normal(undo)
    assert undo.apply(edits.apply(text)) == text
    assert undo.inverse(edits.apply(text)) == edits


@given(two_on_one())
def test_rebase_closes_the_diamond(case: tuple[str, Edits, Edits]) -> None:
    text, ours, theirs = case
    here = ours.rebase(theirs, insertions="after")
    there = theirs.rebase(ours, insertions="before")
    assert bool(here.conflicts) == bool(there.conflicts)
    assert is_normal(here.edits)
    if not here.conflicts:
        assert here.edits.apply(theirs.apply(text)) == there.edits.apply(ours.apply(text))


@given(two_on_one())
def test_what_conflicts_is_listed_and_the_rest_still_fits(
    case: tuple[str, Edits, Edits],
) -> None:
    text, ours, theirs = case
    rebased = ours.rebase(theirs)
    kept = Edits(tuple(edit for edit in ours if edit not in rebased.conflicts))
    assert kept.rebase(theirs) == type(rebased)(rebased.edits, ())
    rebased.edits.apply(theirs.apply(text))
    for edit in ours:
        shared = any(
            max(edit.start, o.start) < min(edit.end, o.end)
            or edit.start < o.start == o.end < edit.end
            or o.start < edit.start == edit.end < o.end
            for o in theirs
        )
        assert (edit in rebased.conflicts) == shared


@given(text_and_edits())
def test_places_move_monotonely_and_kept_characters_keep_theirs(case: tuple[str, Edits]) -> None:
    text, edits = case
    after = edits.apply(text)
    for stick in ("left", "right"):
        moved = [edits.move(offset, stick) for offset in range(len(text) + 1)]
        assert moved == sorted(moved)
        assert moved[0] >= 0
        assert moved[-1] <= len(after)
    for offset, letter in enumerate(text):
        if not any(e.start <= offset < e.end for e in edits):
            assert after[edits.move(offset, "right")] == letter
            assert edits.move(offset + 1, "left") == edits.move(offset, "right") + 1


@given(LINES, LINES)
def test_between_leads_from_old_to_new(old_lines: list[str], new_lines: list[str]) -> None:
    old, new = "".join(old_lines), "".join(new_lines)
    edits = Edits.between(old, new)
    assert edits.apply(old) == new
    assert edits.is_empty == (old == new)
    inside = [match.start() + 1 for match in re.finditer("\r\n", old)]
    assert not any(e.start in inside or e.end in inside for e in edits)


def test_neighbouring_lines_do_not_conflict() -> None:
    ours = Edits.of([Edit(2, 4, "B\n")])
    theirs = Edits.of([Edit(0, 2, "A\n"), Edit(4, 6, "C\n")])
    rebased = ours.rebase(theirs)
    assert rebased.conflicts == ()
    assert rebased.edits.apply(theirs.apply("a\nb\nc\n")) == "A\nB\nC\n"


def test_two_insertions_at_one_place_stand_in_the_asked_order() -> None:
    ours, theirs = Edits.of([Edit(1, 1, "o")]), Edits.of([Edit(1, 1, "t")])
    assert ours.rebase(theirs, insertions="after").edits.apply("atb") == "atob"
    assert ours.rebase(theirs, insertions="before").edits.apply("atb") == "aotb"


def test_of_sorts_merges_and_refuses_overlaps() -> None:
    edits = Edits.of([Edit(4, 5, "c"), Edit(1, 1, "a"), Edit(1, 3, "b"), Edit(9, 9, "")])
    assert list(edits) == [Edit(1, 3, "ab"), Edit(4, 5, "c")]
    assert len(edits) == 2
    for bad in ([Edit(0, 2, ""), Edit(1, 3, "")], [Edit(3, 2, "")], [Edit(-1, 0, "")]):
        with pytest.raises(ValueError, match=r"overlap|range"):
            Edits.of(bad)
    with pytest.raises(ValueError, match="beyond"):
        edits.apply("ab")


def test_between_is_tight() -> None:
    edits = Edits.between("def f(x):\n    return x\n", "def f(x, y):\n    return x\n")
    assert list(edits) == [Edit(7, 7, ", y")]


def test_replacements_become_edits() -> None:
    lines = ["a\r\n", "b\n", "c"]
    series = [Replacement(0, 1, ()), Replacement(2, 3, ("x\n", "y"))]
    expected = "".join(apply_replacements(lines, series))
    assert replacements_to_edits(lines, series).apply("".join(lines)) == expected
    assert replacements_to_edits("".join(lines), series).apply("".join(lines)) == expected
