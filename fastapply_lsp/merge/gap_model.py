"""What is a gap between two shared lines, and what becomes of it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.model import Region
from fastapply_lsp.merge.removal import NO_REMOVAL, Removal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.page import Change
    from fastapply_lsp.text.replacement import Span

REACH = 12
"""Lines beside a marker that new lines may replace, beyond as many as there are new ones."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Items between two shared lines, and lines ``top`` to ``bottom`` of the file between them.

    ``open_start`` and ``open_end`` say that nothing is shared on that side: the snippet begins or
    ends there, and the file may go on.
    """

    items: Sequence[Item]
    texts: Sequence[str]
    top: int
    bottom: int
    open_start: bool
    open_end: bool
    asked: Removal = NO_REMOVAL
    """What the user asked to remove."""

    @property
    def marked(self) -> bool:
        """Whether the snippet shows a marker here."""
        return any(item.kind is Kind.GAP and item.text for item in self.items)


@dataclass(frozen=True, slots=True)
class Filled:
    """What a gap becomes."""

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    licences: tuple[Region, ...] = ()
    """Lines that it may also be meant to change, where there is a reason for doubt."""


def licensed(reach: Span, reasons: Sequence[str]) -> tuple[Region, ...]:
    """Let ``reach`` change, too, for the first of the reasons, if there is one."""
    return (Region(reach, reasons[0]),) if reasons else ()
