"""What comes again and again is cut to what the file has, and a second copy goes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard import doubles, loops, repetition
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.guard.rounds import Stretch, stretches
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.replacement import Replacement
from tests.guard.merges import placed

LINES = [f"step_{number}(a, b)\n" for number in range(20)]
TEXT = "".join(LINES)
SAME = (Replacement(0, 0, ()),)
PYTHON = "class A:\n    def f(self):\n        a()\n        b()\n        return 1\n\n    def g(self):\n        return 2\n"


def context(rewrite: str, merge: Merge | None, original: str = TEXT) -> Context:
    return Context(original, rewrite, merge, language_named("python"), "")


def looped(rewrite: str, merge: Merge | None, original: str = TEXT) -> str:
    found = loops.mend(context(rewrite, merge, original))
    if found is None:
        return rewrite
    assert {repair.kind for repair in found.repairs} == {FaultKind.REPETITION}
    return "".join(found.lines)


def doubled(rewrite: str, merge: Merge | None, original: str = TEXT) -> str:
    found = doubles.mend(context(rewrite, merge, original))
    if found is None:
        return rewrite
    assert {repair.kind for repair in found.repairs} == {FaultKind.DUPLICATE}
    return "".join(found.lines)


@pytest.mark.parametrize("period", [1, 2, 3, 7])
@pytest.mark.parametrize("torn", ["", "st", "step_19(a, b)"])
@pytest.mark.parametrize("unsure", [False, True])
def test_a_loop_at_the_end_is_cut(period: int, torn: str, *, unsure: bool) -> None:
    again = "".join(LINES[-period:]) * 20
    torn = LINES[20 - period][: len(torn)]
    merge = placed(TEXT, SAME, unsure=unsure)
    assert looped(TEXT + again + torn, merge) == TEXT
    assert looped(TEXT + again + torn, None) == TEXT


def test_a_loop_in_the_midst_is_cut_whether_the_file_goes_on_or_not() -> None:
    merge = placed(TEXT, SAME)
    head, unit, tail = "".join(LINES[:9]), "".join(LINES[6:9]), "".join(LINES[9:])
    assert looped(head + unit * 9 + tail, merge) == TEXT
    assert looped(head + unit * 9, merge) == head


def test_a_loop_of_lines_that_nobody_knows() -> None:
    strange = "a = 1\nb = 2\n"
    assert looped(TEXT + strange * 20, placed(TEXT, SAME)) == TEXT
    assert looped(TEXT + strange * 20, placed(TEXT, SAME, unsure=True)) == TEXT + strange
    assert looped(TEXT + strange * 20, None) == TEXT + strange


def test_a_table_that_the_file_or_the_edit_has_stays() -> None:
    table = "".join(["x = [\n", *["    0,\n"] * 40, "]\n"])
    added = (Replacement(20, 20, tuple(table.splitlines(keepends=True))),)
    for unsure in (False, True):
        merge = placed(TEXT, added, unsure=unsure)
        assert looped(TEXT + table + "y = 1\n", merge) == TEXT + table + "y = 1\n"
        longer = TEXT + table.replace("]\n", "    0,\n" * 30 + "]\n")
        assert looped(longer, merge) == TEXT + table
    assert looped(table, None, table) == table


def test_what_no_guide_can_cut_stays_a_fault() -> None:
    rewrite = TEXT + "\n".join(["}"] * 8)
    assert repetition.check(context(rewrite, placed(TEXT, SAME, unsure=True))) == ()
    rewrite = TEXT + "    0,\n" * 40
    [found] = repetition.check(context(rewrite, None))
    assert found.fatal
    assert "last 40 lines" in found.message


@pytest.mark.parametrize("merge", [None, placed(TEXT, SAME), placed(TEXT, SAME, unsure=True)])
@pytest.mark.parametrize("between", ["", "\n", "\n\n"])
@pytest.mark.parametrize("count", [20, 14])
def test_the_file_written_twice(merge: Merge | None, between: str, count: int) -> None:
    assert doubled(TEXT + between + "".join(LINES[:count]), merge) == TEXT


@pytest.mark.parametrize(("start", "end"), [(0, 5), (7, 12), (15, 20)])
def test_a_block_written_twice(start: int, end: int) -> None:
    block = "".join(LINES[start:end])
    rewrite = "".join([*LINES[:end], block, *LINES[end:]])
    for unsure in (False, True):
        assert doubled(rewrite, placed(TEXT, SAME, unsure=unsure)) == TEXT
    assert doubled(rewrite, None) == rewrite


def test_a_definition_written_twice() -> None:
    block = "    def f(self):\n        a()\n        b()\n        return 1\n\n"
    merge = placed(PYTHON, SAME, unsure=True)
    twice = PYTHON.replace(block, block + block)
    assert doubled(twice, merge, PYTHON) == PYTHON
    assert doubled(twice, None, PYTHON) == PYTHON
    assert doubled(PYTHON + "\n" + block.rstrip("\n") + "\n", merge, PYTHON) == PYTHON


def test_a_copy_that_was_asked_for_stays() -> None:
    block = tuple(LINES[3:9])
    merge = placed(TEXT, (Replacement(9, 9, block),), unsure=True)
    assert doubled(merge.predicted + "more()\n", merge) == merge.predicted + "more()\n"


STUTTERS = {
    "python": ("def f(a):\n    return a\n", 0),
    "go": ("package a\n\nfunc f() {\n\tg()\n}\n", 2),
    "typescript": ("class A {\n  f(a) {\n    return [\n      a,\n    ];\n  }\n}\n", 5),
    "java": ("class A {\n  void f() {\n    if (b) {\n      g();\n    }\n  }\n}\n", 2),
}


@pytest.mark.parametrize("name", STUTTERS)
def test_a_line_twice_goes_where_it_cannot_be_meant(name: str) -> None:
    text, at = STUTTERS[name]
    line = text.splitlines(keepends=True)[at]
    twice = text.replace(line, line + line)
    for unsure, expected in ((False, text), (True, twice)):
        merge = placed(text, SAME, unsure=unsure)
        found = doubles.mend(Context(text, twice, merge, language_named(name), ""))
        assert (twice if found is None else "".join(found.lines)) == expected


@pytest.mark.parametrize("line", ["        a()\n", "class A:\n    x = 1\n"])
def test_a_line_twice_that_may_be_meant_stays(line: str) -> None:
    original = PYTHON.replace("class A:\n", "class A:\n    x = 1\n")
    rewrite = original.replace(line, line + line.splitlines(keepends=True)[-1])
    assert rewrite != original
    assert doubled(rewrite, placed(original, SAME), original) == rewrite


def test_a_line_twice_that_is_predicted_or_repairs_nothing_stays() -> None:
    text, twice = "def f(a):\n    return a\n", "def f(a):\ndef f(a):\n    return a\n"
    merge = placed(text, (Replacement(0, 1, ("def f(a):\n", "def f(a):\n")),))
    assert doubled(twice, merge, text) == twice
    torn = PYTHON.replace("        a()\n", "        a(\n        a(\n")
    assert doubled(torn, placed(PYTHON, SAME), PYTHON) == torn


def test_a_few_lines_that_come_elsewhere_again_stay() -> None:
    rewrite = "".join([*LINES[:12], *LINES[2:4], *LINES[12:]])
    assert doubled(rewrite, placed(TEXT, SAME, unsure=True)) == rewrite


def test_stretches() -> None:
    assert list(stretches("abcdefabcdefabcx")) == [Stretch(0, 15, 6)]
    assert list(stretches("xyaaaaaaaz")) == [Stretch(2, 9, 1)]
    assert list(stretches("abcdefgh")) == []


@settings(max_examples=200)
@given(
    unit=st.lists(st.sampled_from("abcd"), min_size=1, max_size=9),
    rounds=st.integers(8, 20),
    head=st.lists(st.sampled_from("wxyz"), max_size=9),
)
def test_a_loop_is_one_stretch_however_it_is_made(
    unit: list[str], rounds: int, head: list[str]
) -> None:
    found = list(stretches([*head, *unit * rounds]))
    assert found
    assert all(
        line == again for each in found for line, again in _pairs(each, head + unit * rounds)
    )
    assert found[-1].end == len(head) + len(unit) * rounds


def _pairs(each: Stretch, lines: list[str]) -> list[tuple[str, str]]:
    late = range(each.start + each.period, each.end)
    return [(lines[at], lines[at - each.period]) for at in late]
