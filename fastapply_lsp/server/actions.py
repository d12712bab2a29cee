"""Which code actions does a place in a document offer?

Everything that a lens can do, an action can do too, since some editors have no lenses. An action
carries a command and never an edit: no model is asked before the user has chosen.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from lsprotocol.types import CodeAction, Command, Range

from fastapply_lsp.server import titles
from fastapply_lsp.server.applying import State
from fastapply_lsp.server.chats import is_chat
from fastapply_lsp.server.names import ACTION_KIND
from fastapply_lsp.server.review import lsp_range, waiting_in
from fastapply_lsp.session.hunks import Offsets
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.server.applies import Applies
    from fastapply_lsp.server.chats import Chats
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.text.positions import PositionEncoding

SNIPPET_LINES_MIN = 2
"""A shorter selection is a word that somebody marked, not a snippet that somebody pasted."""


class Actions:
    """Answers ``textDocument/codeAction`` and ``codeAction/resolve``."""

    def __init__(self, desk: Desk, chats: Chats, applies: Applies) -> None:
        self._desk = desk
        self._chats = chats
        self._applies = applies

    async def of(self, uri: str, place: Range, only: Sequence[str] | None) -> list[CodeAction]:
        """Return what can be done at a place; ``only`` are the kinds that the client wants."""
        document = self._desk.documents.get(uri)
        if document is None or not _wanted(only):
            return []
        commands = self._of_hunks(document, place)
        if is_chat(document):
            commands += await self._of_blocks(document, place)
        else:
            commands += self._of_selection(document, place)
        commands += await self._of_pending(document)
        commands += [
            titles.cancel(applying)
            for applying in self._applies.on(document.uri)
            if applying.state is State.STREAMING
        ]
        return [self._action(command) for command in commands]

    def resolve(self, action: CodeAction) -> CodeAction:
        """Return the action with its command, which travels in its data."""
        match action.data:
            case {"title": str(title), "command": str(name), "arguments": list(arguments)}:
                action.command = Command(title, name, arguments=arguments)
            case _:
                pass
        return action

    def _action(self, command: Command) -> CodeAction:
        lazily = self._desk.connection.abilities.resolve_commands
        return CodeAction(
            title=command.title,
            kind=ACTION_KIND,
            command=None if lazily else command,
            data={
                "title": command.title,
                "command": command.command,
                "arguments": list(command.arguments or ()),
            },
        )

    def _of_hunks(self, document: Document, place: Range) -> list[Command]:
        waiting = waiting_in(document, self._applies)
        encoding = self._desk.documents.encoding
        commands: list[Command] = []
        for one in waiting:
            if _touches(lsp_range(document, one.place, encoding), place):
                commands += titles.decide_one(one.applying, one.hunk)
        hunks = [one.hunk for one in waiting]
        if len(waiting) > 1 or (waiting and not commands):
            commands += titles.part_by_asked(document.uri, hunks)
            commands += titles.decide_all(document.uri, hunks)
        return commands

    async def _of_blocks(self, document: Document, place: Range) -> Iterable[Command]:
        return [
            titles.apply_block(asked, self._applies)
            for asked in await self._chats.blocks(document)
            if asked.block.span.start <= place.end.line and place.start.line < asked.block.span.end
        ]

    async def _of_pending(self, document: Document) -> Iterable[Command]:
        blocks = await self._chats.pending_for(document)
        pending = [one for one in blocks if not self._applies.is_taken(one.key)]
        return [
            titles.apply_edit(asked, number, len(pending))
            for number, asked in enumerate(pending, 1)
        ]

    def _of_selection(self, document: Document, place: Range) -> Iterable[Command]:
        encoding = self._desk.documents.encoding
        selected = selection(document, place, encoding)
        text = document.text[selected.start : selected.end]
        if len(split_lines(text.strip())) < SNIPPET_LINES_MIN:
            return
        exact = lsp_range(document, selected, encoding)
        yield titles.apply_snippet(document.uri, as_json(exact), digest(text))


def selection(document: Document, place: Range, encoding: PositionEncoding) -> Offsets:
    """Return the selected text, widened to whole lines where only white space is added.

    So a snippet that was selected without its indentation or without its last line end leaves no
    empty line behind.
    """
    index, text = document.index, document.text
    start = index.offset_at(place.start.line, place.start.character, encoding)
    end = index.offset_at(place.end.line, place.end.character, encoding)
    line = index.line_start(place.start.line)
    if text[line:start].strip() or start >= end:
        return Offsets(start, end)
    below = index.line_start(place.end.line + 1)
    at_line_start = end == index.line_start(place.end.line)
    if not at_line_start and not text[end:below].strip():
        end = below
    return Offsets(line, end)


def digest(text: str) -> str:
    """Return a short name of a text, by which a command knows it again."""
    return hashlib.blake2s(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def as_json(place: Range) -> dict[str, Any]:
    """Return a range as it stands in a command's arguments."""
    return {
        "start": {"line": place.start.line, "character": place.start.character},
        "end": {"line": place.end.line, "character": place.end.character},
    }


def _touches(one: Range, other: Range) -> bool:
    """Whether two ranges share a line."""
    return one.start.line <= other.end.line and other.start.line <= one.end.line


def _wanted(only: Sequence[str] | None) -> bool:
    return (
        only is None
        or any(kind == ACTION_KIND or ACTION_KIND.startswith(f"{kind}.") for kind in only)
        or ("" in only)
    )
