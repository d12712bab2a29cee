"""Does a change that nobody asked for break the syntax? Then it is taken back.

Such a change would wait for the user with a mark; a file that cannot be read may not. Without it,
the rest of the rewrite is as good as before. As few changes go as make the file sound again: those
nearest to its errors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.grammar import breaks
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.wording import numbers, quoted
from fastapply_lsp.text.replacement import Replacement, apply_replacements
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.guard.parts import Part
    from fastapply_lsp.text.replacement import Span

_SPARED_MAX = 6
"""Changes that are tried one by one, whether they could have stayed; each costs a parse."""


def mend(context: Context) -> Mended | None:
    """Put back what nobody asked for, as far as that makes the file sound again."""
    if context.placed is None or not breaks(context):
        return None
    outside = [part for part in context.parts if not part.licensed]
    if not outside or breaks(_without(context, outside)):
        return None
    gone = _fewest(context, outside)
    if 2 * sum(len(part.guide) for part in gone) > len(context.guide_lines):
        # An apology, or another file: what came of it would be the merge's word, not the model's.
        return None
    mended = _without(context, gone)
    return Mended(mended.rewrite_lines, (_repair(context, gone),))


def _fewest(context: Context, outside: Sequence[Part]) -> list[Part]:
    """Return parts without which the file is sound, the nearest to its errors first."""
    near = sorted(outside, key=lambda part: _distance(part.rewrite, context.errors_after))
    count = sum(1 for part in near if _distance(part.rewrite, context.errors_after) == 0) or 1
    while count < len(near) and breaks(_without(context, near[:count])):
        count *= 2
    gone = near[:count]
    for part in gone[::-1][:_SPARED_MAX]:
        fewer = [one for one in gone if one != part]
        if fewer and not breaks(_without(context, fewer)):
            gone = fewer
    return sorted(gone, key=_place)


def _distance(span: Span, errors: Sequence[Span]) -> int:
    """Return how many lines lie between; what stands below an error seldom brought it about."""
    return min(
        error.start - span.end if error.start > span.end else 2 * max(span.start - error.end, 0)
        for error in errors
    )


def _without(context: Context, parts: Iterable[Part]) -> Context:
    return context.rewritten(apply_replacements(context.rewrite_lines, _series(context, parts)))


def _series(context: Context, parts: Iterable[Part]) -> list[Replacement]:
    return [
        Replacement(
            part.rewrite.start,
            part.rewrite.end,
            context.guide_lines[part.guide.start : part.guide.end],
        )
        for part in sorted(parts, key=_place)
    ]


def _place(part: Part) -> tuple[Span, Span]:
    return part.rewrite, part.guide


def _repair(context: Context, parts: Sequence[Part]) -> Repair:
    places = list(written_spans(_series(context, parts)))
    shown = [
        line
        for part in parts
        for line in context.rewrite_lines[part.rewrite.start : part.rewrite.end]
    ]
    what = f"{quoted(shown)}, " if len(shown) == 1 else ""
    message = (
        f"took back what broke the syntax and the edit does not ask for: {what}{numbers(places)}"
    )
    return Repair(FaultKind.SYNTAX, message)
