"""What the guard says: faults, repairs, the verdict, and the changes that it lets into the file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.text.replacement import Replacement, Span


class FaultKind(StrEnum):
    """What is wrong with a rewrite."""

    EMPTY = "empty"
    MARKER = "leaked marker"
    PROSE = "prose"
    REPETITION = "repetition"
    SYNTAX = "syntax"
    TRUNCATED = "truncated"
    LOST = "lost lines"  # gone, and nobody asked for it
    WHITESPACE = "white space"  # indentation or blank lines differ, and nothing else
    LINE_ENDS = "line ends"  # line ends, byte order mark or final newline differ
    DROPPED = "dropped name"  # a definition or an import is gone
    DUPLICATE = "duplicate"  # what was there once is there twice
    UNDONE = "not done"  # what was asked did not happen


_DOUBTFUL = frozenset(
    {
        FaultKind.SYNTAX,
        FaultKind.TRUNCATED,
        FaultKind.LOST,
        FaultKind.WHITESPACE,
        FaultKind.DROPPED,
        FaultKind.DUPLICATE,
        FaultKind.UNDONE,
    }
)
"""What says, where it is not fatal, that the rewrite may not be what was meant.

The others are then news: words around the file that were left out, a comment on what was removed.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: lines ``span`` of the rewrite (``None`` for what is missing).

    A ``fatal`` fault means that the rewrite must not be taken as it is; another is only told.
    """

    kind: FaultKind
    message: str
    span: Span | None
    fatal: bool

    @property
    def is_doubt(self) -> bool:
        """Whether the rewrite may stay, and yet not be what was meant: then it is looked at."""
        return not self.fatal and self.kind in _DOUBTFUL


@dataclass(frozen=True, slots=True)
class Repair:
    """One fault that is no more, in a sentence that a user reads after the apply."""

    kind: FaultKind
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """Original lines that the judged rewrite replaces.

    ``unrequested`` says why nobody asked for it, in a sentence; it is empty where somebody did.
    """

    replacement: Replacement
    unrequested: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the guard makes of a rewrite.

    Laws: ``text`` is the rewrite as repaired, and equal to it where there are no ``repairs``;
    ``changes`` are a series of replacements that make ``text`` of the original; ``faults`` are
    those of ``text``, in the order of the checks.
    """

    text: str
    changes: tuple[Change, ...]
    repairs: tuple[Repair, ...]
    faults: tuple[Fault, ...]

    @property
    def accepted(self) -> bool:
        """Whether the rewrite may stay."""
        return not any(fault.fatal for fault in self.faults)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why it may not be what was meant, though it may stay: a user is to look at it."""
        return tuple(fault.message for fault in self.faults if fault.is_doubt)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it may not."""
        return tuple(fault.message for fault in self.faults if fault.fatal)
