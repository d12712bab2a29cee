"""What does the merge say? The predicted file, what may change, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.text.replacement import Replacement, Span


class Form(StrEnum):
    """The form in which a code_edit was written, as the merge read it."""

    LAZY = "lazy snippet"
    DEFINITIONS = "whole definitions"
    WHOLE_FILE = "whole file"
    UNIFIED_DIFF = "unified diff"
    SEARCH_REPLACE = "search/replace blocks"
    FRAGMENT = "fragment"


@dataclass(frozen=True, slots=True)
class Region:
    """Original lines that the code_edit licenses to change, and why."""

    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible placement: the file that it predicts, as replacements, and why."""

    replacements: tuple[Replacement, ...]
    predicted: str
    why: str


@dataclass(frozen=True, slots=True)
class Merge:
    """A code_edit placed in a file.

    Laws: ``certain`` means that ``predicted`` is right; else ``reasons`` say why it may not be.
    ``predicted`` is the original with ``replacements`` applied. ``regions`` cover every
    replacement of every candidate. A merge that found no place has no candidates, predicts the
    original, is not certain, and says why.
    """

    form: Form
    predicted: str
    replacements: tuple[Replacement, ...]
    regions: tuple[Region, ...]
    reasons: tuple[str, ...]
    candidates: tuple[Candidate, ...]

    @property
    def certain(self) -> bool:
        """Whether the prediction is the file that the user asked for."""
        return not self.reasons

    @property
    def placed(self) -> bool:
        """Whether any place was found."""
        return bool(self.candidates)
