"""What the user is told at the end of an apply, beside the buffer itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lsprotocol.types import MessageType

from fastapply_lsp.apply.model import Figures, Result
from fastapply_lsp.errors import StreamBroken
from fastapply_lsp.server.notices import Notice, details, notice
from fastapply_lsp.server.progress import summary
from fastapply_lsp.server.wire import result_json
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import Hunk, HunkState, Mark
from fastapply_lsp.text.edits import Edit


def result(outcome: Outcome, *states: HunkState, **changes: Any) -> Result:
    hunks = tuple(
        Hunk(number, (Edit(number, number, "x\n"),), (), ("x\n",), state)
        for number, state in enumerate(states, 1)
    )
    figures = Figures(first_change_ms=None, wall_ms=1.0, characters=2)
    made = Result("a1", outcome, "embedded", True, (), hunks, figures, "x\n", ("a note",))
    return replace(made, **changes)


def marked(mark: Mark, *notes: str, state: HunkState = HunkState.PENDING) -> Result:
    """Return a result with one hunk for each note, and one that is as it should be."""
    made = result(Outcome.APPLIED, *[state for _ in notes], HunkState.PENDING)
    hunks = [
        replace(hunk, mark=mark, note=note) for hunk, note in zip(made.hunks, notes, strict=False)
    ]
    return replace(made, hunks=(*hunks, made.hunks[-1]))


def told(made: Result, *, is_open: bool = True) -> str | None:
    said = notice(made, "a.py", is_open=is_open)
    return None if said is None else said.text


@pytest.mark.parametrize(
    ("outcome", "states", "words"),
    [
        (Outcome.APPLIED, [HunkState.PENDING], None),
        (Outcome.APPLIED, [], "Nothing to change: a.py is already as the block wants it."),
        (
            Outcome.APPLIED,
            [HunkState.PENDING, HunkState.CONFLICT],
            "1 change of the block left out of a.py: you changed the same lines meanwhile.",
        ),
        (Outcome.CANCELLED, [HunkState.REJECTED], None),
        (
            Outcome.FAILED,
            [HunkState.CONFLICT, HunkState.CONFLICT],
            "2 changes not taken back from a.py: you typed in the same lines meanwhile.",
        ),
    ],
)
def test_only_what_the_buffer_does_not_show(
    outcome: Outcome, states: list[HunkState], words: str | None
) -> None:
    said = notice(result(outcome, *states), "a.py", is_open=True)
    assert said == (None if words is None else Notice(MessageType.Info, words))


def test_a_file_that_is_not_open_is_told_with_its_notes() -> None:
    assert told(result(Outcome.APPLIED, HunkState.ACCEPTED), is_open=False) == "a note"


def test_an_error_and_what_could_not_be_taken_back_are_one_message() -> None:
    broken = result(Outcome.FAILED, HunkState.CONFLICT, error=StreamBroken("http://x", 5))
    said = notice(broken, "a.py", is_open=True)
    assert said is not None
    assert said.level is MessageType.Error
    assert said.text.startswith("The backend at http://x broke off")
    assert said.text.endswith("you typed in the same lines meanwhile.")


@pytest.mark.parametrize(
    ("repairs", "words"),
    [
        (("12 lines of main are back.",), "Repaired a.py: 12 lines of main are back."),
        (("one", "two"), "Repaired a.py: one; and 1 more repair."),
        (("one", "two", "three"), "Repaired a.py: one; and 2 more repairs."),
    ],
)
def test_repairs_are_told_calmly_and_once(repairs: tuple[str, ...], words: str) -> None:
    repaired = result(Outcome.APPLIED, HunkState.PENDING, repairs=repairs)
    assert notice(repaired, "a.py", is_open=True) == Notice(MessageType.Info, words)
    logged = [*(f"a.py: repaired: {one}" for one in repairs), "a.py: a note"]
    assert details(repaired, "a.py").splitlines() == logged


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            marked(Mark.UNREQUESTED, "nobody asked"),
            "1 change of a.py that the block did not ask for waits for you.",
        ),
        (
            marked(Mark.UNREQUESTED, "nobody asked", "nor for this"),
            "2 changes of a.py that the block did not ask for wait for you.",
        ),
        (
            marked(Mark.REFUSED, "a marker is left", "nobody asked; a marker is left"),
            "A check refused 2 changes of a.py, which wait for you: a marker is left; nobody asked.",
        ),
        (
            marked(Mark.REFUSED, "a marker is left", "a marker is left"),
            "A check refused 2 changes of a.py, which wait for you: a marker is left.",
        ),
    ],
)
def test_what_waits_for_a_decision_is_a_warning(made: Result, words: str) -> None:
    assert notice(made, "a.py", is_open=True) == Notice(MessageType.Warning, words)
    logged = details(replace(made, notes=()), "a.py").splitlines()
    assert len(logged) == len(made.hunks) - 1


def test_a_guess_needs_no_message() -> None:
    assert told(marked(Mark.UNSURE, "several places")) is None


def test_all_of_it_is_still_one_message() -> None:
    made = replace(marked(Mark.UNREQUESTED, "nobody asked"), repairs=("a line is back",))
    said = notice(made, "a.py", is_open=True)
    assert said is not None
    assert said.level is MessageType.Warning
    assert said.text.endswith("waits for you. Repaired a.py: a line is back.")


def test_a_long_reason_is_cut_at_a_word() -> None:
    words = told(marked(Mark.REFUSED, "word " * 50))
    assert words is not None
    assert words.endswith("word word…")
    assert len(words) < 220


def test_the_progress_ends_with_the_count_of_repairs() -> None:
    assert "1 change in" in summary(result(Outcome.APPLIED, HunkState.PENDING))
    repaired = result(Outcome.APPLIED, HunkState.PENDING, repairs=("one", "two"))
    assert "1 change, 2 repairs in" in summary(repaired)


def test_the_progress_ends_with_the_passes_where_they_are_known() -> None:
    told_nothing = result(Outcome.APPLIED, HunkState.PENDING)
    figures = replace(told_nothing.figures, passes=3)
    assert summary(told_nothing).endswith(" tokens/s)")
    assert summary(replace(told_nothing, figures=figures)).endswith(" tokens/s, 3 passes)")


def test_an_undone_apply_lists_only_what_stayed() -> None:
    undone = result(Outcome.CANCELLED, HunkState.REJECTED, HunkState.CONFLICT)
    wired = result_json(undone, uri=None, target="a.py", ranges={})
    assert [hunk["id"] for hunk in wired["hunks"]] == [2]


def test_repairs_go_over_the_wire() -> None:
    repaired = result(Outcome.APPLIED, HunkState.PENDING, repairs=("one",))
    assert result_json(repaired, uri=None, target="a.py", ranges={})["repairs"] == ["one"]
