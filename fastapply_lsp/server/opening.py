"""Which document or file does a call mean, and how do we get at its buffer?

A target that is not open is opened first, where the client can do that without taking the focus;
then the edit streams into its buffer. Else it is edited in one piece, and the user is told that it
is unsaved. A target that does not exist is made by a block that is a whole file, and is unknown
otherwise. Nothing outside the workspace folders is touched.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapply_lsp.errors import AmbiguousTarget, UnknownTarget
from fastapply_lsp.files.uris import normal_uri, path_to_uri, uri_to_path
from fastapply_lsp.files.workspace import Workspace
from fastapply_lsp.request.paths import Workspace as Paths
from fastapply_lsp.server.place import New, OnDisk, Open

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.server.errand import Errand
    from fastapply_lsp.server.place import Place

OPENS_WITHIN_S = 5.0
"""How long a client that said it shows a document may take to open it for us."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


@dataclass(frozen=True, slots=True)
class _Found:
    """A file that may be edited: its real path, and the document in which it is open."""

    path: Path
    document: Document | None
    exists: bool


class Opener:
    """Finds and opens targets; follows the documents to see them open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.folders: tuple[Path, ...] = ()
        self._awaited: dict[str, asyncio.Future[Document]] = {}

    # As follower of the documents

    def opened(self, document: Document) -> None:
        """Wake whoever waits for this document."""
        waiting = self._awaited.pop(normal_uri(document.uri), None)
        if waiting is not None and not waiting.done():
            waiting.set_result(document)

    def changed(self, document: Document) -> None:
        """Look away."""

    def closed(self, uri: str) -> None:
        """Look away."""

    # Opening

    async def open(self, errand: Errand) -> Place:
        """Return where the edit goes.

        Raises:
            CannotApply: no such target, several, outside the folders, or no text.
        """
        name = errand.call.target_file
        if errand.pasted is not None:
            return self._open_document(errand.pasted.uri)
        if _SCHEME.match(name) and uri_to_path(name) is None and not Path(name).is_absolute():
            return self._open_document(name)
        documents = self._desk.documents.all()
        folders = self._folders(errand, documents)
        workspace = Workspace(folders, self._desk.settings.limits)
        found = await asyncio.to_thread(_seek, name, workspace, documents, self.folders)
        shown = _shown(found.path, folders)
        if found.document is not None:
            return Open(found.document, shown)
        uri = path_to_uri(found.path)
        if not found.exists:
            return await asyncio.to_thread(_new, name, errand.call.code_edit, shown, workspace, uri)
        file = await asyncio.to_thread(workspace.read, str(found.path))
        document = await self.show(uri)
        if document is not None:
            return Open(document, shown)
        return OnDisk(uri, shown, file.content.text, file.raw)

    async def show(self, uri: str) -> Document | None:
        """Have the client open a document without taking the focus; return it once it is open."""
        connection, documents = self._desk.connection, self._desk.documents
        if not connection.abilities.show_document:
            return None
        fresh: asyncio.Future[Document] = asyncio.get_running_loop().create_future()
        waiting = self._awaited.setdefault(normal_uri(uri), fresh)
        try:
            if not await connection.show_document(uri):
                return documents.get(uri)
            async with asyncio.timeout(OPENS_WITHIN_S):
                return documents.get(uri) or await asyncio.shield(waiting)
        except TimeoutError:
            return documents.get(uri)
        finally:
            self._awaited.pop(normal_uri(uri), None)

    def shown(self, uri: str) -> str:
        """Return a document's name for people and prompts."""
        path = uri_to_path(uri)
        return uri if path is None else _shown(path, self.folders)

    def create(self, uri: str) -> Path:
        """Make an empty file; its place was judged when it was found. Blocks.

        Raises:
            CannotApply: something is there already, or the system does not let us.
        """
        path = uri_to_path(uri)
        assert path is not None
        return Workspace((path.parent,), self._desk.settings.limits).create(str(path), "")

    def _open_document(self, uri: str) -> Open:
        document = self._desk.documents.get(uri)
        if document is None:
            raise UnknownTarget(uri)
        return Open(document, self.shown(document.uri))

    def _folders(self, errand: Errand, documents: Sequence[Document]) -> tuple[Path, ...]:
        """Return the folders that hold; where none is open, those of the chat and the documents."""
        if self.folders:
            return self.folders
        near = (path.parent for path in map(_path, documents) if path is not None)
        base = () if errand.base is None else (errand.base,)
        return tuple(dict.fromkeys((*base, *near)))


def _path(document: Document) -> Path | None:
    return uri_to_path(document.uri)


def _shown(path: Path, folders: Sequence[Path]) -> str:
    """Return the path as people and prompts should see it: relative, where it is in a folder."""
    for folder in folders:
        for root in (folder, folder.resolve()):
            if path.is_relative_to(root):
                return path.relative_to(root).as_posix()
    return path.as_posix()


def _seek(
    name: str, workspace: Workspace, documents: Sequence[Document], folders: tuple[Path, ...]
) -> _Found:
    """Find the file that a name means, among the documents and on the disk."""
    paths = {document.uri: path for document in documents if (path := _path(document)) is not None}
    by_path = {
        path.resolve(): document for document in documents if (path := paths.get(document.uri))
    }
    if not folders and (same := _ending_with(name, tuple(paths.values()))):
        name = str(same)
    path = uri_to_path(name) or Path(name)
    if not path.is_absolute():
        # A buffer that was never saved is a file too.
        unsaved = [
            one
            for folder in workspace.folders
            if (one := (folder / path).resolve()) in by_path and not one.exists()
        ]
        on_disk = any((folder / path).exists() for folder in workspace.folders)
        if unsaved and not on_disk:
            if len(unsaved) > 1:
                raise AmbiguousTarget(tuple(map(str, unsaved)))
            name = str(unsaved[0])
    real = workspace.locate(name)
    return _Found(real, by_path.get(real), real.exists())


def _ending_with(name: str, paths: Sequence[Path]) -> Path | None:
    """Return the one open document whose path ends with a relative name."""
    parts = Path(name).parts
    if not parts or Path(name).is_absolute():
        return None
    same = [path for path in paths if path.parts[-len(parts) :] == parts]
    if len(same) > 1:
        raise AmbiguousTarget(tuple(map(str, same)))
    return same[0] if same else None


def _new(name: str, code_edit: str, shown: str, workspace: Workspace, uri: str) -> New:
    """Return a file to be made, where the block can be a whole one."""
    from fastapply_lsp.server.whole_file import is_whole_file  # noqa: PLC0415 - loads grammars

    if not is_whole_file(code_edit, shown):
        same = Paths(workspace.listing().files).resolve(name)
        raise AmbiguousTarget(same) if len(same) > 1 else UnknownTarget(name)
    if len(workspace.folders) > 1 and not (Path(name).is_absolute() or uri_to_path(name)):
        raise AmbiguousTarget(tuple((folder / name).as_posix() for folder in workspace.folders))
    return New(uri, shown)
