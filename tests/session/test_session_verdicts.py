"""The verdict names the hunks: its laws, over many seeded interleavings."""

from __future__ import annotations

import random
import re

import pytest

from fastapply_lsp.guard.gate import Admitted, Held
from fastapply_lsp.guard.model import Change, Verdict
from fastapply_lsp.session.events import (
    AskVerdict,
    Chunk,
    Decided,
    Decision,
    Judged,
    Outcome,
    Refusal,
    StreamEnded,
)
from fastapply_lsp.session.hunks import Cut, HunkState, Mark
from fastapply_lsp.session.session import Phase, Session
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.replacement import Replacement
from tests.session.editors import (
    BLIND,
    BLIND_AND_EAGER,
    EVERY,
    LAST_END,
    OWN_ENDS,
    STRICT,
    Manners,
)
from tests.session.judges import any_kind, refuses, repairs
from tests.session.simulation import FinishedRewrite, OpenGate, World, world
from tests.session.test_session_simulation import (
    MORE,
    ORIGINAL,
    REWRITTEN,
    clashes,
    ended,
    expected,
    found,
    left,
    small_text,
)

EDITORS = pytest.mark.parametrize("manners", EVERY, ids=lambda m: m.name)


def text_of(made: World) -> str:
    """Return what the buffer should hold, had the user done nothing."""
    assert made.verdict is not None
    assert len(made.done) == 1
    return made.verdict.text if made.done[0].outcome is Outcome.APPLIED else made.original


def check_rest(made: World) -> None:
    """What waits or was accepted is in the buffer, and nothing else."""
    if made.session.phase is not Phase.REVIEWING:
        return
    view, ledger = made.session._view, made.session._ledger
    assert view.present - ledger.overtaken == ledger.wishes
    assert not made.session._ledger.in_state(HunkState.QUEUED, HunkState.HELD)
    assert made.session.text == made.text


@EDITORS
def test_buffer_becomes_the_verdicts_text(manners: Manners) -> None:
    for seed in range(60 * MORE):
        made = world(ORIGINAL, REWRITTEN, manners, seed, any_kind(ORIGINAL, seed))
        made.run()
        assert made.text == text_of(made)
        check_rest(made)


@EDITORS
def test_nothing_typed_is_lost_where_hunks_are_withdrawn(manners: Manners) -> None:
    conflicts = 0
    for seed in range(60 * MORE):
        made = world(ORIGINAL, REWRITTEN, manners, seed, any_kind(ORIGINAL, seed))
        made.run(typing=8)
        rest = left(made)
        conflicts += clashes(made)
        if not clashes(made):
            assert rest == ended(made, text_of(made))
        check_rest(made)
    assert conflicts, "the user never typed where a hunk goes, so nothing was shown"


@EDITORS
def test_cancel_restores_what_the_verdict_changed(manners: Manners) -> None:
    for seed in range(4 * MORE):
        for step in range(1, 60):
            made = world(ORIGINAL, REWRITTEN, manners, seed, repairs(ORIGINAL, seed))
            made.run(cancel_after=step)
            if made.done[0].outcome is Outcome.CANCELLED:
                assert made.text == ORIGINAL
            else:
                assert made.text == text_of(made)


@EDITORS
def test_the_user_does_everything_while_hunks_are_withdrawn(manners: Manners) -> None:
    habits = ("type", "delete", "take_back", "bring_back", "decide", "decide")
    for seed in range(60 * MORE):
        made = world(ORIGINAL, REWRITTEN, manners, seed, any_kind(ORIGINAL, seed))
        cancel = made.random.choice([None, None, 20, 40])
        made.run(typing=14, cancel_after=cancel, habits=habits)
        assert len(made.done) == 1
        check_rest(made)


@EDITORS
def test_undo_and_redo_past_a_withdrawal_stay_explained(manners: Manners) -> None:
    if manners in {OWN_ENDS, LAST_END}:
        manners = STRICT
    for seed in range(40 * MORE):
        made = world(ORIGINAL, REWRITTEN, manners, seed, repairs(ORIGINAL, seed))
        made.run(typing=4, habits=("take_back", "bring_back", "decide"))
        for step in ("take_back", "bring_back", "take_back"):
            there = made.editor.buffer.redo if step == "bring_back" else made.editor.buffer.undo
            while there:
                if made.session.phase is Phase.REVIEWING:
                    assert made.text == expected(made, ORIGINAL), made.states()
                    check_rest(made)
                getattr(made.editor, step)()
                made.run()


@EDITORS
def test_small_texts_whose_verdict_says_something_else(manners: Manners) -> None:
    for seed in range(80 * MORE):
        pick = random.Random(seed)
        original, rewritten = small_text(pick), small_text(pick)
        made = world(original, rewritten, manners, seed, any_kind(original, seed))
        cancel = pick.choice([None, None, 8, 14])
        made.run(typing=pick.choice([0, 2]), cancel_after=cancel)
        assert len(made.done) == 1
        if clashes(made) or manners is OWN_ENDS or made.verdict is None:
            continue
        assert left(made) == ended(made, text_of(made))


@pytest.mark.parametrize("manners", [BLIND, BLIND_AND_EAGER], ids=lambda m: m.name)
def test_misplaced_edits_of_a_withdrawal_are_made_good(manners: Manners) -> None:
    for seed in range(200 * MORE):
        made = world(ORIGINAL, REWRITTEN, manners, seed, any_kind(ORIGINAL, seed))
        made.run(typing=8, habits=("type", "type_line"))
        if re.search(r"<\d*<", made.text):
            continue  # a word typed into another one
        rest = found(made)
        if not clashes(made):
            assert rest == text_of(made)


def test_a_pasted_snippet_leaves_whatever_the_verdict_says() -> None:
    for seed in range(300 * MORE):
        pick = random.Random(seed)
        base, rewritten = small_text(pick), small_text(pick)
        starts = [0, *(n + 1 for n, c in enumerate(base) if c == "\n")]
        cut = Cut(pick.choice(starts), len("### pasted\n"))
        original = base[: cut.start] + "### pasted\n" + base[cut.start :]
        rewrite = FinishedRewrite(base, rewritten)
        session = Session("u", original, 0, rewrite=rewrite, gate=OpenGate(), cut=cut)
        made = World(session, original, STRICT, seed, judge=any_kind(base, seed))
        made.stream.extend([*(Chunk("x") for _ in range(rewrite.chunks)), StreamEnded()])
        typing = pick.choice([0, 0, 2])
        made.run(typing=typing)
        if not session._ledger.in_state(HunkState.CONFLICT):
            assert left(made) == text_of(made)


def test_hunks_that_the_verdict_agrees_with_do_not_move() -> None:
    sent: list[int] = []
    for seed in range(100):
        made = world(ORIGINAL, REWRITTEN, STRICT, seed, repairs(ORIGINAL, seed))
        while made.session.phase is not Phase.JUDGING or not made.quiet or len(made.errands) > 1:
            made.happen(
                made.random.choice([o for o in made.possible(0) if not judged(made, o)]), ()
            )
        shown, before, text = made.session.hunks, made.sent, made.text
        made.run()
        sent.append(made.sent - before)
        assert made.verdict is not None
        same = {change.replacement.lines for change in made.verdict.changes}
        for hunk in shown:
            if hunk.added in same and made.verdict.text == text:
                assert hunk.id in {other.id for other in made.session.hunks}
    assert max(sent) == 2, "one edit takes the withdrawn hunks out, one brings the others"
    assert min(sent) == 0


def judged(made: World, option: str) -> bool:
    """Whether this may be the verdict, which is to wait."""
    return option == "errand" and made.session.phase is Phase.JUDGING


def test_a_loss_and_its_repair_cancel_each_other_out_without_an_edit() -> None:
    """The verdict may say it in two parts; together they say nothing."""
    original = "a\n\nb\n\nc\n"
    loss = Replacement(1, 3, ())
    repair = Replacement(4, 4, ("b\n", "\n"))

    def judge(_asked: AskVerdict) -> Judged:
        changes = (Change(loss), Change(repair))
        return Judged(Verdict(original, changes, (), ()), Refusal.RESTORE)

    class Wary(OpenGate):
        def admit(self, _replacement: Replacement, /) -> Admitted | Held:
            return Held("it may come back")

    rewrite = FinishedRewrite(original, "a\n\nc\n")
    session = Session("u", original, 0, rewrite=rewrite, gate=Wary())
    made = World(session, original, STRICT, 1, judge=judge)
    made.stream.extend([Chunk("x"), StreamEnded()])
    made.run()
    assert (made.text, made.sent) == (original, 0)
    assert made.done[0].outcome is Outcome.APPLIED
    made.tell(Decided(frozenset(hunk.id for hunk in session.hunks), Decision.REJECT))
    made.run()
    assert (made.text, made.sent, made.reviewed) == (original, 0, 1)


def test_where_the_user_typed_in_a_withdrawn_hunk_their_text_stays() -> None:
    def one_line_less(asked: AskVerdict) -> Judged:
        first, *others = asked.replacements
        shorter = Replacement(first.start, first.end, first.lines[:1])
        text = asked.rewrite.replace("third and a half\n", "")
        changes = tuple(map(Change, (shorter, *others)))
        return Judged(Verdict(text, changes, (), ()), Refusal.RESTORE)

    made = world(ORIGINAL, REWRITTEN, STRICT, 1, one_line_less)
    while made.session.phase is not Phase.JUDGING or not made.quiet or len(made.errands) > 1:
        made.happen(made.random.choice([o for o in made.possible(0) if not judged(made, o)]), ())
    at = made.text.index("third and a half") + 3
    made.change(Edits.of([Edit(at, at, "<mine>")]))
    made.deliver()
    made.run()
    assert "third\nthi<mine>rd and a half\nline 4\n" in made.text
    assert made.states().count(HunkState.CONFLICT) == 2, "the hunk, and what was to replace it"
    check_rest(made)


def test_a_refused_rewrite_is_left_with_the_reasons() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 1, refuses(Refusal.LEAVE))
    made.run()
    assert made.text == REWRITTEN
    assert made.done[0].outcome is Outcome.APPLIED
    marks = {(hunk.state, hunk.mark, hunk.note) for hunk in made.session.hunks}
    assert marks == {(HunkState.PENDING, Mark.REFUSED, "the end is missing")}
