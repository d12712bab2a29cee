"""Which edits of two that follow each other become one? Those that touch in the text between."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.text.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(slots=True)
class Group:
    """Edits of both sides that touch in the middle text, where they cover ``start`` to ``end``."""

    start: int
    end: int
    base_start: int
    base_end: int
    written: list[Edit] = field(default_factory=list)
    later: list[Edit] = field(default_factory=list)

    def middle(self) -> str:
        """Return the middle text from ``start`` to ``end``, as far as the earlier edits wrote it.

        The rest stands as padding, since the later edits replace it anyway.
        """
        pieces: list[str] = []
        at = self.start
        for edit in self.written:
            pieces += (" " * (edit.start - at), edit.text)
            at = edit.start + len(edit.text)
        pieces.append(" " * (self.end - at))
        return "".join(pieces)


def touching_groups(earlier: Sequence[Edit], later: Sequence[Edit]) -> list[Group]:
    """Group the edits by what touches in the text between the two."""
    groups: list[Group] = []
    shift = 0
    marks = [(edit.start, False, edit) for edit in _in_new_offsets(earlier)]
    marks += [(edit.start, True, edit) for edit in later]
    for start, is_later, edit in sorted(marks, key=lambda mark: mark[:2]):
        if not groups or groups[-1].end < start:
            groups.append(Group(start, start, start - shift, start - shift))
        group = groups[-1]
        if is_later:
            group.later.append(edit)
            group.end = max(group.end, edit.end)
        else:
            group.written.append(edit)
            group.end = max(group.end, start + len(edit.text))
            shift += edit.growth
        group.base_end = group.end - shift
    return groups


def _in_new_offsets(edits: Iterable[Edit]) -> Iterator[Edit]:
    """Yield the edits at the places where their text stands afterwards."""
    shift = 0
    for edit in edits:
        yield Edit(edit.start + shift, edit.end + shift, edit.text)
        shift += edit.growth
