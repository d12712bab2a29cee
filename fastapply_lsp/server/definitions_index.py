"""Which open document has a definition of this name? For blocks that name no file.

Only open documents are looked at: the file that a chat talks about is nearly always open, and a
whole workspace would have to be parsed in advance. A document is parsed once per state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.server.chats import is_chat

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document

LONGEST_CHARACTERS = 200_000
"""A longer document is generated, as a rule, and not what a chat talks about."""


class Definitions:
    """An index of the definitions in open documents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._names: dict[str, tuple[int, frozenset[str]]] = {}

    def __call__(self, qualified: str, /) -> Collection[str]:
        """Return the open documents' names, as the listing has them, that define this name."""
        return [
            self._desk.opener.shown(document.uri)
            for document in self._desk.documents.all()
            if not is_chat(document) and qualified in self._of(document)
        ]

    def _of(self, document: Document) -> frozenset[str]:
        revision, names = self._names.get(document.uri, (0, frozenset()))
        if revision != document.revision:
            names = _names_in(document)
            self._names[document.uri] = (document.revision, names)
        return names


def _names_in(document: Document) -> frozenset[str]:
    from fastapply_lsp.syntax.definitions import definitions  # noqa: PLC0415 - loads grammars
    from fastapply_lsp.syntax.languages import language_of  # noqa: PLC0415

    language = language_of(document.uri)
    if language is None or len(document.text) > LONGEST_CHARACTERS:
        return frozenset()
    outer = definitions(document.text, language)
    return frozenset(one.qualified for top in outer for one in top.walk())
