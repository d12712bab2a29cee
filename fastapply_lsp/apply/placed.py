"""Where does the code block belong in the buffer, and what may change there?

That takes longer the larger the file, from some milliseconds to a second, so it is found out in a
thread: the event loop has the user's typing to follow.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.gate import Gate
from fastapply_lsp.merge import merge
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from fastapply_lsp.apply.model import Order
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.syntax.languages import Language


@dataclass(frozen=True, slots=True)
class Placed:
    """The code block of an order in the order's base, and the gate that follows from it."""

    base: str
    merge: Merge
    language: Language | None
    gate: Gate


async def place(order: Order) -> Placed:
    """Place an order's code block."""
    return await asyncio.to_thread(_place, order)


def _place(order: Order) -> Placed:
    base = order.base
    merged = merge(base, order.call, path=order.path)
    language = language_of(order.path, base)
    # Where the merge found no place it licenses nothing and knows nothing: the model is let
    # through, and only markers and large removals wait for the verdict.
    regions = merged.regions if merged.placed else None
    return Placed(base, merged, language, Gate(split_lines(base), regions, language))
