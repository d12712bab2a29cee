"""An edit that is written down by a form's rules gives the file back, or the merge is not certain.

The edits are cut from small changes to real files in several languages. They are drawn from fixed
seeds: what is rare must not be seen by one run and missed by the next.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from fastapply_lsp.merge import merge
from fastapply_lsp.merge.model import Form
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.faults import syntax_errors
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines
from tests.merge import cutting
from tests.merge.laws import check, licensed_diff

ROOT = Path(__file__).parents[2]
FILES = (
    *sorted((ROOT / "tests" / "merge" / "sources").iterdir()),
    *sorted((ROOT / "examples").glob("*/*.[!m]*")),
    *sorted((ROOT / "fastapply_lsp" / "text").glob("*.py")),
    *sorted((ROOT / "fastapply_lsp" / "request").glob("*.py")),
)
ROUNDS = 6
"""Changes per file."""


@dataclass(frozen=True)
class Change:
    """A file before and after."""

    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @property
    def original(self) -> str:
        return "".join(f"{line}\n" for line in self.before)

    @property
    def expected(self) -> str:
        return "".join(f"{line}\n" for line in self.after)


@cache
def changes() -> tuple[Change, ...]:
    return tuple(_changes())


def _changes() -> Iterator[Change]:
    for file in FILES:
        before = tuple(line.rstrip("\r\n") for line in split_lines(file.read_text("utf-8")))
        if len(before) < 10 or any("existing code" in line for line in before):
            continue
        for seed in range(ROUNDS):
            after = tuple(cutting.changed(before, random.Random(f"{file.name} {seed}")))
            one = Change(file.name, before, after)
            language = language_of(file.name, one.original)
            broken = len(syntax_errors(one.expected, language))
            if after != before and broken <= len(syntax_errors(one.original, language)):
                yield one


def lazy(change: Change, around: int) -> str:
    suffix = change.path.rpartition(".")[2]
    marker = cutting.MARKERS.get(suffix, cutting.MARKERS["py"])
    return cutting.lazy(change.before, change.after, marker, around)


CUTS: dict[str, Callable[[Change], str | None]] = {
    "lazy, two lines around": lambda one: lazy(one, 2),
    "lazy, four lines around": lambda one: lazy(one, 4),
    "definitions": lambda one: cutting.whole_definitions(one.before, one.after, one.path),
    "whole file": lambda one: one.expected,
    "diff": lambda one: cutting.unified(one.before, one.after, one.path, numbers=True),
    "diff without numbers": lambda one: cutting.unified(
        one.before, one.after, one.path, numbers=False
    ),
    "search/replace": lambda one: cutting.blocks(one.before, one.after, 2),
}
EXACT_PERCENT_MIN = {
    "lazy, two lines around": 85,
    "lazy, four lines around": 85,
    "definitions": 97,
    "whole file": 99,
    "diff": 100,
    "diff without numbers": 98,
    "search/replace": 97,
}


def edits(cut: str) -> Iterator[tuple[Change, EditFile]]:
    for change in changes():
        edit = CUTS[cut](change)
        if edit is not None:
            yield change, EditFile(change.path, "", edit)


@pytest.mark.parametrize("cut", CUTS)
def test_it_gives_the_file_back_or_is_not_certain(cut: str) -> None:
    told: Counter[str] = Counter()
    for change, call in edits(cut):
        merged = merge(change.original, call)
        check(merged, change.original)
        exact = merged.predicted == change.expected
        told["exact"] += exact
        told["all"] += 1
        if merged.certain:
            told["certain"] += 1
            assert exact, (change.path, call.code_edit, merged.predicted)
            assert licensed_diff(merged, change.original, change.expected)
    assert told["exact"] * 100 >= EXACT_PERCENT_MIN[cut] * told["all"], told


@pytest.mark.parametrize("cut", CUTS)
def test_a_certain_edit_is_not_done_twice(cut: str) -> None:
    for change, call in edits(cut):
        merged = merge(change.original, call)
        if not merged.certain:
            continue
        again = merge(merged.predicted, call)
        if merged.form in {Form.UNIFIED_DIFF, Form.SEARCH_REPLACE}:
            assert not again.certain or again.predicted == merged.predicted, call.code_edit
        else:
            assert again.predicted == merged.predicted, (change.path, call.code_edit)


def indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in split_lines(text))


@pytest.mark.parametrize("cut", CUTS)
def test_line_ends_and_marks_and_fences_commute_with_the_merge(cut: str) -> None:
    for change, call in list(edits(cut))[::3]:
        merged = merge(change.original, call)
        returned = merge(change.original.replace("\n", "\r\n"), call)
        assert returned.predicted == merged.predicted.replace("\n", "\r\n")
        assert returned.reasons == merged.reasons
        marked = merge(f"\ufeff{change.original}", call)
        assert (marked.predicted, marked.reasons) == (f"\ufeff{merged.predicted}", merged.reasons)
        for edit in (call.code_edit.replace("\n", "\r\n"), f"````\n{call.code_edit}````\n"):
            other = merge(change.original, EditFile(call.target_file, "", edit))
            assert (other.predicted, other.reasons) == (merged.predicted, merged.reasons)


@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut[0] in "ld"][:3])
def test_an_indented_snippet_is_the_same_or_not_certain(cut: str) -> None:
    for change, call in list(edits(cut))[::3]:
        merged = merge(change.original, call)
        moved = merge(change.original, EditFile(change.path, "", indented(call.code_edit)))
        assert not moved.certain or moved.predicted == merged.predicted, call.code_edit
