"""What the user is told at the end of a stream, beside the buffer itself."""

from __future__ import annotations

import pytest

from fastapply_lsp.apply.model import Figures, Result
from fastapply_lsp.server.notices import notices
from fastapply_lsp.server.wire import result_json
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import Hunk, HunkState
from fastapply_lsp.text.edits import Edit


def result(outcome: Outcome, *states: HunkState) -> Result:
    hunks = tuple(
        Hunk(number, (Edit(number, number, "x\n"),), (), ("x\n",), state)
        for number, state in enumerate(states, 1)
    )
    figures = Figures(first_change_ms=None, wall_ms=1.0, characters=2)
    return Result("a1", outcome, "embedded", True, (), hunks, figures, "x\n", ("a note",))


@pytest.mark.parametrize(
    ("outcome", "states", "told"),
    [
        (Outcome.APPLIED, [HunkState.PENDING], []),
        (Outcome.APPLIED, [], ["Nothing to change: a.py is already as the block wants it."]),
        (
            Outcome.APPLIED,
            [HunkState.PENDING, HunkState.CONFLICT],
            ["1 change of the block left out of a.py: you changed the same lines meanwhile."],
        ),
        (Outcome.CANCELLED, [HunkState.REJECTED], []),
        (
            Outcome.FAILED,
            [HunkState.CONFLICT, HunkState.CONFLICT],
            ["2 changes not taken back from a.py: you typed in the same lines meanwhile."],
        ),
    ],
)
def test_only_what_the_buffer_does_not_show(
    outcome: Outcome, states: list[HunkState], told: list[str]
) -> None:
    assert notices(result(outcome, *states), "a.py", is_open=True) == told


def test_a_file_that_is_not_open_is_told_with_its_notes() -> None:
    assert notices(result(Outcome.APPLIED, HunkState.ACCEPTED), "a.py", is_open=False) == ["a note"]


def test_an_undone_apply_lists_only_what_stayed() -> None:
    undone = result(Outcome.CANCELLED, HunkState.REJECTED, HunkState.CONFLICT)
    told = result_json(undone, uri=None, target="a.py", ranges={})
    assert [hunk["id"] for hunk in told["hunks"]] == [2]
