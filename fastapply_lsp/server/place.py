"""Where does an edit go: into an open document, a file on the disk, or a file that is new?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.server.documents import Document


@dataclass(frozen=True, slots=True)
class Open:
    """A document that the client has open; the buffer is the truth, never the disk.

    ``path`` is for prompts, messages and the grammar: relative to its folder where it has one.
    """

    document: Document
    path: str

    @property
    def uri(self) -> str:
        """The document's URI, as the client spells it."""
        return self.document.uri

    @property
    def text(self) -> str:
        """What the buffer holds."""
        return self.document.text


@dataclass(frozen=True, slots=True)
class OnDisk:
    """A file that the client did not open for us; ``raw`` are its bytes, ``text`` what they say."""

    uri: str
    path: str
    text: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class New:
    """A file that does not exist yet."""

    uri: str
    path: str

    @property
    def text(self) -> str:
        """What the edit begins with."""
        return ""


Place = Open | OnDisk | New
