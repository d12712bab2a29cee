"""One try of one backend at an edit: carries out what the session asks for.

Each output of the session becomes a task, and what the task brings back is the session's next
input. The session never waits, and nothing here decides.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.apply.background import Background
from fastapply_lsp.apply.findings import Findings
from fastapply_lsp.apply.model import Progress, Step
from fastapply_lsp.apply.ports import Answer
from fastapply_lsp.apply.reading import Reading
from fastapply_lsp.backends.model import Request
from fastapply_lsp.errors import FastApplyError, InternalFault
from fastapply_lsp.files.journal_records import Begin, Edited
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.session.events import (
    AskVerdict,
    EditAnswered,
    Failed,
    HunksChanged,
    JournalAcknowledged,
    Judged,
    KeepOriginal,
    Outcome,
    Pause,
    PauseOver,
    ReviewDone,
    ReviewTrouble,
    SendEdit,
    StreamDone,
)
from fastapply_lsp.session.session import Phase, Session

if TYPE_CHECKING:
    from fastapply_lsp.apply.model import Order
    from fastapply_lsp.apply.placed import Placed
    from fastapply_lsp.apply.ports import Clock, Editor, Journal, Watcher
    from fastapply_lsp.apply.tries import Tries
    from fastapply_lsp.backends.model import Usage
    from fastapply_lsp.session.events import Input, Output

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an attempt plays: the ports that it uses, and when the call came."""

    editor: Editor
    journal: Journal
    clock: Clock
    watcher: Watcher
    called_s: float


class Attempt:
    """One stream of one backend into one buffer, and the review after it.

    Args:
        order: what to apply; its text is the buffer that the merge has seen.
        tries: whose turn it is, and what follows should the rewrite be refused.
        placed: the order's code block, placed.
        stage: the world.
        first: the number of the first hunk.
    """

    def __init__(
        self, order: Order, tries: Tries, placed: Placed, stage: Stage, *, first: int = 1
    ) -> None:
        self._order = order
        self._tries = tries
        self._placed = placed
        self._stage = stage
        self._backend = backend = tries.backend
        merge = placed.merge
        self._rewriter = Rewriter(placed.base, wrapped=backend.abilities.is_model)
        guess = not (backend.abilities.is_model or merge.certain)
        self.session = Session(
            order.uri,
            order.text,
            order.version,
            rewrite=self._rewriter,
            gate=placed.gate,
            cut=order.cut,
            unsure="; ".join(merge.reasons) if guess else "",
            first=first,
        )
        request = Request(order.call, order.path, placed.base, merge, tries.refused)
        self._reading = Reading(backend, request, self._rewriter, self)
        self._lines_expected = merge.predicted.count("\n")
        self._done: asyncio.Future[StreamDone] = asyncio.get_running_loop().create_future()
        self._reviewed = asyncio.Event()
        self._background = Background(self._broke)
        self._stream: asyncio.Task[None] | None = None
        self.findings = Findings()
        self.first_change_s: float | None = None

    # What the result is made of

    @property
    def text_written(self) -> str:
        """The rewritten file so far."""
        return self._rewriter.text

    @property
    def usage(self) -> Usage:
        """What the backend reports of itself."""
        return self._reading.usage

    @property
    def stopped_early(self) -> str:
        """Why the stream was not read to its end, as a sentence; empty if it was."""
        return self._reading.stopped

    # What the conductor tells

    async def run(self) -> StreamDone:
        """Stream, and return how the stream ended; the session may then be in review."""
        self._carry_out(self.session.begin())
        self._stream = self._background.start(self._reading.run())
        return await self._done

    async def reviewed(self) -> None:
        """Return when no hunk waits any more."""
        await self._reviewed.wait()

    async def aclose(self) -> None:
        """End all that runs, and let go of who waits for the end; the buffer stays as it is."""
        self._done.cancel()
        await self._background.aclose()

    def tell(self, event: Input) -> None:
        """Feed what comes from outside: who tells of the buffer must not suffer from our faults."""
        try:
            self.feed(event)
        except Exception as error:  # noqa: BLE001  they have others to tell
            self._broke(error)

    # The session

    def feed(self, event: Input) -> None:
        """Give the session an event and carry out what it asks for."""
        before = self.session.phase
        outputs = self.session.handle(event)
        if self.session.phase is Phase.RESTORING and before is not Phase.RESTORING:
            self._stop_stream()
            self.report(Step.RESTORING)
        self._carry_out(outputs)

    def _carry_out(self, outputs: list[Output]) -> None:  # noqa: C901  one branch per output
        start = self._background.start
        for output in outputs:
            match output:
                case KeepOriginal(text):
                    start(self._keep(text))
                case SendEdit():
                    start(self._send(output))
                case Pause(token, seconds):
                    start(self._wait(token, seconds))
                case AskVerdict():
                    start(self._judge(output))
                case HunksChanged(hunks):
                    if self.first_change_s is None and self.session.showing:
                        self.first_change_s = self._stage.clock.now()
                    self._stage.watcher.hunks_changed(hunks)
                case StreamDone():
                    self._end_stream(output)
                case ReviewDone():
                    self._reviewed.set()
                case ReviewTrouble(error):
                    self._stage.watcher.troubled(error)

    def _end_stream(self, done: StreamDone) -> None:
        self._stop_stream()
        if not self._done.done():
            self._done.set_result(done)

    def _stop_stream(self) -> None:
        if self._stream is not None:
            self._stream.cancel()

    def _broke(self, error: Exception) -> None:
        """Put the buffer back, since we are at fault; where even that breaks, end as it is."""
        _log.error("apply %s broke", self._order.id, exc_info=error)
        fault = InternalFault(type(error).__name__)
        try:
            self.feed(Failed(fault))
        except Exception:  # noqa: BLE001  whatever it is, whoever waits must hear of the end
            _log.exception("apply %s cannot be put back", self._order.id)
            self._end_stream(StreamDone(Outcome.FAILED, fault))

    # What the session asks for; what comes of it is the session's next input

    async def _keep(self, text: str) -> None:
        begin = Begin(self._order.id, self._order.uri, text, self._order.raw)
        try:
            await self._stage.journal.append(begin)
        except FastApplyError as error:
            self.feed(Failed(error))
        else:
            self.feed(JournalAcknowledged())

    async def _send(self, edit: SendEdit) -> None:
        try:
            await self._stage.journal.append(Edited(self._order.id, tuple(edit.edits)))
            answer = await self._stage.editor.edit(edit.edits, edit.version)
        except FastApplyError as error:
            answer = Answer(applied=False, reason=str(error))
        except Exception as error:  # noqa: BLE001  unanswered, the session would wait for ever
            _log.exception("an edit of apply %s broke", self._order.id)
            answer = Answer(applied=False, reason=str(InternalFault(type(error).__name__)))
        self.feed(EditAnswered(edit.token, answer.applied, answer.reason))

    async def _wait(self, token: int, seconds: float) -> None:
        await self._stage.clock.sleep(seconds)
        self.feed(PauseOver(token))

    async def _judge(self, asked: AskVerdict) -> None:
        self.report(Step.CHECKING)
        judged = await asyncio.to_thread(
            verdict,
            self._placed.base,
            asked.rewrite,
            merge=self._placed.merge,
            language=self._placed.language,
            replacements=asked.replacements,
            stripped=self._rewriter.words_around,
            edit=self._order.call.code_edit,
        )
        refusal = self._tries.leads_to(judged)
        self.findings = Findings.of(judged, refusal)
        self.feed(Judged(judged, refusal))

    def report(self, step: Step) -> None:
        """Tell the watcher how far this is."""
        self._stage.watcher.progressed(
            Progress(
                step,
                self._backend.name,
                self._rewriter.lines_read,
                self._lines_expected,
                self._reading.characters,
                self._stage.clock.now() - self._stage.called_s,
            )
        )
