"""One forward pass from Python: rows of a few fixed numbers, recorded once, replayed as often.

A pass takes one copy to the device (tokens and position together), one CUDA graph, one copy back of
the likeliest tokens, one synchronisation. Rows are filled up to the next number that is recorded.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.gpu.decoder import Decoder

ROWS = (
    *(1, 8, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 192, 208, 224, 256),
    *(320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2112),
)
"""Numbers of rows that are recorded. The last one takes a draft of 2,048 tokens and one row more."""
ROWS_EIGHT = tuple(rows for rows in ROWS if rows % 16 == 0)
"""In 8 bit products want multiples of 16."""
READ_AT_ONCE = 2048
"""Rows of the prompt in one pass."""
READ_ROWS = (64, 128, 256, 512, 1024, READ_AT_ONCE)


class Passes:
    """A decoder whose passes are recorded; on a CPU they are simply made.

    Args:
        decoder: what runs.
        rows: numbers of rows to record, ascending; the last is the most that `likeliest` takes.
        graphs: whether to record; else kernels are launched one by one.
    """

    def __init__(
        self, decoder: Decoder, rows: Sequence[int] = ROWS, *, graphs: bool = True
    ) -> None:
        self.decoder = decoder
        self.rows = tuple(rows)
        self.graphs = graphs and decoder.device.type == "cuda"
        most = max(self.rows[-1], READ_AT_ONCE)
        pinned = decoder.device.type == "cuda"
        # The position is the last number, so that one copy brings both.
        self._given = torch.zeros(most + 1, dtype=torch.int32, pin_memory=pinned)
        self._input = torch.zeros(most + 1, dtype=torch.int32, device=decoder.device)
        self._output = torch.zeros(most, dtype=torch.int32, device=decoder.device)
        self._taken = torch.zeros(most, dtype=torch.int32, pin_memory=pinned)
        self._position = self._input[-1:]
        self._recorded: dict[tuple[int, bool], Callable[[], None]] = {}
        self._pool = torch.cuda.graph_pool_handle() if self.graphs else None

    @property
    def most(self) -> int:
        """The most rows of one pass."""
        return self.rows[-1]

    def record(self) -> None:
        """Record all; the most rows first, so that the memory of the others fits into theirs."""
        for rows in sorted(READ_ROWS, reverse=True):
            self._recording(rows, answers=False)
        for rows in sorted(self.rows, reverse=True):
            self._recording(rows, answers=True)

    def read(self, tokens: Sequence[int], position: int) -> None:
        """Write the keys and values of a prompt's tokens, without asking what comes next."""
        for first in range(0, len(tokens), READ_AT_ONCE):
            part = tokens[first : first + READ_AT_ONCE]
            self._run(part, position + first, READ_ROWS, answers=False)
            self._wait()  # before the next part takes the place of this one

    def likeliest(self, tokens: Sequence[int], position: int) -> torch.Tensor:
        """Return the likeliest token after each of ``tokens``, on the CPU; good until the next."""
        self._run(tokens, position, self.rows, answers=True)
        count = len(tokens)
        self._taken[:count].copy_(self._output[:count], non_blocking=True)
        self._wait()
        return self._taken[:count]

    def _run(
        self, tokens: Sequence[int], position: int, numbers: Sequence[int], *, answers: bool
    ) -> None:
        rows = numbers[bisect_left(numbers, len(tokens))]
        if position + rows > self.decoder.room:
            message = f"{position + rows:,} positions in a cache of {self.decoder.room:,}"
            raise ValueError(message)
        given = self._given.numpy()
        given[: len(tokens)] = tokens
        given[len(tokens) : rows] = 0
        given[-1] = position
        self._input.copy_(self._given, non_blocking=True)
        self._recording(rows, answers=answers)()

    def _recording(self, rows: int, *, answers: bool) -> Callable[[], None]:
        known = self._recorded.get((rows, answers))
        if known is None:
            known = self._recorded[rows, answers] = self._made(rows, answers=answers)
        return known

    def _made(self, rows: int, *, answers: bool) -> Callable[[], None]:
        tokens, position = self._input[:rows], self._position

        def plain() -> None:
            with torch.inference_mode():
                if answers:
                    self._output[:rows] = self.decoder.likeliest(tokens, position)
                else:
                    self.decoder.read(tokens, position)

        if not self.graphs:
            return plain
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(2):  # what is compiled or chosen at the first run is not recorded
                plain()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool):
            plain()
        return graph.replay

    def _wait(self) -> None:
        if self.decoder.device.type == "cuda":
            torch.cuda.current_stream().synchronize()
