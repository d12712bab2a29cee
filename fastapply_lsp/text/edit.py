"""One change of a text, in code points."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """The characters from ``start`` to ``end`` (code points, end exclusive) become ``text``."""

    start: int
    end: int
    text: str

    @property
    def growth(self) -> int:
        """By how many characters the text grows (negative: shrinks)."""
        return len(self.text) - (self.end - self.start)
