"""Which files could a chat mean? The workspace's listing, kept fresh beside the event loop.

Lenses must be answered at once, so they use the last listing; a new one is made in a thread when
the last is old, and whoever shows lenses is told when it came out differently.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from fastapply_lsp.files.uris import uri_to_path
from fastapply_lsp.files.workspace import Workspace as Disk
from fastapply_lsp.request.paths import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document

STALE_AFTER_S = 10.0
"""A listing older than this is renewed when somebody looks at it."""

FIRST_WITHIN_S = 1.0
"""How long the first look waits for the first listing."""


class KnownFiles:
    """The files of the workspace folders and the open documents, as chats may name them."""

    def __init__(self, desk: Desk, when_different: Callable[[], None]) -> None:
        self._desk = desk
        self._when_different = when_different
        self._made_s: float | None = None
        self._making: asyncio.Task[None] | None = None
        self.workspace = Workspace(())

    async def look(self) -> Workspace:
        """Return the files as last listed; wait only where they never were."""
        if self._made_s is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(FIRST_WITHIN_S):
                    await asyncio.shield(self.renew())
        elif self._desk.clock.now() - self._made_s > STALE_AFTER_S:
            self.renew()
        return self.workspace

    def renew(self) -> asyncio.Task[None]:
        """List anew in a thread; a second call meanwhile shares the first one's listing."""
        if self._making is None or self._making.done():
            self._making = self._desk.background.start(self._renew())
        return self._making

    async def _renew(self) -> None:
        folders = self._desk.opener.folders
        disk = Disk(folders, self._desk.settings.limits)
        documents = self._desk.documents.all()
        made = await asyncio.to_thread(_listed, disk, folders, documents)
        self._made_s = self._desk.clock.now()
        if made.files != self.workspace.files or made.roots != self.workspace.roots:
            self.workspace = made
            self._when_different()

    # As follower of the documents

    def opened(self, document: Document) -> None:
        """List anew where the document is not in the listing."""
        if self._made_s is not None and self._desk.opener.shown(document.uri) not in (
            self.workspace.files
        ):
            self.renew()

    def changed(self, document: Document) -> None:
        """Look away."""

    def closed(self, uri: str) -> None:
        """Look away: a file is known as long as the next listing says so."""


def _listed(disk: Disk, folders: Sequence[Path], documents: Sequence[Document]) -> Workspace:
    files = list(disk.listing().files)
    for document in documents:
        path = uri_to_path(document.uri)
        if path is not None:
            files.append(name_of(path, folders))
    workspace = Workspace(files, [str(folder) for folder in folders])
    workspace.resolve("x")  # builds its index here, in the thread
    return workspace


def name_of(path: Path, folders: Sequence[Path]) -> str:
    """Return a path relative to the folder that it lies in, else whole."""
    for folder in folders:
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix()
    return path.as_posix()
