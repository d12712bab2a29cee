"""Brings the conductor's edits into the client's buffer.

An edit leaves only for the text that it was made for: where the buffer has moved on meanwhile, it
is refused here, without a round trip, and the session places it anew. So positions are always
counted in the text that they belong to, also for clients whose versions are missing or stand still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapply_lsp.apply.ports import Answer
from fastapply_lsp.text.edits import within_lines

if TYPE_CHECKING:
    from fastapply_lsp.server.connection import Connection
    from fastapply_lsp.server.documents import Documents
    from fastapply_lsp.text.edits import Edits
    from fastapply_lsp.text.positions import PositionEncoding, TextIndex


class BufferEditor:
    """An open document, as the conductor's editor. Its versions are our *revisions*."""

    def __init__(self, uri: str, documents: Documents, connection: Connection) -> None:
        self._uri = uri
        self._documents = documents
        self._connection = connection

    async def edit(self, edits: Edits, version: int | None) -> Answer:
        """Send one versioned edit, and wait for the answer."""
        document = self._documents.get(self._uri)
        if document is None:
            return Answer(applied=False, reason="the document is not open")
        if document.revision != version:
            return Answer(applied=False, reason="the document has changed meanwhile")
        encoding = self._documents.encoding
        named = self._connection.abilities.version(document.version)
        change = document_edit(document.uri, named, document.index, edits, encoding)
        return await self._connection.apply_edit([change])


def document_edit(
    uri: str, version: int | None, index: TextIndex, edits: Edits, encoding: PositionEncoding
) -> dict[str, Any]:
    r"""Return a ``TextDocumentEdit``: edits of ``index``'s text, in the client's units.

    >>> from fastapply_lsp.text.edits import Edit, Edits
    >>> from fastapply_lsp.text.positions import PositionEncoding, TextIndex
    >>> edits = Edits.of([Edit(1, 2, "b")])
    >>> change = document_edit("file:///x", 3, TextIndex("\U0001f600a"), edits, PositionEncoding.UTF16)
    >>> change["edits"][0]["range"]["start"]
    {'line': 0, 'character': 2}
    """

    def place(offset: int) -> dict[str, int]:
        position = index.position_at(offset, encoding)
        return {"line": position.line, "character": position.character}

    changes = [
        {"range": {"start": place(edit.start), "end": place(edit.end)}, "newText": edit.text}
        for edit in within_lines(edits, index.text)
    ]
    if not index.text and changes:
        # To Neovim an empty buffer is one line with its end. The line that does not exist counts
        # as the end of the document, so this takes that line end away there, and nothing elsewhere.
        changes[0]["range"] = {"start": place(0), "end": {"line": 1, "character": 0}}
    return {"textDocument": {"uri": uri, "version": version}, "edits": changes}
