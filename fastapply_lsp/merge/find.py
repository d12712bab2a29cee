"""Where do these lines stand in the file? Exactly, or as nearly as the form allows."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from fastapply_lsp.merge.lines import weak

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_PLACES_MAX = 48
"""Lines that stand at more places than this say nothing, and work must stay linear."""


class Nearness(IntEnum):
    """How far two lines may differ and still count as the same; each level allows more."""

    EXACT = 0
    TRAILING = 1
    """Spaces at the end of the line differ."""
    INDENT = 2
    """The indentation differs, too."""
    SPACING = 3
    """Any white space differs, too."""


KEYS: dict[Nearness, Callable[[str], str]] = {
    Nearness.EXACT: str,
    Nearness.TRAILING: str.rstrip,
    Nearness.INDENT: str.strip,
    Nearness.SPACING: lambda text: "".join(text.split()),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Every place where the lines stand (their first line), at the nearest level that has one."""

    starts: tuple[int, ...]
    nearness: Nearness

    def few(self, near: int | None) -> tuple[int, ...]:
        """Return the places that are worth a look: of very many the nearest, or the first."""
        if len(self.starts) <= _PLACES_MAX or near is None:
            return self.starts[:_PLACES_MAX]
        nearest = sorted(self.starts, key=lambda start: abs(start - near))
        return tuple(sorted(nearest[:_PLACES_MAX]))


@dataclass(slots=True)
class Index:
    """Finds runs of lines in one file; what it learns of the file is kept for the next search."""

    texts: Sequence[str]
    _keys: dict[Nearness, list[str]] = field(default_factory=dict)
    _places: dict[Nearness, dict[str, list[int]]] = field(default_factory=dict)

    def keys(self, nearness: Nearness) -> list[str]:
        """Return the file's lines as they compare at this level."""
        if nearness not in self._keys:
            self._keys[nearness] = list(map(KEYS[nearness], self.texts))
        return self._keys[nearness]

    def places(self, nearness: Nearness) -> dict[str, list[int]]:
        """Return where each line stands, in order."""
        if nearness not in self._places:
            places: dict[str, list[int]] = {}
            for at, key in enumerate(self.keys(nearness)):
                places.setdefault(key, []).append(at)
            self._places[nearness] = places
        return self._places[nearness]

    def run(self, wanted: Sequence[str], most: Nearness = Nearness.SPACING) -> Found:
        """Find every place of the run; blank lines alone are found at no loose level."""
        for nearness in Nearness:
            if nearness > most:
                break
            starts = self.starts(wanted, nearness)
            if starts:
                return Found(tuple(starts), nearness)
        return Found((), most)

    def may_hold(self, new: Sequence[str], old: Sequence[str], found: Found) -> bool:
        """Whether what an edit makes of ``old`` stands beside all places of it: it may be done.

        Brackets and blank lines stand anywhere; it takes a line that the edit adds, or two that
        it brings together.
        """
        fresh = Counter(text.strip() for text in new) - Counter(text.strip() for text in old)
        telling = sum(not weak(text.strip()) for text in new)
        if not any(not weak(key) for key in fresh) and telling <= 1:
            return False
        places = found.starts

        def apart(at: int) -> bool:
            next_ = bisect_right(places, at - len(old))
            return next_ == len(places) or places[next_] >= at + len(new)

        return any(map(apart, self.run(new, Nearness.TRAILING).starts))

    def starts(self, wanted: Sequence[str], nearness: Nearness) -> list[int]:
        """Return every place of the run at one level, in order."""
        size = len(wanted)
        if not size or size > len(self.texts):
            return []
        run = list(map(KEYS[nearness], wanted))
        places = self.places(nearness)
        if any(key not in places for key in run):
            return []
        # The rarest line of the run leaves the fewest places to look at.
        rarest = min(range(size), key=lambda at: len(places[run[at]]))
        keys = self.keys(nearness)
        last = len(keys) - size
        return [
            at - rarest
            for at in places[run[rarest]]
            if 0 <= at - rarest <= last and keys[at - rarest : at - rarest + size] == run
        ]
