"""Where do changes of the model document belong in the buffer, and which has the user overtaken?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.edits import NO_EDITS, Edit, Edits
from fastapply_lsp.text.lines import line_end
from fastapply_lsp.text.places import Places

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.session.hunks import Change


@dataclass(frozen=True, slots=True)
class Placement:
    """Changes placed in the buffer as it is now; ``conflicts`` are hunks that the user overtook.

    ``user`` is what the user typed, less the line ends that the changes write anew.
    """

    model: Edits
    buffer: Edits
    user: Edits
    conflicts: frozenset[int]


def place(changes: Sequence[Change], document: str, now: Edits, text: str) -> Placement:
    """Move changes of the model document to where they belong in the buffer now."""
    if not document and text == line_end(text):
        # An editor that thinks in lines has one in an empty buffer; nobody typed its end.
        model = Edits.of(change.edit for change in changes)
        lines = Edits.of([Edit(0, len(text), model.apply(""))])
        return Placement(model, lines, NO_EDITS, frozenset())
    places = Places(now.items)
    clashing = [change for change in changes if places.conflict(change.edit)]
    rewritten = [change.edit for change in clashing if _is_same(change, places, text)]
    conflicts = {change.hunk for change in clashing if change.edit not in rewritten}
    user = _without(now, rewritten)
    while True:
        model = Edits.of(change.edit for change in changes if change.hunk not in conflicts)
        lost = model.rebase(user).conflicts
        if not lost:
            buffer = Edits.of(_placed(edit, places) for edit in model)
            return Placement(model, buffer, user, frozenset(conflicts))
        # Two changes that touch were merged, and the user typed right between them.
        conflicts |= {
            change.hunk
            for change in changes
            if any(edit.start <= change.edit.start <= change.edit.end <= edit.end for edit in lost)
        }


def _is_same(change: Change, places: Places, text: str) -> bool:
    """Whether only line ends differ: some editors write their own for ours."""
    if not change.removed:
        return False
    place = _placed(change.edit, places)
    return _plain(text[place.start : place.end]) == _plain(change.removed)


def _placed(edit: Edit, places: Places) -> Edit:
    start = places.move(edit.start, "right")
    return Edit(start, max(start, places.move(edit.end, "left")), edit.text)


def _without(user: Edits, rewritten: Sequence[Edit]) -> Edits:
    if not rewritten:
        return user
    again = Places(Edits.of(rewritten).items)
    return Edits(tuple(edit for edit in user if not again.conflict(edit)))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
