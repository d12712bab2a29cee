"""What a check sees and what it says: the context of a rewrite, faults, the verdict."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.faults import syntax_error_spans
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Span


class FaultKind(StrEnum):
    """What is wrong with a rewrite."""

    EMPTY = "empty"
    MARKER = "leaked marker"
    PROSE = "prose"
    REPETITION = "repetition"
    SYNTAX = "syntax"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: lines ``span`` of the rewrite (``None`` for what is missing).

    A ``fatal`` fault means that the rewrite must not stay in the buffer; another is only told.
    """

    kind: FaultKind
    message: str
    span: Span | None
    fatal: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The faults of a rewrite, in the order of the checks."""

    faults: tuple[Fault, ...]

    @property
    def accepted(self) -> bool:
        """Whether the rewrite may stay."""
        return not any(fault.fatal for fault in self.faults)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why it may not be what was meant, though it is what was asked for."""
        return tuple(
            fault.message
            for fault in self.faults
            if fault.kind is FaultKind.SYNTAX and not fault.fatal
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it may not."""
        return tuple(fault.message for fault in self.faults if fault.fatal)


@dataclass(frozen=True)
class Context:
    """A finished rewrite, what it rewrites, and what was asked.

    ``merge`` is ``None`` where nothing is known of the edit. ``stripped`` is what unwrapping took
    off around the file. What several checks need is computed once, when the first asks.
    """

    original: str
    rewrite: str
    merge: Merge | None
    language: Language | None
    stripped: str

    @cached_property
    def original_lines(self) -> tuple[str, ...]:
        """The original's lines."""
        return tuple(split_lines(self.original))

    @cached_property
    def rewrite_lines(self) -> tuple[str, ...]:
        """The rewrite's lines."""
        return tuple(split_lines(self.rewrite))

    @cached_property
    def original_counts(self) -> Counter[str]:
        """How often each line, white space around it left out, is in the original."""
        return Counter(line.strip() for line in self.original_lines)

    @cached_property
    def asked_lines(self) -> frozenset[str]:
        """The stripped lines that are in the original or in any prediction of the merge."""
        asked = set(self.original_counts)
        if self.merge is not None:
            for text in (self.merge.predicted, *(one.predicted for one in self.merge.candidates)):
                asked.update(line.strip() for line in split_lines(text))
        return frozenset(asked)

    @property
    def certain(self) -> Merge | None:
        """The merge, where it is certain: then its prediction is what was asked."""
        return self.merge if self.merge is not None and self.merge.certain else None

    @cached_property
    def errors_before(self) -> tuple[Span, ...]:
        """The original's lines that its grammar cannot read."""
        return syntax_error_spans(self.original, self.language)

    @cached_property
    def errors_after(self) -> tuple[Span, ...]:
        """The rewrite's lines that its grammar cannot read."""
        return syntax_error_spans(self.rewrite, self.language)


if TYPE_CHECKING:
    Check = Callable[[Context], tuple[Fault, ...]]
    """One check: pure, cheap, and precise rather than complete."""
