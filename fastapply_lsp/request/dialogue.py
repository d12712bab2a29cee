"""What was said before a code block that somebody holds in their hand?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.request.chat import dialogue_before, parse_chat
from fastapply_lsp.request.model import Message

if TYPE_CHECKING:
    from fastapply_lsp.request.chat import Chat


def dialogue_for(chat: str, code_edit: str) -> tuple[Message, ...]:
    r"""Return the dialogue of a chat document that led to ``code_edit``.

    Where the document holds that block, with or without its fence, what comes after it is left
    out; of equal blocks the last one counts. Else the whole dialogue is returned.

    >>> dialogue_for("Use two:\n```\nx = 2\n```\nBye.\n", "x = 2\n")
    (Message(role='assistant', content='Use two:'),)
    """
    parsed = parse_chat(chat)
    wanted = {code_edit.strip(), *(block.code.strip() for block in parse_chat(code_edit).blocks)}
    for block in reversed(parsed.blocks):
        if block.code.strip() in wanted:
            return dialogue_before(parsed, block)
    return _whole(parsed)


def _whole(chat: Chat) -> tuple[Message, ...]:
    said = tuple(Message(turn.role, turn.content(chat.lines)) for turn in chat.turns)
    if not said:
        said = (Message("assistant", "".join(chat.lines).strip()),)
    return tuple(message for message in said if message.content.strip())
