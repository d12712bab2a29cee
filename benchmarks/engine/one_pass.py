"""How long does a pass take that verifies so many rows? It says what a draft can save at most."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING, Any, cast

import torch

from benchmarks.engine.oracle import Oracle
from benchmarks.engine.vocabulary import SIZE
from benchmarks.model import Grid
from fastapply_lsp.engines.kv_cache import new_cache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.engine.oracle import Shape

CONTEXT = 4_096
"""Tokens whose keys and values are there: about those of a file of 400 lines, in a prompt."""
ROWS = (1, 11, 129, 2_049)
"""No draft, and drafts of 10, 128 and 2,048 tokens."""
_TIMES = 5


def one_pass(shapes: Sequence[Shape], context: int = CONTEXT) -> Grid:
    """Return the milliseconds of a pass by its rows, for each model."""
    columns = ("model", *(f"{rows:,} row{'s' * (rows > 1)}" for rows in ROWS))
    how = (
        f"The median of {_TIMES} passes on transformers behind {context:,} tokens, in milliseconds,"
        " and of a row."
    )
    return Grid("One pass", how, columns, tuple(_row(shape, context) for shape in shapes))


@torch.inference_mode()
def _row(shape: Shape, context: int) -> tuple[str, ...]:
    model = cast("Any", Oracle(shape, SIZE, 0).model)
    cache = new_cache(model)
    model(input_ids=_any(context), past_key_values=cache, logits_to_keep=1)
    cells = []
    for rows in ROWS:
        took_ms = []
        for _ in range(_TIMES):
            began = time.perf_counter()
            model(input_ids=_any(rows), past_key_values=cache, logits_to_keep=rows)
            took_ms.append(1000 * (time.perf_counter() - began))
            cache.crop(-rows)
        cells.append(f"{median(took_ms):,.1f} ({median(took_ms) / rows:.2f} each)")
    return (shape.name, *cells)


def _any(tokens: int) -> torch.Tensor:
    return torch.randint(0, SIZE, (1, tokens))
