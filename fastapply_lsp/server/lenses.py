"""Which lenses does a document show? Apply above code blocks, accept and reject above hunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol.types import CodeLens, Command, Position, Range

from fastapply_lsp.server import titles
from fastapply_lsp.server.applying import State
from fastapply_lsp.server.chats import is_chat
from fastapply_lsp.server.review import lsp_range, waiting_in

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.server.applies import Applies
    from fastapply_lsp.server.chats import Chats
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document

_TOP = Range(Position(0, 0), Position(0, 0))


class Lenses:
    """Answers ``textDocument/codeLens``. A lens carries a command, and costs no model."""

    def __init__(self, desk: Desk, chats: Chats, applies: Applies) -> None:
        self._desk = desk
        self._chats = chats
        self._applies = applies

    async def of(self, uri: str) -> list[CodeLens]:
        """Return the lenses of a document."""
        document = self._desk.documents.get(uri)
        if document is None:
            return []
        shown = self._desk.settings.lenses
        lenses: list[CodeLens] = []
        if shown.chat and is_chat(document):
            lenses += await self._of_blocks(document)
        if shown.review:
            lenses += self._of_streams(document)
            lenses += self._of_hunks(document)
        return lenses

    async def _of_blocks(self, document: Document) -> Iterable[CodeLens]:
        blocks = await self._chats.blocks(document)
        return [
            CodeLens(
                _line(asked.block.span.start),
                titles.apply_block(asked, self._applies),
            )
            for asked in blocks
            if not asked.is_for_a_terminal
        ]

    def _of_streams(self, document: Document) -> Iterable[CodeLens]:
        for applying in self._applies.on(document.uri):
            if applying.state is State.STREAMING:
                yield CodeLens(_TOP, titles.cancel(applying))

    def _of_hunks(self, document: Document) -> Iterable[CodeLens]:
        waiting = waiting_in(document, self._applies)
        encoding = self._desk.documents.encoding
        for number, one in enumerate(waiting):
            commands: tuple[Command, ...] = titles.decide_one(one.applying, one.hunk)
            if number == 0 and len(waiting) > 1:
                hunks = [each.hunk for each in waiting]
                # One line has room for so many; the other one is a code action.
                commands += titles.part_by_asked(document.uri, hunks)[:1]
                commands += titles.decide_all(document.uri, hunks)
            start = lsp_range(document, one.place, encoding).start
            for command in commands:
                yield CodeLens(_line(start.line), command)


def _line(line: int) -> Range:
    return Range(Position(line, 0), Position(line, 0))
