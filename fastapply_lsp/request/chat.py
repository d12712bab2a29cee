"""What is in a chat document? Its code blocks, and the dialogue that led to each of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.request.fences import find_fences
from fastapply_lsp.request.model import Message
from fastapply_lsp.request.turns import Turn, find_turns
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from fastapply_lsp.request.fences import Fence
    from fastapply_lsp.syntax.languages import Language

_ID_BYTES = 8
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block of a chat document.

    ``span`` are its lines with both fences (0-based, end exclusive); ``code`` is what stands
    between them, dedented as its fence is, each line with its end. ``id`` is made of the content
    and of how many equal blocks come before, so that it survives edits elsewhere in the document
    and names the same block when it is applied again. ``closed`` is false while a reply is still
    being written.
    """

    id: str
    index: int
    info: str
    language: Language | None
    code: str
    span: Span
    closed: bool

    @property
    def code_edit(self) -> str:
        r"""The code as an edit; without its closing fence it keeps the opening one, as a sign.

        >>> parse_chat("Do:\n```py\nx = 1").blocks[0].code_edit
        '```\nx = 1'
        """
        if self.closed:
            return self.code
        longest = max(map(len, _TICKS.findall(self.code)), default=2)
        return f"{'`' * max(longest + 1, 3)}\n{self.code}"

    @property
    def first_line(self) -> int:
        """The document's line on which the code begins."""
        return self.span.start + 1


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat document: its lines, its blocks and its turns, in order."""

    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    turns: tuple[Turn, ...]

    def block_at(self, line: int) -> Block | None:
        """Return the block on whose lines, fences included, ``line`` lies."""
        for block in self.blocks:
            if block.span.start <= line < block.span.end:
                return block
        return None

    def turn_of(self, block: Block) -> Span:
        """Return the lines of the turn that a block stands in; of the document where none is."""
        for turn in reversed(self.turns):
            if turn.span.start <= block.span.start:
                return turn.span
        return Span(0, self.turns[0].span.start if self.turns else len(self.lines))


def parse_chat(text: str) -> Chat:
    r"""Read a chat document; any text is one, if perhaps without blocks and turns.

    >>> chat = parse_chat("## User\nhi\n## Assistant\nSee:\n```py\nx = 1\n```\n")
    >>> chat.blocks[0].code, chat.blocks[0].language.id, [turn.role for turn in chat.turns]
    ('x = 1\n', 'python', ['user', 'assistant'])
    """
    lines = tuple(split_lines(text))
    fences = find_fences(lines)
    inside = {line for fence in fences for line in range(fence.start, fence.end)}
    return Chat(lines, _blocks(fences), find_turns(lines, inside))


def dialogue_before(chat: Chat, block: Block) -> tuple[Message, ...]:
    r"""Return the dialogue up to the line before the block, oldest message first.

    What stands before the first turn of a document with turns comes as a system message; a
    document without turns is one message of the assistant.

    >>> chat = parse_chat("Change x:\n\n```\nx = 1\n```\n")
    >>> dialogue_before(chat, chat.blocks[0])
    (Message(role='assistant', content='Change x:'),)
    """
    end = block.span.start
    if not chat.turns:
        return _said(Message("assistant", "".join(chat.lines[:end]).strip("\r\n")))
    opening = "".join(chat.lines[: min(end, chat.turns[0].span.start)]).strip()
    messages = list(_said(Message("system", opening)))
    for turn in chat.turns:
        if turn.span.start < end:
            messages += _said(Message(turn.role, turn.content(chat.lines, end)))
    return tuple(messages)


def _said(message: Message) -> tuple[Message, ...]:
    return (message,) if message.content.strip() else ()


def _blocks(fences: tuple[Fence, ...]) -> tuple[Block, ...]:
    seen: dict[str, int] = {}
    blocks: list[Block] = []
    for index, fence in enumerate(fences):
        code = "".join(fence.code)
        content = f"{fence.info}\n{code}"
        earlier = seen.get(content, 0)
        seen[content] = earlier + 1
        blocks.append(
            Block(
                id=_block_id(content, earlier),
                index=index,
                info=fence.info,
                language=language_named(fence.info),
                code=code,
                span=Span(fence.start, fence.end),
                closed=fence.closed,
            )
        )
    return tuple(blocks)


def _block_id(content: str, earlier: int) -> str:
    data = f"{earlier}\n{content}".encode(errors="surrogatepass")
    return hashlib.blake2s(data, digest_size=_ID_BYTES).hexdigest()
