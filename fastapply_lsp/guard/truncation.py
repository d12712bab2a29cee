"""Does the rewrite stop before the file does?

The lines of the original that the rewrite lacks are found by content, from the start: so a
rewrite that stops early lacks all of the original's last lines, and little else follows them.
A rewrite that replaces the end has new lines in their place. Deleting the end may be what was
asked: the merge's regions license it; without a merge it takes a second sign.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.text.lines import has_line_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.text.replacement import Span

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
    """The original's lines, by number, that are missing at its end; new lines in their place."""

    missing: tuple[int, ...]
    new: int


def check(context: Context) -> tuple[Fault, ...]:
    """The original's last lines are there, are replaced, or were to go."""
    if not context.rewrite.strip():
        return ()
    tail = _tail(context)
    torn = _torn(context)
    missing = tail.missing
    if len(missing) <= (tail.new - torn) * _REPLACED_SHARE:
        return ()
    broken = len(context.errors_after) > len(context.errors_before)
    if context.merge is not None:
        return _unlicensed(context, missing, sign=bool(torn or broken))
    share = len(missing) / max(1, sum(1 for line in context.original_lines if line.strip()))
    many = len(missing) >= _MANY_LINES and share >= _MANY_SHARE
    if many or (len(missing) >= _FEW_LINES and (torn or broken or share >= _HALF)):
        return (_fault(context, len(missing), fatal=True),)
    return ()


def _unlicensed(context: Context, missing: Sequence[int], *, sign: bool) -> tuple[Fault, ...]:
    """Compare with the merge's regions; an unsure merge may have missed a place or two."""
    assert context.merge is not None
    spans = [region.span for region in context.merge.regions]
    lost = [number for number in missing if not _licensed(number, spans)]
    if not lost:
        return ()
    fatal = context.merge.certain or sign or len(lost) >= _FEW_LINES
    return (_fault(context, len(lost), fatal=fatal),)


def _tail(context: Context) -> _Tail:
    counts = Counter(line.strip() for line in context.rewrite_lines)
    missing: list[int] = []
    for number, line in enumerate(context.original_lines):
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
        if line.strip() in context.original_counts:
            break
        new += 1
    return _Tail(tuple(missing), new)


def _torn(context: Context) -> bool:
    """Whether the last line is the start of a longer line of the original, without an end."""
    if not context.original_lines or not has_line_end(context.original_lines[-1]):
        return False
    last = context.rewrite_lines[-1]
    if has_line_end(last) or last.strip() in context.original_counts:
        return False
    return any(line.startswith(last) for line in context.original_lines)


def _licensed(number: int, spans: Sequence[Span]) -> bool:
    return any(span.start <= number < span.end for span in spans)


def _fault(context: Context, count: int, *, fatal: bool) -> Fault:
    total = len(context.original_lines)
    lines = "line is" if count == 1 else "lines are"
    message = f"the rewrite ends early: the last {count:,} of {total:,} {lines} missing"
    return Fault(FaultKind.TRUNCATED, message, span=None, fatal=fatal)
