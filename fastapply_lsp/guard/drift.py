"""Does a line stand deeper or less deep than it should, where depth carries meaning?

Where the edit's place is sure, and outside of the edit, drift is repaired. Here it is told: inside
an edit of an unsure place, in languages that read indentation. The file parses either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.deviations import PartKind
from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.wording import numbers

if TYPE_CHECKING:
    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.text.replacement import Span


def check(context: Context) -> tuple[Fault, ...]:
    """Lines that differ from the guide's in nothing but indentation."""
    language = context.language
    if context.placed is None or language is None or not language.indents:
        return ()
    drifted = [
        part.rewrite
        for part in context.parts
        if part.kind is PartKind.SPACE
        and len(part.guide) == len(part.rewrite)
        and any(
            _indent(context.guide_lines[old]) != _indent(context.rewrite_lines[new])
            for old, new in zip(_numbers(part.guide), _numbers(part.rewrite), strict=True)
            if context.guide_lines[old].strip()
        )
    ]
    if not drifted:
        return ()
    message = f"the indentation may have drifted: {numbers(drifted)}"
    return (Fault(FaultKind.WHITESPACE, message, drifted[0], fatal=False),)


def _numbers(span: Span) -> range:
    return range(span.start, span.end)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
