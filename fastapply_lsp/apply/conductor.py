"""Leads one edit along the walk: merge, backend, session, editor, review.

Server, command line and evaluation all call `Apply`; none has a loop of its own. Where the code
block belongs is found in `placed`, what happens within one try is in `attempt`, and in `tries` who
is asked next; here each try begins with the buffer as it is then, and the result is made.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.apply.attempt import Attempt, Stage
from fastapply_lsp.apply.careful import Careful
from fastapply_lsp.apply.findings import Findings
from fastapply_lsp.apply.model import Figures, Progress, Result, Step
from fastapply_lsp.apply.placed import place
from fastapply_lsp.apply.tries import Tries, refusal_told, step_told
from fastapply_lsp.backends.model import Usage
from fastapply_lsp.backends.usage import total
from fastapply_lsp.errors import BufferClosed as BufferWasClosed
from fastapply_lsp.errors import FastApplyError, InternalFault, JournalError
from fastapply_lsp.files.journal_records import Decided as DecisionRecord
from fastapply_lsp.files.journal_records import Ended
from fastapply_lsp.session.events import (
    BufferChanged,
    BufferClosed,
    CancelRequested,
    Decided,
    Decision,
    Outcome,
    StreamDone,
)
from fastapply_lsp.session.hunks import HunkState
from fastapply_lsp.text.edits import Edits

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapply_lsp.apply.model import Order
    from fastapply_lsp.apply.placed import Placed
    from fastapply_lsp.apply.ports import Chooser, Clock, Editor, Journal, Watcher
    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.files.journal_records import Record
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.session.events import Input
    from fastapply_lsp.session.hunks import Hunk, Offsets


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """The world of an apply."""

    editor: Editor
    journal: Journal
    choose: Chooser
    clock: Clock


class Apply:
    """One apply, from the call to the last decision.

    ``run`` returns at the end of the stream; the object then stays to carry out decisions, until
    its watcher is told that the review is over. The owner passes on what happens to the buffer.
    """

    def __init__(self, order: Order, ports: Ports, watcher: Watcher) -> None:
        self.order = order
        self._ports = ports
        self._watcher = Careful(watcher)
        self._attempt: Attempt | None = None
        self._spent = Usage()  # by the tries before this one
        self._buffer = BufferChanged(order.text, order.version)
        self._stopped: StreamDone | None = None
        self._called_s = ports.clock.now()
        self._review: asyncio.Task[None] | None = None

    # What the owner tells

    def buffer_changed(self, text: str, version: int | None) -> None:
        """Tell what the buffer holds now, whoever changed it."""
        self._buffer = BufferChanged(text, version)
        self._feed(self._buffer)

    def buffer_closed(self) -> None:
        """Tell that the document is no longer open."""
        closed = StreamDone(Outcome.FAILED, BufferWasClosed(self.order.uri))
        self._stopped = self._stopped or closed
        self._feed(BufferClosed())

    def cancel(self, outcome: Outcome = Outcome.CANCELLED) -> None:
        """Put the buffer back; does nothing once the stream has ended."""
        self._stopped = self._stopped or StreamDone(outcome)
        self._feed(CancelRequested(outcome))

    async def decide(self, hunks: Collection[int], decision: Decision) -> None:
        """Accept or reject pending hunks; the watcher is told when it is done."""
        await self._record(DecisionRecord(self.order.id, tuple(sorted(hunks)), decision.value))
        self._feed(Decided(frozenset(hunks), decision))

    # What others may look at

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks in the order of the file."""
        return self._attempt.session.hunks if self._attempt else ()

    @property
    def pending(self) -> tuple[Hunk, ...]:
        """The hunks that wait for a decision."""
        return tuple(hunk for hunk in self.hunks if hunk.state is HunkState.PENDING)

    def locate(self) -> dict[int, Offsets]:
        """Where each hunk stands in the buffer now (code points)."""
        return self._attempt.session.locate() if self._attempt else {}

    # The walk

    async def run(self) -> Result:
        """Lead the edit to the end of its stream; errors are in the result, as of the tree."""
        try:
            result = await self._walk()
        except FastApplyError as error:
            result = self._result(StreamDone(Outcome.FAILED, error), None, None)
        except Exception as error:  # noqa: BLE001  whoever asked must hear of the end
            _log.exception("apply %s broke", self.order.id)
            fault = InternalFault(type(error).__name__)
            result = self._result(StreamDone(Outcome.FAILED, fault), None, None)
        self._watcher.streamed(result)
        if result.outcome is Outcome.APPLIED and self._attempt is not None:
            self._review = asyncio.create_task(self._follow_review(self._attempt))
        else:
            await self._record(Ended(self.order.id, result.outcome))
        return result

    async def aclose(self) -> None:
        """Stop where it is; the buffer stays as it is, and the journal keeps the apply open."""
        if self._attempt is not None:
            await self._attempt.aclose()
        if self._review is not None:
            self._review.cancel()

    async def _follow_review(self, attempt: Attempt) -> None:
        await attempt.reviewed()
        await self._record(Ended(self.order.id, Outcome.APPLIED))
        self._watcher.reviewed(attempt.session.hunks)

    async def _walk(self) -> Result:
        notes: list[str] = []
        order, placed = self.order, await self._place(self.order)
        tries = Tries.of(self._ports.choose(placed.merge, order.call.backend), placed.merge)
        done = self._stopped or await self._try(order, tries, placed, notes)
        while (error := done.error) is not None and self._undone and (then := tries.after(error)):
            if self._stopped is None:
                order = self._order_now(order)
                placed = await self._place(order)
            if self._stopped is not None:  # before anybody was asked again
                done = self._stopped
                break
            notes.append(step_told(tries, error, then))
            tries = then
            done = await self._try(order, tries, placed, notes)
        result = self._result(done, tries.backend, placed.merge)
        refused = self._attempt.findings.refused if self._attempt else ()
        if result.outcome is Outcome.APPLIED and refused:
            notes.append(f"{refusal_told(tries, refused)}; nothing better was to be had.")
        return replace(result, notes=(*notes, *result.notes))

    @property
    def _undone(self) -> bool:
        """Whether nothing of the last try is left, so that another one may begin."""
        return self._attempt is None or not self._attempt.session.showing

    async def _place(self, order: Order) -> Placed:
        now = self._ports.clock.now() - self._called_s
        self._watcher.progressed(Progress(Step.PLACING, "", 0, 0, 0, now))
        return await place(order)

    async def _try(
        self, order: Order, tries: Tries, placed: Placed, notes: list[str]
    ) -> StreamDone:
        ports = self._ports
        stage = Stage(ports.editor, ports.journal, ports.clock, self._watcher, self._called_s)
        first = 1
        if self._attempt is not None:
            first = self._attempt.session.next_hunk
            self._spent = total(self._spent, self._attempt.usage)
        self._attempt = attempt = Attempt(order, tries, placed, stage, first=first)
        running = asyncio.ensure_future(attempt.run())
        self._feed(self._buffer)  # what the user typed while the code block was placed
        done = await running
        if attempt.stopped_early:
            notes.append(attempt.stopped_early)
        return done

    def _order_now(self, order: Order) -> Order:
        """Return the order for the buffer as it is now, after a try was undone."""
        cut = order.cut
        if cut is not None:
            typed = Edits.between(order.text, self._buffer.text)
            start = typed.move(cut.start, "right")
            end = max(start, typed.move(cut.end, "left"))
            cut = replace(cut, start=start, length=end - start)
        return replace(order, text=self._buffer.text, version=self._buffer.version, cut=cut)

    def _feed(self, event: Input) -> None:
        if self._attempt is not None:
            self._attempt.tell(event)

    async def _record(self, record: Record) -> None:
        """Write a record that nothing waits for; the original is safe without it."""
        try:
            await self._ports.journal.append(record)
        except JournalError as error:
            self._watcher.troubled(error)
        except Exception:  # noqa: BLE001  as above
            _log.exception("a record of apply %s is lost", self.order.id)

    def _result(self, done: StreamDone, backend: Backend | None, merged: Merge | None) -> Result:
        attempt = self._attempt
        usage = total(self._spent, attempt.usage if attempt else Usage())
        first = attempt.first_change_s if attempt else None
        found = attempt.findings if attempt else Findings()
        doubts = (*found.doubts, *found.refused)
        return Result(
            apply=self.order.id,
            outcome=done.outcome,
            backend=backend.name if backend else "",
            certain=merged is not None and merged.certain and not doubts,
            reasons=(*merged.reasons, *doubts) if merged else (),
            hunks=self.hunks,
            figures=Figures(
                first_change_ms=None if first is None else 1000 * (first - self._called_s),
                wall_ms=1000 * (self._ports.clock.now() - self._called_s),
                characters=len(attempt.text_written) if attempt else 0,
                accepted=usage.accepted,
                rejected=usage.rejected,
                passes=usage.passes,
            ),
            text=self._buffer.text,
            notes=found.remarks,
            repairs=found.repairs,
            error=done.error,
        )
