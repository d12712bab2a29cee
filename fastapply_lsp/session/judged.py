"""What does the verdict make of the hunks that were streamed?

The verdict's changes are the hunks from then on. Where it repaired something, a streamed hunk may be
another one now, or none. So each hunk is compared with the changes: it stays if a change says the
same, and else it is withdrawn in favour of those that change its place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Change
from fastapply_lsp.session.hunks import Mark
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastapply_lsp.guard.model import Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Hunks, by number, against the changes of a verdict.

    ``kept`` holds for each hunk that stays what nobody asked for in it (empty where it was asked);
    ``coming`` are the changes that no hunk makes, and ``withdrawn`` says for each hunk that goes
    which of those touch its place, by their index.

    Laws: the kept hunks and the coming changes together make the verdict's text of the base; a
    hunk that says the same as the changes of its place stays.
    """

    kept: dict[int, str]
    coming: tuple[Change, ...]
    withdrawn: dict[int, tuple[int, ...]]


def compared(
    hunks: Mapping[int, Replacement], changes: Sequence[Change], base: Sequence[str]
) -> Comparison:
    r"""Compare a series of hunks with a series of changes of the same base.

    >>> hunks = {1: Replacement(0, 1, ("x\n",)), 2: Replacement(2, 4, ("y\n",))}
    >>> changes = [Change(Replacement(0, 1, ("x\n",))), Change(Replacement(2, 3, ("y\n",)), "why")]
    >>> found = compared(hunks, changes, ["a\n", "b\n", "c\n", "d\n"])
    >>> found.kept, [change.unrequested for change in found.coming], found.withdrawn
    ({1: ''}, ['why'], {2: (0,)})
    """
    equal = {change.replacement: change for change in changes}
    kept = {number: equal[each].unrequested for number, each in hunks.items() if each in equal}
    made = {hunks[number] for number in kept}
    others = {number: each for number, each in hunks.items() if number not in kept}
    rest = [change for change in changes if change.replacement not in made]
    coming: list[Change] = []
    going: list[int] = []
    for place in _places(others, rest):
        if place.hunks and place.changes and place.says_the_same(others, base):
            why = "; ".join(dict.fromkeys(filter(None, (c.unrequested for c in place.changes))))
            kept.update(dict.fromkeys(place.hunks, why))
        else:
            coming += place.changes
            going += place.hunks
    spans = [change.replacement.span for change in coming]
    return Comparison(kept, tuple(coming), {n: _touching(others[n].span, spans) for n in going})


@dataclass(slots=True)
class _Place:
    """Lines of the base, and all the hunks and changes that touch them."""

    start: int
    end: int
    hunks: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    def says_the_same(self, hunks: Mapping[int, Replacement], base: Sequence[str]) -> bool:
        return self._made(base, [hunks[number] for number in self.hunks]) == self._made(
            base, [change.replacement for change in self.changes]
        )

    def _made(self, base: Sequence[str], series: Sequence[Replacement]) -> list[str]:
        here = (Replacement(r.start - self.start, r.end - self.start, r.lines) for r in series)
        return apply_replacements(base[self.start : self.end], here)


def _places(hunks: Mapping[int, Replacement], changes: Sequence[Change]) -> Iterator[_Place]:
    marks: list[tuple[Span, int | Change]] = [(each.span, n) for n, each in hunks.items()]
    marks += [(change.replacement.span, change) for change in changes]
    place: _Place | None = None
    for span, mark in sorted(marks, key=lambda mark: mark[0]):
        if place is None or place.end < span.start:
            if place is not None:
                yield place
            place = _Place(span.start, span.end)
        place.end = max(place.end, span.end)
        if isinstance(mark, Change):
            place.changes.append(mark)
        else:
            place.hunks.append(mark)
    if place is not None:
        yield place


def _touching(span: Span, series: Sequence[Span]) -> tuple[int, ...]:
    """Return the indices of those in a sorted, disjoint series that touch the span."""
    first = bisect_left(series, span.start, key=lambda other: other.end)
    last = bisect_right(series, span.end, key=lambda other: other.start)
    return tuple(range(first, last))


@dataclass(frozen=True, slots=True)
class Label:
    """A mark, and why."""

    mark: Mark
    note: str


def label(unrequested: str, verdict: Verdict, unsure: str) -> Label:
    """Say how a change of the verdict is marked; ``unsure`` is why the whole rewrite is a guess."""
    if not verdict.accepted:
        reasons = "; ".join(verdict.reasons)
        return Label(Mark.REFUSED, f"{unrequested}; {reasons}" if unrequested else reasons)
    if unrequested:
        return Label(Mark.UNREQUESTED, unrequested)
    doubts = unsure or "; ".join(verdict.doubts)
    return Label(Mark.UNSURE if doubts else Mark.NONE, doubts)
