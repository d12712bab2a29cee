"""What the user reads on lenses and in the menu of code actions, and the command behind each.

A title and its command are made together, so that a lens and an action that say the same do the
same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol.types import Command

from fastapply_lsp.errors import AmbiguousTarget, CannotApply
from fastapply_lsp.server.applying import State
from fastapply_lsp.server.names import ACCEPT, ACCEPT_ALL, APPLY, CANCEL, REJECT, REJECT_ALL

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
    """Return accept and reject of one hunk."""
    why = f" ({hunk.mark.value}: {hunk.note})" if hunk.mark.value and hunk.note else ""
    arguments = [{"apply": applying.id, "hunks": [hunk.id]}]
    return (
        Command(f"Accept this change{why}", ACCEPT, arguments=arguments),
        Command(f"Reject this change{why}", REJECT, arguments=arguments),
    )


def decide_all(uri: str, pending: Sequence[Hunk]) -> tuple[Command, Command]:
    """Return accept and reject of every pending hunk of a document."""
    arguments = [{"uri": uri}]
    which = "the one change" if len(pending) == 1 else f"all {len(pending)} changes"
    return (
        Command(f"Accept {which}", ACCEPT_ALL, arguments=arguments),
        Command(f"Reject {which}", REJECT_ALL, arguments=arguments),
    )
