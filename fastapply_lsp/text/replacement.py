"""A replacement of whole lines: what rewrite, merge and guard say of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Lines ``start`` to ``end`` of a file: 0-based, ``end`` exclusive; empty is a place between.

    >>> Span(2, 5).touches(Span(5, 5)), Span(2, 5).covers(Span(3, 5)), len(Span(2, 5))
    (True, True, 3)
    """

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def touches(self, other: Span) -> bool:
        """Whether the two overlap or share a boundary."""
        return self.start <= other.end and other.start <= self.end

    def covers(self, other: Span) -> bool:
        """Whether ``other`` lies within, boundaries included."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Replacement:
    """Original lines ``start`` to ``end`` become ``lines`` (each with its own line end).

    Laws of a series of replacements: sorted, disjoint, and no two share a boundary, so that a kept
    line stands between any two of them.
    """

    start: int
    end: int
    lines: tuple[str, ...]

    @property
    def span(self) -> Span:
        """The original lines that go."""
        return Span(self.start, self.end)


def apply_replacements(original: Sequence[str], replacements: Iterable[Replacement]) -> list[str]:
    r"""Return the lines that result.

    >>> apply_replacements(["a\n", "b\n"], [Replacement(1, 2, ("c\n", "d\n"))])
    ['a\n', 'c\n', 'd\n']
    """
    result: list[str] = []
    at = 0
    for replacement in replacements:
        result += original[at : replacement.start]
        result += replacement.lines
        at = replacement.end
    result += original[at:]
    return result
