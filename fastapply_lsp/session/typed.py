"""What was typed, if one text became the other? And how much is that?

The edits are as fine as is useful: characters where the lines around them changed too, since a user
who types in two neighbouring lines between two reports has not typed what stands between.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.lcs import longest_common

if TYPE_CHECKING:
    from collections.abc import Iterator

CELLS_MAX = 1_000_000
"""Characters that went times characters that came, above which a change is not looked into: some
milliseconds."""

KEPT_MIN = 3
"""Fewer equal characters than this between two changes say nothing: the two are one."""


def typed(old: str, new: str) -> Edits:
    r"""Return fine edits that make ``new`` of ``old``.

    >>> [edit.text for edit in typed("one\ntwo\n", "<one\ntwo>\n")]
    ['<', '>']
    """
    return Edits.of(part for edit in Edits.between(old, new) for part in _parts(edit, old))


def distance(old: str, new: str) -> int:
    """Return how many characters go and come at least, up to the choice of kept lines.

    Law: it is never less than the difference of the lengths.

    >>> distance("ab", "<ab>"), distance("", "<ab>")
    (2, 4)
    """
    total = 0
    for edit in Edits.between(old, new):
        gone = old[edit.start : edit.end]
        total += len(gone) + len(edit.text)
        if gone and edit.text and len(gone) * len(edit.text) <= CELLS_MAX:
            total -= 2 * len(longest_common(gone, edit.text))
    return total


def _parts(edit: Edit, old: str) -> Iterator[Edit]:
    gone = old[edit.start : edit.end]
    if not gone or not edit.text or len(gone) * len(edit.text) > CELLS_MAX:
        yield edit
        return
    at_old = at_new = 0
    for one, two, length in _runs(gone, edit.text):
        yield Edit(edit.start + at_old, edit.start + one, edit.text[at_new:two])
        at_old, at_new = one + length, two + length
    yield Edit(edit.start + at_old, edit.end, edit.text[at_new:])


def _runs(old: str, new: str) -> Iterator[tuple[int, int, int]]:
    r"""Yield equal runs that are long enough, and that cut no ``\r\n`` in two."""
    start_old = start_new = length = 0
    for one, two in (*longest_common(old, new), (-1, -1)):
        if length and (one, two) == (start_old + length, start_new + length):
            length += 1
            continue
        if length >= KEPT_MIN and "\r" not in old[start_old : start_old + length]:
            yield start_old, start_new, length
        start_old, start_new, length = one, two, 1
