"""Does a line stand deeper or less deep than it should, or are blank lines gone?

Where the edit's place is sure, and outside of the edit, that is repaired. Here it is told: inside
an edit of an unsure place. The file parses either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.deviations import PartKind
from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.wording import numbers

if TYPE_CHECKING:
    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.guard.parts import Part


def check(context: Context) -> tuple[Fault, ...]:
    """Lines that differ from the guide's in nothing but white space."""
    if context.placed is None:
        return ()
    drifted = [
        part.rewrite
        for part in context.parts
        if part.kind is PartKind.SPACE and part.licensed and not _ends(context, part)
    ]
    if not drifted:
        return ()
    message = f"the white space may have drifted: {numbers(drifted)}"
    return (Fault(FaultKind.WHITESPACE, message, drifted[0], fatal=False),)


def _ends(context: Context, part: Part) -> bool:
    """Whether only blank lines at the very end of the file are fewer."""
    fewer = len(part.rewrite) < len(part.guide)
    return fewer and not "".join(context.guide_lines[part.guide.start :]).strip()
