"""The walk where the guard refuses: another try, the merge, or hunks that wait as refused."""

from __future__ import annotations

import pytest

from fastapply_lsp.apply.model import Progress, Step
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Usage
from fastapply_lsp.backends.scripted import (
    Fail,
    Pause,
    Report,
    Say,
    Script,
    ScriptedBackend,
    broken_after,
    whole,
)
from fastapply_lsp.errors import BufferClosed, RewriteRejected, StreamBroken
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import Cut, HunkState, Mark
from fastapply_lsp.text.edits import Edit, Edits
from tests.apply.test_conductor import EDIT, ORIGINAL, REWRITTEN, Diary, Stage

WRONG = REWRITTEN.replace("third = 30\n", "third = (30\n")
"""A rewrite that breaks the syntax; nobody could say what was meant."""

DOUBTFUL = "third = 30\nvalue_31 = 31\n"
"""A code block that the merge does not place for certain."""


async def test_a_refused_rewrite_is_asked_for_once_more() -> None:
    backend = ScriptedBackend(whole(WRONG), whole(REWRITTEN))
    stage = Stage(backend)
    result = await stage.run()
    assert stage.editor.text == REWRITTEN
    assert (result.outcome, result.backend) == (Outcome.APPLIED, "scripted")
    assert backend.requests[0].refused == ()
    assert "syntax" in backend.requests[1].refused[0]
    assert "it was asked again" in result.notes[0]
    assert {hunk.mark for hunk in result.hunks} == {Mark.NONE}


def counted(text: str, accepted: int | None, rejected: int | None, passes: int) -> Script:
    report = Report(Usage(accepted=accepted, rejected=rejected, passes=passes))
    return Script((Say(text), report))


async def test_what_all_tries_cost_is_counted_together() -> None:
    scripts = counted(WRONG, 90, 10, 4), counted(REWRITTEN, 50, 50, 7)
    result = await Stage(ScriptedBackend(*scripts)).run()
    figures = result.figures
    assert (figures.accepted, figures.rejected, figures.passes) == (140, 60, 11)
    assert figures.acceptance == 0.7
    assert figures.characters == len(REWRITTEN)  # of the file, which is written once


async def test_a_model_that_was_refused_twice_has_cost_what_it_has() -> None:
    result = await Stage(ScriptedBackend(counted(WRONG, 9, 1, 4))).run()
    assert result.backend == "embedded"
    assert (result.figures.accepted, result.figures.rejected, result.figures.passes) == (18, 2, 8)


async def test_a_try_that_broke_off_adds_what_it_told_and_others_stay_unknown() -> None:
    report = Report(Usage(passes=3))
    broken = ScriptedBackend(Script((Say(REWRITTEN[:300]), report, Fail(StreamBroken("x", 300)))))
    result = await Stage(broken, ScriptedBackend(whole(REWRITTEN))).run()
    assert result.outcome is Outcome.APPLIED
    assert (result.figures.passes, result.figures.accepted) == (3, None)
    assert result.figures.acceptance is None


async def test_an_apply_that_is_cancelled_after_a_try_has_cost_it_once() -> None:
    class Impatient(Diary):
        def progressed(self, progress: Progress) -> None:
            super().progressed(progress)
            if progress.step is Step.PLACING and len(self.steps) > 1:
                stage.apply.cancel()

    stage = Stage(ScriptedBackend(counted(WRONG, 9, 1, 4)), diary=Impatient())
    result = await stage.run()
    assert result.outcome is Outcome.CANCELLED
    assert result.figures.passes == 4


async def test_each_try_begins_with_the_buffer_restored() -> None:
    stage = Stage(ScriptedBackend(whole(WRONG), whole(REWRITTEN)))
    await stage.run()
    shown = stage.editor.history.index(ORIGINAL, 1)
    assert WRONG not in stage.editor.history[shown:]
    steps = list(dict.fromkeys(progress.step for progress in stage.diary.steps))
    assert steps.index(Step.RESTORING) < steps.index(Step.RETRYING)


async def test_no_number_of_a_hunk_comes_twice() -> None:
    stage = Stage(ScriptedBackend(whole(WRONG), whole(REWRITTEN)))
    result = await stage.run()
    first = {hunk.id for hunks in stage.diary.hunks for hunk in hunks}
    last = {hunk.id for hunk in result.hunks}
    assert last
    assert last < first
    assert min(last) > min(first)


async def test_refused_twice_the_certain_merge_is_taken() -> None:
    backend = ScriptedBackend(whole(WRONG))
    stage = Stage(backend)
    result = await stage.run()
    assert len(backend.requests) == 2
    assert stage.editor.text == REWRITTEN
    assert (result.backend, result.certain) == ("embedded", True)
    assert "the merge, which is certain, was taken instead" in result.notes[1]


async def test_refused_twice_without_a_certain_merge_the_hunks_wait() -> None:
    stage = Stage(ScriptedBackend(whole(WRONG)), edit=DOUBTFUL)
    result = await stage.run()
    assert stage.editor.text == result.text
    assert result.outcome is Outcome.APPLIED
    assert not result.certain
    assert any("syntax" in reason for reason in result.reasons)
    assert {hunk.state for hunk in result.hunks} == {HunkState.PENDING}
    assert {hunk.mark for hunk in result.hunks} == {Mark.REFUSED}
    assert "nothing better was to be had" in result.notes[-1]


async def test_a_guess_of_the_merge_that_is_refused_waits_and_is_made_once() -> None:
    original = "def f(a):\n    return a\n\n\ndef g(a):\n    return a\n"
    edit = "def f(a:\n    return a + 1\n"
    stage = Stage(EmbeddedBackend(), text=original, edit=edit)
    result = await stage.run()
    assert not result.certain
    assert result.outcome is Outcome.APPLIED
    assert {hunk.mark for hunk in result.hunks} == {Mark.REFUSED}
    assert len(result.notes) == 1
    assert stage.editor.text != original


async def test_a_second_try_that_breaks_off_leads_to_the_certain_merge() -> None:
    stage = Stage(ScriptedBackend(whole(WRONG), broken_after(REWRITTEN[:300])))
    result = await stage.run()
    assert stage.editor.text == REWRITTEN
    assert result.backend == "embedded"
    assert "broke off" in result.notes[1]


async def test_an_empty_rewrite_leaves_nothing_to_decide_on() -> None:
    stage = Stage(ScriptedBackend(whole("\n")), edit=DOUBTFUL)
    result = await stage.run()
    assert isinstance(result.error, RewriteRejected)
    assert stage.editor.text == ORIGINAL
    assert "it was asked again" in result.notes[0]


async def test_a_cancel_of_the_second_try_restores() -> None:
    stage: Stage

    async def cancel(_seconds: float) -> None:
        stage.apply.cancel()
        await stage.quiet()

    second = Script((Say(REWRITTEN[:300]), Pause(1), Say(REWRITTEN[300:])))
    stage = Stage(ScriptedBackend(whole(WRONG), second, sleep=cancel))
    result = await stage.run()
    assert result.outcome is Outcome.CANCELLED
    assert stage.editor.text == ORIGINAL
    assert Step.RESTORING in [progress.step for progress in stage.diary.steps]


@pytest.mark.parametrize("moment", [Step.RESTORING, Step.PLACING])
@pytest.mark.parametrize("first", [whole(WRONG), broken_after(REWRITTEN[:300])])
async def test_a_cancel_between_two_tries_asks_nobody_and_says_so(
    first: Script, moment: Step
) -> None:
    class Impatient(Diary):
        def progressed(self, progress: Progress) -> None:
            super().progressed(progress)
            if progress.step is moment and len(self.steps) > 1:
                stage.apply.cancel()

    asked, other = ScriptedBackend(first), ScriptedBackend(whole(REWRITTEN))
    stage = Stage(asked, other, diary=Impatient())
    result = await stage.run()
    assert result.outcome is Outcome.CANCELLED
    assert (len(asked.requests), len(other.requests)) == (1, 0)
    assert not [note for note in result.notes if "asked" in note]
    assert stage.editor.text == ORIGINAL


async def test_closing_the_document_between_two_tries_ends_it() -> None:
    class Closing(Diary):
        def progressed(self, progress: Progress) -> None:
            super().progressed(progress)
            if progress.step is Step.PLACING and len(self.steps) > 1:
                stage.apply.buffer_closed()

    stage = Stage(ScriptedBackend(whole(WRONG)), diary=Closing())
    result = await stage.run()
    assert isinstance(result.error, BufferClosed)
    assert not result.notes


async def test_what_was_typed_during_the_first_try_is_part_of_the_second() -> None:
    stage: Stage

    async def type_into_it(_seconds: float) -> None:
        stage.editor.type(Edits.of([Edit(0, 0, "# mine\n")]))
        await stage.quiet()

    first = Script((Say(WRONG[:300]), Pause(1), Say(WRONG[300:])))
    backend = ScriptedBackend(first, whole("# mine\n" + REWRITTEN), sleep=type_into_it)
    stage = Stage(backend)
    await stage.run()
    assert backend.requests[1].original == "# mine\n" + ORIGINAL
    assert stage.editor.text == "# mine\n" + REWRITTEN


async def test_a_pasted_snippet_comes_back_between_the_tries_and_leaves_again() -> None:
    at = ORIGINAL.index("value_20")
    pasted = ORIGINAL[:at] + EDIT + ORIGINAL[at:]
    stage = Stage(
        ScriptedBackend(whole(WRONG), whole(REWRITTEN)), text=pasted, cut=Cut(at, len(EDIT))
    )
    result = await stage.run()
    assert result.outcome is Outcome.APPLIED
    assert pasted in stage.editor.history[1:]
    assert stage.editor.text == REWRITTEN


async def test_what_the_guard_put_right_is_told() -> None:
    lost = REWRITTEN.replace("value_15 = 15\n", "")
    stage = Stage(ScriptedBackend(whole(lost)))
    result = await stage.run()
    assert stage.editor.text == REWRITTEN
    assert len(result.repairs) == 1
    assert {hunk.state for hunk in result.hunks} == {HunkState.PENDING}


async def test_what_nobody_asked_for_waits_and_says_why() -> None:
    more = REWRITTEN.replace("value_15 = 15\n", "value_15 = 1500\n")
    stage = Stage(ScriptedBackend(whole(more)))
    result = await stage.run()
    assert stage.editor.text == more
    marks = [hunk.mark for hunk in result.hunks]
    assert marks == [Mark.NONE, Mark.UNREQUESTED, Mark.NONE]
    assert result.hunks[1].note


async def test_a_stream_that_can_only_be_bad_is_stopped_and_judged_as_it_is() -> None:
    rounds = 0

    async def count(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1

    at = REWRITTEN.index("value_6 ")
    loop = (Say("value_4 = 44\nvalue_5 = 5\n"), Pause(1)) * 500
    backend = ScriptedBackend(Script((Say(REWRITTEN[:at]), *loop)), sleep=count)
    stage = Stage(backend)
    result = await stage.run()
    assert rounds < 100
    assert stage.editor.text == REWRITTEN, "the loop is cut, and what is missing is back"
    assert result.notes[0].startswith("scripted was stopped early: the same lines come again")
    assert len(result.repairs) >= 2


async def test_what_a_stopped_stream_leaves_out_is_never_shown() -> None:
    at = REWRITTEN.index("value_6 ")
    loop = (Say("value_4 = 44\nvalue_5 = 5\n"),) * 500
    stage = Stage(ScriptedBackend(Script((Say(REWRITTEN[:at]), *loop))))
    await stage.run()
    assert all("value_39 = 39\n" in text for text in stage.editor.history)


async def test_a_right_rewrite_is_never_stopped() -> None:
    table = "".join(f"row_{n % 2} = 1\n" for n in range(400))
    stage = Stage(ScriptedBackend(whole(ORIGINAL + table)), edit=ORIGINAL + table)
    result = await stage.run()
    assert stage.editor.text == ORIGINAL + table
    assert not result.notes
