"""A seeded world for one session: an editor that may mislead, a user who types, a backend.

Everything that crosses a wire stands in a queue, and a seeded choice says what happens next. So a
run is one interleaving, and the same seed gives the same one.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, field

from fastapply_lsp.guard.gate import Admitted, Held
from fastapply_lsp.guard.model import Verdict
from fastapply_lsp.session.events import (
    AskVerdict,
    BufferChanged,
    CancelRequested,
    Chunk,
    EditAnswered,
    HunksChanged,
    Input,
    JournalAcknowledged,
    Judged,
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
from fastapply_lsp.session.session import Session
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement


@dataclass(frozen=True)
class Manners:
    """How an editor treats the server."""

    name: str
    answers_truly: bool = True
    tells_at_once: bool = True
    knows_versions: bool = True


STRICT = Manners("strict, as VS Code")
LYING = Manners("drops stale edits and says it applied them, as Neovim", answers_truly=False)
DEBOUNCED = Manners("tells of changes late and merged", answers_truly=False, tells_at_once=False)


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
    text: str
    manners: Manners
    seed: int
    version: int | None = 0
    typed: list[str] = field(default_factory=list)
    done: list[StreamDone] = field(default_factory=list)
    reviewed: int = 0
    troubles: list[ReviewTrouble] = field(default_factory=list)
    sent: int = 0
    acknowledged: bool = False

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.to_editor: deque[SendEdit] = deque()
        self.to_server: deque[Input] = deque()
        self.errands: list[Input] = []
        self.stream: deque[Input] = deque()
        self.untold = False
        self.take(self.session.begin())

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case KeepOriginal():
                    self.errands.append(JournalAcknowledged())
                case SendEdit():
                    assert self.acknowledged, "an edit left before the journal had the original"
                    assert not self.to_editor, "two edits in the air"
                    self.sent += 1
                    self.to_editor.append(output)
                case Pause(token, _):
                    self.errands.append(PauseOver(token))
                case AskVerdict():
                    self.errands.append(Judged(Verdict(())))
                case StreamDone():
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

    # The editor

    def change(self, edits: Edits) -> None:
        self.text = edits.apply(self.text)
        if self.version is not None:
            self.version += 1
        self.untold = True
        if self.manners.tells_at_once:
            self.flush()

    def flush(self) -> None:
        if self.untold:
            self.untold = False
            self.to_server.append(BufferChanged(self.text, self.version))

    def receive(self) -> None:
        edit = self.to_editor.popleft()
        fresh = edit.version == self.version
        if fresh:
            self.change(edit.edits)
        truth = fresh or not self.manners.answers_truly
        self.to_server.append(EditAnswered(edit.token, truth, None))

    def type_somewhere(self) -> None:
        word = f"<{len(self.typed)}>"
        self.typed.append(word)
        at = self.random.randint(0, len(self.text))
        while at and self.text[:at].count("<") != self.text[:at].count(">"):
            at -= 1  # not inside an earlier word
        self.change(Edits.of([Edit(at, at, word)]))

    @property
    def due(self) -> list[Input]:
        """Errands that may come back now: a pause is longer than anything takes on the wires."""
        quiet = not (self.untold or self.to_server or self.to_editor)
        return [errand for errand in self.errands if quiet or not isinstance(errand, PauseOver)]

    # One interleaving

    def run(self, *, typing: int = 0, cancel_after: int | None = None) -> None:
        """Let things happen, one at a time, until nothing is left to happen."""
        steps = 0
        while True:
            steps += 1
            assert steps < 10_000, "the world does not come to rest"
            if steps == cancel_after:
                self.tell(CancelRequested())
            options = [
                *(["stream"] * bool(self.stream)),
                *(["errand"] * bool(self.due)),
                *(["editor"] * bool(self.to_editor)),
                *(["server"] * bool(self.to_server)),
                *(["flush"] * self.untold),
                *(["type"] * (typing > 0)),
            ]
            if not options:
                return
            match self.random.choice(options):
                case "stream":
                    self.tell(self.stream.popleft())
                case "errand":
                    errand = self.random.choice(self.due)
                    self.errands.remove(errand)
                    self.tell(errand)
                case "editor":
                    self.receive()
                case "server":
                    self.tell(self.to_server.popleft())
                case "flush":
                    self.flush()
                case _:
                    typing -= 1
                    self.type_somewhere()


def world(original: str, rewritten: str, manners: Manners, seed: int) -> World:
    """Return a world in which a backend is about to turn ``original`` into ``rewritten``."""
    rewrite = FinishedRewrite(original, rewritten)
    session = Session("file:///a.py", original, 0, rewrite=rewrite, gate=OpenGate())
    made = World(session, original, manners, seed)
    made.stream.extend([*(Chunk("x") for _ in range(rewrite.chunks)), StreamEnded()])
    return made
