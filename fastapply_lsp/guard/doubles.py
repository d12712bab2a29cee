"""Take out what the rewrite has twice: a block, a definition, or the whole file.

The second copy must be exact, and the guide must have nothing at its place. How long a copy must be
depends on where it stands and on what is known: next to the first, few lines are enough; elsewhere
it must be a whole definition, or longer than two places have in common by chance. A single line may
well be meant to come twice; one that begins a definition may not, nor one that breaks the syntax.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import Deviation, deviations_of, slides, without
from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.grammar import breaks
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.wording import quoted
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.text.align import common_prefix
from fastapply_lsp.text.replacement import Replacement, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.syntax.definitions import Definition

_NEXT_CERTAIN, _NEXT_PLACED = 2, 4
_FAR_CERTAIN, _FAR_PLACED, _FAR_DEFINITION = 4, 5, 3
"""Telling lines that a copy must have: next to the first one, or far from it."""
_FILE_LINES = 8
"""Lines of a second copy of the file; as many as no two beginnings share by chance."""
_FILE_SHARE = 0.5


def mend(context: Context) -> Mended | None:
    """Take out every second copy that nobody can have asked for."""
    twice = _file_again(context)
    if twice is not None:
        context = context.rewritten(without(context.rewrite_lines, [twice]))
    gone = sorted({*_copies(context), *_stutters(context)})
    if twice is None and not gone:
        return None
    lines = context.rewrite_lines
    repairs = [_repair(lines, span) for span in gone]
    if twice is not None:
        message = f"cut off a second copy of the file, from line {twice.start + 1} on"
        repairs.append(Repair(FaultKind.DUPLICATE, message))
    return Mended(tuple(without(lines, gone)), tuple(repairs))


def _file_again(context: Context) -> Span | None:
    """Return a second copy of the file behind the first one; it may be cut off."""
    lines = context.rewrite_lines
    surplus = len(lines) - len(context.guide_lines)
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if surplus < _FILE_LINES:
        return None
    for at in range(max(first + 1, int(len(context.guide_lines) * _FILE_SHARE)), len(lines)):
        rest = len(lines) - at
        if lines[at] != lines[first] or rest < _FILE_LINES:
            continue
        same = common_prefix(lines[at:], lines[first:])
        torn = same == rest - 1 and lines[first + same].startswith(lines[-1].rstrip("\r\n"))
        if (same == rest or torn) and lines[at:] != context.guide_lines[at:]:
            while not lines[at - 1].strip():
                at -= 1  # noqa: PLW2901 - the blank lines between the two copies
            return Span(at, len(lines))
    return None


def _copies(context: Context) -> Iterator[Span]:
    """Yield the added lines that are a copy of others."""
    for each in deviations_of(context):
        if each.is_added and len(each.rewrite) > 1:
            copy = _copy(context, each)
            if copy is not None:
                yield each.rewrite


def _stutters(context: Context) -> list[Span]:
    """Return the added lines that repeat the line beside them, and cannot be meant to."""
    if context.certain is None:
        return []
    lines = context.rewrite_lines
    twice = [
        each.rewrite
        for each in deviations_of(context)
        if each.is_added
        and len(each.rewrite) == 1
        and lines[each.rewrite.start].strip()
        and sum(1 for _ in islice(slides(lines, each.rewrite), 2)) > 1
    ]
    if twice and breaks(context) and not breaks(context.rewritten(without(lines, twice))):
        return twice
    return [span for span in twice if _opens_twice(context, span)]


def _opens_twice(context: Context, span: Span) -> bool:
    """Whether a line begins a definition, and so does its copy above, which has no body.

    There are grammars that take that for whole.
    """
    first = min(each.start for each in slides(context.rewrite_lines, span))
    begun = [
        one
        for outer in definitions(context.rewrite, context.language)
        for one in outer.walk()
        if one.span.start in (first, first + 1)
    ]
    return any(
        one.body is None and other.body is not None and one.qualified == other.qualified
        for one in begun
        for other in begun
        if one.span.start < other.span.start
    )


def _copy(context: Context, place: Deviation) -> Span | None:
    """Return the added lines, slid to where they are a copy."""
    lines = context.rewrite_lines
    count = len(place.rewrite)
    unasked = _is_unasked(context, place)
    far: Span | None = None
    for span in slides(lines, place.rewrite):
        core = _core(lines, span)
        telling = len({line for line in lines[core.start : core.end] if _tells(line)})
        if not telling:
            continue
        added = lines[span.start : span.end]
        if added in (
            lines[max(0, span.start - count) : span.start],
            lines[span.end : span.end + count],
        ) and (telling >= _least_next(context) or _is_definition(context, core)):
            return span
        if far is None and _stands_elsewhere(lines, core):
            least = _FAR_PLACED if context.certain is None else _FAR_CERTAIN
            sure = unasked and telling >= least
            if not sure and unasked and telling >= _FAR_DEFINITION:
                sure = _copies_definition(context, core)
            far = span if sure or _is_definition(context, core) else None
    return far


def _is_unasked(context: Context, place: Deviation) -> bool:
    """Whether nobody can have asked for anything at a place."""
    if context.certain is not None:
        return True
    lines = context.rewrite_lines[place.rewrite.start : place.rewrite.end]
    added = Replacement(place.guide.start, place.guide.end, lines)
    return context.placed is not None and context.guide_licence.covering(added) is None


def _least_next(context: Context) -> float:
    if context.certain is not None:
        return _NEXT_CERTAIN
    return float("inf") if context.placed is None else _NEXT_PLACED


def _core(lines: Sequence[str], span: Span) -> Span:
    """Return the span without blank lines at its ends."""
    start, end = span.start, span.end
    while start < end and not lines[start].strip():
        start += 1
    while start < end and not lines[end - 1].strip():
        end -= 1
    return Span(start, end)


def _tells(line: str) -> bool:
    return any(map(str.isalnum, line))


def _stands_elsewhere(lines: Sequence[str], core: Span) -> bool:
    count = len(core)
    copied = lines[core.start : core.end]
    return any(
        line == copied[0]
        and lines[at : at + count] == copied
        and (at + count <= core.start or at >= core.end)
        for at, line in enumerate(lines)
    )


def _bodied(context: Context) -> list[Definition]:
    return [
        one
        for outer in definitions(context.rewrite, context.language)
        for one in outer.walk()
        if one.body is not None
    ]


def _copies_definition(context: Context, core: Span) -> bool:
    """Whether the lines are those of a definition elsewhere, whatever they are here."""
    lines = context.rewrite_lines
    copied = lines[core.start : core.end]
    return any(
        lines[one.whole.start : one.whole.end] == copied and one.whole != core
        for one in _bodied(context)
    )


def _is_definition(context: Context, core: Span) -> bool:
    """Whether the lines are whole definitions, each of which the file has again, word for word."""
    lines = context.rewrite_lines
    found = _bodied(context)
    at = core.start
    while at < core.end:
        if not lines[at].strip():
            at += 1
            continue
        own = next(
            (one for one in found if one.whole.start == at <= one.whole.end <= core.end), None
        )
        if own is None:
            return False
        text = lines[own.whole.start : own.whole.end]
        if not any(
            other is not own
            and other.qualified == own.qualified
            and lines[other.whole.start : other.whole.end] == text
            for other in found
        ):
            return False
        at = own.whole.end
    return True


def _repair(lines: Sequence[str], span: Span) -> Repair:
    shown = quoted(lines[span.start : span.end])
    count = "a line" if len(span) == 1 else f"{len(span):,} lines"
    message = f"took out {count} that the file has already, from line {span.start + 1} on: {shown}"
    return Repair(FaultKind.DUPLICATE, message)
