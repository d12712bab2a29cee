"""How do replacements of lines become hunks: those of the stream, and then those of the verdict?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.guard.gate import Held
from fastapply_lsp.session.hunks import Hunk, HunkState, Mark, hunk_edit
from fastapply_lsp.session.judged import Label, compared, label
from fastapply_lsp.text.lines import line_starts, split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.guard.gate import Admitted
    from fastapply_lsp.guard.model import Change, Verdict
    from fastapply_lsp.session.hunks import Cut
    from fastapply_lsp.session.ledger import Ledger
    from fastapply_lsp.text.replacement import Replacement


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


class Intake:
    """Takes hunks into a ledger.

    Args:
        ledger: where they go.
        base: what the replacements replace lines of: the original less the ``cut``.
        gate: decides which replacements may leave before the verdict.
        cut: the pasted snippet in the original.
        unsure: why the whole rewrite is a guess; empty where it is not.

    ``series`` is all that was streamed so far.
    """

    def __init__(self, ledger: Ledger, base: str, gate: Gate, cut: Cut | None, unsure: str) -> None:
        self._ledger = ledger
        self._lines = split_lines(base)
        self._starts = [*line_starts(base), len(base)]
        self._gate = gate
        self._cut = cut
        self._unsure = unsure
        self.series: list[Replacement] = []

    def stream(self, replacements: Iterable[Replacement], state: HunkState) -> None:
        """Take in what was streamed; what the gate holds waits for the verdict in any case."""
        why = Label(Mark.UNSURE if self._unsure else Mark.NONE, self._unsure)
        for replacement in replacements:
            self.series.append(replacement)
            verdict = self._gate.admit(replacement)
            if isinstance(verdict, Held):
                held = Label(Mark.UNREQUESTED, verdict.reason)
                self._take(replacement, HunkState.HELD, held)
            else:
                self._take(replacement, state, why)

    def judge(self, verdict: Verdict) -> None:
        """Make the verdict's changes the hunks."""
        ledger = self._ledger
        found = compared(ledger.replacements, verdict.changes, self._lines)
        for number, unrequested in found.kept.items():
            why = label(unrequested, verdict, self._unsure)
            ledger.mark(number, why.mark, why.note)
        ledger.set(HunkState.QUEUED, ledger.in_state(HunkState.HELD) & found.kept.keys())
        first = ledger.next
        others = defaultdict[int, list[int]](list)  # the hunks in the place of each change
        for number, indices in found.withdrawn.items():
            for index in indices:
                others[index].append(number)
        for index, change in enumerate(found.coming):
            state = self._begins(change, others[index])
            self._take(change.replacement, state, label(change.unrequested, verdict, self._unsure))
        for number, indices in found.withdrawn.items():
            ledger.oppose(number, (first + index for index in indices))
            ledger.withdraw(number)

    def _begins(self, change: Change, others: list[int]) -> HunkState:
        """Say where a change begins that comes in the place of other hunks.

        A rejection holds for what is left of the hunk.
        """
        for number in others:
            was = self._ledger.replacements[number].span
            rejected = self._ledger.state(number) is HunkState.REJECTED
            if rejected and was.covers(change.replacement.span):
                return HunkState.REJECTED
        return HunkState.QUEUED

    def _take(self, replacement: Replacement, state: HunkState, why: Label) -> None:
        edit = hunk_edit(replacement, self._starts)
        hunk = Hunk(
            self._ledger.next,
            (edit,) if self._cut is None else self._cut.original_edits(edit),
            tuple(self._lines[replacement.start : replacement.end]),
            replacement.lines,
            state,
            why.mark,
            why.note,
        )
        self._ledger.take(hunk, replacement)
