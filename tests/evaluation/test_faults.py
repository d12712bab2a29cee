"""Planted faults: deterministic, each what its name says, and only where nobody changed anything."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.evaluation.clean import EXPECTED, clean_rewrites
from fastapply_lsp.evaluation.faults import FAULT_GROUPS, FAULTS, MIXED, planted
from fastapply_lsp.evaluation.ground import Ground
from fastapply_lsp.syntax.languages import Language, language_named
from fastapply_lsp.syntax.markers import Certainty, markers_in
from fastapply_lsp.text.lines import split_lines

PYTHON = language_named("python")
ORIGINAL = '''\
import os
import sys


# How much is added
STEP = 3


def first(values):
    """Sum them."""
    total = 0
    for value in values:
        # each counts once
        total += value * STEP

    return total


def second(name):
    path = os.path.join(name, "x")
    if path:
        return first([len(path)])
    return sys.maxsize


class Third:
    def method(self):
        return second("y")
'''
EXPECTED_FILE = ORIGINAL.replace("total += value * STEP", "total += value + STEP  # less of it now")
SNIPPETS = st.lists(
    st.sampled_from(
        ["a = 1\n", "\n", "def f():\n", "    return 1\n", "# x y z\n", "import os\n", "\tb()\r\n"]
    ),
    max_size=12,
).map("".join)
NAMES = st.sampled_from(["python", "css", "go", "markdown", "json", None])


def plant(name: str, seed: int, expected: str = EXPECTED_FILE) -> str | None:
    return FAULTS[name](Ground(ORIGINAL, expected, PYTHON), Random(seed))


@given(SNIPPETS, SNIPPETS, NAMES)
def test_any_file_can_be_spoilt_and_always_in_the_same_way(
    original: str, expected: str, name: str | None
) -> None:
    language = language_named(name) if name else None
    once = list(planted("id", Ground(original, expected, language)))
    assert once == list(planted("id", Ground(original, expected, language)))
    for one in once:
        assert one.text != expected
        assert one.group in FAULT_GROUPS
        assert (len(one.faults) > 1) == (one.group == MIXED)


def test_every_fault_finds_its_place_in_a_common_file() -> None:
    groups = {
        one.group
        for one in planted("id", Ground(f"\ufeff{ORIGINAL}", f"\ufeff{EXPECTED_FILE}", PYTHON))
    }
    odd = {"one change not made", "trailing white space stripped"}
    assert groups == set(FAULT_GROUPS) - odd


def test_another_case_is_spoilt_elsewhere() -> None:
    texts = {
        one.text
        for n in range(8)
        for one in planted(str(n), Ground(ORIGINAL, EXPECTED_FILE, PYTHON))
        if one.group == "name changed"
    }
    assert len(texts) > 3


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "name",
    ["definition dropped", "import dropped", "comment dropped", "lines dropped", "ended early"],
)
def test_what_is_dropped_is_gone_and_nothing_else(name: str, seed: int) -> None:
    text = plant(name, seed)
    assert text is not None
    left = iter(split_lines(EXPECTED_FILE))
    assert all(line in left for line in split_lines(text)), "the rest stays in its order"
    assert len(text) < len(EXPECTED_FILE)
    if name != "ended early":
        assert "# less of it now" in text


@pytest.mark.parametrize("seed", range(20))
def test_a_marker_is_one(seed: int) -> None:
    text = plant("marker left", seed)
    assert text is not None
    found = markers_in(text, PYTHON)
    assert len(found) == 1
    assert found[0].certainty >= Certainty.LIKELY
    assert "# less of it now" in text


@pytest.mark.parametrize("seed", range(20))
def test_a_name_changes_outside_comments_and_changed_lines(seed: int) -> None:
    text = plant("name changed", seed)
    assert text is not None
    before, after = split_lines(EXPECTED_FILE), split_lines(text)
    assert len(before) == len(after)
    assert "        total += value + STEP  # less of it now\n" in after


@pytest.mark.parametrize("seed", range(20))
def test_no_name_changes_in_a_line_that_the_block_quotes(seed: int) -> None:
    quoted = "".join(line for line in split_lines(ORIGINAL) if "second" not in line)
    ground = Ground(ORIGINAL, EXPECTED_FILE, PYTHON, quoted)
    assert {ground.lines[number] for number in ground.unmentioned} == {
        "def second(name):\n",
        '        return second("y")\n',
    }
    text = FAULTS["name changed"](ground, Random(seed))
    assert text is not None
    assert text != EXPECTED_FILE


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["tabs for spaces", "block re-indented", "blank lines changed"])
def test_white_space_is_all_that_changes(name: str, seed: int) -> None:
    text = plant(name, seed)
    assert text is not None
    assert text != EXPECTED_FILE
    assert "".join(text.split()) == "".join(EXPECTED_FILE.split())


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "name", ["words before", "words after", "thoughts before", "fence around", "fence inside"]
)
def test_what_is_said_around_the_file_leaves_its_lines(name: str, seed: int) -> None:
    text = plant(name, seed)
    assert text is not None
    lines = iter(split_lines(text))
    assert all(line in lines for line in split_lines(EXPECTED_FILE))


def test_one_change_of_several_is_not_made() -> None:
    both = EXPECTED_FILE.replace('"y"', '"z"')
    found = {plant("one change not made", seed, both) for seed in range(9)}
    assert found == {EXPECTED_FILE, ORIGINAL.replace('"y"', '"z"')}


def test_nothing_is_planted_where_nothing_is_to_spoil() -> None:
    css = language_named("css")
    groups = {one.group for one in planted("1", Ground("a{}\n", "b{}\n", css))}
    assert groups.isdisjoint({"import dropped", "comment dropped", "byte order mark lost"})


def groups_of(original: str, expected: str, language: Language | None) -> dict[str, str]:
    return {
        one.group: one.text for one in clean_rewrites("7", Ground(original, expected, language))
    }


def test_clean_rewrites_are_the_expected_file_and_what_good_models_add() -> None:
    expected = ORIGINAL.replace("# each counts once\n", "# each one counts twice\n").replace(
        "def second(name):", "def second(name, more=0):"
    )
    texts = groups_of(ORIGINAL, expected, PYTHON)
    assert texts[EXPECTED] == expected
    assert "import contextlib\n" in texts["needed import added"]
    assert 'second("y", 1)' in texts["call site that follows"]
    reworded = texts["comment of the edit reworded"]
    assert reworded.count("\n") == expected.count("\n")
    assert "# each one counts twice\n" not in reworded


def test_a_rewrite_that_breaks_the_grammar_is_not_clean() -> None:
    original = "int fun(int a);\n\nint other(void) {\n    return fun(1);\n}\n"
    texts = groups_of(original, original.replace("int a", "long a"), language_named("c"))
    assert "fun(1, 1)" in texts["call site that follows"]
    assert "long a, 1" not in "".join(texts.values())
