"""Which file has a definition of this name? For blocks that name no file.

Open documents are asked first, at once. Only where none of them has the name, the files of the
workspace are searched, in a thread: for the bare name first, and what holds it is parsed. Whoever
shows lenses is told when the search has found something.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapply_lsp.files.uris import uri_to_path
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document

LONGEST_CHARACTERS = 200_000
"""A longer file is generated, as a rule, and not what a chat talks about."""

FILES_MAX = 5_000
"""So many files are searched, those near the top of the workspace first; about half a second."""


class Definitions:
    """Answers for open documents, and remembers what the workspace's files define."""

    def __init__(
        self, desk: Desk, files: Callable[[], Iterable[str]], when_found: Callable[[], None]
    ) -> None:
        self._desk = desk
        self._files = files
        self._when_found = when_found
        self._open: dict[str, tuple[int, frozenset[str]]] = {}
        self._on_disk: dict[str, tuple[str, ...]] = {}
        self._missing: set[str] = set()
        self._searching: asyncio.Task[None] | None = None
        self.generation = 0  # grows when an answer may be another one

    def __call__(self, qualified: str, /) -> Collection[str]:
        """Return the files, named as the listing has them, that define this name."""
        found = [
            self._desk.opener.shown(document.uri)
            for document in self._desk.documents.all()
            if document.language != "markdown" and qualified in self._of(document)
        ]
        if not found and qualified not in self._on_disk:
            self._missing.add(qualified)
        return found or self._on_disk.get(qualified, ())

    def forget(self) -> None:
        """Take nothing for known of the disk: the listing came out differently."""
        self._on_disk.clear()
        self.generation += 1

    def search(self) -> asyncio.Task[None] | None:
        """Begin to look for names that nobody open defines; return the search, if there is one."""
        if self._missing and (self._searching is None or self._searching.done()):
            names, self._missing = frozenset(self._missing), set()
            self._searching = self._desk.background.start(self._search(names))
        return self._searching

    async def _search(self, names: frozenset[str]) -> None:
        folders, files = self._desk.opener.folders, tuple(self._files())
        found = await asyncio.to_thread(_defining, names, folders, files)
        self._on_disk.update(dict.fromkeys(names, ()) | found)
        if found:
            self.generation += 1
            self._when_found()

    def _of(self, document: Document) -> frozenset[str]:
        revision, names = self._open.get(document.uri, (0, frozenset()))
        if revision != document.revision:
            path = uri_to_path(document.uri)
            names = _names_in(document.uri if path is None else path.name, document.text)
            self._open[document.uri] = (document.revision, names)
        return names


def _names_in(path: str, text: str) -> frozenset[str]:
    language = language_of(path)
    if language is None or len(text) > LONGEST_CHARACTERS:
        return frozenset()
    return frozenset(one.qualified for top in definitions(text, language) for one in top.walk())


def _defining(
    names: frozenset[str], folders: Sequence[Path], files: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the files below the folders that define each name, where any does."""
    found: dict[str, tuple[str, ...]] = {}
    bare = {name: name.rsplit(".", 1)[-1].encode() for name in names}
    code = [file for file in files if not file.endswith(".md") and language_of(file) is not None]
    for file in sorted(code, key=lambda file: file.count("/"))[:FILES_MAX]:
        for folder in folders:
            data = _content(folder / file)
            if not any(name in data for name in bare.values()):
                continue
            for name in names & _names_in(file, data.decode("utf-8", "replace")):
                found[name] = (*found.get(name, ()), file)
            break
    return found


def _content(path: Path) -> bytes:
    """Return what a file holds; what cannot be read, or is too long, holds nothing."""
    try:
        return path.read_bytes() if path.stat().st_size <= LONGEST_CHARACTERS else b""
    except OSError:
        return b""
