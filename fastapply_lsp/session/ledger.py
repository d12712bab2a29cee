"""Which hunks are there, in which state is each, and which of them should be in the buffer?

Law: no two *rivals* are in the buffer together, nor are they wished for together. Rivals are a hunk
that the verdict has withdrawn and those that it has put in its place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.session.hunks import HunkState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from fastapply_lsp.session.hunks import Hunk, Layout, Mark
    from fastapply_lsp.text.replacement import Replacement

_WANTED = frozenset({HunkState.QUEUED, HunkState.PENDING, HunkState.ACCEPTED})
_OUT = frozenset({HunkState.REJECTED, HunkState.WITHDRAWN})

SNIPPET = 0
"""The number of the hunk that takes a pasted snippet out of the buffer; no other one has it."""


class Ledger:
    """The hunks of one session.

    Args:
        layout: where each hunk's edits are kept.
        first: the number of the first hunk.

    ``changed`` is set when a hunk moved on; whoever tells of it resets it.
    """

    def __init__(self, layout: Layout, first: int) -> None:
        self._layout = layout
        self._hunks: dict[int, Hunk] = {}
        self._replacements: dict[int, Replacement] = {}
        self._rivals: defaultdict[int, set[int]] = defaultdict(set)
        self._replaced: set[int] = set()  # those that the verdict has withdrawn
        self._wishes: set[int] = set()
        self._overtaken: set[int] = set()
        self.next = first
        self.changed = False

    # What there is

    @property
    def shown(self) -> tuple[Hunk, ...]:
        """The hunks in the order of the file, as others see them."""
        hunks = (self._hunks[number] for number in self._layout.hunks if number != SNIPPET)
        return tuple(hunk for hunk in hunks if hunk.state is not HunkState.WITHDRAWN)

    @property
    def replacements(self) -> Mapping[int, Replacement]:
        """What each hunk makes of the lines of the base; the pasted snippet has no lines there."""
        return self._replacements

    @property
    def wishes(self) -> AbstractSet[int]:
        """The hunks that should be in the buffer."""
        return self._wishes

    @property
    def overtaken(self) -> AbstractSet[int]:
        """The hunks that stay where they are, in or out, since the user changed their place."""
        return self._overtaken

    def state(self, number: int) -> HunkState:
        """Where a hunk is on its way."""
        return self._hunks[number].state

    def in_state(self, *states: HunkState) -> frozenset[int]:
        """Return the hunks that are in one of these states."""
        return frozenset(hunk.id for hunk in self._hunks.values() if hunk.state in states)

    def rivals(self, numbers: Iterable[int]) -> frozenset[int]:
        """Return the hunks that cannot be in the buffer together with one of these."""
        if not self._rivals:
            return frozenset()
        return frozenset(other for each in numbers for other in self._rivals.get(each, ()))

    # What happens to them

    def take(self, hunk: Hunk, replacement: Replacement | None) -> None:
        """Take in a hunk."""
        self._hunks[hunk.id] = hunk
        if replacement is not None:
            self._replacements[hunk.id] = replacement
            self.next = hunk.id + 1
        self._layout.add(hunk)
        self._note(hunk)

    def set(self, state: HunkState, numbers: Iterable[int]) -> None:
        """Move hunks on."""
        for number in numbers:
            self._hunks[number] = replace(self._hunks[number], state=state)
            self._note(self._hunks[number])
            self.changed = True

    def mark(self, number: int, mark: Mark, note: str) -> None:
        """Say why a hunk deserves a second look, or that it does not."""
        hunk = self._hunks[number]
        if (hunk.mark, hunk.note) != (mark, note):
            self._hunks[number] = replace(hunk, mark=mark, note=note)
            self.changed = True

    def oppose(self, number: int, rivals: Iterable[int]) -> None:
        """Make hunks the rivals of one."""
        for rival in rivals:
            self._rivals[number].add(rival)
            self._rivals[rival].add(number)

    def withdraw(self, number: int) -> None:
        """Take a hunk's wish back, for good unless the user brings it back.

        One that the user typed in is in conflict again as soon as it should go.
        """
        self._replaced.add(number)
        self.set(HunkState.WITHDRAWN, {number})

    def take_out(self, numbers: AbstractSet[int]) -> None:
        """Follow the user, who took hunks out of the buffer by hand."""
        self.set(HunkState.REJECTED, numbers - self._replaced)
        self.set(HunkState.WITHDRAWN, numbers & self._replaced)

    def bring_back(self, numbers: AbstractSet[int]) -> None:
        """Follow the user, who brought hunks back by hand; what is there now waits again."""
        back = frozenset(number for number in numbers if self.state(number) in _OUT)
        self.set(HunkState.ACCEPTED, back & {SNIPPET})
        self.stay(back - {SNIPPET})

    def stay(self, numbers: AbstractSet[int]) -> None:
        """Let hunks that are in the buffer wait for a decision there; their rivals are out."""
        self.set(HunkState.PENDING, numbers)
        self.take_out(self.rivals(numbers) & self._wishes)

    def yield_to(self, staying: AbstractSet[int]) -> None:
        """Give up the wishes that rival hunks which stay, since the user typed in them."""
        self.set(HunkState.CONFLICT, self.rivals(staying) & self._wishes)

    def _note(self, hunk: Hunk) -> None:
        (self._wishes.add if hunk.state in _WANTED else self._wishes.discard)(hunk.id)
        overtaken = hunk.state is HunkState.CONFLICT
        (self._overtaken.add if overtaken else self._overtaken.discard)(hunk.id)
