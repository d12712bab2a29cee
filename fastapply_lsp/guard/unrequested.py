"""Which changes did nobody ask for? Each change of the judged text, and why it is one.

A change is asked for where the licence covers it in the original's lines, as the gate sees it; or
where no part of it departs from the guide outside of the licence.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Change
from fastapply_lsp.guard.parts import PartKind
from fastapply_lsp.guard.wording import numbers, quoted
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from fastapply_lsp.text.series import compose, written_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.guard.parts import Part

_CLAUSES_MAX = 3


def changes_of(context: Context, series: Sequence[Replacement]) -> tuple[Change, ...]:
    """Return the changes that make the context's rewrite of its original.

    A change that is asked for only in part is taken apart where a kept line allows it.

    Args:
        context: The text as judged.
        series: Makes that text of the original.
    """
    outside = [part for part in context.parts if not part.licensed]
    if context.placed is None or not outside:
        return tuple(Change(each) for each in series)
    changes = _flagged(context, series, outside)
    least = _missed(context, changes)
    if least:
        # The diff takes lines that were asked for together with others; the guide may part them.
        by_guide = compose(context.original_lines, context.asked, context.deviations)
        others = _flagged(context, by_guide, outside)
        if _missed(context, others) < least:
            return others
    return changes


def _missed(context: Context, changes: Sequence[Change]) -> int:
    """Return how many lines are not as in the guide where all goes that nobody asked for."""
    asked = [each.replacement for each in changes if not each.unrequested]
    left = apply_replacements(context.original_lines, asked)
    series = diff_lines(context.guide_lines, left)
    return sum(len(each.span) + len(each.lines) for each in series)


def _flagged(
    context: Context, series: Sequence[Replacement], outside: Sequence[Part]
) -> tuple[Change, ...]:
    shares = _shared_out(context, _cut(context, series, outside), outside)
    asked = [share.replacement for share in shares if not share.parts]
    if not _all_asked(context, asked):
        # The diff of the guide and that of the original see the file otherwise.
        meant = set(context.asked)
        for share in shares:
            if not share.parts and not share.licensed and share.replacement not in meant:
                share.parts += _nearest(share.place, outside)
    return tuple(Change(share.replacement, _why(context, share.parts)) for share in shares)


@dataclass(slots=True)
class _Share:
    """A change, where it stands in the text, and the parts of it that nobody asked for."""

    replacement: Replacement
    place: Span
    licensed: bool
    parts: list[Part]


def _all_asked(context: Context, changes: Sequence[Replacement]) -> bool:
    """Whether these changes alone leave all as it was outside of the licence."""
    only = context.rewritten(apply_replacements(context.original_lines, changes))
    return all(part.licensed for part in only.parts)


def _nearest(place: Span, parts: Sequence[Part]) -> list[Part]:
    return [min(parts, key=lambda part: _distance(place, part.rewrite))]


def _cut(
    context: Context, series: Sequence[Replacement], outside: Sequence[Part]
) -> Iterator[Replacement]:
    """Yield the series, each replacement that is flagged in part only as the pieces it has."""
    for each, written in zip(series, written_spans(series), strict=True):
        if context.licence.covering(each) is not None or not _touched(outside, written):
            yield each
            continue
        pieces = [
            Replacement(each.start + piece.start, each.start + piece.end, piece.lines)
            for piece in diff_lines(context.original_lines[each.start : each.end], each.lines)
        ]
        shift = written.start - each.start
        places = (Span(span.start + shift, span.end + shift) for span in written_spans(pieces))
        flagged = [
            context.licence.covering(piece) is None and bool(_touched(outside, place))
            for piece, place in zip(pieces, places, strict=True)
        ]
        if any(flagged) and not all(flagged):
            yield from pieces
        else:
            yield each


def _shared_out(
    context: Context, series: Iterator[Replacement], outside: Sequence[Part]
) -> list[_Share]:
    """Give each part to the changes that hold it; one that none holds, to the nearest."""
    replacements = list(series)
    shares: list[_Share] = []
    homeless = dict.fromkeys(outside)
    for each, place in zip(replacements, written_spans(replacements), strict=True):
        licensed = context.licence.covering(each) is not None
        parts = _touched(outside, place)
        for part in parts:
            homeless.pop(part, None)
        shares.append(_Share(each, place, licensed, [] if licensed else parts))
    guilty = [share for share in shares if not share.licensed]
    for part in homeless if guilty else ():
        min(guilty, key=lambda share: _distance(share.place, part.rewrite)).parts.append(part)
    return shares


def _touched(parts: Sequence[Part], place: Span) -> list[Part]:
    """Return the parts that share a line with a place in the text, or lie at it without a line."""
    at = bisect_left(parts, place.start, key=_end)
    found: list[Part] = []
    while at < len(parts) and parts[at].rewrite.start <= place.end:
        span = parts[at].rewrite
        shares = span.start < place.end and place.start < span.end
        if shares or not len(span) or not len(place):
            found.append(parts[at])
        at += 1
    return found


def _end(part: Part) -> int:
    return part.rewrite.end


def _distance(one: Span, two: Span) -> int:
    return max(one.start - two.end, two.start - one.end, 0)


def _why(context: Context, parts: Sequence[Part]) -> str:
    """Return a sentence that says what of a change nobody asked for; empty without parts."""
    clauses = [
        _clause(context, kind, same)
        for kind in PartKind
        if (same := [part for part in parts if part.kind is kind])
    ]
    if not clauses:
        return ""
    return "the edit does not ask for " + ", nor for ".join(clauses[:_CLAUSES_MAX])


def _clause(context: Context, kind: PartKind, parts: Sequence[Part]) -> str:
    written = [part.rewrite for part in parts if len(part.rewrite)]
    lines = [line for span in written for line in context.rewrite_lines[span.start : span.end]]
    # Numbers count in the rewritten text; where one line is meant, its text tells more.
    where = numbers(written or [part.rewrite for part in parts])
    first = parts[0].guide
    what = quoted(context.guide_lines[first.start : first.end])
    count = sum(len(part.guide) for part in parts)
    more = f" and {count - 1:,} more lines" if count > 1 else ""
    match kind:
        case PartKind.LOST:
            return f"{what}{more} to go"
        case PartKind.MOVED:
            return f"{what}{more} to move"
        case PartKind.ADDED:
            return quoted(lines) if len(lines) == 1 else f"the new {where}"
        case PartKind.SPACE:
            one = len(lines) == 1 and lines[0].strip()
            return f"other white space in {quoted(lines) if one else where}"
        case PartKind.CHANGED if not written:
            return f"{what}{more} to go"
        case PartKind.CHANGED:
            return f"{what if count == 1 else where} to change"
