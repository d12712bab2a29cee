"""Which lines must the model see, where the whole file is too much for it?

The merge says which lines the edit may change. Around each such region a window is cut at the
edges of a whole definition, else at blank lines, and windows that are near each other become one.
What is in no window is not written anew at all. The rewritten windows, put back between the
untouched lines, are one file again, and that is what the guard judges.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import has_line_end, line_end, without_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fastapply_lsp.merge.model import Region
    from fastapply_lsp.syntax.definitions import Definition

CONTEXT = 3
"""Lines before and after a region that its window shows at least, where they fit."""

NEAR = 12
"""Lines between two windows that are not worth a request of their own."""


@dataclass(frozen=True, slots=True)
class Window:
    """Lines of the original that are rewritten in one go, and the regions among them.

    ``torn`` says that no edge of a definition and no blank line was near enough to cut at.
    """

    span: Span
    regions: tuple[Region, ...]
    torn: bool = False


@dataclass(frozen=True, slots=True)
class Edges:
    """Where a file may be cut: ``starts`` and ``ends`` of windows, ascending, and definitions."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    wholes: tuple[Span, ...]

    @classmethod
    def of(cls, lines: Sequence[str], definitions: Iterable[Definition]) -> Edges:
        """Return a file's edges: of definitions, and where a blank line stands.

        The line inside an edge is never blank, but at the file's own ends: models drop blank lines
        at the ends of what they write.
        """
        wholes = tuple(one.whole for outer in definitions for one in outer.walk())
        filled = [bool(without_line_end(line).strip()) for line in lines]
        last = len(lines)
        begins, stops = {one.start for one in wholes}, {one.end for one in wholes}
        starts = {0} | {
            at
            for at in range(1, last)
            if filled[at] and (not filled[at - 1] or at in begins or at in stops)
        }
        ends = {last} | {
            at
            for at in range(1, last)
            if filled[at - 1] and (not filled[at] or at in begins or at in stops)
        }
        return cls(tuple(sorted(starts)), tuple(sorted(ends)), wholes)

    def around(self, span: Span) -> Span:
        """Return the nearest edges outside a span."""
        start = self.starts[bisect_right(self.starts, span.start) - 1]
        end = self.ends[bisect_left(self.ends, span.end)]
        return Span(start, end)

    def definition(self, span: Span) -> Span | None:
        """Return the smallest definition around a span; a place at its edge is not inside it."""
        inside = [
            whole
            for whole in self.wholes
            if whole.covers(span) and (len(span) or whole.start < span.start < whole.end)
        ]
        return min(inside, key=len, default=None)

    def between(self, start: int, end: int) -> Span | None:
        """Return the lines, often none or blank, that part two windows somewhere in a stretch.

        One window may end where they start, and the next one begin where they end.
        """
        for begin in self.starts[bisect_left(self.starts, start) : bisect_right(self.starts, end)]:
            stop = self.ends[bisect_right(self.ends, begin) - 1] if self.ends[0] <= begin else -1
            if stop >= start:
                return Span(stop, begin)
        return None


def cut(
    lines: Sequence[str],
    regions: Sequence[Region],
    definitions: Iterable[Definition],
    fits: Callable[[Span], bool],
    refuse: Callable[[Span], Exception],
) -> tuple[Window, ...]:
    """Cut a file into the windows that cover its regions.

    Args:
        lines: the file's.
        regions: those that the merge licenses; disjoint and in order.
        definitions: the file's, outermost ones.
        fits: whether a window of these lines is within the model's limits; what fits, fits in part.
        refuse: the error for a region that does not fit.

    Laws: windows are disjoint and in order; each region lies in one; each window fits; its ends
    are edges (``Edges``) unless it is ``torn``, which it is only where the nearest edges do not
    fit, or lie beyond the next region.

    Raises:
        Exception: what ``refuse`` returns for a region that does not even fit alone.
    """
    edges = Edges.of(lines, definitions)
    windows: list[Window] = []
    for region in regions:
        if not fits(region.span):
            raise refuse(region.span)
        window = _window((region,), edges, fits, len(lines))
        while windows and window.span.start <= windows[-1].span.end + NEAR:
            both = _joined(windows[-1], window, edges, fits, len(lines))
            if both is None:
                break
            windows.pop()
            window = both
        windows.append(window)
    return _apart(windows, edges)


def _window(
    regions: tuple[Region, ...], edges: Edges, fits: Callable[[Span], bool], last: int
) -> Window:
    hull = Span(regions[0].span.start, regions[-1].span.end)
    shown = Span(max(0, hull.start - CONTEXT), min(last, hull.end + CONTEXT))
    for span in (edges.definition(hull), edges.around(shown), edges.around(hull)):
        if span is not None and fits(span):
            return Window(span, regions)
    return Window(_torn(hull, fits, last), regions, torn=True)


def _torn(hull: Span, fits: Callable[[Span], bool], last: int) -> Span:
    """Return the region with as many lines around it as fit, up to the usual context."""
    for context in range(CONTEXT, 0, -1):
        span = Span(max(0, hull.start - context), min(last, hull.end + context))
        if fits(span):
            return span
    return hull


def _joined(
    one: Window, other: Window, edges: Edges, fits: Callable[[Span], bool], last: int
) -> Window | None:
    """Return one window in place of two, where it fits."""
    regions = (*one.regions, *other.regions)
    together = Span(min(one.span.start, other.span.start), max(one.span.end, other.span.end))
    if fits(together):
        return Window(together, regions, torn=one.torn or other.torn)
    hull = Span(regions[0].span.start, regions[-1].span.end)
    window = _window(regions, edges, fits, last) if fits(hull) else None
    return None if window is None or window.torn else window


def _apart(windows: list[Window], edges: Edges) -> tuple[Window, ...]:
    """Cut windows that overlap, between their regions."""
    for at in range(1, len(windows)):
        one, other = windows[at - 1], windows[at]
        if one.span.end <= other.span.start:
            continue
        first = max(one.regions[-1].span.end, other.span.start)
        last = min(other.regions[0].span.start, one.span.end)
        found = edges.between(first, last)
        gap = Span(last, last) if found is None else found
        torn = found is None
        windows[at - 1] = replace(one, span=Span(one.span.start, gap.start), torn=one.torn or torn)
        windows[at] = replace(other, span=Span(gap.end, other.span.end), torn=other.torn or torn)
    return tuple(windows)


def seamed(shown: Sequence[str], written: str, *, last: bool) -> str:
    r"""Return a rewritten window as it goes back into the file.

    Models drop the last line end; what follows the window must not be joined to its last line.

    >>> seamed(["a\r\n"], "b", last=False), seamed(["a\n"], "", last=False)
    ('b\r\n', '')
    """
    if last or not written or has_line_end(written) or not shown:
        return written
    return written + line_end(shown[-1])


def splice(lines: Sequence[str], windows: Sequence[Window], rewrites: Sequence[str]) -> str:
    """Return the file with each window replaced by its rewrite.

    Laws: where each rewrite is what its window shows, it is the file; what is in no window is in
    the file as it was.
    """
    pieces: list[str] = []
    at = 0
    for window, written in zip(windows, rewrites, strict=True):
        start, end = window.span.start, window.span.end
        pieces += lines[at:start]
        pieces.append(seamed(lines[start:end], written, last=end == len(lines)))
        at = end
    pieces += lines[at:]
    return "".join(pieces)
