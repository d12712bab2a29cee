"""Did the model fall into a loop? The same lines again and again at the end of the rewrite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.loops import loop_at_end
from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from fastapply_lsp.guard.context import Context


def check(context: Context) -> tuple[Fault, ...]:
    """The end is no loop that the original, or any prediction, does not have as well."""
    found = loop_at_end(context)
    if found is None:
        return ()
    rounds = context.rewrite_lines[found.start : found.end]
    predictions = (one.predicted for one in context.placed.candidates) if context.placed else ()
    end = "".join(rounds)
    if any(text.endswith(end) for text in (context.original, *predictions)):
        return ()
    message = f"the last {len(rounds):,} lines repeat each other"
    span = Span(found.start, found.end)
    return (Fault(FaultKind.REPETITION, message, span, fatal=True),)
