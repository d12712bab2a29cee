"""What may change? The lines that the code_edit licenses, in a file's own line numbers.

The gate asks in the original's lines, the repairs ask in the guide's; both ask one ``Licence``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from fastapply_lsp.text.replacement import Replacement, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapply_lsp.merge.model import Region

_MOST_SLIDES = 200
"""Lines that a replacement is slid along equal ones; a longer run is no place that anyone means."""


@dataclass(frozen=True, slots=True)
class Licence:
    """The lines of one file that may change.

    Laws: ``spans`` are sorted and no two touch, so that what lies across two regions that share a
    boundary is licensed as well.

    >>> licence = licence_of(["a", "b", "b", "c"], [Span(1, 2)])
    >>> licence.holds(Span(1, 2)), licence.holds(Span(2, 3))
    (True, False)
    >>> licence.covering(Replacement(2, 3, ()))
    Span(start=1, end=2)
    """

    lines: Sequence[str]
    spans: tuple[Span, ...]

    def holds(self, span: Span) -> bool:
        """Whether all of ``span`` is licensed; one without lines may lie at a boundary."""
        return self._around(span) is not None

    def touches(self, span: Span) -> bool:
        """Whether any of ``span``, or one of its boundaries, is licensed."""
        at = bisect_right(self.spans, span.end, key=_start) - 1
        return at >= 0 and self.spans[at].end >= span.start

    def covering(self, replacement: Replacement) -> Span | None:
        """Return the licensed span that holds the replacement, or one that makes the same file.

        Lines put in or taken out next to equal lines can be said to be at several places: an added
        ``}`` and blank line, before or after the one that is there. Each of them makes the same
        file, so one that is licensed is enough.
        """
        for span in _slides(self.lines, replacement):
            if (licensed := self._around(span)) is not None:
                return licensed
        return None

    def reaches(self, replacement: Replacement) -> bool:
        """Whether the replacement, or one that makes the same file, touches a licensed line."""
        return any(self.touches(span) for span in _slides(self.lines, replacement))

    def image(self, replacements: Sequence[Replacement], lines: Sequence[str]) -> Licence:
        """Return the licence of the file that a series of replacements makes.

        Args:
            replacements: In this licence's lines; what they replace is licensed, too.
            lines: All lines of the other file.
        """
        starts = [each.start for each in replacements]
        growth = list(
            accumulate((len(each.lines) - len(each.span) for each in replacements), initial=0)
        )
        widened = _union([*self.spans, *(each.span for each in replacements)])
        spans = [
            Span(
                span.start + growth[bisect_left(starts, span.start)],
                span.end + growth[bisect_right(starts, span.end)],
            )
            for span in widened
        ]
        return Licence(lines, tuple(spans))

    def _around(self, span: Span) -> Span | None:
        at = bisect_right(self.spans, span.start, key=_start) - 1
        return self.spans[at] if at >= 0 and self.spans[at].covers(span) else None


def licence_of(lines: Sequence[str], spans: Iterable[Span]) -> Licence:
    """Return the licence to change ``spans``, in any order, of the file with these lines."""
    return Licence(lines, tuple(_union(spans)))


def spans_of(regions: Sequence[Region] | None, count: int) -> list[Span]:
    """Return the regions' spans; where there are none at all, the file of ``count`` lines."""
    return [Span(0, count)] if regions is None else [region.span for region in regions]


def _start(span: Span) -> int:
    return span.start


def _slides(lines: Sequence[str], replacement: Replacement) -> Iterator[Span]:
    """Yield the spans of all replacements that make the same file, its own first."""
    span, put = replacement.span, replacement.lines
    yield span
    if len(span) and put:
        return
    moved = put or tuple(lines[span.start : span.end])
    if not moved:
        return
    for steps in range(1, _MOST_SLIDES + 1):
        at = span.end + steps - 1
        if at >= len(lines) or lines[at] != moved[(steps - 1) % len(moved)]:
            break
        yield Span(span.start + steps, span.end + steps)
    for steps in range(1, _MOST_SLIDES + 1):
        at = span.start - steps
        if at < 0 or lines[at] != moved[-((steps - 1) % len(moved)) - 1]:
            break
        yield Span(span.start - steps, span.end - steps)


def _union(spans: Iterable[Span]) -> list[Span]:
    """Join spans that overlap or share a boundary."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and joined[-1].touches(span):
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
