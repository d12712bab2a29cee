"""Do lines come round again? Finds stretches that repeat with one period, line by line.

A line is compared with the one a period earlier. Which period that is, the last place of the same
few lines in a row tells; it is looked up only where the running period breaks, so that every line
costs the same, however long the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_CONTEXT = 4
"""Lines in a row that must come again before a period is tried."""
LONGEST_PERIOD = 80
"""Lines in one round; a longer round would fill any output limit after few of them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines ``start`` to ``end``, each equal to the one ``period`` lines before, but the first."""

    start: int
    end: int
    period: int

    @property
    def rounds(self) -> int:
        """How often the lines come, whole rounds only."""
        return (self.end - self.start) // self.period


class Rounds:
    """Follows lines, one at a time.

    >>> rounds = Rounds()
    >>> [len(rounds.push(line)) for line in "abcdefabcdefabcdef"][-3:]
    [10, 11, 12]
    """

    __slots__ = ("_lines", "_period", "_places", "_run")

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._places: dict[tuple[str, ...], int] = {}
        self._period = 0
        self._run = 0

    @property
    def period(self) -> int:
        """The period of the lines that come round now; 0 where none do."""
        return self._period

    def push(self, line: str) -> range:
        """Take a line; return the last lines that repeat those one period before, by number."""
        lines, period = self._lines, self._period
        number = len(lines)
        lines.append(line)
        if period and lines[number - period] == line:
            self._run += 1
        else:
            self._period = self._run = 0
        if number + 1 >= _CONTEXT:
            last = tuple(lines[-_CONTEXT:])
            if not self._period:
                before = self._places.get(last, -1)
                if before >= 0 and number - before <= LONGEST_PERIOD:
                    self._period, self._run = number - before, _CONTEXT
            self._places[last] = number
        return range(number + 1 - self._run, number + 1)


def stretches(lines: Sequence[str]) -> Iterator[Stretch]:
    """Yield what comes round at least once more, in order; a stretch is as long as it can be."""
    rounds = Rounds()
    open_: Stretch | None = None
    for line in lines:
        again = rounds.push(line)
        if not again:
            if open_ is not None:
                yield open_
            open_ = None
        elif open_ is not None and open_.period == rounds.period:
            open_ = Stretch(open_.start, again.stop, open_.period)
        else:
            if open_ is not None:
                yield open_
            open_ = _widened(lines, Stretch(again.start, again.stop, rounds.period))
    if open_ is not None:
        yield open_


def _widened(lines: Sequence[str], found: Stretch) -> Stretch:
    start = found.start - found.period
    while start > 0 and lines[start - 1] == lines[start - 1 + found.period]:
        start -= 1
    return Stretch(start, found.end, found.period)
