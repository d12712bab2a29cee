"""What would a tree of drafts save? An oracle that verifies other places beside the likeliest one.

A bound from above: the rows of the branches cost nothing here, and each branch has a full draft.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from fastapply_lsp.draft.drafter import Drafter, _Cursor
from fastapply_lsp.draft.source import LONGEST_MATCH, letters
from fastapply_lsp.draft.vocabulary import Kind
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALL = 1 << 30
_LINES_ON = 3
_SHIFTS = (1, -1, 2, -2, 3, -3, 4, -4)


class Branching(Drafter):
    """Our drafter, which says beside its draft what other places would say."""

    __slots__ = ()

    def branches(self, most: int) -> list[list[int]]:
        """Return other drafts than `propose`, the likeliest first.

        From the place that a detour has left; from every source where what was just written occurs,
        nearest behind, first and last, the longest match first; and of a lost cursor, from the next
        lines and from some tokens before and after.
        """
        found = [self.propose(most)]
        for cursor in self._others():
            draft = list(cursor.source.tokens[cursor.at : cursor.at + most])
            if draft and draft not in found:
                found.append(draft)
        return found[1:]

    def _others(self) -> Iterator[_Cursor]:
        if self._detour is not None:
            yield self._cursor
        yield from self._matches((self._detour or self._cursor).at)
        if self._lost is not None:
            yield from self._near(self._cursor)

    def _matches(self, here: int) -> list[_Cursor]:
        written = letters(self._written[-LONGEST_MATCH:])
        found: dict[tuple[int, int], int] = {}
        for number, source in enumerate(self._sources):
            for near in (here, 0, len(source.tokens)):
                place = source.find(written, near)
                if place is not None:
                    found[number, place.at] = place.length
        longest = sorted(found, key=lambda place: -found[place])
        return [_Cursor(self._sources[number], at) for number, at in longest]

    def _near(self, cursor: _Cursor) -> Iterator[_Cursor]:
        tokens, kinds = cursor.source.tokens, self._vocabulary.kinds
        ends = (at for at in range(cursor.at, len(tokens)) if kinds[tokens[at]] == Kind.LINE)
        lines = (end + 1 for end, _ in zip(ends, range(_LINES_ON), strict=False))
        shifted = (cursor.at + shift for shift in _SHIFTS)
        return (_Cursor(cursor.source, at) for at in chain(lines, shifted) if at >= 0)


def branched_passes(drafter: Branching, written: Sequence[int], most: int, branches: int) -> int:
    """Return the passes of an oracle that verifies so many branches beside each draft.

    With no branches, the same as `drafting.count_passes`.

    Args:
        drafter: new.
        written: what the model writes.
        most: tokens of a draft, and of each branch.
        branches: how many; the first ones.
    """
    at = passes = 0
    while at < len(written):
        drafts = [drafter.propose(most), *(drafter.branches(most)[:branches] if branches else ())]
        ahead = list(written[at : at + most])
        right = max(common_prefix(draft, ahead) for draft in drafts)
        drafter.observe(written[at : at + right + 1])
        at += right + 1
        passes += 1
    return passes
