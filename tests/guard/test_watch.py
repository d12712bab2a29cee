"""A stream that cannot become the file is stopped, and no other."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.watch import Watch

FILE = [f"value_{number} = make({number})\n" for number in range(300)]
EDIT = ["value_7 = other(7)\n"]


def watched(lines: list[str], *, chunk: int = 5, edit: list[str] = EDIT) -> Fault | None:
    watch = Watch(FILE, FILE, edit)
    found = None
    for at in range(0, len(lines), chunk):
        found = watch.push(lines[at : at + chunk])
        if found is not None:
            break
    return found


@pytest.mark.parametrize("period", [1, 2, 5, 30])
def test_a_loop_is_seen_early(period: int) -> None:
    lines = [*FILE[:100], *FILE[100 - period : 100] * 40]
    watch = Watch(FILE, FILE, EDIT)
    seen = next(at for at, line in enumerate(lines) if watch.push([line]) is not None)
    assert seen < 100 + max(32, 7 * period)
    found = watch.push([])
    assert found is not None
    assert (found.kind, found.fatal) == (FaultKind.REPETITION, True)


def test_a_rewrite_without_end_is_seen() -> None:
    found = watched([f"{line.strip()} # {number}\n" for number, line in enumerate(FILE * 4)])
    assert found is not None
    assert found.kind in {FaultKind.REPETITION, FaultKind.LOST}
    found = watched([*FILE, *(line for pair in zip(FILE, FILE, strict=True) for line in pair)])
    assert found is not None
    assert "much longer" in found.message


def test_another_file_is_seen_early() -> None:
    found = watched([f"strange(thing, {number})\n" for number in range(100)])
    assert found is not None
    assert found.kind is FaultKind.LOST
    assert found.span is not None
    assert found.span.end <= 66


def test_right_rewrites_are_let_through() -> None:
    assert watched(FILE) is None
    assert watched([*FILE[:7], *EDIT, *FILE[8:]]) is None
    assert watched(FILE[:200]) is None
    assert watched([]) is None
    new = [f"entirely_new({number})\n" for number in range(900)]
    assert watched(new, edit=new) is None
    table = ["    0,\n"] * 90
    assert watched([*FILE[:9], *table, *FILE[9:]], edit=table) is None


@settings(max_examples=100)
@given(
    lines=st.lists(st.sampled_from(FILE[:9]), max_size=200),
    cuts=st.lists(st.integers(1, 40), min_size=200, max_size=200),
)
def test_chunks_change_nothing(lines: list[str], cuts: list[int]) -> None:
    whole = Watch(FILE[:3], FILE[:3], []).push(lines)
    watch = Watch(FILE[:3], FILE[:3], [])
    at, found = 0, None
    for cut in cuts:
        found = watch.push(lines[at : at + cut])
        at += cut
    assert found == whole
