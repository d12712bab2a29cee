"""Did the model fall into a loop? The same lines again and again at the end of the rewrite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Context

_LONGEST_PERIOD = 60
"""Lines in one round of a loop; a longer round would fill any output limit after few of them."""
_FEWEST_ROUNDS = 4
_FEWEST_LINES = 16
"""A table of equal lines is no loop; a loop that a limit ends is much longer than this."""


def check(context: Context) -> tuple[Fault, ...]:
    """The end is no loop that the original, or a certain prediction, does not have as well."""
    rounds = _loop(context.rewrite_lines)
    if rounds is None:
        return ()
    if rounds == _loop(context.original_lines):
        return ()
    if context.certain is not None and context.certain.predicted == context.rewrite:
        return ()
    message = f"the last {len(rounds):,} lines repeat each other"
    count = len(context.rewrite_lines)
    return (Fault(FaultKind.REPETITION, message, Span(count - len(rounds), count), fatal=True),)


def _loop(lines: Sequence[str]) -> tuple[str, ...] | None:
    """Return the lines of a loop at the end; a torn last line is part of it."""
    for end in (len(lines), len(lines) - 1):
        for period in range(1, min(_LONGEST_PERIOD, end // _FEWEST_ROUNDS) + 1):
            at = end - period
            while at > 0 and lines[at - 1] == lines[at - 1 + period]:
                at -= 1
            length = end - at
            filled = any(line.strip() for line in lines[end - period : end])
            if filled and length >= max(_FEWEST_LINES, period * _FEWEST_ROUNDS):
                return tuple(lines[at:])
    return None
