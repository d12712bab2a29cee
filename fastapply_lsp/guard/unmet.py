"""Does the rewrite have what the edit shows, where the merge is not sure of the place?

There the guide may be wrong, so nothing is put right. But some things are in every reading: lines
that the block itself shows, and those that it says nothing about. Where the rewrite lacks them, or
has the original's lines between two that the block shows together, it may not be what was meant:
that is a doubt, and a user is to look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.parts import PartKind
from fastapply_lsp.guard.similar import likeness, words
from fastapply_lsp.guard.undone import left_undone
from fastapply_lsp.guard.wording import numbers, quoted
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.guard.parts import Part
    from fastapply_lsp.guard.undone import Undone


def check(context: Context) -> tuple[Fault, ...]:
    """What every reading of the edit asks for is there, and what none touches stays."""
    if context.placed is None or context.certain is not None or not context.rewrite.strip():
        return ()
    return (*_undone(context), *_lacking(context))


def _undone(context: Context) -> Iterator[Fault]:
    """Tell changes that every candidate makes, at places that the edit shows line by line."""
    shown, here = _filled(split_lines(context.edit)), _filled(context.rewrite_lines)
    places = [
        each.stands
        for each in left_undone(context)
        if _is_common(context, each)
        and (place := _surrounded(context, each))
        and _times(shown, place) > _times(here, place)
    ]
    if places:
        message = f"what the edit asks for was left as it was: {numbers(places)}"
        yield Fault(FaultKind.UNDONE, message, places[0], fatal=False)


def _is_common(context: Context, undone: Undone) -> bool:
    """Whether every candidate changes these lines."""
    assert context.placed is not None
    asked = undone.asked
    return all(
        any(each.start < asked.end and asked.start < each.end for each in one.replacements)
        for one in context.placed.candidates
    )


def _surrounded(context: Context, undone: Undone) -> list[str]:
    """Return the guide's lines at a change, with the next ones on either side that are not blank.

    None where there are no words in them: brackets stand together anywhere.
    """
    lines = context.guide_lines
    start, end = undone.image.start, undone.image.end
    while start > 0:
        start -= 1
        if lines[start].strip():
            break
    while end < len(lines):
        end += 1
        if lines[end - 1].strip():
            break
    found = _filled(lines[start:end])
    return found if any(words(line) for line in found) else []


def _filled(lines: Sequence[str]) -> list[str]:
    return [content for line in lines if (content := line.strip())]


def _times(lines: Sequence[str], some: Sequence[str]) -> int:
    """Return how often some lines stand one below the other among others."""
    count = len(some)
    return sum(
        lines[at] == some[0] and lines[at : at + count] == some
        for at in range(len(lines) - count + 1)
    )


def _lacking(context: Context) -> Iterator[Fault]:
    """Tell lost lines that the edit shows, and such as it does not mention."""
    for part in context.parts:
        if part.kind not in {PartKind.LOST, PartKind.MOVED} or not part.licensed:
            continue
        lines = [
            line for line in context.guide_lines[part.guide.start : part.guide.end] if words(line)
        ]
        shown = [
            line
            for line in lines
            if context.rewrite_counts[line.strip()] < context.edit_counts[line.strip()]
            and not any(likeness(line, other) for other in _new_lines(context))
        ]
        if shown:
            message = f"the edit shows a line that is not there: {quoted(shown)}"
            yield Fault(FaultKind.LOST, message, part.rewrite, fatal=False)
        elif gone := [line for line in lines if _nobody_meant(context, part, line)]:
            message = f"a line is gone that the edit does not mention: {quoted(gone)}"
            yield Fault(FaultKind.LOST, message, part.rewrite, fatal=False)


def _new_lines(context: Context) -> Iterator[str]:
    for part in context.parts:
        if part.kind in {PartKind.ADDED, PartKind.CHANGED}:
            yield from context.rewrite_lines[part.rewrite.start : part.rewrite.end]


def _nobody_meant(context: Context, part: Part, line: str) -> bool:
    """Whether original and candidates have the line more often, and it went with no others.

    A line that is nowhere else, and became none that the edit shows, did not go with others.
    """
    content = line.strip()
    if content not in context.original_counts:
        return False
    there = context.rewrite_counts[content]
    if there >= context.common_counts[content]:
        return False
    alone = part.kind is PartKind.LOST and not there and content not in context.became_shown
    return alone or not _is_brought(context, part)


def _is_brought(context: Context, part: Part) -> bool:
    """Whether the lines may have gone because the edit brings some of them at another place."""
    lines = [
        line.strip()
        for line in context.guide_lines[part.guide.start : part.guide.end]
        if words(line)
    ]
    shown = any(line in context.edit_counts and context.rewrite_counts[line] for line in lines)
    return shown and len(lines) > 1
