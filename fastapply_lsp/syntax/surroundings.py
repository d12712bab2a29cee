"""Where does a bare ``...`` stand? In Python it may be a statement, in YAML the end of a document."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.syntax.languages import Language

STATEMENT_DOTS = frozenset({"python"})
"""Languages in which a bare ``...`` is a statement."""


class Standing(Enum):
    """What the lines around a bare ``...`` make of it."""

    STATEMENT = auto()
    """The whole body of a stub, or the end of a YAML document: no marker."""
    IN_TEXT = auto()
    """Inside a docstring, as doctests have it: hardly a marker."""
    AMONG_CODE = auto()
    """Where nothing of the kind belongs."""


class Surroundings:
    """The lines around the bare dots of one text; ask for its lines in order.

    Each question costs the blank lines around, and all questions together one count of the quotes.
    """

    __slots__ = ("_at", "_language", "_lines", "_quotes")

    def __init__(self, lines: Sequence[str], language: Language | None) -> None:
        self._lines = lines
        self._language = language.id if language is not None and language.indents else None
        self._at = 0
        self._quotes = [0, 0]

    def of_dots(self, number: int) -> Standing:
        """Return what the bare ``...`` on line ``number`` is."""
        if self._language is None:
            return Standing.AMONG_CODE
        before = self._filled(range(number - 1, -1, -1))
        after = self._filled(range(number + 1, len(self._lines)))
        if self._language == "yaml" and after.startswith(("---", "%")):
            return Standing.STATEMENT
        if self._language not in STATEMENT_DOTS:
            return Standing.AMONG_CODE
        indent = len(indent_of(self._lines[number]))
        deep = len(indent_of(before)) >= indent
        follows = bool(before) and deep and not _ends_docstring(before)
        if indent and not follows and len(indent_of(after)) != indent:
            return Standing.STATEMENT
        return Standing.IN_TEXT if self._in_docstring(number) else Standing.AMONG_CODE

    def _filled(self, numbers: Iterable[int]) -> str:
        filled = (self._lines[number] for number in numbers if self._lines[number].strip())
        return next(filled, "")

    def _in_docstring(self, number: int) -> bool:
        """Whether a triple-quoted string is open, as far as counting quotes can tell."""
        for at in range(self._at, number):
            self._quotes[0] += self._lines[at].count('"""')
            self._quotes[1] += self._lines[at].count("'''")
        self._at = number
        return any(count % 2 for count in self._quotes)


def _ends_docstring(line: str) -> bool:
    return line.rstrip().endswith(('"""', "'''"))
