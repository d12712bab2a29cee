"""A text that the rewrite may follow, as tokens, and where in it a few tokens occur.

The search is the built-in one of strings: each token stands as one letter. Over 12,000 tokens it
takes 7 µs and needs no index; an index takes longer to make than many searches.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GRAM = 4
"""Tokens that must be equal before a place far away is thought of: code repeats shorter ones."""
LONGEST_MATCH = 32
"""Tokens of a match that are counted."""
_LETTERS = f"utf-32-{sys.byteorder[0]}e"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a source: the next token has index ``at``; ``length`` tokens before it agree."""

    at: int
    length: int


class Source:
    """Tokens that may grow, and the same as letters; ids are below 1,114,112, as letters are."""

    __slots__ = ("_letters", "tokens")

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = tokens
        self._letters = letters(tokens)

    def find(self, written: str, near: int, longer_than: int = 0) -> Place | None:
        """Return where the end of ``written`` occurs: the longest match, of equal ones the next.

        The end of the source is no such place, for nothing follows there.

        Args:
            written: as `letters`.
            near: where the source was last followed; places from there on come before places that
                lie behind it.
            longer_than: so many tokens must agree, and one more, `GRAM` at least.
        """
        if len(self._letters) < len(self.tokens):
            self._letters += letters(self.tokens[len(self._letters) :])
        text, end = self._letters, len(self.tokens) - 1
        written = written[-LONGEST_MATCH:]
        found: Place | None = None
        length = max(GRAM, longer_than + 1)
        while length <= len(written):
            wanted = written[-length:]
            start = text.find(wanted, max(0, near - length), end)
            if start < 0:
                start = text.rfind(wanted, 0, min(near - 1, end))
            if start < 0:
                break
            at = start + length
            while length < min(at, len(written)) and text[at - length - 1] == written[-length - 1]:
                length += 1
            found = Place(at, length)
            length += 1
        return found


def letters(tokens: Sequence[int]) -> str:
    """Return tokens as text, in which they are searched for.

    >>> letters([104, 105])
    'hi'
    """
    # As "".join(map(chr, tokens)), six times faster.
    return array("I", tokens).tobytes().decode(_LETTERS, "surrogatepass")
