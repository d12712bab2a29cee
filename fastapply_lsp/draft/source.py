"""A text that the rewrite may follow, as tokens, and where in it a few tokens occur."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

GRAM = 4
"""Tokens that must be equal before a place far away is thought of: code repeats shorter ones."""
LONGEST_MATCH = 32
"""Tokens of a match that are counted."""
_MOST_PLACES = 32
"""Places of one gram that are looked at, the last ones: what is everywhere says little."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a source: the next token has index ``at``; ``length`` tokens before it agree."""

    at: int
    length: int


class Source:
    """Tokens, and an index of them that is made when it is first asked, and then kept up."""

    __slots__ = ("_earlier", "_latest", "tokens")

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = tokens
        self._latest: dict[tuple[int, ...], int] = {}  # where a gram ends, the last time
        self._earlier: list[int] = [0] * GRAM  # where it ended the time before; 0 for never

    def find(self, written: Sequence[int], near: int) -> Place | None:
        """Return where the end of ``written`` occurs: the longest match, of equal ones the next.

        ``near`` is where the source was last followed; places after it come before places that lie
        behind it.
        """
        if len(written) < GRAM:
            return None
        self._index()
        at = self._latest.get(tuple(written[-GRAM:]), 0)
        best: tuple[int, bool, int] | None = None
        place: Place | None = None
        for _ in range(_MOST_PLACES):
            if not at:
                break
            length = self._agrees(written, at)
            rank = (length, at >= near, -abs(at - near))
            if best is None or rank > best:
                best, place = rank, Place(at, length)
            at = self._earlier[at]
        return place

    def _agrees(self, written: Sequence[int], at: int) -> int:
        length = GRAM
        most = min(LONGEST_MATCH, at, len(written))
        while length < most and self.tokens[at - length - 1] == written[-length - 1]:
            length += 1
        return length

    def _index(self) -> None:
        """Take in what has been added to the tokens; a gram at the very end is no place to go."""
        tokens, latest, earlier = self.tokens, self._latest, self._earlier
        first = len(earlier)
        if first >= len(tokens):
            return
        fresh = tokens[first - GRAM : -1]
        for at, gram in enumerate(
            zip(fresh, fresh[1:], fresh[2:], fresh[3:], strict=False), start=first
        ):
            earlier.append(latest.get(gram, 0))
            latest[gram] = at
