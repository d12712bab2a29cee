"""The structural merge as a backend: no network, no model, milliseconds.

The merge was made before anybody was asked (it is also the draft and the guard's licence), so
there is nothing left to do but to say it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.backends.model import Abilities, End, Text
from fastapply_lsp.errors import NotPlaced

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapply_lsp.backends.model import Request, Usage


class EmbeddedBackend:
    """Says the file that the merge predicts.

    It says it whether the merge is certain or not; the caller reads ``merge.certain`` and marks
    the hunks of a guess as unsure.
    """

    name = "embedded"
    abilities = Abilities()

    async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        """Yield the predicted file in one piece.

        Raises:
            NotPlaced: the merge found no place for the edit.
        """
        if not request.merge.placed:
            raise NotPlaced(request.merge.reasons)
        yield Text(request.merge.predicted)
        yield End("stop")

    async def aclose(self) -> None:
        """Nothing is held."""
