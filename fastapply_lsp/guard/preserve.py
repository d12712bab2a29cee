"""Does code that nobody mentioned stay as it was? What is lost comes back, exactly.

Put back is only what is surely a fault: lines that the rewrite lacks with nothing in their place,
and white space. That holds outside of what the edit may change, and inside where the merge is
certain. An addition or a change may be what a good model saw and the merge did not: a needed
import, a call that must follow. It stays, and the verdict tells that nobody asked for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.parts import PartKind
from fastapply_lsp.guard.wording import numbers, quoted
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.guard.parts import Part

_TOLD_MAX = 4
"""Places with lost lines that are told one by one."""


def mend(context: Context) -> Mended | None:
    """Put back what was lost, and the white space."""
    if context.placed is None:
        return None
    back = list(_surely_lost(context))
    if not back:
        return None
    series = _series(context, back)
    mended = context.rewritten(apply_replacements(context.rewrite_lines, series))
    if not mended.is_asked and _breaks(context, mended):
        return None
    repairs = tuple(_repairs(context.guide_lines, back, list(written_spans(series))))
    return Mended(mended.rewrite_lines, repairs)


def _breaks(context: Context, mended: Context) -> bool:
    """Whether what is put back does not fit what stays."""
    most = max(len(context.errors_after), len(context.errors_before))
    return len(mended.errors_after) > most


def _surely_lost(context: Context) -> Iterator[Part]:
    """Yield the parts that are to come back."""
    certain = context.certain is not None
    for part in context.parts:
        match part.kind:
            case PartKind.SPACE:
                sure = certain or not part.licensed
            case PartKind.LOST:
                sure = certain or not (part.licensed or _beside(context, part))
            case _:
                sure = False
        if sure:
            yield part


def _beside(context: Context, part: Part) -> bool:
    """Whether an unsure merge may have meant these lines, too, or has no place for any change."""
    licence = context.guide_licence
    start, end = part.guide.start, part.guide.end
    lines = context.guide_lines
    while start > 0 and not lines[start - 1].strip():
        start -= 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    if not licence.spans or licence.touches(Span(start, end)):
        return True
    return licence.reaches(Replacement(part.guide.start, part.guide.end, ()))


def _series(context: Context, parts: Sequence[Part]) -> list[Replacement]:
    """Return what puts the parts back, in the rewrite's lines; parts that touch stay apart."""
    return [
        Replacement(
            part.rewrite.start,
            part.rewrite.end,
            context.guide_lines[part.guide.start : part.guide.end],
        )
        for part in parts
    ]


def _repairs(
    guide: Sequence[str], parts: Sequence[Part], places: Sequence[Span]
) -> Iterator[Repair]:
    """Yield what was done, in the lines of the text that results."""
    lost = [
        (part, place)
        for part, place in zip(parts, places, strict=True)
        if part.kind is PartKind.LOST
    ]
    if len(lost) > _TOLD_MAX:
        count = sum(len(part.guide) for part, _ in lost)
        where = numbers(place for _, place in lost)
        message = f"put back {count:,} lines that the rewrite had lost: {where}"
        yield Repair(FaultKind.LOST, message)
    else:
        for part, place in lost:
            yield Repair(FaultKind.LOST, _put_back(guide[part.guide.start : part.guide.end], place))
    if blanks := [
        place for part, place in zip(parts, places, strict=True) if part.kind is PartKind.SPACE
    ]:
        message = f"put back the white space that the rewrite had changed: {numbers(blanks)}"
        yield Repair(FaultKind.WHITESPACE, message)


def _put_back(lines: Sequence[str], place: Span) -> str:
    first = quoted(lines)
    if len(lines) == 1:
        return f"put back a line that the rewrite had lost: {first}, {numbers([place])}"
    count = f"{len(lines):,} lines"
    return f"put back {count} that the rewrite had lost: from {first} on, {numbers([place])}"
