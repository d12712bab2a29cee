"""Is there a rewrite at all?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind

if TYPE_CHECKING:
    from fastapply_lsp.guard.context import Context


def check(context: Context) -> tuple[Fault, ...]:
    """A file with content must not become blank, unless just that was asked."""
    if context.rewrite.strip() or not context.original.strip():
        return ()
    if context.certain is not None and not context.certain.predicted.strip():
        return ()
    return (Fault(FaultKind.EMPTY, "the rewrite is empty", span=None, fatal=True),)
