"""What must the user be told of an apply that went its way? Only what the buffer does not show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import HunkState

if TYPE_CHECKING:
    from fastapply_lsp.apply.model import Result


def notices(result: Result, path: str, *, is_open: bool) -> list[str]:
    """Return the sentences, none where all is as expected.

    Args:
        result: How the stream ended.
        path: The target, for people.
        is_open: Whether the target's buffer is before the user; the notes of one that is not are
            all that the user hears of it.
    """
    told = _conflicts(result, path)
    if result.outcome is not Outcome.APPLIED:
        return told
    if not result.hunks:
        return [f"Nothing to change: {path} is already as the block wants it."]
    return told if is_open else [*told, *result.notes]


def _conflicts(result: Result, path: str) -> list[str]:
    count = sum(hunk.state is HunkState.CONFLICT for hunk in result.hunks)
    if not count:
        return []
    changes = "1 change" if count == 1 else f"{count} changes"
    if result.outcome is Outcome.APPLIED:
        return [f"{changes} of the block left out of {path}: you changed the same lines meanwhile."]
    return [f"{changes} not taken back from {path}: you typed in the same lines meanwhile."]
