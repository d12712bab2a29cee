"""Put the code back that a leaked marker stands for.

Where the rewrite has a marker, its guide has the lines that the marker stands for, between the same
neighbours. A certain merge is to be believed in that. Of an unsure one the lines must be the
original's own, and stand between lines that cannot be mistaken: then the marker can mean nothing
else. Where nothing is known of the edit, some of them may have been meant to go, so only a marker
that stands for nothing is taken out. A comment that only says what was removed stands for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import Deviation, deviations_of
from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.leaks import leaked_markers
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.similar import Budget, similar_pairs
from fastapply_lsp.guard.wording import quoted
from fastapply_lsp.syntax.markers import MarkerKind
from fastapply_lsp.text.replacement import Span
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.syntax.markers import Marker


def mend(context: Context) -> Mended | None:
    """Expand every leaked marker that surely stands for known lines, or for none."""
    deviations = deviations_of(context)
    places = [each.rewrite for each in deviations if len(each.rewrite)]
    leaked = [
        marker for marker in leaked_markers(context, places) if marker.kind is MarkerKind.ELISION
    ]
    if not leaked:
        return None
    lines: list[str] = []
    repairs: list[Repair] = []
    at = 0
    for number, each in enumerate(deviations):
        markers = [one for one in leaked if each.rewrite.start <= one.line < each.rewrite.end]
        if not markers or not _is_clear(context, deviations, number):
            continue
        expanded = _expanded(context, each, markers)
        if expanded is None:
            continue
        lines += context.rewrite_lines[at : each.rewrite.start]
        repairs += (_repair(context, each, one, len(lines)) for one in markers)
        lines += expanded
        at = each.rewrite.end
    lines += context.rewrite_lines[at:]
    return Mended(tuple(lines), tuple(repairs)) if repairs else None


def _expanded(context: Context, place: Deviation, markers: Sequence[Marker]) -> list[str] | None:
    """Return the lines that belong at a place; ``None`` where that is not sure."""
    guide = context.guide_lines[place.guide.start : place.guide.end]
    alone = {marker.line for marker in markers if marker.alone}
    inline = {marker.line: marker for marker in markers if not marker.alone}
    said = [
        line
        for line in range(place.rewrite.start, place.rewrite.end)
        if line not in alone and context.rewrite_lines[line].strip()
    ]
    if not said:
        return list(guide)
    lines = [context.rewrite_lines[line] for line in said]
    pairs = {said[pair.new]: pair.old for pair in similar_pairs(guide, lines, Budget())}
    pairs |= {line: at for line, one in inline.items() if (at := _meant(context, one, guide)) >= 0}
    if len(pairs) < len(said) or sorted(pairs.values()) != [pairs[line] for line in sorted(pairs)]:
        return list(guide) if context.certain is not None else None
    expanded: list[str] = []
    low, owed = 0, False
    for line in range(place.rewrite.start, place.rewrite.end):
        if line in alone:
            owed = True
        elif line in pairs:
            if owed:
                expanded += guide[low : pairs[line]]
            expanded.append(guide[pairs[line]] if line in inline else context.rewrite_lines[line])
            low, owed = pairs[line] + 1, False
        elif not owed:
            expanded.append(context.rewrite_lines[line])
    return [*expanded, *guide[low:]] if owed else expanded


def _meant(context: Context, marker: Marker, guide: Sequence[str]) -> int:
    """Return which one of the guide's lines an inline marker stands in; -1 if none or several."""
    line = context.rewrite_lines[marker.line]
    start, end = line[: marker.start].strip(), line[marker.end :].strip()
    found = [
        number
        for number, own in enumerate(guide)
        if own.strip().startswith(start)
        and own.strip().endswith(end)
        and len(own.strip()) >= len(start) + len(end)
    ]
    return found[0] if len(found) == 1 and start + end else -1


def _is_clear(context: Context, deviations: Sequence[Deviation], number: int) -> bool:
    """Whether the guide's lines at a place are surely what a marker there stands for."""
    if context.certain is not None:
        return True
    place = deviations[number]
    if context.placed is None and not place.is_added:
        return False
    near = Span(place.guide.start - 1, place.guide.end + 1)
    for asked in written_spans(context.asked):
        inner = Span(place.guide.start, place.guide.end)
        if asked.touches(inner) if not len(asked) else _overlap(asked, near):
            return False
    before = deviations[number - 1].rewrite.end if number else 0
    after = (
        deviations[number + 1].rewrite.start
        if number + 1 < len(deviations)
        else len(context.rewrite_lines)
    )
    starts = before == 0 or _is_anchored(context, Span(before, place.rewrite.start))
    ends = after == len(context.rewrite_lines) or _is_anchored(
        context, Span(place.rewrite.end, after)
    )
    return starts and ends


def _overlap(one: Span, two: Span) -> bool:
    return one.start < two.end and two.start < one.end


def _is_anchored(context: Context, kept: Span) -> bool:
    """Whether a line among those that guide and rewrite share can be no other one."""
    lines = context.rewrite_lines
    return any(
        lines[line].strip()
        and lines.count(lines[line]) == 1
        and context.guide_lines.count(lines[line]) == 1
        for line in range(kept.start, kept.end)
    )


def _repair(context: Context, place: Deviation, marker: Marker, line: int) -> Repair:
    text = quoted([context.rewrite_lines[marker.line]])
    guide = context.guide_lines[place.guide.start : place.guide.end]
    if not "".join(guide).strip():
        message = f"took out a marker that stood for nothing, line {line + 1}: {text}"
    else:
        message = f"put back the code that a marker stood for, from line {line + 1} on: {text}"
    return Repair(FaultKind.MARKER, message)
