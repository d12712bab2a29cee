"""Which hunks has the user taken back by hand?

A hunk taken back looks like typing inside it or next to it. Where the buffer is explained by less
typing without the hunk than with it, the hunk is no longer there. Each question is asked of the few
characters around a hunk, so a change of the buffer costs what it touches, not the file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.session.typed import distance, typed
from fastapply_lsp.text.edits import Edit, Edits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.session.hunks import Change


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Hunks that are gone: ``out`` takes them out of the model document, ``user`` fits the rest."""

    hunks: frozenset[int]
    out: Edits
    user: Edits


def taken_back(document: str, user: Edits, removals: Sequence[Change]) -> TakenBack:
    """Find the hunks that the user's edits have taken back.

    Args:
        document: The model document.
        user: All that the user typed, as edits of it.
        removals: The changes that would take each of its hunks out, in order.

    Law: ``user.apply(document) == result.user.apply(result.out.apply(document))``.
    """
    gone: set[int] = set()
    out: list[Edit] = []
    left: list[Edit] = []
    shift = 0
    for cluster in _clusters(user, _touched(user, removals)):
        found = cluster.without(document)
        gone |= found.hunks
        out += found.out
        left += (_moved(edit, shift) for edit in found.user)
        shift += sum(edit.growth for edit in found.out)
    return TakenBack(frozenset(gone), Edits.of(out), Edits.of(left))


@dataclass(slots=True)
class _Cluster:
    """Typing and hunks that touch, in offsets of the model document."""

    start: int
    end: int
    typed: list[Edit] = field(default_factory=list)
    removals: list[Change] = field(default_factory=list)

    def without(self, document: str) -> TakenBack:
        """Find the hunks without which the typing is smallest; ``user`` counts from before it."""
        best = TakenBack(frozenset(), Edits(), Edits(tuple(self.typed)))
        if not self.typed or not self.removals:
            return best
        here = document[self.start : self.end]
        there = Edits(tuple(_moved(edit, -self.start) for edit in self.typed)).apply(here)
        smallest = distance(here, there)
        chosen: frozenset[int] = frozenset()
        every = frozenset(change.hunk for change in self.removals)
        for choice in (every, *(frozenset({change.hunk}) for change in self.removals)):
            if choice <= chosen:
                continue
            out = [change.edit for change in self.removals if change.hunk in choice | chosen]
            rest = Edits.of(_moved(edit, -self.start) for edit in out).apply(here)
            if (left := distance(rest, there)) < smallest:
                smallest, chosen = left, chosen | choice
                user = Edits(tuple(_moved(edit, self.start) for edit in typed(rest, there)))
                best = TakenBack(chosen, Edits.of(out), user)
        return best


def _touched(user: Edits, removals: Sequence[Change]) -> list[Change]:
    """Return the removals that an edit of the user's touches; most are far from any."""
    starts = [edit.start for edit in user]
    return [
        change
        for change in removals
        if (at := bisect_right(starts, change.edit.end))
        and user.items[at - 1].end >= change.edit.start
    ]


def _clusters(user: Edits, removals: Sequence[Change]) -> list[_Cluster]:
    """Group what touches. A hunk of several changes is left out: it is a pasted snippet's."""
    parts = Counter(change.hunk for change in removals)
    marks: list[tuple[int, int, Edit | Change]] = [(e.start, e.end, e) for e in user]
    marks += [(c.edit.start, c.edit.end, c) for c in removals if parts[c.hunk] == 1]
    clusters: list[_Cluster] = []
    for start, end, mark in sorted(marks, key=lambda mark: mark[:2]):
        if not clusters or clusters[-1].end < start:
            clusters.append(_Cluster(start, end))
        cluster = clusters[-1]
        cluster.end = max(cluster.end, end)
        if isinstance(mark, Edit):
            cluster.typed.append(mark)
        else:
            cluster.removals.append(mark)
    return clusters


def _moved(edit: Edit, by: int) -> Edit:
    return Edit(edit.start + by, edit.end + by, edit.text)
