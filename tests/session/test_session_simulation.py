"""The laws of a session, over many seeded interleavings of editor, user and backend."""

from __future__ import annotations

import pytest

from fastapply_lsp.session.events import Decided, Decision, Outcome
from fastapply_lsp.session.hunks import HunkState
from fastapply_lsp.session.session import Phase
from tests.session.simulation import DEBOUNCED, LYING, STRICT, Manners, World, world

ORIGINAL = "".join(f"line {n}\n" for n in range(30))
REWRITTEN = (
    ORIGINAL.replace("line 3\n", "third\nthird and a half\n")
    .replace("line 9\nline 10\n", "")
    .replace("line 17\n", "line 17\nnew\n")
    .replace("line 29\n", "last\n")
)

SEEDS = range(150)
EDITORS = pytest.mark.parametrize("manners", [STRICT, LYING, DEBOUNCED], ids=lambda m: m.name)


def without_words(made: World) -> str:
    text = made.text
    for word in made.typed:
        assert text.count(word) == 1, f"{word} was lost or doubled"
        text = text.replace(word, "")
    return text


@EDITORS
def test_buffer_becomes_the_rewrite(manners: Manners) -> None:
    for seed in SEEDS:
        made = world(ORIGINAL, REWRITTEN, manners, seed)
        made.run()
        assert made.text == REWRITTEN
        assert [done.outcome for done in made.done] == [Outcome.APPLIED]
        assert made.session.phase is Phase.REVIEWING


@EDITORS
def test_nothing_typed_is_lost_or_doubled(manners: Manners) -> None:
    conflicts = 0
    for seed in SEEDS:
        made = world(ORIGINAL, REWRITTEN, manners, seed)
        made.run(typing=8)
        assert [done.outcome for done in made.done] == [Outcome.APPLIED]
        left = without_words(made)
        clashing = [h for h in made.session.hunks if h.state is HunkState.CONFLICT]
        conflicts += len(clashing)
        if not clashing:
            assert left == REWRITTEN
        assert made.session.text == made.text
    assert conflicts, "the user never typed where a hunk goes, so nothing was shown"


@EDITORS
def test_cancel_restores_at_every_step(manners: Manners) -> None:
    for seed in range(12):
        for step in range(1, 45):
            made = world(ORIGINAL, REWRITTEN, manners, seed)
            made.run(cancel_after=step)
            assert len(made.done) == 1
            if made.done[0].outcome is Outcome.CANCELLED:
                assert made.text == ORIGINAL
                assert made.session.phase is Phase.CLOSED
            else:
                assert made.text == REWRITTEN


@EDITORS
def test_cancel_keeps_what_was_typed(manners: Manners) -> None:
    cancelled = 0
    for seed in range(60):
        for step in (6, 14, 25, 40):
            made = world(ORIGINAL, REWRITTEN, manners, seed)
            made.run(typing=5, cancel_after=step)
            left = without_words(made)
            if any(hunk.state is HunkState.CONFLICT for hunk in made.session.hunks):
                continue
            if made.done[0].outcome is Outcome.CANCELLED:
                cancelled += 1
                assert left == ORIGINAL
    assert cancelled > 40


@EDITORS
def test_rejecting_a_hunk_restores_its_text(manners: Manners) -> None:
    for seed in range(40):
        made = world(ORIGINAL, REWRITTEN, manners, seed)
        made.run()
        numbers = [hunk.id for hunk in made.session.hunks]
        for number in numbers[::2]:
            made.tell(Decided(frozenset({number}), Decision.REJECT))
            made.run(typing=1)
        made.tell(Decided(frozenset(numbers), Decision.ACCEPT))
        made.run()
        states = {hunk.id: hunk.state for hunk in made.session.hunks}
        if HunkState.CONFLICT not in states.values():
            assert made.reviewed == 1
            expected = ORIGINAL
            for hunk in reversed(made.session.hunks):
                if states[hunk.id] is HunkState.ACCEPTED:
                    edit = hunk.edits[0]
                    expected = expected[: edit.start] + edit.text + expected[edit.end :]
            assert without_words(made) == expected
