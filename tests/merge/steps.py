"""Counts the steps of a call: lines of Python that run, loops once for each turn."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(call: Callable[[], object]) -> int:
    """Return how many lines of Python ran; the same in every run, on every machine."""
    count = 0

    def trace(_frame: FrameType, event: str, _arg: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def growth(of: Callable[[int], Callable[[], object]], sizes: tuple[int, int, int]) -> float:
    """Return by how much more the steps grow than the size does, at worst: 1 is linear."""
    counts = [steps(of(size)) for size in sizes]
    return max(
        (later / earlier) / (large / small)
        for earlier, later, small, large in zip(counts, counts[1:], sizes, sizes[1:], strict=False)
    )
