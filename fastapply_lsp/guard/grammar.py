"""Does the rewrite still parse, where the original did?

A grammar is not the compiler: it stumbles over macros, dialects and new syntax. So errors are
only counted, never forbidden: a file may keep as many as it had, and one whose prediction is
certain may have as many as that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.syntax.faults import syntax_error_spans
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Context


_COLLAPSED_LINES = 10
_COLLAPSED_SHARE = 0.25
"""Fewer errors over so many more lines, and this share of the file, are one that took all in."""
_STUMBLES = 3
_STUMBLES_SHARE = 0.01
"""A grammar that stumbles more often, and over this share of the lines, does not know the file."""


def check(context: Context) -> tuple[Fault, ...]:
    """No more syntax errors than before; languages without a grammar pass."""
    return (_fault(context, fatal=True),) if breaks(context) else ()


def breaks(context: Context) -> bool:
    """Whether the rewrite has more syntax errors than the original and what was surely asked."""
    if not context.rewrite.strip() or not _worse(context, context.errors_before):
        return False
    if context.certain is None:
        return True
    return _worse(context, syntax_error_spans(context.certain.predicted, context.language))


def doubts(context: Context) -> tuple[Fault, ...]:
    """What was asked for, to the letter, breaks the syntax: it may be meant, so it is only told."""
    if not context.rewrite.strip() or not _worse(context, context.errors_before):
        return ()
    return (_fault(context, fatal=False),)


def _fault(context: Context, *, fatal: bool) -> Fault:
    before, after = len(context.errors_before), len(context.errors_after)
    span = _first_new(context)
    name = context.language.id if context.language is not None else ""
    more = f" ({before:,} before)" if before else ""
    errors = "error" if after == 1 else "errors"
    message = f"line {span.start + 1}: {after:,} {name} syntax {errors}{more}"
    return Fault(FaultKind.SYNTAX, message, span, fatal)


def _worse(context: Context, allowed: Sequence[Span]) -> bool:
    """Whether the rewrite has more errors than allowed, or has collapsed into one."""
    if len(context.errors_after) > len(allowed):
        return True
    if len(allowed) > max(_STUMBLES, _STUMBLES_SHARE * len(context.original_lines)):
        return False  # the grammar never read this file; how it fails says nothing
    grown = sum(map(len, context.errors_after)) - sum(map(len, allowed))
    return grown >= max(_COLLAPSED_LINES, _COLLAPSED_SHARE * len(context.rewrite_lines))


def _first_new(context: Context) -> Span:
    """Return the first line with an error that was not on an equal line before."""
    known = {context.original_lines[span.start].strip() for span in context.errors_before}
    starts = [span.start for span in context.errors_after]
    new = (line for line in starts if context.rewrite_lines[line].strip() not in known)
    line = next(new, starts[0])
    return Span(line, line + 1)
