"""What must the user be told of an apply? At most one message, and only what the buffer hides.

What needs a decision is a warning, what was put right is said calmly, and the rest is silence. The
result, the lenses and the client's log have every detail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol.types import MessageType

from fastapply_lsp.server.asked_for import (
    MESSAGE_CHARACTERS,
    counted,
    reasons_of,
    refused,
    short,
    unrequested,
)
from fastapply_lsp.server.error_table import row_of, sentence
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import HunkState, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapply_lsp.apply.model import Result
    from fastapply_lsp.session.hunks import Hunk

_LOUD = {Mark.UNREQUESTED, Mark.REFUSED}


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to the user."""

    level: MessageType
    text: str


def notice(result: Result, path: str, *, is_open: bool) -> Notice | None:
    """Return the message, none where all is as expected.

    Args:
        result: How the apply ended.
        path: The target, for people.
        is_open: Whether the target's buffer is before the user; the notes of one that is not are
            all that the user hears of it.
    """
    if result.error is not None:
        told = [sentence(result.error), *_conflicts(result, path)]
        return Notice(row_of(result.error).level, " ".join(told))
    told = [*_conflicts(result, path)]
    if result.outcome is Outcome.APPLIED:
        told += [*_waiting(result.hunks, path), *_repaired(result, path)]
        if not result.hunks:
            told.insert(0, f"Nothing to change: {path} is already as the block wants it.")
        elif not is_open:
            told += result.notes
    if not told:
        return None
    loud = any(hunk.mark in _LOUD for hunk in result.hunks)
    return Notice(MessageType.Warning if loud else MessageType.Info, " ".join(told))


def details(result: Result, path: str) -> str:
    """Return every repair, marked hunk and note, a line for each; empty where there is none."""
    told = [f"{path}: repaired: {repair}" for repair in result.repairs]
    told += [f"{path}: {note}" for note in result.notes]
    told += [
        f"{path}: change {hunk.id} is {hunk.mark.value}: {hunk.note}"
        for hunk in result.hunks
        if hunk.mark in _LOUD
    ]
    return "\n".join(told)


def _waiting(hunks: Iterable[Hunk], path: str) -> Iterator[str]:
    waiting = [hunk for hunk in hunks if hunk.state is HunkState.PENDING]
    if bad := refused(waiting):
        why = "; ".join(reasons_of(bad))
        wait = "waits" if len(bad) == 1 else "wait"
        told = f"A check refused {counted(bad)} of {path}, which {wait} for you"
        yield _ended(f"{told}: {short(why, MESSAGE_CHARACTERS)}")
    if extra := unrequested(waiting):
        wait = "waits" if len(extra) == 1 else "wait"
        yield f"{counted(extra)} of {path} that the block did not ask for {wait} for you."


def _repaired(result: Result, path: str) -> Iterator[str]:
    if not result.repairs:
        return
    first, *more = result.repairs
    others = f"; and {len(more)} more repair{'s' * (len(more) > 1)}" if more else ""
    yield _ended(f"Repaired {path}: {short(first, MESSAGE_CHARACTERS)}{others}")


def _ended(words: str) -> str:
    return words if words.endswith("…") else f"{words}."


def _conflicts(result: Result, path: str) -> Iterator[str]:
    overtaken = [hunk for hunk in result.hunks if hunk.state is HunkState.CONFLICT]
    if not overtaken:
        return
    changes = counted(overtaken)
    if result.outcome is Outcome.APPLIED:
        yield f"{changes} of the block left out of {path}: you changed the same lines meanwhile."
    else:
        yield f"{changes} not taken back from {path}: you typed in the same lines meanwhile."
