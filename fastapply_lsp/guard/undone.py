"""Did what was asked happen? Where it is sure what that is, it is done; else it is told."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.licence import licence_of
from fastapply_lsp.guard.model import Fault, FaultKind, Repair
from fastapply_lsp.guard.similar import bare
from fastapply_lsp.guard.wording import numbers
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.guard.parts import Part


def mend(context: Context) -> Mended | None:
    """Do what a certain merge asks for, where the original's lines stand as they were.

    Lines that were asked for and are merely missing are the business of ``preserve``.
    """
    if context.certain is None or not context.rewrite.strip():
        return None
    series = [
        Replacement(each.stands.start, each.stands.end, each.asked.lines)
        for each in left_undone(context)
    ]
    if not series:
        return None
    lines = tuple(apply_replacements(context.rewrite_lines, series))
    where = numbers(written_spans(series))
    message = f"did what was asked for and the rewrite had left as it was: {where}"
    return Mended(lines, (Repair(FaultKind.UNDONE, message),))


def check(context: Context) -> tuple[Fault, ...]:
    """A rewrite that is the original does nothing, unless there was nothing to do.

    That is fatal where a place for the edit was found; without one, doing nothing may be right.
    """
    if context.merge is None or context.rewrite != context.original:
        return ()
    if context.placed is None:
        message = "the rewrite changes nothing, and no place was found for the edit"
        return (Fault(FaultKind.UNDONE, message, span=None, fatal=False),)
    if context.guide == context.original:
        return ()
    message = "the rewrite changes nothing"
    return (Fault(FaultKind.UNDONE, message, span=None, fatal=True),)


@dataclass(frozen=True, slots=True)
class Undone:
    """An ``asked`` replacement of the original's lines, which in the rewrite still stand.

    In the guide, the lines ``image`` are in their place.
    """

    asked: Replacement
    image: Span
    stands: Span


def left_undone(context: Context) -> Iterator[Undone]:
    """Yield each replacement that makes the guide of the original and was not made.

    One that only puts lines in has nothing that could have stayed.
    """
    slid = list(_slid(context))
    differs = licence_of(context.guide_lines, [part.guide for part in context.parts] + slid)
    places = zip(context.asked, written_spans(context.asked), strict=True)
    doubtful = [(each, image) for each, image in places if differs.touches(image)]
    if not any(len(each.span) for each, _ in doubtful):
        return
    # The same lines in other white space are as little what was asked for.
    series = diff_lines(
        [bare(line) for line in context.original_lines],
        [bare(line) for line in context.rewrite_lines],
    )
    ends = [each.end for each in series]
    shifts = [0]
    for each in series:
        shifts.append(shifts[-1] + len(each.lines) - len(each.span))
    for asked, image in doubtful:
        span = asked.span
        at = bisect_left(ends, span.start)
        if not len(span) or not all(_spares(each, span) for each in _touching(series, at, span)):
            continue
        shift = shifts[bisect_left(ends, span.start + 1)]
        stands = Span(span.start + shift, span.end + shift)
        if any(other.touches(image) for other in slid) or _differs(context.parts, image, stands):
            yield Undone(asked, image, stands)


def _differs(parts: Sequence[Part], image: Span, stands: Span) -> bool:
    """Whether the guide's lines ``image`` became others at ``stands``."""
    at = bisect_left(parts, image.start, key=_end)
    while at < len(parts) and parts[at].guide.start <= image.end:
        if parts[at].rewrite.start < stands.end and stands.start < parts[at].rewrite.end:
            return True
        at += 1
    return False


def _end(part: Part) -> int:
    return part.guide.end


def _slid(context: Context) -> Iterator[Span]:
    """Yield the places of asked replacements that a deviation touches if it is slid to them."""
    images = licence_of(context.guide_lines, written_spans(context.asked))
    for each in context.deviations:
        if (image := images.covering(each)) is not None:
            yield image


def _touching(series: Sequence[Replacement], at: int, span: Span) -> Iterator[Replacement]:
    """Yield the replacements that touch the span, from the first that may."""
    while at < len(series) and series[at].start <= span.end:
        if series[at].span.touches(span):
            yield series[at]
        at += 1


def _spares(replacement: Replacement, span: Span) -> bool:
    """Whether the replacement leaves the lines as they are, and puts nothing beside them."""
    outside = replacement.end <= span.start or replacement.start >= span.end
    return outside and not replacement.lines
