"""The first use of a language costs a tenth of a second: pay it before somebody waits for it.

When a document is opened, its language's grammar and patterns are loaded in a thread, each
language once and one after another. The document's lenses and actions, which an editor asks for
at once, go first.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from fastapply_lsp.files.uris import uri_to_path
from fastapply_lsp.server.collector import settle
from fastapply_lsp.syntax.definitions import warm
from fastapply_lsp.syntax.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.syntax.languages import Language

QUIET_S = 0.5
"""Between a document's opening and the work on its language."""

_log = logging.getLogger(__name__)


class Warming:
    """Follows the documents."""

    def __init__(
        self,
        desk: Desk,
        load: Callable[[Language], None] = warm,
        *,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._background = desk.background
        self._load = load
        self._quiet_s = quiet_s
        self._seen: set[Language] = set()
        self._turn = asyncio.Lock()
        for document in desk.documents.all():
            self.opened(document)

    def opened(self, document: Document) -> None:
        """Load its language, soon, if it is the first document in it."""
        path = uri_to_path(document.uri)
        language = language_of(document.uri if path is None else path.name, document.text)
        if language is not None and language not in self._seen:
            self._seen.add(language)
            self._background.start(self._warm(language))

    def changed(self, document: Document) -> None:
        """Look away."""

    def closed(self, uri: str) -> None:
        """Look away."""

    async def _warm(self, language: Language) -> None:
        await asyncio.sleep(self._quiet_s)
        async with self._turn:
            try:
                await asyncio.to_thread(self._load, language)
            except Exception:  # noqa: BLE001 - whoever needs the language will hear of it
                _log.debug("The grammar of %s cannot be loaded.", language.id, exc_info=True)
            settle()
