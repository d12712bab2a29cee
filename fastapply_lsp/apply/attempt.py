"""One try of one backend at an edit: carries out what the session asks for.

Each output of the session becomes a task, and what the task brings back is the session's next
input. The session never waits, and nothing here decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec

from fastapply_lsp.apply.model import Progress, Step
from fastapply_lsp.apply.ports import Answer
from fastapply_lsp.backends.model import End, Request, Text, Usage
from fastapply_lsp.errors import FastApplyError, InternalFault, RewriteTruncated, StreamBroken
from fastapply_lsp.files.journal_records import Begin, Edited
from fastapply_lsp.guard.gate import Gate
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.guard.watch import Watch
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.session.events import (
    AskVerdict,
    Chunk,
    EditAnswered,
    Failed,
    HunksChanged,
    JournalAcknowledged,
    Judged,
    KeepOriginal,
    Outcome,
    Pause,
    PauseOver,
    Refusal,
    ReviewDone,
    ReviewTrouble,
    SendEdit,
    StreamDone,
    StreamEnded,
    StreamStopped,
)
from fastapply_lsp.session.session import Phase, Session
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from fastapply_lsp.apply.model import Order
    from fastapply_lsp.apply.ports import Clock, Editor, Journal, Watcher
    from fastapply_lsp.apply.tries import Tries
    from fastapply_lsp.backends.model import EndReason
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.session.events import Input, Output

P = ParamSpec("P")
_log = logging.getLogger(__name__)

PIECE_CHARACTERS = 16_384
"""A longer chunk is taken in pieces of this length, so that the event loop gets its turn."""


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
        merge: the code block, placed in the order's text less its cut.
        stage: the world.
        first: the number of the first hunk.
    """

    def __init__(
        self, order: Order, tries: Tries, merge: Merge, stage: Stage, *, first: int = 1
    ) -> None:
        self._order = order
        self._tries = tries
        self._backend = backend = tries.backend
        self._merge = merge
        self._stage = stage
        self._base = order.base
        self._language = language_of(order.path, self._base)
        self._rewriter = Rewriter(self._base, wrapped=backend.abilities.is_model)
        guess = backend.abilities.is_model or merge.certain
        self.session = Session(
            order.uri,
            order.text,
            order.version,
            rewrite=self._rewriter,
            # Where the merge found no place it licenses nothing and knows nothing: the model is
            # let through, and only markers and large removals wait for the verdict.
            gate=Gate(
                split_lines(self._base), merge.regions if merge.placed else None, self._language
            ),
            cut=order.cut,
            unsure="" if guess else "; ".join(merge.reasons),
            first=first,
        )
        self._done: asyncio.Future[StreamDone] = asyncio.get_running_loop().create_future()
        self._reviewed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stream: asyncio.Task[None] | None = None
        self._lines_expected = merge.predicted.count("\n")
        self._received = 0  # characters of the stream
        self._watched = 0  # lines of the rewrite that the watch has seen
        self.usage = Usage()
        self.doubts: tuple[str, ...] = ()  # why it may not be what was meant
        self.remarks: tuple[str, ...] = ()  # what else the guard found that is not fatal
        self.notes: list[str] = []  # what was done beside reading the stream
        self.refused: tuple[str, ...] = ()  # why it must not be taken as it is; it was left there
        self.repairs: tuple[str, ...] = ()  # what the guard put right in it
        self.first_change_s: float | None = None

    @property
    def text_written(self) -> str:
        """The rewritten file so far."""
        return self._rewriter.text

    async def run(self) -> StreamDone:
        """Stream, and return how the stream ended; the session may then be in review."""
        self._carry_out(self.session.begin())
        self._stream = self._start(self._read_stream)
        return await self._done

    async def reviewed(self) -> None:
        """Return when no hunk waits any more."""
        await self._reviewed.wait()

    async def aclose(self) -> None:
        """End every errand, and let go of who waits for the end; the buffer stays as it is."""
        self._done.cancel()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def feed(self, event: Input) -> None:
        """Give the session an event and carry out what it asks for."""
        before = self.session.phase
        outputs = self.session.handle(event)
        if self.session.phase is Phase.RESTORING and before is not Phase.RESTORING:
            self._stop_stream()
            self._report(Step.RESTORING)
        self._carry_out(outputs)

    def tell(self, event: Input) -> None:
        """Feed what comes from outside: who tells of the buffer must not suffer from our faults."""
        try:
            self.feed(event)
        except Exception as error:  # noqa: BLE001  they have others to tell
            _log.exception("apply %s broke", self._order.id)
            self._break_off(InternalFault(type(error).__name__))

    def _carry_out(self, outputs: list[Output]) -> None:  # noqa: C901  one branch per output
        for output in outputs:
            match output:
                case KeepOriginal(text):
                    self._start(self._keep, text)
                case SendEdit():
                    self._start(self._send, output)
                case Pause(token, seconds):
                    self._start(self._wait, token, seconds)
                case AskVerdict():
                    self._start(self._judge, output)
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

    def _start(
        self, errand: Callable[P, Coroutine[Any, Any, None]], *args: P.args, **kwargs: P.kwargs
    ) -> asyncio.Task[None]:
        """Run an errand beside the session. Should it break, the apply fails."""

        async def carefully() -> None:
            try:
                await errand(*args, **kwargs)
            except Exception as error:  # noqa: BLE001  whatever it is, the buffer comes first
                _log.exception("an errand of apply %s broke", self._order.id)
                self._break_off(InternalFault(type(error).__name__))

        task = asyncio.create_task(carefully())
        self._tasks.add(task)  # the loop itself keeps only weak references
        task.add_done_callback(self._tasks.discard)
        return task

    def _break_off(self, fault: InternalFault) -> None:
        """Put the buffer back; where even that breaks, end the stream as it is."""
        try:
            self.feed(Failed(fault))
        except Exception:  # noqa: BLE001  as above
            _log.exception("apply %s cannot be put back", self._order.id)
            self._end_stream(StreamDone(Outcome.FAILED, fault))

    # The errands

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
        self._report(Step.CHECKING)
        judged = await asyncio.to_thread(
            verdict,
            self._base,
            asked.rewrite,
            merge=self._merge,
            language=self._language,
            replacements=asked.replacements,
            stripped=self._rewriter.words_around,
        )
        self.doubts = judged.doubts
        self.remarks = tuple(
            fault.message
            for fault in judged.faults
            if not fault.fatal and fault.message not in judged.doubts
        )
        refusal = self._tries.leads_to(judged)
        if judged.accepted or refusal is Refusal.LEAVE:
            self.refused = judged.reasons
            self.repairs = tuple(dict.fromkeys(repair.message for repair in judged.repairs))
        self.feed(Judged(judged, refusal))

    async def _read_stream(self) -> None:
        order, refused = self._order, self._tries.refused
        request = Request(order.call, order.path, self._base, self._merge, refused)
        self._report(Step.RETRYING if refused else Step.WAITING)
        watch = self._new_watch() if self._backend.abilities.is_model else None
        try:
            async with contextlib.aclosing(self._backend.stream(request)) as stream:
                async for item in stream:
                    match item:
                        case Text(text):
                            self._received += len(text)
                            await self._read(text)
                            if watch is not None and self._is_hopeless(watch):
                                return
                        case Usage():
                            self.usage = item
                        case End(reason):
                            self._end(reason)
                            return
            self.feed(Failed(StreamBroken(self._backend.name, self._received)))
        except FastApplyError as error:
            self.feed(Failed(error))

    def _new_watch(self) -> Watch:
        known = (self._merge.predicted, self._order.call.code_edit)
        return Watch(split_lines(self._base), *map(split_lines, known))

    def _is_hopeless(self, watch: Watch) -> bool:
        """Stop the stream where no further line could make it good; it is judged as it is."""
        lines = self._rewriter.lines
        fault = watch.push(lines[self._watched :])
        self._watched = len(lines)
        if fault is None:
            return False
        self.notes.append(f"{self._backend.name} was stopped early: {fault.message}.")
        self.feed(StreamStopped())
        return True

    def _end(self, reason: EndReason) -> None:
        if reason == "stop":
            self.feed(StreamEnded())
        else:
            limit = self._backend.abilities.limits.get("max_tokens", 0)
            self.feed(Failed(RewriteTruncated(limit, self._received)))

    async def _read(self, text: str) -> None:
        for at in range(0, len(text), PIECE_CHARACTERS):
            self.feed(Chunk(text[at : at + PIECE_CHARACTERS]))
            self._report(Step.STREAMING)
            await asyncio.sleep(0)

    def _report(self, step: Step) -> None:
        self._stage.watcher.progressed(
            Progress(
                step,
                self._backend.name,
                self._rewriter.lines_read,
                self._lines_expected,
                self._received,
                self._stage.clock.now() - self._stage.called_s,
            )
        )
