"""A seeded world for one session: an editor that may mislead, a user who types, a backend.

Everything that crosses a wire stands in a queue, and a seeded choice says what happens next. So a
run is one interleaving, and the same seed gives the same one. The law of the session's view is
checked after every event.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from fastapply_lsp.guard.gate import Admitted, Held
from fastapply_lsp.guard.model import Verdict
from fastapply_lsp.session.events import (
    AskVerdict,
    BufferChanged,
    CancelRequested,
    Chunk,
    Decided,
    Decision,
    HunksChanged,
    Input,
    JournalAcknowledged,
    KeepOriginal,
    Output,
    Pause,
    PauseOver,
    ReviewDone,
    ReviewTrouble,
    SendEdit,
    StreamDone,
    StreamEnded,
)
from fastapply_lsp.session.hunks import HunkState
from fastapply_lsp.session.session import Phase, Session
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement
from tests.session.editors import Editor, Manners
from tests.session.judges import Judge, agrees


class FinishedRewrite:
    """Gives one replacement of a known rewrite for each chunk."""

    def __init__(self, original: str, rewritten: str) -> None:
        self.text = rewritten
        self._left = deque(diff_lines(split_lines(original), split_lines(rewritten)))

    @property
    def chunks(self) -> int:
        return len(self._left)

    def push(self, _chunk: str, /) -> list[Replacement]:
        return [self._left.popleft()] if self._left else []

    def finish(self) -> list[Replacement]:
        rest = list(self._left)
        self._left.clear()
        return rest


class OpenGate:
    def admit(self, _replacement: Replacement, /) -> Admitted | Held:
        return Admitted()


@dataclass
class World:
    """One session and all around it."""

    session: Session
    original: str
    manners: Manners
    seed: int
    done: list[StreamDone] = field(default_factory=list)
    reviewed: int = 0
    troubles: list[ReviewTrouble] = field(default_factory=list)
    sent: int = 0
    acknowledged: bool = False
    harmed: bool = False  # the session saw a misplaced edit
    judge: Judge = agrees
    verdict: Verdict | None = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.editor = Editor(self.original, self.manners, self.random)
        self.errands: list[Input] = []
        self.stream: deque[Input] = deque()
        self.known = 0  # the editor's version that the session has seen
        self.numbered: dict[int, tuple[Edit, ...]] = {}  # each hunk that was ever shown
        self.take(self.session.begin())

    @property
    def text(self) -> str:
        return self.editor.buffer.text

    def change(self, edits: Edits) -> None:
        """The user changes the buffer."""
        self.editor._change(edits, by_user=True)

    def states(self) -> list[HunkState]:
        return [hunk.state for hunk in self.session.hunks]

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case KeepOriginal():
                    self.errands.append(JournalAcknowledged())
                case SendEdit():
                    assert self.acknowledged, "an edit left before the journal had the original"
                    assert not self.editor.to_editor, "two edits in the air"
                    assert not self.reviewed, "an edit left after the end"
                    self.sent += 1
                    known = output.version if self.manners.knows_versions else self.known
                    self.editor.bases[output.token] = known or 0
                    self.editor.texts[output.token] = self.session.text
                    self.editor.to_editor.append(output)
                case Pause(token, _):
                    self.errands.append(PauseOver(token))
                case AskVerdict():
                    judged = self.judge(output)
                    self.verdict = judged.verdict
                    self.errands.append(judged)
                case StreamDone():
                    assert not self.done, "the stream ended twice"
                    self.done.append(output)
                case ReviewDone():
                    self.reviewed += 1
                case ReviewTrouble():
                    self.troubles.append(output)
                case HunksChanged():
                    pass

    def tell(self, event: Input) -> None:
        self.acknowledged |= isinstance(event, JournalAcknowledged)
        self.take(self.session.handle(event))
        view = self.session._view
        self.harmed |= not view.harm.is_empty
        held = view.harm.apply(view.user.apply(view.document))
        assert held == view.text, "the law of the view is broken"
        ledger = self.session._ledger
        assert not ledger.rivals(view.present) & view.present, "rivals are in together"
        assert not ledger.rivals(ledger.wishes) & ledger.wishes, "rivals are wished for together"
        for hunk in self.session.hunks:
            assert self.numbered.setdefault(hunk.id, hunk.edits) == hunk.edits, (
                "a number came twice"
            )

    def deliver(self) -> None:
        """The next message from the editor arrives."""
        event = self.editor.to_server.popleft()
        if isinstance(event, BufferChanged):
            self.known = event.version if event.version is not None else self.editor.version
        self.tell(event)

    @property
    def quiet(self) -> bool:
        editor = self.editor
        return not (editor.untold or editor.to_server or editor.to_editor)

    @property
    def due(self) -> list[Input]:
        """Errands that may come back now: a pause is longer than anything takes on the wires."""
        return [e for e in self.errands if self.quiet or not isinstance(e, PauseOver)]

    def decide(self) -> None:
        """The user accepts or rejects a hunk that waits."""
        pending = [h.id for h in self.session.hunks if h.state is HunkState.PENDING]
        if pending:
            decision = self.random.choice([Decision.ACCEPT, Decision.REJECT])
            self.tell(Decided(frozenset({self.random.choice(pending)}), decision))

    # One interleaving

    def run(
        self,
        *,
        typing: int = 0,
        cancel_after: int | None = None,
        habits: Sequence[str] = ("type",),
    ) -> None:
        """Let things happen, one at a time, until nothing is left to happen.

        Args:
            typing: How many things the user does.
            cancel_after: The step at which the user cancels.
            habits: What the user does: type, delete, take_back, bring_back, decide.
        """
        steps = 0
        while True:
            steps += 1
            assert steps < 10_000, "the world does not come to rest"
            if steps == cancel_after:
                self.tell(CancelRequested())
            options = self.possible(typing)
            if not options:
                return
            choice = self.random.choice(options)
            typing -= choice == "user"
            self.happen(choice, habits)

    def possible(self, typing: int) -> list[str]:
        """Return what may happen next."""
        # Where no version guards an edit, nobody could tell where it would land.
        free = self.manners.knows_versions or (self.quiet and not self.editor.to_editor)
        weights: Mapping[str, bool] = {
            "stream": len(self.stream) > 0,
            "errand": len(self.due) > 0,
            "editor": len(self.editor.to_editor) > 0,
            "server": len(self.editor.to_server) > 0,
            "flush": self.editor.untold,
            "yes": len(self.editor.asked) > 0 and self.session.phase is not Phase.CLOSED,
            "user": typing > 0 and free and not (self.manners.rests and self.editor.untold),
        }
        return [name for name, possible in weights.items() if possible]

    def happen(self, choice: str, habits: Sequence[str]) -> None:
        """Let one thing happen."""
        match choice:
            case "stream":
                self.tell(self.stream.popleft())
            case "errand":
                errand = self.random.choice(self.due)
                self.errands.remove(errand)
                self.tell(errand)
            case "editor":
                self.editor.receive()
            case "server":
                self.deliver()
            case "flush":
                self.editor.tell()
            case "yes":
                self.editor.say_yes()
            case _:
                habit = self.random.choice(habits)
                (self.decide if habit == "decide" else getattr(self.editor, habit))()
                while self.editor.to_server and not self.manners.knows_versions:
                    self.deliver()


def world(
    original: str, rewritten: str, manners: Manners, seed: int, judge: Judge = agrees
) -> World:
    """Return a world in which a backend is about to turn ``original`` into ``rewritten``."""
    rewrite = FinishedRewrite(original, rewritten)
    version = 0 if manners.knows_versions else None
    session = Session("file:///a.py", original, version, rewrite=rewrite, gate=OpenGate())
    made = World(session, original, manners, seed, judge=judge)
    made.stream.extend([*(Chunk("x") for _ in range(rewrite.chunks)), StreamEnded()])
    return made
