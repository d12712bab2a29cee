"""vLLM's faults on a CPU, played by functions that have them."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.engines.vllm import cpu_faults
from fastapply_lsp.engines.vllm.cpu_faults import expanded, mend
from tests.engines.vllm_fakes import module


def forgets(x: torch.Tensor, _ends: torch.Tensor, count: int, *_: int) -> torch.Tensor:
    return torch.full((count,), 77, dtype=x.dtype)


def fails(*_: object) -> torch.Tensor:
    raise TypeError


def top_k(logits: torch.Tensor, k: torch.Tensor) -> torch.Tensor:
    largest = int(k.max())  # an error where there is no row
    return logits.masked_fill(logits < logits.topk(largest, dim=1).values[:, -1:], -torch.inf)


def installed(
    monkeypatch: pytest.MonkeyPatch, expand: Any, top: Any, *, cpu: bool = True
) -> tuple[ModuleType, ModuleType]:
    for name in (cpu_faults._REJECTION, cpu_faults._TOP):
        parent = name
        while "." in parent:
            parent = parent.rpartition(".")[0]
            module(monkeypatch, parent, __path__=[])
    platform = SimpleNamespace(is_cpu=lambda: cpu)
    module(monkeypatch, "vllm.platforms", current_platform=platform)
    return (
        module(monkeypatch, cpu_faults._REJECTION, expand_batch_to_tokens=expand),
        module(monkeypatch, cpu_faults._TOP, apply_top_k_only=top),
    )


@pytest.mark.parametrize("expand", [forgets, fails])
def test_what_is_at_fault_is_replaced(monkeypatch: pytest.MonkeyPatch, expand: Any) -> None:
    rejection, top = installed(monkeypatch, expand, top_k)
    assert len(mend()) == 2
    assert rejection.expand_batch_to_tokens is expanded
    logits = torch.tensor([[1.0, 2.0, 3.0]])
    assert top.apply_top_k_only(logits[:0], torch.tensor([])).shape == (0, 3)
    kept = top.apply_top_k_only(logits, torch.tensor([2]))
    assert kept.tolist() == [[-torch.inf, 2.0, 3.0]]
    assert mend() == []  # now there is nothing at fault


def test_what_is_right_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def right(logits: torch.Tensor, _k: torch.Tensor) -> torch.Tensor:
        return logits

    rejection, top = installed(monkeypatch, expanded, right)
    assert mend() == []
    assert (rejection.expand_batch_to_tokens, top.apply_top_k_only) == (expanded, right)


def test_other_platforms_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rejection, _ = installed(monkeypatch, forgets, top_k, cpu=False)
    assert mend() == []
    assert rejection.expand_batch_to_tokens is forgets


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 1.0, 7.25]), st.integers(0, 4))))
def test_each_value_stands_once_for_each_token(pairs: list[tuple[float, int]]) -> None:
    values = torch.tensor([value for value, _ in pairs])
    ends = torch.tensor([count for _, count in pairs], dtype=torch.int32).cumsum(0).int()
    flat = [value or 1.0 for value, count in pairs for _ in range(count)]
    assert expanded(values, ends, len(flat), 0, 1).tolist() == flat
    whole = expanded(values.int(), ends, len(flat))
    assert whole.dtype == torch.int32
