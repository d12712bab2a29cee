"""Cut a loop down: lines that come again and again, as neither the original nor the guide has them.

Of the rounds stay as many lines as the guide has at that place, and at least one round, unless a
certain guide has nothing of it. What should follow, and is missing behind a loop at the end, is put back later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import without
from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.rounds import Stretch, stretches
from fastapply_lsp.text.align import common_prefix
from fastapply_lsp.text.lines import without_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapply_lsp.guard.context import Context

_FEWEST_ROUNDS = 4
_FEWEST_LINES = 16
"""A table of equal lines is no loop; a loop that a limit ends is much longer than this."""
_FEWEST_PLACED = 10
_FEWEST_CERTAIN = 8
"""Beyond what the merge predicts, fewer are enough."""
_FEWEST_ADDED = 8
_CONTEXT_MAX = 40
"""Lines above a loop that tell which one of equal places in the guide it is."""


def mend(context: Context) -> Mended | None:
    """Cut every loop to what the guide has of it."""
    if sum(len(each.lines) for each in context.deviations) < _FEWEST_ADDED:
        return None
    gone = list(_surplus(context))
    if not gone:
        return None
    lines = tuple(without(context.rewrite_lines, gone))
    if not "".join(lines).strip():
        return None
    return Mended(lines, tuple(_repair(span) for span in gone))


def loop_at_end(context: Context) -> Stretch | None:
    """Return the loop that the rewrite ends in; a torn last line is part of it."""
    last = None
    for each in stretches(context.rewrite_lines):
        last = each
    if last is None:
        return None
    end = _end(context, last)
    at_end = end == len(context.rewrite_lines)
    return Stretch(last.start, end, last.period) if at_end and _is_loop(context, last) else None


def _surplus(context: Context) -> Iterator[Span]:
    """Yield the lines to cut: sorted and disjoint."""
    done = 0
    for each in stretches(context.rewrite_lines):
        end = _end(context, each)
        at_end = end == len(context.rewrite_lines)
        if each.start < done or not _is_loop(context, each):
            continue
        if context.placed is None and not at_end:
            continue
        kept = _own(context, each)
        if kept or context.certain is None:
            kept = max(kept, each.period)
        surplus = each.end - each.start - kept
        if not at_end:
            surplus -= surplus % each.period
        if surplus < max(_least(context) - each.period, each.period):
            continue
        yield Span(each.end - surplus, end)
        done = end


def _is_loop(context: Context, found: Stretch) -> bool:
    lines = context.rewrite_lines[found.start : found.start + found.period]
    return (
        found.rounds >= _FEWEST_ROUNDS
        and found.end - found.start >= _least(context)
        and any(line.strip() for line in lines)
    )


def _least(context: Context) -> int:
    """Return how many lines make a loop."""
    if context.certain is not None:
        return _FEWEST_CERTAIN
    return _FEWEST_LINES if context.placed is None else _FEWEST_PLACED


def _end(context: Context, found: Stretch) -> int:
    """Return the loop's end, a last line that is torn in it included."""
    lines = context.rewrite_lines
    if found.end < len(lines) - 1 or found.end == len(lines):
        return found.end
    whole = without_line_end(lines[found.end - found.period])
    return found.end + whole.startswith(without_line_end(lines[-1]))


def _own(context: Context, found: Stretch) -> int:
    """Return how many of the loop's lines the guide has in a row at the loop's place."""
    guide, lines = context.guide_lines, context.rewrite_lines
    above = lines[max(0, found.start - _CONTEXT_MAX) : found.start][::-1]
    best = (-1, 0)
    for at, line in enumerate(guide):
        if line == lines[found.start]:
            same_above = common_prefix(above, guide[max(0, at - _CONTEXT_MAX) : at][::-1])
            here = common_prefix(guide[at:], lines[found.start : found.end])
            best = max(best, (same_above, here))
    return best[1]


def _repair(span: Span) -> Repair:
    count = f"{len(span):,} lines" if len(span) > 1 else "1 line"
    return Repair(
        FaultKind.REPETITION, f"cut off {count} that only repeated, from line {span.start + 1} on"
    )
