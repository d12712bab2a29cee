"""What can happen to lines of the guide in a rewrite?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.text.replacement import Span


class PartKind(StrEnum):
    """What happened to some lines of the guide."""

    LOST = "lost"  # the rewrite lacks them, and has nothing in their place
    ADDED = "added"  # the guide has nothing in their place
    SPACE = "white space"  # they differ in white space or blank lines, and nothing else
    CHANGED = "changed"  # they became others
    MOVED = "moved"  # they stand elsewhere


@dataclass(frozen=True, slots=True)
class Part:
    """Lines ``guide`` of the guide became lines ``rewrite`` of the rewrite."""

    kind: PartKind
    guide: Span
    rewrite: Span
    licensed: bool
