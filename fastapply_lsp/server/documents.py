r"""What do the open documents hold? Our own mirror of the editor's buffers.

Lines end at ``\n``, ``\r\n`` and ``\r`` only, positions count in the encoding that was agreed
upon at ``initialize``. The library's own mirror is never asked: it cuts lines at form feeds too.

A document's ``version`` is the client's number, which may be missing or stand still; ``revision``
is ours. It grows with every change and never repeats, so it names one text of one document.
"""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from fastapply_lsp.files.uris import normal_uri
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.positions import PositionEncoding, TextIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """One state of an open document."""

    uri: str
    language: str
    version: int | None
    revision: int
    index: TextIndex

    @property
    def text(self) -> str:
        """What the buffer holds."""
        return self.index.text


class Follower(Protocol):
    """Whoever must know at once what happens to documents."""

    def opened(self, document: Document) -> None:
        """A document is open now."""
        ...

    def changed(self, document: Document) -> None:
        """An open document holds another text or has another version now."""
        ...

    def closed(self, uri: str) -> None:
        """A document is no longer open."""
        ...


class Documents:
    """The open documents, by any form of their URI."""

    def __init__(self) -> None:
        self.encoding = PositionEncoding.UTF16
        self._open: dict[str, Document] = {}
        self._followers: list[Follower] = []
        self._revisions = itertools.count(1)

    def follow(self, follower: Follower) -> None:
        """Tell ``follower`` of everything from now on."""
        self._followers.append(follower)

    def get(self, uri: str) -> Document | None:
        """Return the open document that ``uri`` means."""
        return self._open.get(normal_uri(uri))

    def all(self) -> tuple[Document, ...]:
        """Return every open document, in the order of opening."""
        return tuple(self._open.values())

    # What the client tells. Parameters as they came, since clients differ in what they leave out.

    def did_open(self, params: Any) -> None:  # noqa: ANN401 - JSON
        """Take ``textDocument/didOpen``."""
        item = params["textDocument"]
        document = Document(
            uri=item["uri"],
            language=str(item.get("languageId") or ""),
            version=_version(item),
            revision=next(self._revisions),
            index=TextIndex(item["text"]),
        )
        self._open[normal_uri(document.uri)] = document
        for follower in self._followers:
            follower.opened(document)

    def did_change(self, params: Any) -> None:  # noqa: ANN401 - JSON
        """Take ``textDocument/didChange``."""
        identifier = params["textDocument"]
        before = self.get(identifier["uri"])
        if before is None:
            _log.warning("A change of a document that is not open was left out.")
            return
        index = changed(before.index, params.get("contentChanges") or (), self.encoding)
        document = Document(
            before.uri, before.language, _version(identifier), next(self._revisions), index
        )
        self._open[normal_uri(before.uri)] = document
        for follower in self._followers:
            follower.changed(document)

    def did_close(self, params: Any) -> None:  # noqa: ANN401 - JSON
        """Take ``textDocument/didClose``."""
        document = self._open.pop(normal_uri(params["textDocument"]["uri"]), None)
        if document is not None:
            for follower in self._followers:
                follower.closed(document.uri)


def _version(identifier: dict[str, Any]) -> int | None:
    version = identifier.get("version")
    return version if isinstance(version, int) else None


def changed(
    index: TextIndex, changes: Sequence[dict[str, Any]], encoding: PositionEncoding
) -> TextIndex:
    r"""Return the text after the ``contentChanges`` of one notification.

    Each change is told in the text that the one before it left. Editors list the places of one
    command from the last to the first, so a change that lies before the earlier ones is looked up
    in the same index, and a thousand cursors cost one pass over the text.

    >>> at = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 1}}
    >>> changed(TextIndex("a\nb"), [{"range": at, "text": "c"}], PositionEncoding.UTF16).text
    'a\nc'
    """
    waiting: list[Edit] = []
    for change in changes:
        place = change.get("range")
        if place is None:
            index, waiting = TextIndex(change["text"]), []
            continue
        edit = _edit(index, change, encoding)
        if waiting and edit.end >= waiting[-1].start:
            # It may lie in text that an earlier change wrote.
            index, waiting = _after(index, waiting), []
            edit = _edit(index, change, encoding)
        waiting.append(edit)
    return _after(index, waiting) if waiting else index


def _edit(index: TextIndex, change: dict[str, Any], encoding: PositionEncoding) -> Edit:
    start, end = (
        index.offset_at(int(place["line"]), int(place["character"]), encoding)
        for place in (change["range"]["start"], change["range"]["end"])
    )
    return Edit(min(start, end), max(start, end), change["text"])


def _after(index: TextIndex, edits: Iterable[Edit]) -> TextIndex:
    return TextIndex(Edits.of(edits).apply(index.text))
