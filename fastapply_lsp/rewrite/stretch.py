"""Where does a stretch end in which rewrite and original differ? The votes of its lines decide.

``aligner.py`` states the law and the rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.rewrite.evidence import Chain, Places, needed_against_doubt, needed_weight
from fastapply_lsp.text.align import common_prefix, diff_between, ordered

if TYPE_CHECKING:
    from fastapply_lsp.text.replacement import Replacement

_NOWHERE = -1


class Stretch:
    """An open stretch: from the original's line ``start`` on, nobody knows yet.

    Args:
        original: All lines of the original.
        start: The first open one.
        places: Where the lines of the original stand.
    """

    __slots__ = (
        "_best",
        "_chain",
        "_doubted",
        "_ends",
        "_highest",
        "_lines",
        "_original",
        "_places",
        "_start",
        "_step",
        "_votes",
        "end",
    )

    def __init__(self, original: list[str], start: int, places: Places) -> None:
        self._original = original
        self._places = places
        self._start = start
        self.end: int | None = None
        """The original's line before which the stretch ends, once that is known."""
        self._lines: list[str] = []
        # Each line that stands once in the original: where in the stretch; nowhere if doubled.
        self._votes: dict[str, int] = {}
        self._highest = _NOWHERE
        # The original's line that comes next, as long as we follow the last such line in step.
        self._step = _NOWHERE
        self._chain = Chain()
        # Without contradiction there is one chain only; then its ends wait here unjudged.
        self._doubted = False
        self._ends: list[tuple[int, int]] = []
        self._best: int | None = None

    def read(self, lines: list[str], position: int) -> int:
        """Read on from ``position`` until the stretch ends; return where that is."""
        unique, rare = self._places.unique, self._places.rare
        for index in range(position, len(lines)):
            line = lines[index]
            self._lines.append(line)
            place = unique.get(line)
            if place is not None:
                if place >= self._start:
                    self._vote(line, place)
            else:
                self._follow(line)
                if line in rare:
                    self._hint(line, rare[line])
            if self.end is not None:
                return index + 1
        return len(lines)

    def replacements(self, end: int) -> list[Replacement]:
        """Return the diff of the stretch against the original's lines up to ``end``.

        The common end stays, and of the lines that stand once in the original and once in the
        stretch the most that are in order; between them the fewest lines change.
        """
        old, new = self._original[self._start : end], self._lines
        suffix = common_prefix(old[::-1], new[::-1])
        old_left, new_left = old[: len(old) - suffix], new[: len(new) - suffix]
        pairs = (
            (self._places.unique[line] - self._start, index)
            for line, index in self._votes.items()
            if 0 <= index < len(new_left)
        )
        inside = (pair for pair in pairs if pair[0] < len(old_left))
        return diff_between(old_left, new_left, ordered(inside), first=self._start)

    def _vote(self, line: str, place: int) -> None:
        """Count a line that stands once in the original."""
        if line in self._votes:
            self._votes[line] = _NOWHERE
            self._doubted = True
        else:
            self._votes[line] = len(self._lines) - 1
        self._doubted = self._doubted or place < self._highest
        self._highest = max(self._highest, place)
        self._step = place + 1
        self._judge(place, self._places.weight(line))

    def _hint(self, line: str, places: tuple[int, ...]) -> None:
        """Count a line that stands a few times in the original."""
        weight = self._places.weight(line)
        if not weight:
            return
        for place in places:
            if place < self._start or self.end is not None:
                return
            self._judge(place, weight)

    def _follow(self, line: str) -> None:
        step = self._step
        if step != _NOWHERE:
            follows = step < len(self._original) and self._original[step] == line
            self._step = step + 1 if follows else _NOWHERE

    def _judge(self, place: int, weight: int) -> None:
        """Add a match of the newest line, and end the stretch behind it if the rule says so."""
        chain = self._chain.add(place, weight)
        span = place + 1 - self._start
        need = needed_weight(span, len(self._lines))
        leads = True
        if self._doubted:
            need += needed_against_doubt(span)
            leads = self._leads(place, chain)
        else:
            self._ends.append((place, chain))
            leads = place >= self._highest
        if leads and chain >= need and place + 1 == self._step:
            self.end = place + 1

    def _leads(self, place: int, chain: int) -> bool:
        """Whether no chain so far explains the stretch better than this one."""
        for earlier, weight in self._ends:
            self._gain(earlier, weight)
        self._ends.clear()
        return self._gain(place, chain)

    def _gain(self, place: int, chain: int) -> bool:
        """Compare what a chain matches with what it passes over, both by weight."""
        gain = 2 * chain - self._places.weight_between(self._start, place + 1)
        if self._best is not None and gain < self._best:
            return False
        self._best = gain
        return True
