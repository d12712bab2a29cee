"""Where is a place of a text after edits? For many questions about the same edits."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.text.edit import Edit


class Places:
    """Sorted, disjoint edits, prepared: each question costs a binary search."""

    __slots__ = ("_items", "_shifts", "_starts")

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._items = edits
        self._starts = [edit.start for edit in edits]
        self._shifts = list(accumulate((edit.growth for edit in edits), initial=0))

    def move(self, offset: int, stick: Literal["left", "right"]) -> int:
        """Return the new offset; ``Edits.move`` says the rule."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            return offset
        edit = self._items[index]
        if offset > edit.end:
            return offset + self._shifts[index + 1]
        new_start = edit.start + self._shifts[index]
        new_end = new_start + len(edit.text)
        if edit.start < edit.end:
            if offset == edit.start:
                return new_start
            if offset == edit.end:
                return new_end
        return new_start if stick == "left" else new_end

    def conflict(self, edit: Edit) -> bool:
        """Whether any edit here shares more than a boundary with ``edit``."""
        # The edits are disjoint, so only those that start before the end can overlap, and of
        # these the last one reaches furthest.
        index = bisect_right(self._starts, edit.end) - 1
        while index >= 0:
            other = self._items[index]
            if other.start < edit.end and edit.start < other.end:
                return True
            if other.end < edit.start:
                return False
            index -= 1
        return False
