"""Which lines of the original does the rewrite keep, known as early as can be?

The law. Call the rewrite *tame* if each line that stands once in the original stands at most once
in it, and these lines come in their old order. Then no released replacement removes a line that
stands once in both, nor one of the common suffix. Always: none removes a line of the common
prefix, the replacements rebuild the rewrite exactly, chunking changes when they leave and never
what they are, and none is taken back. A rewrite that is not tame (a block moved or doubled) keeps
what the evidence favours; ``needed_weight`` says what limits the damage.

How. *In step*, each new line is the next line of the original, and costs one comparison of whole
slices. Where they differ the stretch is *open*: new lines are held, and each one that the original
holds too is a vote for the place where the stretch ends. It ends, and its diff leaves, at a match
that all this holds for:

- it is a line that stands once in the original, or follows one in step (other lines may come
  again, and then their place would be wrong);
- no later place in the original has a vote; but where votes contradict each other, which no tame
  rewrite does, no other chain of votes explains the stretch better;
- the chain of votes up to it weighs ``needed_weight``, and more where votes contradict.

So what is held is the stretch and its evidence. In a file without telling lines that may be all
that follows; the end of the rewrite settles it by the same diff.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.rewrite.evidence import Places
from fastapply_lsp.rewrite.stretch import Stretch
from fastapply_lsp.text.align import common_prefix
from fastapply_lsp.text.replacement import Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence


class Aligner:
    r"""Whole lines in, replacements out.

    >>> aligner = Aligner(["a\n", "b\n", "c\n", "d\n"])
    >>> aligner.push(["a\n", "x\n", "c\n"]), aligner.push(["d\n"]), aligner.finish()
    ([Replacement(start=1, end=2, lines=('x\n',))], [], [])
    """

    __slots__ = ("_at", "_floor", "_is_first", "_original", "_places", "_stretch")

    def __init__(self, original: Sequence[str]) -> None:
        self._original = list(original)
        self._places: Places | None = None
        self._at = 0
        self._floor = 0
        self._is_first = True
        self._stretch: Stretch | None = None

    @property
    def settled(self) -> int:
        """How many lines of the original are settled: kept, or in a released replacement."""
        return self._at

    def push(self, lines: list[str]) -> list[Replacement]:
        """Return the replacements whose end is known by now."""
        released: list[Replacement] = []
        position, count = 0, len(lines)
        while position < count:
            if self._stretch is None:
                rest = lines[position:] if position else lines
                expected = self._original[self._at : self._at + count - position]
                if expected == rest:
                    self._at += count - position
                    break
                kept = common_prefix(expected, rest)
                self._at += kept
                position += kept
                if self._places is None:
                    self._places = Places(self._original)
                self._stretch = Stretch(self._original, self._at, self._places)
            position = self._stretch.read(lines, position)
            if self._stretch.end is not None:
                released += self._close(self._stretch.end)
        return released

    def finish(self) -> list[Replacement]:
        """Return the rest, once the rewrite has ended."""
        if self._stretch is None and self._at < len(self._original):
            self._stretch = Stretch(self._original, self._at, Places(()))
        return [] if self._stretch is None else self._close(len(self._original))

    def _close(self, end: int) -> list[Replacement]:
        stretch, self._stretch = self._stretch, None
        assert stretch is not None
        series = stretch.replacements(end)
        if series and not self._is_first and not series[0].lines:
            series[0] = self._slid(series[0])
        self._is_first = self._is_first and not series
        self._at = end
        self._floor = end
        return series

    def _slid(self, removal: Replacement) -> Replacement:
        """Remove the earliest of several equal stretches, so that the common suffix stays.

        The first change of a file stays where it is, behind the common prefix.
        """
        start, end = removal.start, removal.end
        while start > self._floor and self._original[start - 1] == self._original[end - 1]:
            start, end = start - 1, end - 1
        return Replacement(start, end, ())
