"""Does the rewrite stop before the file does?

A line that is cut in two is completed, where the guide tells it: then what follows is merely lost,
and is put back like anything lost.

What is still missing is found by content, from the start: a rewrite that stops early lacks all of
the file's last lines, and little else follows them. A rewrite that replaces the end has new lines
in their place. Deleting the end may be what was asked: the guide of a merge that found a place
tells; without one it takes a second sign.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import deviations_of
from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.model import Fault, FaultKind, Repair
from fastapply_lsp.guard.parts import PartKind
from fastapply_lsp.guard.similar import bare
from fastapply_lsp.guard.wording import quoted
from fastapply_lsp.text.lines import has_line_end, without_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.added import Deviation
    from fastapply_lsp.guard.context import Context

_MANY_LINES = 10
_MANY_SHARE = 0.25
"""Without a merge, a tail of this many lines and this share of the file may not go silently."""
_FEW_LINES = 3
_HALF = 0.5
"""So many are enough with a second sign (a torn line, broken syntax), or if they are the half."""
_REPLACED_SHARE = 4
"""One new line for every four lost ones is a replaced end, not a lost one."""


@dataclass(frozen=True, slots=True)
class _Tail:
    """The file's lines, by number, that are missing at its end; new lines in their place."""

    missing: tuple[int, ...]
    new: int


def mend(context: Context) -> Mended | None:
    """Complete a last line that was cut in two.

    The guide must lose lines at the end, one of which begins with it; and lines behind that one,
    too, where the last line may be meant.
    """
    if context.placed is None or not context.deviations:
        return None
    last = deviations_of(context)[-1]
    lines = context.rewrite_lines
    at_end = last.rewrite.end == len(lines) and last.guide.end == len(context.guide_lines)
    whole = _whole(context, last) if at_end and len(last.rewrite) else None
    if whole is None:
        return None
    message = f"completed the last line, which was cut off: {quoted([whole])}"
    return Mended((*lines[:-1], whole), (Repair(FaultKind.TRUNCATED, message),))


def _whole(context: Context, place: Deviation) -> str | None:
    """Return the line of the guide that the rewrite's last line is the start of."""
    torn = without_line_end(context.rewrite_lines[-1])
    lost = context.guide_lines[place.guide.start : place.guide.end]
    starts = [at for at, line in enumerate(lost) if line.startswith(torn)]
    if not starts or not torn or any(_is_whole(torn, line) for line in lost):
        return None
    first = starts[0]
    above = len(place.rewrite) - 1
    if first > above and (above == 0 or not torn.strip()):
        return None  # Lines are missing above it as well, or it tells nothing.
    at = place.guide.start + first
    licensed = context.guide_licence.holds(Span(at, at + 1))
    if context.certain is None and licensed and first == len(lost) - 1:
        return None
    return lost[first]


def _is_whole(torn: str, line: str) -> bool:
    """Whether the line is as long as what may be torn, whatever white space it has."""
    if torn.strip():
        return bare(line) == bare(torn)
    return without_line_end(line) == torn or not (line.strip() or has_line_end(line))


def check(context: Context) -> tuple[Fault, ...]:
    """The file's last lines are there, are replaced, or were to go."""
    if not context.rewrite.strip():
        return ()
    lines = context.original_lines if context.placed is None else context.guide_lines
    if _has_last(context, lines):
        return ()
    tail = _tail(context, lines)
    torn = _is_torn(context, lines)
    missing = tail.missing
    if len(missing) <= (tail.new - torn) * _REPLACED_SHARE:
        return ()
    broken = len(context.errors_after) > len(context.errors_before)
    if context.placed is not None:
        return _unlicensed(context, _lost(context, missing), sign=bool(torn or broken))
    share = len(missing) / max(1, sum(1 for line in lines if line.strip()))
    many = len(missing) >= _MANY_LINES and share >= _MANY_SHARE
    if many or (len(missing) >= _FEW_LINES and (torn or broken or share >= _HALF)):
        return (_fault(len(missing), len(lines), fatal=True),)
    return ()


def _lost(context: Context, missing: Sequence[int]) -> list[int]:
    """Leave out what only became other lines, or stands elsewhere."""
    lost = {
        line
        for part in context.parts
        if part.kind is PartKind.LOST
        for line in range(part.guide.start, part.guide.end)
    }
    return [line for line in missing if line in lost]


def _unlicensed(context: Context, missing: Sequence[int], *, sign: bool) -> tuple[Fault, ...]:
    """Leave out what an unsure merge licenses; it may have missed a place or two besides."""
    certain = context.certain is not None
    licence = context.guide_licence
    lost = [line for line in missing if certain or not licence.holds(Span(line, line + 1))]
    if not lost:
        return ()
    fatal = certain or sign or len(lost) >= _FEW_LINES
    return (_fault(len(lost), len(context.guide_lines), fatal=fatal),)


def _has_last(context: Context, lines: Sequence[str]) -> bool:
    """Whether the rewrite has the file's last line, as often as the file: then no tail is missing."""
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    own = sum(line.strip() == last for line in lines)
    return sum(line.strip() == last for line in context.rewrite_lines) >= own


def _tail(context: Context, lines: Sequence[str]) -> _Tail:
    counts = Counter(line.strip() for line in context.rewrite_lines)
    own = {line.strip() for line in lines}
    missing: list[int] = []
    for number, line in enumerate(lines):
        content = line.strip()
        if not content:
            continue
        if counts[content] > 0:
            counts[content] -= 1
            missing.clear()
        else:
            missing.append(number)
    new = 0
    for line in reversed(context.rewrite_lines):
        if line.strip() in own:
            break
        new += 1
    return _Tail(tuple(missing), new)


def _is_torn(context: Context, lines: Sequence[str]) -> bool:
    """Whether the last line is the start of a longer line of the file; its end tells nothing."""
    last = without_line_end(context.rewrite_lines[-1])
    if not last.strip() or any(bare(line) == bare(last) for line in lines):
        return False
    return any(line.startswith(last) for line in lines)


def _fault(count: int, total: int, *, fatal: bool) -> Fault:
    lines = "line is" if count == 1 else "lines are"
    message = f"the rewrite ends early: the last {count:,} of {total:,} {lines} missing"
    return Fault(FaultKind.TRUNCATED, message, span=None, fatal=fatal)
