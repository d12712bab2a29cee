"""One apply in an editor: from the errand to the last decision.

It waits for its target and its turn, hands the edit to the conductor, and tells the client what
comes of it: progress, the result, each decision. It can be stopped at any point; a stop before the
stream leaves no trace, one within it puts the buffer back.
"""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.apply.model import Figures, Result
from fastapply_lsp.server import error_table
from fastapply_lsp.server.course import Start, set_out
from fastapply_lsp.server.place import Open
from fastapply_lsp.server.progress import ProgressBar, summary
from fastapply_lsp.server.told import tell_decided, tell_result
from fastapply_lsp.session.events import Decision, Outcome
from fastapply_lsp.session.hunks import HunkState, Mark

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import Any

    from fastapply_lsp.apply.conductor import Apply
    from fastapply_lsp.apply.model import Progress
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.server.course import Course
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.server.errand import Errand
    from fastapply_lsp.server.place import Place
    from fastapply_lsp.session.hunks import Hunk, Offsets


class State(Enum):
    """How far an apply is."""

    WAITING = auto()  # for its target, or for its turn
    STREAMING = auto()
    REVIEWING = auto()  # hunks wait for decisions
    OVER = auto()


class Owner(Protocol):
    """Whoever keeps the applies."""

    def state_changed(self, applying: Applying) -> None:
        """Lenses and actions may look different now."""
        ...

    async def make_way(self, applying: Applying, place: Place) -> Callable[[], None]:
        """Wait until this apply may stream into the place; return what ends its turn."""
        ...


class Applying:
    """One apply. It is the conductor's watcher."""

    def __init__(self, number: str, errand: Errand, desk: Desk, owner: Owner) -> None:
        self.id = number
        self.errand = errand
        self.state = State.WAITING
        self.place: Place | None = None
        self.result: Result | None = None
        self.answer: dict[str, Any] = {}
        self.over = asyncio.Event()
        self._desk = desk
        self._owner = owner
        self._apply: Apply | None = None
        self._preparing: asyncio.Task[Course] | None = None
        self._stopped: Outcome | None = None
        self._states: dict[int, HunkState] = {}
        self._called_s = desk.clock.now()
        self.bar = ProgressBar(desk.connection, desk.clock, f"fastapply-{number}", errand.token)

    # What the owner does

    async def run(self) -> Result:
        """Lead the errand to the end of its stream. Errors are in the result."""
        self._owner.state_changed(self)
        try:
            result = await self._lead()
        except Exception as error:  # noqa: BLE001 - whatever it is, the client must hear of the end
            result = self._result(Outcome.FAILED, error_table.of_the_tree(error))
        self._tell(result)
        return result

    def cancel(self, outcome: Outcome = Outcome.CANCELLED) -> bool:
        """Stop the stream, or the wait for it; return whether there was any."""
        if self.state is State.WAITING:
            self._stopped = self._stopped or outcome
            if self._preparing is not None:
                self._preparing.cancel()
            return True
        if self.state is State.STREAMING and self._apply is not None:
            self._apply.cancel(outcome)
            return True
        return False

    def buffer_changed(self, document: Document) -> None:
        """Follow the buffer."""
        if self._apply is not None and isinstance(self.place, Open):
            self._apply.buffer_changed(document.text, document.revision)

    def buffer_closed(self) -> None:
        """The buffer is gone: a stream fails, a review accepts what the buffer held."""
        if self._apply is not None and isinstance(self.place, Open):
            self._apply.buffer_closed()

    async def decide(self, hunks: Collection[int], decision: Decision) -> None:
        """Accept or reject pending hunks."""
        if self._apply is not None:
            await self._apply.decide(hunks, decision)

    async def withdraw(self) -> None:
        """Reject what is pending, and wait until it is out of the buffer."""
        if self.state is State.REVIEWING:
            await self.decide([hunk.id for hunk in self.pending], Decision.REJECT)
            await self.over.wait()

    async def aclose(self) -> None:
        """Stop where it is: the connection ends, and the journal keeps the apply open."""
        if self._apply is not None:
            await self._apply.aclose()

    # What others look at

    @property
    def path(self) -> str:
        """The file, as people know it so far."""
        return self.errand.call.target_file if self.place is None else self.place.path

    @property
    def pending(self) -> tuple[Hunk, ...]:
        """The hunks that wait for a decision."""
        return self._apply.pending if self._apply is not None else ()

    @property
    def kept(self) -> bool:
        """Whether the stream ended well and the user did not reject all of it."""
        if self.result is None or self.result.outcome is not Outcome.APPLIED:
            return False
        hunks = self._apply.hunks if self._apply is not None else ()
        return not hunks or any(hunk.state is not HunkState.REJECTED for hunk in hunks)

    def locate(self) -> dict[int, Offsets]:
        """Where each hunk stands in the buffer now."""
        return self._apply.locate() if self._apply is not None else {}

    # The walk

    async def _lead(self) -> Result:
        self._preparing = asyncio.create_task(self._prepare())
        if self._stopped is not None:  # stopped before it began
            self._preparing.cancel()
        try:
            course = await self._preparing
        except asyncio.CancelledError:
            return self._stopped_early()
        try:
            result = await course.apply.run()
            if course.draft is None:
                return result
            return await course.draft.land(result, course.apply)
        finally:
            course.end_turn()

    def _stopped_early(self) -> Result:
        """Return the end of an apply that was stopped before its stream; else go on failing."""
        if self._stopped is None:
            raise asyncio.CancelledError
        return self._result(self._stopped, None)

    async def _prepare(self) -> Course:
        await self._desk.settled()
        if self.errand.read is not None:
            self.errand = await self.errand.read()
        desk, errand = self._desk, self.errand
        self.bar.begin(f"Applying to {self.path}")
        self.place = await desk.opener.open(errand)
        end_turn = await self._owner.make_way(self, self.place)
        try:
            course = set_out(Start(self.id, errand, self.place, desk, end_turn), self)
        except BaseException:
            end_turn()
            raise
        self.place, self._apply, self.state = course.place, course.apply, State.STREAMING
        return course

    # What the conductor tells

    def progressed(self, progress: Progress) -> None:
        """Show how far the stream is."""
        self.bar.report(progress)

    def hunks_changed(self, hunks: tuple[Hunk, ...]) -> None:
        """Tell decisions, the user's own undo among them.

        The result tells what became of the hunks while they streamed: until then they come and go,
        and go all where a rewrite is put back for a better one. On a draft nobody can decide.
        """
        before, self._states = self._states, {hunk.id: hunk.state for hunk in hunks}
        if self.state is State.REVIEWING and tell_decided(self._desk, self, before, hunks):
            self._owner.state_changed(self)

    def streamed(self, result: Result) -> None:
        """The stream ended; `run` tells the client, once a draft has landed too."""

    def reviewed(self, hunks: tuple[Hunk, ...]) -> None:  # noqa: ARG002 - told by their changes
        """No hunk waits any more."""
        self._end()

    def troubled(self, error: FastApplyError) -> None:
        """A decision could not be carried out."""
        error_table.show(self._desk.connection, error)
        self._owner.state_changed(self)

    # The end of the stream

    def _result(self, outcome: Outcome, error: FastApplyError | None) -> Result:
        """Return the result of an apply that never streamed."""
        wall_ms = 1000 * (self._desk.clock.now() - self._called_s)
        figures = Figures(first_change_ms=None, wall_ms=wall_ms, characters=0)
        return Result(self.id, outcome, "", False, (), (), figures, "", error=error)

    def _tell(self, result: Result) -> None:
        self.result = result
        self.bar.end(summary(result))
        self.answer = tell_result(self._desk, self, result)
        if self.state is State.STREAMING and result.outcome is Outcome.APPLIED:
            self.state = State.REVIEWING
            self._accept_what_is_sure()
            self._owner.state_changed(self)
        else:
            self._end()

    def _accept_what_is_sure(self) -> None:
        """Where the user wants it so, accept the hunks without a mark; the others wait."""
        sure = [hunk.id for hunk in self.pending if hunk.mark is Mark.NONE]
        if self._desk.accepts_at_once and sure and self._apply is not None:
            self._desk.background.start(self._apply.decide(sure, Decision.ACCEPT))

    def _end(self) -> None:
        if self.state is not State.OVER:
            self.state = State.OVER
            self.over.set()
            self._owner.state_changed(self)
