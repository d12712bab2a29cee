"""The story of one try of an apply, from the first chunk to the last decision.

Law: the stream ends exactly once, with one `StreamDone`; nothing of the stream follows it. No edit
leaves before the journal has acknowledged the original. At most one edit is in flight.

============  ======================  =====================================================
phase         left by                 goes to
============  ======================  =====================================================
PREPARING     JournalAcknowledged     STREAMING (what came of the stream earlier is kept);
                                      JUDGING if the stream has ended meanwhile
STREAMING     StreamEnded, -Stopped   JUDGING
JUDGING       Judged                  SETTLING; RESTORING where the verdict refuses the rewrite
                                      and something better may be had (`Refusal.RESTORE`)
SETTLING      every edit has landed   REVIEWING (StreamDone applied)
any of these  Failed, CancelRequested RESTORING
any of these  an unwilling editor     RESTORING; CLOSED (StreamDone failed) if no hunk is there
RESTORING     every edit has landed   CLOSED (StreamDone cancelled, failed or superseded)
RESTORING     an unwilling editor     CLOSED (StreamDone failed)
all so far    BufferClosed            CLOSED (StreamDone failed)
REVIEWING     last decision landed    CLOSED (ReviewDone), at once if no hunk waits
REVIEWING     BufferClosed            CLOSED (ReviewDone): what the buffer held is accepted
============  ======================  =====================================================

In every phase between PREPARING and CLOSED the buffer is held to one wish, the set of hunks that
should be in it (`steering`): while restoring, that is none.

The verdict names the hunks: what was streamed is a promise, and where the verdict says something
else of a place, its changes take the place of the hunks there. Law: once it has settled, and where
the user did nothing in between, the buffer holds the verdict's text.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from fastapply_lsp.errors import BufferClosed as BufferWasClosed
from fastapply_lsp.errors import EditorRefused, FastApplyError, RewriteRejected
from fastapply_lsp.session.buffer import BufferView
from fastapply_lsp.session.delivery import Delivery
from fastapply_lsp.session.events import (
    AskVerdict,
    BufferChanged,
    BufferClosed,
    CancelRequested,
    Chunk,
    Decided,
    Decision,
    EditAnswered,
    Failed,
    HunksChanged,
    Input,
    JournalAcknowledged,
    Judged,
    KeepOriginal,
    Outcome,
    Output,
    PauseOver,
    Refusal,
    ReviewDone,
    ReviewTrouble,
    StreamDone,
    StreamEnded,
    StreamStopped,
)
from fastapply_lsp.session.hunks import Cut, Hunk, HunkState, Offsets
from fastapply_lsp.session.intake import Gate, Intake, Rewrite
from fastapply_lsp.session.ledger import SNIPPET, Ledger
from fastapply_lsp.session.steering import Steering

if TYPE_CHECKING:
    from fastapply_lsp.guard.model import Verdict


class Phase(Enum):
    """See the table above."""

    PREPARING = auto()
    STREAMING = auto()
    JUDGING = auto()
    SETTLING = auto()
    RESTORING = auto()
    REVIEWING = auto()
    CLOSED = auto()


_STREAM = frozenset({Phase.PREPARING, Phase.STREAMING, Phase.JUDGING, Phase.SETTLING})


class Session:
    """One try of an apply, in one buffer.

    Args:
        uri: names the buffer in errors.
        original: the buffer's text when the apply began.
        version: the editor's number for that text, if it has one.
        rewrite: turns the stream into replacements of the base, which is the original less the
            ``cut``.
        gate: decides which replacements may leave before the verdict.
        cut: the pasted snippet that leaves the buffer with the first edit.
        unsure: why the whole rewrite is a guess; empty where it is not.
        first: the number of the first hunk; an apply that is tried again never uses one twice.
    """

    def __init__(  # noqa: PLR0913  all but three are named, and three of these seldom given
        self,
        uri: str,
        original: str,
        version: int | None,
        *,
        rewrite: Rewrite,
        gate: Gate,
        cut: Cut | None = None,
        unsure: str = "",
        first: int = 1,
    ) -> None:
        self.uri = uri
        self.phase = Phase.PREPARING
        self._rewrite = rewrite
        self._view = BufferView(original, version)
        self._delivery = Delivery(self._view)
        self._ledger = Ledger(self._view.layout, first)
        self._steering = Steering(self._view, self._delivery, self._ledger)
        base = original if cut is None else cut.base(original)
        self._intake = Intake(self._ledger, base, gate, cut, unsure)
        if cut is not None:
            self._ledger.take(Hunk(SNIPPET, (cut.edit,), (), (), HunkState.ACCEPTED), None)
        self._outcome = Outcome.APPLIED
        self._error: FastApplyError | None = None
        self._stream_over = False
        self._out: list[Output] = []

    # What others may look at

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks in the order of the file."""
        return self._ledger.shown

    @property
    def next_hunk(self) -> int:
        """A number that no hunk has."""
        return self._ledger.next

    @property
    def text(self) -> str:
        """The buffer as last reported."""
        return self._view.text

    @property
    def showing(self) -> bool:
        """Whether the buffer shows any hunk."""
        return bool(self._view.present - {SNIPPET})

    def locate(self) -> dict[int, Offsets]:
        """Where each hunk stands in the buffer now (code points)."""
        return self._view.locate()

    def begin(self) -> list[Output]:
        """Start: ask the journal to keep the original."""
        return [KeepOriginal(self._view.original)]

    def handle(self, event: Input) -> list[Output]:  # noqa: C901, PLR0912  one branch per event
        """Take one event; return what is to be done."""
        self._out = []
        if self.phase is Phase.CLOSED:
            return []
        match event:
            case JournalAcknowledged():
                if self.phase is Phase.PREPARING:
                    self.phase = Phase.STREAMING
                    if self._stream_over:
                        self._ask_verdict()
            case Chunk(text):
                if self.phase in _STREAM and not self._stream_over:
                    self._intake.stream(self._rewrite.push(text), HunkState.QUEUED)
            case StreamEnded():
                self._on_stream_ended(HunkState.QUEUED)
            case StreamStopped():
                self._on_stream_ended(HunkState.HELD)
            case Judged(verdict, refusal):
                self._on_judged(verdict, refusal)
            case Failed(error):
                self._restore(Outcome.FAILED, error)
            case CancelRequested(outcome):
                self._restore(outcome, None)
            case EditAnswered():
                self._out += self._steering.landed(self._delivery.on_answer(event))
            case PauseOver(token):
                self._out += self._steering.landed(self._delivery.on_pause_over(token))
            case BufferChanged():
                self._out += self._steering.landed(self._delivery.on_change(event))
            case BufferClosed():
                self._on_closed()
            case Decided(hunks, decision):
                self._on_decided(hunks, decision)
        self._steer()
        if self._ledger.changed:
            self._ledger.changed = False
            self._out.insert(0, HunksChanged(self.hunks))
        return self._out

    # The stream

    def _on_stream_ended(self, state: HunkState) -> None:
        if self.phase not in {Phase.PREPARING, Phase.STREAMING} or self._stream_over:
            return
        self._intake.stream(self._rewrite.finish(), state)
        self._stream_over = True
        if self.phase is Phase.STREAMING:
            self._ask_verdict()

    def _ask_verdict(self) -> None:
        self.phase = Phase.JUDGING
        self._out.append(AskVerdict(self._rewrite.text, tuple(self._intake.series)))

    def _on_judged(self, verdict: Verdict, refusal: Refusal) -> None:
        if self.phase is not Phase.JUDGING:
            return
        if not verdict.accepted and refusal is Refusal.RESTORE:
            self._restore(Outcome.FAILED, RewriteRejected(verdict.reasons))
            return
        self.phase = Phase.SETTLING
        self._intake.judge(verdict)

    def _restore(self, outcome: Outcome, error: FastApplyError | None) -> None:
        if self.phase in _STREAM:
            self.phase = Phase.RESTORING
            self._steering.restore()
            self._outcome, self._error = outcome, error

    # The buffer

    def _steer(self) -> None:
        """Send the next edit if one is due; where there is none, see what is over."""
        if self._delivery.unwilling is not None:
            self._on_unwilling(self._delivery.unwilling)
        if self.phase not in {Phase.PREPARING, Phase.CLOSED}:
            self._out += self._steering.step()
            if self._delivery.idle:
                self._on_settled()

    def _on_unwilling(self, error: EditorRefused) -> None:
        self._delivery.unwilling = None
        if self.phase is Phase.REVIEWING:
            self._ledger.stay(self._view.present - self._steering.wanted)
            self._out.append(ReviewTrouble(error))
        elif self.phase is Phase.RESTORING or not self._view.present:
            self._end_stream(Outcome.FAILED, error)
        else:
            self._restore(Outcome.FAILED, error)

    def _on_closed(self) -> None:
        if self.phase is Phase.REVIEWING:
            self._ledger.set(HunkState.ACCEPTED, self._ledger.in_state(HunkState.PENDING))
            self._end_review()
        else:
            self._end_stream(Outcome.FAILED, self._error or BufferWasClosed(self.uri))

    # The end, and the review

    def _on_settled(self) -> None:
        if self.phase is Phase.RESTORING:
            self._end_stream(self._outcome, self._error)
        elif self.phase is Phase.SETTLING:
            self.phase = Phase.REVIEWING
            self._out.append(StreamDone(Outcome.APPLIED))
        if self.phase is Phase.REVIEWING and not self._ledger.in_state(HunkState.PENDING):
            self._end_review()

    def _end_stream(self, outcome: Outcome, error: FastApplyError | None) -> None:
        if self.phase is Phase.RESTORING:
            stays = self._ledger.in_state(HunkState.CONFLICT, HunkState.WITHDRAWN)
            out = frozenset(self._view.layout.hunks) - stays - self._view.present
            self._ledger.set(HunkState.REJECTED, out)
        self.phase = Phase.CLOSED
        self._out.append(StreamDone(outcome, error))

    def _end_review(self) -> None:
        self.phase = Phase.CLOSED
        self._out.append(ReviewDone())

    def _on_decided(self, hunks: frozenset[int], decision: Decision) -> None:
        if self.phase is Phase.RESTORING:
            return
        state = HunkState.ACCEPTED if decision is Decision.ACCEPT else HunkState.REJECTED
        self._ledger.set(state, self._ledger.in_state(HunkState.PENDING) & hunks)
