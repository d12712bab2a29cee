"""What the user reads on lenses and in the menu of code actions, and the command behind each.

A title and its command are made together, so that a lens and an action that say the same do the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol.types import Command

from fastapply_lsp.errors import AmbiguousTarget, CannotApply
from fastapply_lsp.server.applying import State
from fastapply_lsp.server.asked_for import asked, refused, short, unrequested
from fastapply_lsp.server.names import (
    ACCEPT,
    ACCEPT_ALL,
    ACCEPT_ASKED,
    APPLY,
    CANCEL,
    REJECT,
    REJECT_ALL,
    REJECT_UNREQUESTED,
)
from fastapply_lsp.session.hunks import Mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.server.applies import Applies
    from fastapply_lsp.server.applying import Applying
    from fastapply_lsp.server.chats import Asked
    from fastapply_lsp.session.hunks import Hunk


def apply_block(asked: Asked, applies: Applies) -> Command:
    """Return what a block of a chat offers: apply, apply once more, or cancel."""
    running = applies.of_block(asked.key)
    if running is not None and running.state in (State.WAITING, State.STREAMING):
        return cancel(running)
    arguments = [{"chat": asked.uri, "block": asked.block.id}]
    again = " again" if applies.has_kept(asked.key) else ""
    match asked.target:
        case AmbiguousTarget():
            title = "Apply: several files could be meant"
        case CannotApply():
            title = "Apply: no file is named"
        case _:
            title = f"Apply{again} to {asked.shown}"
    return Command(title, APPLY, arguments=arguments)


def apply_edit(asked: Asked, number: int, of: int) -> Command:
    """Return what a document offers for a pending block; numbered where there are several."""
    lines = asked.block.code.count("\n")
    which = f" {number} of {of}" if of > 1 else ""
    chat = asked.uri.rsplit("/", 1)[-1]
    title = f"Apply edit{which} ({lines} lines from {chat})" if which else "Apply edit"
    return Command(title, APPLY, arguments=[{"chat": asked.uri, "block": asked.block.id}])


def apply_snippet(uri: str, place: dict[str, Any], digest: str) -> Command:
    """Return what a selection offers."""
    arguments = [{"document": uri, "range": place, "snippet": digest}]
    return Command("Apply the selected snippet to this file", APPLY, arguments=arguments)


def cancel(applying: Applying) -> Command:
    """Return what a running apply offers."""
    title = f"Cancel applying to {applying.path}"
    return Command(title, CANCEL, arguments=[{"apply": applying.id}])


def decide_one(applying: Applying, hunk: Hunk) -> tuple[Command, Command]:
    """Return accept and reject of one hunk; a marked one says first why it waits."""
    arguments = [{"apply": applying.id, "hunks": [hunk.id]}]
    accept = "Accept this change"
    if hunk.mark is not Mark.NONE:
        why = f" ({short(hunk.note.removeprefix(_ASKED_FOR))})" if hunk.note else ""
        accept = f"{_MARKED[hunk.mark]}{why}: accept this change"
    return (
        Command(accept, ACCEPT, arguments=arguments),
        Command("Reject this change", REJECT, arguments=arguments),
    )


def decide_all(uri: str, pending: Sequence[Hunk]) -> tuple[Command, ...]:
    """Return accept and reject of every pending hunk of a document."""
    arguments = [{"uri": uri}]
    which = "the one change" if len(pending) == 1 else f"all {len(pending)} changes"
    counts = {"not asked for": len(unrequested(pending)), "refused": len(refused(pending))}
    marked = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    told = f" ({marked})" if marked else ""
    return (
        Command(f"Accept {which}{told}", ACCEPT_ALL, arguments=arguments),
        Command(f"Reject {which}", REJECT_ALL, arguments=arguments),
    )


def part_by_asked(uri: str, pending: Sequence[Hunk]) -> tuple[Command, ...]:
    """Return what tells the hunks that were asked for from the others, where there are both."""
    extra = len(unrequested(pending))
    if not extra or not asked(pending):
        return ()
    arguments = [{"uri": uri}]
    which = "the one change" if extra == 1 else f"the {extra} changes"
    were = "was" if extra == 1 else "were"
    return (
        Command("Accept only what was asked", ACCEPT_ASKED, arguments=arguments),
        Command(
            f"Reject {which} that {were} not asked for", REJECT_UNREQUESTED, arguments=arguments
        ),
    )


_ASKED_FOR = "the edit does not ask for "
"""How the guard begins such a reason; the title has said so by then."""

_MARKED = {
    Mark.UNSURE: "Unsure",
    Mark.UNREQUESTED: "Not asked for",
    Mark.REFUSED: "Refused",
}
