"""The laws of the streaming alignment, first on every small file, then on likely ones."""

import random
from collections import Counter
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.rewrite.aligner import Aligner
from fastapply_lsp.text.align import common_prefix, diff_lines, ordered
from fastapply_lsp.text.replacement import Replacement, apply_replacements


def stream(old: list[str], new: list[str], size: int = 1) -> list[Replacement]:
    aligner = Aligner(old)
    released: list[Replacement] = []
    for at in range(0, len(new), size):
        released += aligner.push(new[at : at + size])
        # Nothing is released beyond what is settled.
        assert all(one.end <= aligner.settled for one in released)
    return released + aligner.finish()


def is_tame(old: list[str], new: list[str]) -> bool:
    counts, new_counts = Counter(old), Counter(new)
    if any(counts[line] == 1 and new_counts[line] > 1 for line in new):
        return False
    places = [old.index(line) for line in new if counts[line] == 1]
    return places == sorted(places)


def check_laws(old: list[str], new: list[str]) -> list[Replacement]:
    series = stream(old, new)
    assert apply_replacements(old, series) == new
    assert all(one.end < two.start for one, two in pairwise(series))
    assert all(one.start < one.end or one.lines for one in series)
    removed = {index for one in series for index in range(one.start, one.end)}
    prefix = common_prefix(old, new)
    assert not any(index < prefix for index in removed)
    if is_tame(old, new):
        suffix = common_prefix(old[prefix:][::-1], new[prefix:][::-1])
        assert not any(index >= len(old) - suffix for index in removed)
        counts, new_counts = Counter(old), Counter(new)
        assert not any(counts[old[i]] == 1 == new_counts[old[i]] for i in removed)
    return series


def small_files(letters: str, length: int) -> list[list[str]]:
    return [list(f) for n in range(length + 1) for f in product(letters, repeat=n)]


def test_every_pair_of_small_files() -> None:
    files = small_files("abc", 4)
    for old in files:
        for new in files:
            assert stream(old, new, size=9) == check_laws(old, new)


def test_small_files_with_a_brace_and_an_unended_line() -> None:
    files = small_files("a}", 3) + [[*f, "a"] for f in small_files("}b", 3)]
    for old in files:
        for new in files:
            assert stream(old, new, size=2) == check_laws(old, new)


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Draw a file with common lines among its own ones, and an edit of it."""
    common = st.sampled_from(["}", "", "return x", "end", "pass"])
    own = st.integers(0, 30).map(str)
    line = st.one_of(common, own)
    old = draw(st.lists(line, max_size=40))
    new = list(old)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(new)))
        end = draw(st.integers(start, min(len(new), start + 8)))
        piece = draw(st.one_of(st.lists(line, max_size=6), st.just(new[start:end] * 2)))
        match draw(st.sampled_from(["replace", "move"])):
            case "move":
                moved = new[start:end]
                del new[start:end]
                to = draw(st.integers(0, len(new)))
                new[to:to] = moved
            case _:
                new[start:end] = piece
    return old, new


@given(edited())
def test_laws_on_edited_files(case: tuple[list[str], list[str]]) -> None:
    check_laws(*case)


@given(edited(), st.randoms(use_true_random=False))
def test_chunking_changes_nothing(case: tuple[list[str], list[str]], rng: random.Random) -> None:
    old, new = case
    aligner, released, at = Aligner(old), list[Replacement](), 0
    while at < len(new):
        size = rng.randrange(1, 9)
        released += aligner.push(new[at : at + size])
        at += size
    assert released + aligner.finish() == stream(old, new)


@st.composite
def tame(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Draw files whose own lines stay in order, among lines that stand anywhere."""
    common = st.sampled_from(["}", "", "return x", "x", "y"])
    size = draw(st.integers(1, 25))
    sides: list[list[str]] = []
    for _ in range(2):
        side: list[str] = []
        for index in range(size):
            side += draw(st.lists(common, max_size=3))
            if draw(st.integers(0, 3)):
                side.append(f"own {index}")
        sides.append(side)
    return sides[0], sides[1]


@given(tame())
def test_tame_rewrites_keep_every_line_of_their_own(case: tuple[list[str], list[str]]) -> None:
    old, new = case
    check_laws(old, new)


def numbered(start: int, end: int) -> list[str]:
    return [f"line {index}" for index in range(start, end)]


def changed_lines(series: list[Replacement]) -> int:
    return sum(one.end - one.start + len(one.lines) for one in series)


def test_a_changed_line_leaves_with_the_first_line_behind_it() -> None:
    aligner = Aligner(numbered(0, 100))
    assert aligner.push(numbered(0, 40)) == []
    assert aligner.push(["changed"]) == []
    assert aligner.push(["line 41"]) == [Replacement(40, 41, ("changed",))]
    assert aligner.push(numbered(42, 100)) + aligner.finish() == []


def test_a_distant_line_does_not_throw_away_what_is_between() -> None:
    old = numbered(0, 300)
    new = [*numbered(0, 20), "new", "line 250", "new", *numbered(20, 300)]
    series = stream(old, new)
    assert series == [Replacement(20, 20, ("new", "line 250", "new"))]


def test_a_removed_block_leaves_once_as_much_was_seen_behind_it() -> None:
    aligner = Aligner(numbered(0, 200))
    aligner.push(numbered(0, 50))
    assert aligner.push(numbered(60, 65)) == []
    assert aligner.push(numbered(65, 80)) == [Replacement(50, 60, ())]


@pytest.mark.parametrize("at", [0, 30, 299])
def test_a_big_insertion_costs_only_itself(at: int) -> None:
    old = numbered(0, 300)
    insertion = [f"new {index}" if index % 5 else "}" for index in range(400)]
    assert stream(old, old[:at] + insertion + old[at:]) == [Replacement(at, at, tuple(insertion))]


def test_lines_that_stand_everywhere_are_no_evidence() -> None:
    old = [line for index in range(60) for line in (f"f{index} {{", "  return", "}", "")]
    new = list(old)
    new[8:8] = [line for index in range(9) for line in (f"g{index} {{", "  return", "}", "")]
    assert changed_lines(stream(old, new)) == 36


@pytest.mark.parametrize(("start", "length", "to"), [(100, 20, 10), (20, 20, 150), (50, 5, 44)])
def test_a_moved_block_costs_little_more_than_its_minimum(start: int, length: int, to: int) -> None:
    old = numbered(0, 200)
    rest = old[:start] + old[start + length :]
    new = rest[:to] + old[start : start + length] + rest[to:]
    least = changed_lines(diff_lines(old, new))
    assert changed_lines(stream(old, new)) <= 2 * least


def test_a_copied_block_costs_at_most_a_small_factor() -> None:
    rng = random.Random(5)
    old = numbered(0, 400)
    for _ in range(50):
        length = rng.randrange(2, 60)
        start = rng.randrange(0, 400 - length)
        to = rng.randrange(0, start + 1)
        series = stream(old, old[:to] + old[start : start + length] + old[to:])
        assert changed_lines(series) <= 3 * length


def test_files_without_telling_lines_are_settled_at_the_end() -> None:
    old, new = ["}", "", "}"] * 30, ["{", "", "}"] + ["}", "", "}"] * 29
    aligner = Aligner(old)
    assert aligner.push(new) == []
    assert aligner.finish() == [Replacement(0, 1, ("{",))]


def test_ordered_pairs_are_those_that_tame_means() -> None:
    assert is_tame(["a", "b", "c"], ["a", "x", "c"])
    assert not is_tame(["a", "b", "c"], ["c", "a"])
    assert not is_tame(["a", "b"], ["a", "a"])
    assert ordered([(2, 0), (0, 1)]) == [(0, 1)]
