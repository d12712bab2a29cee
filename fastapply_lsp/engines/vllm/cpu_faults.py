"""Two faults of vLLM's build for CPUs, seen in 0.32.0: sampled answers beside drafts.

1. ``expand_batch_to_tokens`` writes its result into a copy that it drops, so temperature, top_k and
   top_p of drafted rows are whatever lay in memory (vLLM issue 55005; its own n-gram drafts suffer
   from it as well): sampled answers are garbage, and greedy ones beside them can be.
2. A step in which no request has a draft asks for the largest top_k of no rows, which is an error
   that ends the engine.

Each is tried before it is replaced: a version without the fault is left alone, and so is every
other platform.
"""

from __future__ import annotations

from functools import wraps
from importlib import import_module
from typing import Any

import torch

_REJECTION = "vllm.v1.sample.rejection_sampler"
_TOP = "vllm.v1.sample.ops.topk_topp_sampler"


def mend() -> list[str]:
    """Replace what is at fault, and return what that was."""
    if not import_module("vllm.platforms").current_platform.is_cpu():
        return []
    mended = []
    rejection: Any = import_module(_REJECTION)
    top: Any = import_module(_TOP)
    if not _expands(rejection.expand_batch_to_tokens):
        rejection.expand_batch_to_tokens = expanded
        mended.append("sampling parameters of drafted rows")
    if not _takes_no_rows(top.apply_top_k_only):
        top.apply_top_k_only = _for_rows(top.apply_top_k_only)
        mended.append("top_k in a step without drafts")
    return mended


def expanded(
    x: torch.Tensor,
    cu_num_tokens: torch.Tensor,
    num_tokens: int,
    replace_from: int = 0,
    replace_to: int = 0,
) -> torch.Tensor:
    """Repeat each request's value for each of its draft tokens, as vLLM's function is meant to.

    Args:
        x: ``[requests]``.
        cu_num_tokens: ``[requests]``, draft tokens up to and with each request.
        num_tokens: all draft tokens.
        replace_from: a value that is replaced on the way.
        replace_to: by this one.

    Returns:
        ``[num_tokens]``.
    """
    counts = torch.diff(cu_num_tokens, prepend=cu_num_tokens.new_zeros(1))
    values = torch.where(x == replace_from, torch.full_like(x, replace_to), x)
    return torch.repeat_interleave(values, counts.long(), output_size=num_tokens)


def _expands(function: Any) -> bool:  # noqa: ANN401 - vLLM's
    values = torch.tensor([0.375, 5.125, 0.0])
    ends = torch.tensor([1, 3, 4], dtype=torch.int32)
    try:
        got = function(values, ends, 4, 0, 1)
        whole = function((8 * values).to(torch.int32), ends, 4)
    except Exception:  # noqa: BLE001 - it does not do what it should, whatever that is
        return False
    return bool(got.tolist() == [0.375, 5.125, 5.125, 1.0] and whole.tolist() == [3, 41, 41, 0])


def _takes_no_rows(function: Any) -> bool:  # noqa: ANN401 - vLLM's
    try:
        function(torch.empty(0, 4), torch.empty(0, dtype=torch.int32))
    except RuntimeError:
        return False
    return True


def _for_rows(function: Any) -> Any:  # noqa: ANN401 - vLLM's
    @wraps(function)
    def guarded(logits: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
        return function(logits, k) if logits.shape[0] else logits

    return guarded
