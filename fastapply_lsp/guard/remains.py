"""Is anything of what a model wrote left, once all is repaired? If not, it was no rewrite.

What the repairs then made is the merge's word alone. To call that the model's would be untrue, so
nothing is repaired: the rewrite is refused, and whoever asked decides what follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.similar import bare, words
from fastapply_lsp.text.contract import BOM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.guard.context import Context


def is_nothing(given: Context, mended: Context) -> bool:
    """Whether no line of the ``given`` rewrite is in the mended one; white space does not count."""
    if given.rewrite == mended.rewrite or not mended.rewrite.strip():
        return False
    wrote, left = _filled(given.rewrite_lines), _filled(mended.rewrite_lines)
    wrote = [line for line in wrote if words(line)] or wrote
    if not set(wrote).isdisjoint(left):
        return False
    # The model's own words may have been taken off a line: they stand at an end of the text.
    ends = (*wrote[:1], *wrote[-1:])
    return not any(line in end for end in ends for line in left if words(line))


def refusal() -> Fault:
    """Return the fault that says so, where no check finds one: a user has nothing to decide on."""
    message = "no line of the rewrite could stay as it was written"
    return Fault(FaultKind.EMPTY, message, span=None, fatal=True)


def _filled(lines: Iterable[str]) -> list[str]:
    return [content for line in lines if (content := bare(line.lstrip(BOM)))]
