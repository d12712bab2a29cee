"""What the guard says: of a replacement while it streams, and of the finished rewrite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.text.replacement import Span


@dataclass(frozen=True, slots=True)
class Admitted:
    """The replacement may leave now."""


@dataclass(frozen=True, slots=True)
class Held:
    """The replacement waits for the verdict, because ``reason``."""

    reason: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a rewrite.

    ``kind`` is the check's name, ``message`` a clause for the user ("the end of the file is
    missing"), ``span`` the lines of the rewrite it is about. A fatal one stops the apply.
    """

    kind: str
    message: str
    span: Span | None
    fatal: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The guard's word on a finished rewrite; no faults means that it may stay."""

    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing fatal was found."""
        return not any(fault.fatal for fault in self.faults)
