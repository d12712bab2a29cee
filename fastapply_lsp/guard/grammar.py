"""Does the rewrite still parse, where the original did?

A grammar is not the compiler: it stumbles over macros, dialects and new syntax. So errors are
only counted, never forbidden: a file may keep as many as it had, and one whose prediction is
certain may have as many as that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.syntax.faults import syntax_errors
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from fastapply_lsp.guard.model import Context


def check(context: Context) -> tuple[Fault, ...]:
    """No more syntax errors than before; languages without a grammar pass."""
    before, after = len(context.errors_before), len(context.errors_after)
    if after <= before or not context.rewrite.strip():
        return ()
    if context.certain is not None:
        asked = syntax_errors(context.certain.predicted, context.language)
        if after <= len(asked):
            return ()
    line = _first_new(context)
    name = context.language.id if context.language is not None else ""
    more = f" ({before:,} before)" if before else ""
    message = f"line {line + 1}: {after:,} {name} syntax errors{more}"
    return (Fault(FaultKind.SYNTAX, message, Span(line, line + 1), fatal=True),)


def _first_new(context: Context) -> int:
    """Return the first line with an error that was not on an equal line before."""
    known = {context.original_lines[line].strip() for line in context.errors_before}
    for line in context.errors_after:
        if context.rewrite_lines[line].strip() not in known:
            return line
    return context.errors_after[0]
