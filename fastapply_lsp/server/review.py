"""Where do the pending hunks of a document stand now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsprotocol.types import Position, Range

from fastapply_lsp.server.applying import State

if TYPE_CHECKING:
    from fastapply_lsp.server.applies import Applies
    from fastapply_lsp.server.applying import Applying
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.session.hunks import Hunk, Offsets
    from fastapply_lsp.text.positions import PositionEncoding


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pending hunk, and its place in the buffer (code points)."""

    applying: Applying
    hunk: Hunk
    place: Offsets


def waiting_in(document: Document, applies: Applies) -> list[Waiting]:
    """Return the hunks of a document that wait for a decision, from top to bottom."""
    found = []
    for applying in applies.on(document.uri):
        if applying.state is State.REVIEWING:
            places = applying.locate()
            found += [Waiting(applying, hunk, places[hunk.id]) for hunk in applying.pending]
    return sorted(found, key=lambda waiting: (waiting.place.start, waiting.place.end))


def lsp_range(document: Document, place: Offsets, encoding: PositionEncoding) -> Range:
    """Return a span of the document for the client."""
    start = document.index.position_at(place.start, encoding)
    end = document.index.position_at(place.end, encoding)
    return Range(Position(start.line, start.character), Position(end.line, end.character))
