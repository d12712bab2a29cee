"""The benchmark's own parts: what it counts, and how it says it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import accuracy
from benchmarks.edits import minimal, touched
from benchmarks.machine import Machine
from benchmarks.model import Figure, Grid, Section, percentile, share
from benchmarks.pipeline import stream
from benchmarks.samples import sample, source, spread
from benchmarks.table import BEGIN, END, as_json, inserted, markdown, number, terminal_grid
from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.text.lcs import longest_common
from fastapply_lsp.text.replacement import Replacement
from tests.cases import needs_cases

LINES = st.lists(st.sampled_from("abc"), max_size=9)
MACHINE = Machine("A CPU", 2, "3.11", "2026-01-01", "abc1234")


@given(LINES, LINES)
def test_the_smallest_diff_is_what_a_longest_common_subsequence_leaves(
    old: list[str], new: list[str]
) -> None:
    assert minimal(old, new) == len(old) + len(new) - 2 * len(longest_common(old, new))


def test_touched_lines_are_those_removed_and_those_added() -> None:
    assert touched([Replacement(0, 2, ("a",)), Replacement(5, 5, ("b", "c"))]) == 5


@pytest.mark.parametrize("lines", [40, 400])
def test_generated_files_have_their_length(lines: int) -> None:
    assert source(lines).count("\n") == lines
    before, after = spread(lines, 10)
    changed = sum(a != b for a, b in zip(before.split("\n"), after.split("\n"), strict=True))
    assert changed == lines // 10


def test_a_sample_changes_one_method() -> None:
    made = sample(400)
    assert made.original != made.expected
    assert set(made.edits) >= {"lazy snippet", "unified diff", "search/replace", "whole file"}


@pytest.mark.parametrize("size", [1, 7, 16_384])
def test_the_pipeline_that_is_measured_is_the_one_that_edits(size: int) -> None:
    before, after = spread(60, 20)
    run = stream(before, after, size)
    assert len(run.chunk_s) == -(-len(after) // size)
    assert run.first_change_s > 0


def test_a_limit_is_kept_or_not() -> None:
    assert Figure("x", 5, "ms", 5).met is True
    assert Figure("x", 5.1, "ms", 5).met is False
    assert Figure("x", 5, "1/s", 6, "at least").met is False
    assert Figure("x", 5, "ms").met is None


def test_percentiles_are_of_the_values() -> None:
    assert percentile([3, 1, 2], 50) == 2
    assert percentile([3, 1, 2], 95) == 3


def test_numbers_keep_the_digits_that_matter() -> None:
    assert [number(one) for one in (0.01234, 12.34, 1234567.8)] == ["0.0123", "12.3", "1,234,568"]


def test_the_page_gets_the_table_between_its_marks() -> None:
    sections = [Section("Speed", "How.", (Figure("it", 1.0, "ms", 2.0), Figure("b", 9, "s", 1)))]
    table = markdown(MACHINE, sections, ["A note."])
    page = inserted(f"# Benchmarks\n\n{BEGIN}\nold\n{END}\n\nafter\n", table)
    assert "old" not in page
    assert page.endswith("\n\nafter\n")
    assert "| it | 1 | ms | ≤ 2 | ok |" in page
    assert "| b | 9 | s | ≤ 1 | short |" in page
    assert "A CPU, 2 cores, Python 3.11, 2026-01-01, commit abc1234." in page
    assert inserted("# Benchmarks\n", table).count(BEGIN) == 1
    assert inserted(page, table) == page


def test_json_says_the_same() -> None:
    told = as_json(MACHINE, [Section("Speed", "How.", (Figure("it", 1.0, "ms", 2.0),))])
    assert told["machine"]["cpu"] == "A CPU"
    assert told["sections"][0]["figures"][0]["met"] is True


def test_a_share_says_its_counts() -> None:
    one = share("right", 3, 4, 75)
    assert (one.value, one.unit, one.met) == (75.0, "% (3 of 4)", True)
    assert share("right", 2, 4, 75).met is False
    assert share("none", 0, 0, 75).met is True


def test_a_grid_is_shown_everywhere() -> None:
    grid = Grid("Misses", "Why.", ("case", "n", "why"), (("a|b", "3 (9%)", "so"), ("c", "", "4 x")))
    page = markdown(MACHINE, [grid], [])
    assert (
        "## Misses\n\nWhy.\n\n| case | n | why |\n|---|---:|---|\n| a\\|b | 3 (9%) | so |" in page
    )
    assert terminal_grid(grid).row_count == 2
    told = as_json(MACHINE, [grid])
    assert told["sections"] == []
    assert told["grids"][0]["rows"][0] == {"case": "a|b", "n": "3 (9%)", "why": "so"}


EDIT = "<<<<<<< SEARCH\nb\n=======\nc\n>>>>>>> REPLACE\n"


def test_the_merge_is_measured_by_what_it_predicts() -> None:
    right = accuracy.merged_case(Case("1", "a\nb\n", EDIT, "a\nc\n"))
    assert (right.exact, right.certain) == (True, True)
    wrong = accuracy.merged_case(Case("1", "a\nb\n", EDIT, "a\nc\n\n"))
    assert (wrong.exact, wrong.certain) == (False, True)
    broken = accuracy.merged_case(Case("1", "a\n", "@@ -1 +1 @@\n", "b\n"))
    assert (broken.exact, broken.certain) == (False, False)
    assert broken.doubts


def test_misses_are_listed_with_their_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [
        accuracy.Merged(Case(name, "", "", "", style="lazy"), exact, certain, ())
        for name, exact, certain in (
            ("known", False, False),
            ("new", False, True),
            ("right", True, True),
        )
    ]
    monkeypatch.setattr(accuracy, "merged", lambda name: cases if name == "chat-dev" else ())
    monkeypatch.setattr(accuracy, "reasons", lambda: {"known": "why", "right": "not any more"})
    grid = accuracy.misses()
    assert grid is not None
    assert [row[0] for row in grid.rows] == ["known", "new", "right"]
    assert [row[2] for row in grid.rows] == ["", "certain", ""]
    assert grid.rows[0][3] == "why"
    assert grid.rows[1][3] == accuracy.NO_REASON
    assert "no longer missed" in grid.rows[2][3]


def test_every_reason_is_a_sentence() -> None:
    known = accuracy.reasons()
    assert known
    assert all(why.endswith(".") and "\n" not in why for why in known.values())


@needs_cases
def test_every_miss_has_its_reason_and_every_reason_its_miss() -> None:
    grid = accuracy.misses()
    assert grid is not None
    assert {row[0] for row in grid.rows} == accuracy.reasons().keys()
    assert all("misses.toml" not in row[3] for row in grid.rows)
