"""What a session does when something goes its own way."""

from __future__ import annotations

from fastapply_lsp.errors import BufferClosed as BufferWasClosed
from fastapply_lsp.errors import EditorRefused, RewriteRejected, StreamBroken
from fastapply_lsp.guard.gate import Admitted, Held
from fastapply_lsp.guard.model import Change, Verdict
from fastapply_lsp.session.buffer import BufferView
from fastapply_lsp.session.events import (
    AskVerdict,
    BufferClosed,
    CancelRequested,
    Chunk,
    Decided,
    Decision,
    EditAnswered,
    Failed,
    JournalAcknowledged,
    Judged,
    Outcome,
    PauseOver,
    Refusal,
    SendEdit,
    StreamEnded,
    StreamStopped,
)
from fastapply_lsp.session.hunks import Cut, Hunk, HunkState, Mark
from fastapply_lsp.session.session import Phase, Session
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.replacement import Replacement
from tests.session.editors import BLIND, STRICT, Editor
from tests.session.judges import FAULT, Judge
from tests.session.simulation import FinishedRewrite, OpenGate, World, world

ORIGINAL = "a\nb\nc\nd\ne\n"
REWRITTEN = "a\nB\nc\nd\nE\n"


def says(*unrequested: str) -> Judge:
    """Return a judge that takes all, and says of each change whether nobody asked for it."""

    def judge(asked: AskVerdict) -> Judged:
        changes = map(Change, asked.replacements, unrequested)
        return Judged(Verdict(asked.rewrite, tuple(changes), (), ()), Refusal.RESTORE)

    return judge


def test_no_edit_leaves_before_the_journal_has_the_original() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 0)
    made.stream.clear()
    for event in (Chunk("x"), Chunk("x"), StreamEnded()):
        made.tell(event)
    assert made.sent == 0
    made.errands.clear()
    made.tell(JournalAcknowledged())
    assert made.sent == 1


def test_journal_failure_ends_it_with_nothing_touched() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 0)
    made.errands.clear()
    made.tell(Failed(StreamBroken("x", 0)))
    made.run()
    assert made.text == ORIGINAL
    assert made.done[0].outcome is Outcome.FAILED


def test_hunks_that_are_ready_while_an_edit_is_in_the_air_leave_together() -> None:
    many = "".join(f"{n}\n" for n in range(100))
    made = world(many, many.replace("5\n", "five\n"), STRICT, 0)
    made.tell(JournalAcknowledged())
    while made.stream:
        made.tell(made.stream.popleft())
    made.errands = [event for event in made.errands if not isinstance(event, JournalAcknowledged)]
    made.run()
    assert made.sent == 2
    assert made.text == many.replace("5\n", "five\n")


def test_held_hunks_wait_for_the_verdict_and_carry_the_reason() -> None:
    class Wary(OpenGate):
        def admit(self, replacement: Replacement, /) -> Admitted | Held:
            return Held("nobody asked for it") if replacement.start == 1 else Admitted()

    rewrite = FinishedRewrite(ORIGINAL, REWRITTEN)
    made = World(Session("u", ORIGINAL, 0, rewrite=rewrite, gate=Wary()), ORIGINAL, STRICT, 0)
    made.judge = says("the guard says why", "")
    made.stream.extend([Chunk("x"), Chunk("x")])
    made.run()
    assert made.text == "a\nb\nc\nd\nE\n"
    made.tell(StreamEnded())
    made.run()
    assert made.text == REWRITTEN
    held = made.session.hunks[0]
    assert (held.mark, held.note) == (Mark.UNREQUESTED, "the guard says why")


def test_the_end_of_a_stopped_stream_waits_for_the_verdict() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 0)
    made.tell(JournalAcknowledged())
    made.tell(Chunk("x"))
    made.stream.clear()
    made.tell(StreamStopped())
    verdict = made.errands.pop()
    assert isinstance(verdict, Judged)
    made.errands.clear()
    made.run()
    assert made.text == "a\nB\nc\nd\ne\n"
    assert [hunk.state for hunk in made.session.hunks] == [HunkState.PENDING, HunkState.HELD]
    made.tell(verdict)
    made.run()
    assert made.text == REWRITTEN


def test_a_fatal_fault_restores_and_names_it() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 0)
    while made.stream:
        made.tell(made.stream.popleft())
    made.errands = [JournalAcknowledged()]
    while made.session.phase is not Phase.JUDGING:
        made.tell(made.errands.pop())
    made.errands.clear()
    made.run()
    assert made.text == REWRITTEN
    made.tell(Judged(Verdict("", (), (), (FAULT,)), Refusal.RESTORE))
    made.run()
    assert made.text == ORIGINAL
    assert isinstance(made.done[0].error, RewriteRejected)
    assert made.done[0].error.faults == ("the end is missing",)


def test_an_editor_that_refuses_everything_is_left_alone_after_a_while() -> None:
    class Refusing(Editor):
        def receive(self) -> None:
            edit = self.to_editor.popleft()
            self.to_server.append(EditAnswered(edit.token, applied=False, reason="read-only"))

    made = world(ORIGINAL, REWRITTEN, STRICT, 0)
    made.editor = Refusing(ORIGINAL, STRICT, made.random)
    made.run()
    assert made.text == ORIGINAL
    error = made.done[0].error
    assert isinstance(error, EditorRefused)
    assert error.reason == "read-only"
    assert made.sent == error.attempts


def test_an_editor_that_says_yes_and_does_nothing_is_found_out() -> None:
    class Pretending(Editor):
        def receive(self) -> None:
            edit = self.to_editor.popleft()
            self.to_server.append(EditAnswered(edit.token, applied=True))

    made = world(ORIGINAL, REWRITTEN, STRICT, 0)
    made.editor = Pretending(ORIGINAL, STRICT, made.random)
    made.run()
    assert made.text == ORIGINAL
    assert made.done[0].outcome is Outcome.FAILED


def applied() -> World:
    made = world(ORIGINAL, REWRITTEN, STRICT, 3)
    made.run()
    assert made.text == REWRITTEN
    return made


def test_closing_during_the_review_accepts() -> None:
    made = applied()
    made.tell(BufferClosed())
    assert {hunk.state for hunk in made.session.hunks} == {HunkState.ACCEPTED}
    assert made.reviewed == 1
    assert len(made.done) == 1


def test_closing_during_the_stream_fails_it() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 3)
    made.tell(BufferClosed())
    made.run()
    assert isinstance(made.done[0].error, BufferWasClosed)
    assert len(made.done) == 1


def test_nothing_follows_the_end() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 3)
    made.run(cancel_after=1)
    assert made.done[0].outcome is Outcome.CANCELLED
    for event in (Chunk("x"), StreamEnded(), CancelRequested(), PauseOver(1), BufferClosed()):
        assert made.session.handle(event) == []


def test_a_cancel_after_the_end_changes_nothing() -> None:
    made = applied()
    made.tell(CancelRequested())
    made.run()
    assert made.text == REWRITTEN
    assert len(made.done) == 1


def test_the_user_undoes_all_of_it() -> None:
    made = applied()
    made.change(Edits.between(made.text, ORIGINAL))
    made.run()
    assert {hunk.state for hunk in made.session.hunks} == {HunkState.REJECTED}
    assert made.reviewed == 1
    assert made.text == ORIGINAL


def test_the_user_undoes_one_hunk_by_hand() -> None:
    made = applied()
    made.change(Edits.of([Edit(2, 3, "b")]))
    made.run()
    assert [h.state for h in made.session.hunks] == [HunkState.REJECTED, HunkState.PENDING]
    made.tell(Decided(frozenset({2}), Decision.REJECT))
    made.run()
    assert made.text == ORIGINAL


def test_a_rejected_hunk_that_the_user_changed_stays_as_it_is() -> None:
    made = applied()
    made.change(Edits.of([Edit(2, 3, "my own")]))
    made.run()
    made.tell(Decided(frozenset({1}), Decision.REJECT))
    made.run()
    assert made.text == "a\nmy own\nc\nd\nE\n"
    assert made.session.hunks[0].state is HunkState.CONFLICT


def test_a_pasted_snippet_leaves_and_its_edit_stays() -> None:
    pasted = "a\nb\nc\n### snippet\nd\ne\n"
    cut = Cut(pasted.index("###"), len("### snippet\n"))
    rewrite = FinishedRewrite(cut.base(pasted), "a\nb\nCD\ne\nf\n")

    def fresh() -> World:
        session = Session("u", pasted, 0, rewrite=rewrite, gate=OpenGate(), cut=cut)
        made = World(session, pasted, STRICT, 5)
        made.stream.extend([Chunk("x"), Chunk("x"), StreamEnded()])
        return made

    made = fresh()
    made.run()
    assert made.text == "a\nb\nCD\ne\nf\n"
    assert [hunk.added for hunk in made.session.hunks] == [("CD\n",), ("f\n",)]
    made.tell(Decided(frozenset(h.id for h in made.session.hunks), Decision.REJECT))
    made.run()
    assert made.text == "a\nb\nc\nd\ne\n"

    rewrite = FinishedRewrite(cut.base(pasted), "a\nb\nCD\ne\nf\n")
    made = fresh()
    made.run(cancel_after=9)
    assert made.done[0].outcome is Outcome.CANCELLED
    assert made.text == pasted


def test_hunks_know_where_they_stand_while_the_user_types_above() -> None:
    made = applied()
    made.change(Edits.of([Edit(0, 0, "# head\n")]))
    made.run()
    places = made.session.locate()
    shown = [made.text[places[h.id].start : places[h.id].end] for h in made.session.hunks]
    assert shown == ["B\n", "E\n"]


def test_edit_carries_the_version_it_was_made_for() -> None:
    made = world(ORIGINAL, REWRITTEN, STRICT, 1)
    sent: list[SendEdit] = []
    made.stream.clear()
    for event in (JournalAcknowledged(), Chunk("x")):
        sent += [o for o in made.session.handle(event) if isinstance(o, SendEdit)]
    assert [edit.version for edit in sent] == [0]


def test_a_buffer_of_lines_that_was_emptied_is_restored_without_an_empty_line() -> None:
    view = BufferView(ORIGINAL, 0)
    every = Edit(0, len(ORIGINAL), "")
    view.layout.add(Hunk(1, (every,), tuple(ORIGINAL.splitlines()), (), HunkState.QUEUED))
    view.send(1, frozenset({1}), view.place(view.layout.step(frozenset(), {1})))
    assert view.observe("\n", 1).landed is not None
    back = view.send(2, frozenset(), view.place(view.layout.step({1}, frozenset())))
    assert back.expected == ORIGINAL
    assert view.observe(ORIGINAL, 2).landed is back
    assert (view.present, view.user.is_empty) == (frozenset(), True)


def test_an_edit_that_was_made_in_the_wrong_place_is_taken_back_and_made_again() -> None:
    made = world(ORIGINAL, REWRITTEN, BLIND, 0)
    for event in (JournalAcknowledged(), Chunk("x")):
        made.tell(event)
    assert made.editor.to_editor, "b -> B is in the air"
    made.change(Edits.of([Edit(0, 0, "my own\n")]))
    made.deliver()
    made.editor.receive()
    assert made.text == "my own\nB\nb\nc\nd\ne\n", (
        "the user's line count moved it onto another line"
    )
    made.stream.clear()
    made.stream.extend([Chunk("x"), StreamEnded()])
    made.errands.clear()
    made.run()
    assert made.text == "my own\n" + REWRITTEN
    assert {hunk.state for hunk in made.session.hunks} == {HunkState.PENDING}
