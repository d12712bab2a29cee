"""The messages for one edit in one dialect."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.prompt.budget import recent_dialogue
from fastapply_lsp.prompt.dialects import Slot
from fastapply_lsp.request.code_edit import Snippet, parse_code_edit
from fastapply_lsp.request.model import Message

if TYPE_CHECKING:
    from fastapply_lsp.prompt.dialects import Dialect
    from fastapply_lsp.request.model import EditFile

NO_INSTRUCTIONS = "Apply the update to the code."
"""Said where a dialect has a place for instructions and the call has none."""

AGAIN = "You have answered this before, and the answer was wrong:"
"""Said where the last answer was refused; each fault follows on a line of its own."""

ONCE_MORE = {
    "file": "Write the whole file again, without these faults.",
    "edit": "Write the whole edit again, without these faults.",
}

_SPEAKERS = {"system": "System", "user": "User", "assistant": "Assistant"}


def build_messages(  # noqa: PLR0913  the last two are named
    dialect: Dialect,
    call: EditFile,
    path: str,
    original: str,
    *,
    dialogue_tokens: int,
    refused: tuple[str, ...] = (),
) -> tuple[Message, ...]:
    """Return what to send: the dialect's template with the request in its slots.

    Args:
        dialect: one of ``DIALECTS``.
        call: the edit_file call; a fence around the whole ``code_edit`` is left out.
        path: the file's path, as the model shall see it.
        original: the current file.
        dialogue_tokens: room for the dialogue, in estimated tokens; the oldest turns go.
        refused: what was wrong with the last answer. Law: what is sent then begins with all that
            was sent before, so that a server's prefix cache serves it.
    """
    code, update = plain(original), plain(unfenced(call.code_edit))
    slots = {
        Slot.PATH: path,
        Slot.CODE: code,
        Slot.UPDATE: update,
        Slot.CODE_LINES: _ended(code),
        Slot.UPDATE_LINES: _ended(update),
        Slot.INSTRUCTIONS: call.instructions.strip() or NO_INSTRUCTIONS,
        Slot.FENCED_CODE: fenced(code),
        Slot.FENCED_UPDATE: fenced(update),
        Slot.DIALOGUE_SECTION: _dialogue_section(recent_dialogue(call.messages, dialogue_tokens)),
        Slot.INSTRUCTIONS_SECTION: _instructions_section(call.instructions.strip()),
    }
    user = "".join(slots[part] if isinstance(part, Slot) else part for part in dialect.user)
    if refused:
        # At the end of the same turn: many chat templates take no two turns of one speaker.
        user += f"\n\n{AGAIN}\n" + "".join(f"- {fault}\n" for fault in refused)
        user += ONCE_MORE[dialect.answers]
    messages = [Message("user", user)]
    if dialect.system is not None:
        messages.insert(0, Message("system", dialect.system))
    return tuple(messages)


def draft_text(dialect: Dialect, predicted: str) -> str:
    """Return the answer that the model will probably give, wrapped as the dialect wraps it."""
    text = plain(predicted)
    if dialect.wrapper is None:
        return text
    return f"{dialect.wrapper.before}{text}{dialect.wrapper.after}"


def fenced(text: str) -> str:
    r"""Return a text in a fence that nothing in it can close.

    >>> fenced("a\n```\nb")
    '````\na\n```\nb\n````'
    """
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{_ended(text)}{fence}"


def _ended(text: str) -> str:
    return text if not text or text.endswith(("\n", "\r")) else f"{text}\n"


def plain(text: str) -> str:
    """Without carriage returns: models write none, and a draft with them would be rejected.

    The rewrite takes on the original's line ends anyway (``text.contract.LineEnds``).
    """
    return text.replace("\r\n", "\n")


def unfenced(code_edit: str) -> str:
    """Without the chat's fence, which a model would take for a part of the file."""
    try:
        edit = parse_code_edit(code_edit)
    except MalformedEdit:
        return code_edit
    if isinstance(edit, Snippet) and edit.fenced:
        return "\n".join((*edit.lines, ""))
    return code_edit


def _dialogue_section(messages: tuple[Message, ...]) -> str:
    if not messages:
        return ""
    turns = "\n\n".join(f"{_SPEAKERS[one.role]}:\n{one.content.rstrip()}" for one in messages)
    return f"\n\nThe conversation that led to the edit:\n\n{fenced(turns)}"


def _instructions_section(instructions: str) -> str:
    return f"\n\nWhat the edit is for: {instructions}" if instructions else ""
