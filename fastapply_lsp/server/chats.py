"""What do the open chat documents ask for? Their code blocks, and the file that each one means.

A chat is parsed once per state of its document and of the workspace listing; lenses, actions and
commands read the same result.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from fastapply_lsp.errors import CannotApply, NoCodeBlock
from fastapply_lsp.files.uris import normal_uri, uri_to_path
from fastapply_lsp.request.chat import dialogue_before, parse_chat
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.request.target import find_target
from fastapply_lsp.server.errand import Errand
from fastapply_lsp.server.known import name_of
from fastapply_lsp.server.transcript import is_for_a_terminal

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapply_lsp.request.chat import Block, Chat
    from fastapply_lsp.request.paths import Workspace
    from fastapply_lsp.request.target import Target
    from fastapply_lsp.server.definitions_index import Definitions
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.server.known import KnownFiles

INLINE_CHARACTERS = 20_000
"""A longer chat is parsed in a thread."""

_SUFFIXES = (".md", ".markdown", ".mdx")


@dataclass(frozen=True, slots=True)
class Asked:
    """One code block of an open chat: ``target`` is the file that it means, or why there is none."""

    uri: str
    block: Block
    target: Target | CannotApply

    @property
    def key(self) -> str:
        """Names the block among all chats; edits elsewhere in the chat do not change it."""
        return block_key(self.uri, self.block.id)

    @property
    def is_for_a_terminal(self) -> bool:
        """Whether it is something to type, and nothing speaks for a file."""
        return is_for_a_terminal(self.block, self.target)

    @property
    def path(self) -> str | None:
        """The target's path, if it has one."""
        return None if isinstance(self.target, CannotApply) else self.target.path

    @property
    def shown(self) -> str:
        """The target's path for people: where no folder is open, seen from the chat."""
        path, chat = self.path or "", uri_to_path(self.uri)
        if chat is not None and PurePath(path).is_relative_to(chat.parent):
            return PurePath(path).relative_to(chat.parent).as_posix()
        return path


@dataclass(frozen=True, slots=True)
class _Read:
    revision: int
    workspace: Workspace
    opened: frozenset[str]
    generation: int
    chat: Chat
    asked: tuple[Asked, ...]


def block_key(uri: str, block: str) -> str:
    """Return the name of a block among all chats."""
    return f"{normal_uri(uri)}#{block}"


def is_chat(document: Document) -> bool:
    """Whether a document is Markdown, and so may hold a chat."""
    return document.language == "markdown" or document.uri.lower().endswith(_SUFFIXES)


class Chats:
    """Reads chat documents."""

    def __init__(self, desk: Desk, known: KnownFiles, defines: Definitions) -> None:
        self._desk = desk
        self._known = known
        self._defines = defines
        self._read: dict[str, _Read] = {}

    async def blocks(self, document: Document) -> tuple[Asked, ...]:
        """Return the blocks of a chat document, in order."""
        return (await self._look(document)).asked

    async def pending_for(self, document: Document) -> list[Asked]:
        """Return the blocks of all open chats that mean this document."""
        names = self._names(document)
        found: list[Asked] = []
        for chat in self._desk.documents.all():
            if is_chat(chat):
                blocks = await self.blocks(chat)
                found += [one for one in blocks if one.path in names and not one.is_for_a_terminal]
        return found

    async def errand(self, uri: str, block: str) -> Errand:
        """Return what applying a block means.

        Raises:
            CannotApply: there is no such block (any more), or it means no file.
        """
        document = self._desk.documents.get(uri)
        if document is None:
            raise NoCodeBlock(f"in {uri}: it is not open")
        read = await self._look(document)
        asked = next((one for one in read.asked if one.block.id == block), None)
        if asked is None:
            raise NoCodeBlock(f"here: the block has changed since {uri} was last looked at")
        if isinstance(asked.target, CannotApply):
            await self._known.renew()  # the file may be newer than the listing
            read = await self._look(document)
            if (search := self._defines.search()) is not None:
                await search
                read = await self._look(document)
            asked = next((one for one in read.asked if one.block.id == block), asked)
        if isinstance(asked.target, CannotApply):
            raise asked.target
        messages = dialogue_before(read.chat, asked.block)
        said = (message.content for message in reversed(messages) if message.role == "user")
        path = uri_to_path(document.uri)
        return Errand(
            call=EditFile(asked.target.path, next(said, ""), asked.block.code_edit, messages),
            base=None if path is None else path.parent,
            block=asked.key,
            target=asked.target,
        )

    async def _look(self, document: Document) -> _Read:
        workspace = await self._known.look()
        read = self._read.get(document.uri)
        if (
            read is None
            or read.revision != document.revision
            or read.workspace is not workspace
            or read.opened != self._opened()
            or read.generation != self._defines.generation
        ):
            if len(document.text) > INLINE_CHARACTERS:
                read = await asyncio.to_thread(self._parse, document, workspace)
            else:
                read = self._parse(document, workspace)
            self._read[document.uri] = read
            self._defines.search()
        return read

    def _parse(self, document: Document, workspace: Workspace) -> _Read:
        opened, generation = self._opened(), self._defines.generation
        chat = parse_chat(document.text)
        asked = tuple(
            Asked(document.uri, block, _target(chat, block, workspace, self._defines))
            for block in chat.blocks
        )
        return _Read(document.revision, workspace, opened, generation, chat, asked)

    def _opened(self) -> frozenset[str]:
        """Return the open documents: definitions are looked for in them."""
        return frozenset(document.uri for document in self._desk.documents.all())

    def _names(self, document: Document) -> Collection[str]:
        path = uri_to_path(document.uri)
        if path is None:
            return {document.uri}
        return {name_of(path, self._desk.opener.folders), path.as_posix()}

    # As follower of the documents

    def opened(self, document: Document) -> None:
        """Look away: a chat is read when somebody asks."""

    def changed(self, document: Document) -> None:
        """Look away."""

    def closed(self, uri: str) -> None:
        """Forget the chat."""
        self._read.pop(uri, None)


def _target(
    chat: Chat, block: Block, workspace: Workspace, defines: Definitions
) -> Target | CannotApply:
    try:
        return find_target(chat, block, workspace, defines)
    except CannotApply as error:
        return error
