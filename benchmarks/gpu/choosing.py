"""Which attention is the fastest for a number of rows? Timed once, where it will run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.gpu.attention import Attention
    from benchmarks.gpu.shapes import Shape

_CALLS = 10
_TIMES = 5


class Chosen:
    """Says who attends; give it to `decoder.Decoder`.

    Args:
        candidates: all of them right (`checks.attention`); the first one where nothing is timed.
        shape: of the model.
        dtype: of its cache.
        context: positions that are in the cache while they are timed.
    """

    def __init__(
        self, candidates: Sequence[Attention], shape: Shape, dtype: torch.dtype, context: int = 8192
    ) -> None:
        self._candidates = tuple(candidates)
        self._shape, self._dtype, self._context = shape, dtype, context
        self.chosen: dict[int, Attention] = {}

    def __call__(self, rows: int) -> Attention:
        """Return the fastest; the first call for a number of rows takes some milliseconds."""
        if len(self._candidates) == 1:
            return self._candidates[0]
        if rows not in self.chosen:
            times = [(self._milliseconds(each, rows), each) for each in self._candidates]
            self.chosen[rows] = min(times, key=lambda time: time[0])[1]
        return self.chosen[rows]

    def _milliseconds(self, candidate: Attention, rows: int) -> float:
        shape, device = self._shape, torch.device("cuda")
        q = torch.randn(rows, shape.heads, shape.width, device=device, dtype=self._dtype)
        room = self._context + rows
        k, v = torch.randn(
            2, room, shape.kv_heads, shape.width, device=device, dtype=self._dtype
        ).unbind()
        at = torch.tensor([self._context], dtype=torch.int32, device=device)
        candidate(q, k, v, at)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(_CALLS):
                candidate(q, k, v, at)
        times: list[float] = []
        for _ in range(_TIMES):
            began, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            began.record()
            graph.replay()
            ended.record()
            ended.synchronize()
            times.append(began.elapsed_time(ended) / _CALLS)
        return min(times)
