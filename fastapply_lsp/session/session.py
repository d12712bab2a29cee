"""The story of one apply, from the first chunk to the last decision.

Law: the stream ends exactly once, with one `StreamDone`; nothing of the stream follows it. No edit
leaves before the journal has acknowledged the original. At most one edit is in flight.

============  ======================  =====================================================
phase         left by                 goes to
============  ======================  =====================================================
PREPARING     JournalAcknowledged     STREAMING (chunks that came earlier are kept)
STREAMING     StreamEnded             JUDGING
JUDGING       Judged                  SETTLING, or RESTORING where a fault is fatal
SETTLING      every edit has landed   REVIEWING (StreamDone applied), or CLOSED if none waits
any of these  Failed, CancelRequested RESTORING
any of these  BufferClosed            CLOSED (StreamDone failed)
RESTORING     every edit has landed   CLOSED (StreamDone cancelled, failed or superseded)
REVIEWING     last decision landed    CLOSED (ReviewDone)
============  ======================  =====================================================

In every phase but CLOSED the session holds the buffer to one wish: the set of hunks that should be
in it (`Session._wanted`). Whatever happens, the next edit is the step from what is there to that.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.errors import BufferClosed as BufferWasClosed
from fastapply_lsp.errors import EditorRefused, FastApplyError, RewriteRejected
from fastapply_lsp.guard.gate import Held
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
    ReviewDone,
    ReviewTrouble,
    StreamDone,
    StreamEnded,
)
from fastapply_lsp.session.hunks import Cut, Hunk, HunkState, Mark, Offsets, hunk_edit
from fastapply_lsp.text.lines import line_starts, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.guard.gate import Admitted
    from fastapply_lsp.guard.model import Verdict
    from fastapply_lsp.text.replacement import Replacement


class Phase(Enum):
    """See the table above."""

    PREPARING = auto()
    STREAMING = auto()
    JUDGING = auto()
    SETTLING = auto()
    RESTORING = auto()
    REVIEWING = auto()
    CLOSED = auto()


class Rewrite(Protocol):
    """What the session needs of `rewrite.pipeline.Rewriter`."""

    def push(self, chunk: str, /) -> list[Replacement]:
        """Take a piece of the stream."""
        ...

    def finish(self) -> list[Replacement]:
        """Say that the stream is over."""
        ...

    @property
    def text(self) -> str:
        """The rewritten file so far."""
        ...


class Gate(Protocol):
    """What the session needs of `guard.gate.Gate`."""

    def admit(self, replacement: Replacement, /) -> Admitted | Held:
        """Say whether a replacement may go before the verdict."""
        ...


_STREAM = frozenset({Phase.PREPARING, Phase.STREAMING, Phase.JUDGING, Phase.SETTLING})
_WANTED = frozenset({HunkState.QUEUED, HunkState.PENDING, HunkState.ACCEPTED})
_SNIPPET = 0  # the id of the hunk that takes a pasted snippet out of the buffer


class Session:
    """One apply to one buffer.

    Args:
        uri: names the buffer in errors.
        original: the buffer's text when the apply began.
        version: the editor's number for that text, if it has one.
        rewrite: turns the stream into replacements of the base, which is the original less the
            ``cut``.
        gate: decides which replacements may leave before the verdict.
        cut: the pasted snippet that leaves the buffer with the first edit.
        unsure: why the whole rewrite is a guess; empty where it is not.
    """

    def __init__(  # noqa: PLR0913  the three last ones are named, and seldom given
        self,
        uri: str,
        original: str,
        version: int | None,
        *,
        rewrite: Rewrite,
        gate: Gate,
        cut: Cut | None = None,
        unsure: str = "",
    ) -> None:
        self.uri = uri
        self.phase = Phase.PREPARING
        self._rewrite = rewrite
        self._gate = gate
        self._cut = cut
        self._unsure = unsure
        base = original if cut is None else cut.base(original)
        self._base_lines = split_lines(base)
        self._starts = [*line_starts(base), len(base)]
        self._view = BufferView(original, version)
        self._delivery = Delivery(self._view)
        self._hunks: dict[int, Hunk] = {}
        self._wishes: set[int] = set()  # the hunks whose state is one of `_WANTED`
        self._overtaken: set[int] = set()  # those in conflict
        if cut is not None:
            self._take(Hunk(_SNIPPET, (cut.edit,), (), (), HunkState.ACCEPTED))
        self._outcome = Outcome.APPLIED
        self._error: FastApplyError | None = None
        self._stream_over = False
        self._hunks_changed = False
        self._out: list[Output] = []

    # What others may look at

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """The hunks in the order of the file."""
        return tuple(self._hunks[hunk] for hunk in self._view.layout.hunks if hunk != _SNIPPET)

    @property
    def text(self) -> str:
        """The buffer as last reported."""
        return self._view.text

    @property
    def showing(self) -> bool:
        """Whether the buffer shows any hunk."""
        return bool(self._view.present - {_SNIPPET})

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
                    self._add(self._rewrite.push(text))
            case StreamEnded():
                self._on_stream_ended()
            case Judged(verdict):
                self._on_judged(verdict)
            case Failed(error):
                self._restore(Outcome.FAILED, error)
            case CancelRequested(outcome):
                self._restore(outcome, None)
            case EditAnswered():
                self._out += self._delivery.on_answer(event)
            case PauseOver(token):
                self._out += self._delivery.on_pause_over(token)
            case BufferChanged():
                self._on_change(event)
            case BufferClosed():
                self._on_closed()
            case Decided(hunks, decision):
                self._on_decided(hunks, decision)
        self._reconcile()
        if self._hunks_changed:
            self._hunks_changed = False
            self._out.insert(0, HunksChanged(self.hunks))
        return self._out

    # The stream

    def _add(self, replacements: Iterable[Replacement]) -> None:
        for replacement in replacements:
            edit = hunk_edit(replacement, self._starts)
            verdict = self._gate.admit(replacement)
            held = isinstance(verdict, Held)
            number = len(self._hunks) + (self._cut is None)
            hunk = Hunk(
                number,
                (edit,) if self._cut is None else self._cut.original_edits(edit),
                tuple(self._base_lines[replacement.start : replacement.end]),
                replacement.lines,
                HunkState.HELD if held else HunkState.QUEUED,
                Mark.UNREQUESTED if held else Mark.UNSURE if self._unsure else Mark.NONE,
                verdict.reason if isinstance(verdict, Held) else self._unsure,
            )
            self._take(hunk)

    def _on_stream_ended(self) -> None:
        if self.phase not in {Phase.PREPARING, Phase.STREAMING} or self._stream_over:
            return
        self._add(self._rewrite.finish())
        self._stream_over = True
        if self.phase is Phase.STREAMING:
            self._ask_verdict()

    def _ask_verdict(self) -> None:
        self.phase = Phase.JUDGING
        self._out.append(AskVerdict(self._rewrite.text))

    def _on_judged(self, verdict: Verdict) -> None:
        if self.phase is not Phase.JUDGING:
            return
        if not verdict.accepted:
            self._restore(Outcome.FAILED, RewriteRejected(verdict.reasons))
            return
        self.phase = Phase.SETTLING
        self._set(HunkState.QUEUED, self._in_state(HunkState.HELD))
        if verdict.doubts:
            self._doubt("; ".join(verdict.doubts))

    def _doubt(self, why: str) -> None:
        """Mark every hunk that has no mark yet."""
        for number, hunk in self._hunks.items():
            if hunk.mark is Mark.NONE and number != _SNIPPET:
                self._hunks[number] = replace(hunk, mark=Mark.UNSURE, note=why)
                self._hunks_changed = True

    def _restore(self, outcome: Outcome, error: FastApplyError | None) -> None:
        if self.phase in _STREAM:
            self.phase = Phase.RESTORING
            self._outcome, self._error = outcome, error

    # The editor

    def _wanted(self) -> frozenset[int]:
        """Which hunks should be in the buffer."""
        wishes = frozenset[int]() if self.phase is Phase.RESTORING else self._wishes
        return self._view.present & self._overtaken | wishes

    def _reconcile(self) -> None:
        """Send the next edit if one is due and nothing is in the air; else see what is over."""
        if self._delivery.unwilling is not None:
            self._on_unwilling(self._delivery.unwilling)
        if self.phase in {Phase.PREPARING, Phase.CLOSED} or not self._delivery.idle:
            return
        if (repair := self._view.repair()) is not None:
            self._out += self._delivery.send(self._view.present, repair)
            return
        while (wanted := self._wanted()) != self._view.present:
            placement = self._view.place(self._view.layout.step(self._view.present, wanted))
            if not placement.conflicts:
                self._out += self._delivery.send(wanted, placement)
                return
            self._set(HunkState.CONFLICT, placement.conflicts)
        self._on_settled()

    def _on_unwilling(self, error: EditorRefused) -> None:
        self._delivery.unwilling = None
        if self.phase is Phase.REVIEWING:
            self._set(HunkState.PENDING, self._view.present - self._wanted())
            self._out.append(ReviewTrouble(error))
        elif self.phase is Phase.RESTORING or not self._view.present:
            self._end_stream(Outcome.FAILED, error)
        else:
            self._restore(Outcome.FAILED, error)

    def _on_change(self, change: BufferChanged) -> None:
        landing = self._delivery.on_change(change)
        self._out += landing.outputs
        news = landing.news
        if news.landed is not None:
            self._set(HunkState.PENDING, self._in_state(HunkState.QUEUED) & news.landed.target)
        self._set(HunkState.REJECTED, news.gone)
        for hunk in news.back & self._in_state(HunkState.REJECTED):
            state = HunkState.ACCEPTED if hunk == _SNIPPET else HunkState.PENDING
            self._set(state, {hunk})

    def _on_closed(self) -> None:
        if self.phase is Phase.REVIEWING:
            self._set(HunkState.ACCEPTED, self._in_state(HunkState.PENDING))
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
        if self.phase is Phase.REVIEWING and not self._in_state(HunkState.PENDING):
            self._end_review()

    def _end_stream(self, outcome: Outcome, error: FastApplyError | None) -> None:
        if self.phase is Phase.RESTORING:
            out = (h.id for h in self._hunks.values() if h.state is not HunkState.CONFLICT)
            self._set(HunkState.REJECTED, frozenset(out) - self._view.present)
        self.phase = Phase.CLOSED
        self._out.append(StreamDone(outcome, error))

    def _end_review(self) -> None:
        self.phase = Phase.CLOSED
        self._out.append(ReviewDone())

    def _on_decided(self, hunks: frozenset[int], decision: Decision) -> None:
        if self.phase is Phase.RESTORING:
            return
        state = HunkState.ACCEPTED if decision is Decision.ACCEPT else HunkState.REJECTED
        self._set(state, self._in_state(HunkState.PENDING) & hunks)

    def _in_state(self, state: HunkState) -> frozenset[int]:
        return frozenset(hunk.id for hunk in self._hunks.values() if hunk.state is state)

    def _take(self, hunk: Hunk) -> None:
        self._hunks[hunk.id] = hunk
        self._view.layout.add(hunk)
        self._note(hunk)

    def _set(self, state: HunkState, hunks: Iterable[int]) -> None:
        for number in hunks:
            self._hunks[number] = replace(self._hunks[number], state=state)
            self._note(self._hunks[number])
            self._hunks_changed = True

    def _note(self, hunk: Hunk) -> None:
        (self._wishes.add if hunk.state in _WANTED else self._wishes.discard)(hunk.id)
        overtaken = hunk.state is HunkState.CONFLICT
        (self._overtaken.add if overtaken else self._overtaken.discard)(hunk.id)
