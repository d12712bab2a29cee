"""A matrix product with fixed weights, in 16 bit or in 8.

In 8 bit (``float8_e4m3fn``) every row of the input has its own scale, found at each pass, and every
row of the weights its own, found once: what `torch._scaled_mm` takes on GPUs from Hopper on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch.nn import functional

FP8 = torch.float8_e4m3fn
FP8_MOST = torch.finfo(FP8).max


@dataclass(frozen=True, slots=True)
class Scaled:
    """Rows in 8 bit, ``[rows, width]``, and the scale of each, ``[rows, 1]``."""

    values: torch.Tensor
    scales: torch.Tensor


Activation = torch.Tensor | Scaled


class Linear(Protocol):
    """Maps ``[rows, width]`` to ``[rows, other width]``."""

    scaled: bool
    """Whether it takes rows in 8 bit."""

    def __call__(self, x: Activation) -> torch.Tensor:
        """Return the product, in 16 bit (or as the weights are)."""
        ...


class Plain:
    """Weights as they are, ``[outputs, inputs]``."""

    scaled = False

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        self._weight, self._bias = weight, bias

    def __call__(self, x: Activation) -> torch.Tensor:
        """See `Linear`."""
        assert isinstance(x, torch.Tensor)
        return functional.linear(x, self._weight, self._bias)


class Eight:
    """Weights in 8 bit, with a scale for each output."""

    scaled = True

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None = None) -> None:
        rows = scaled(weight)
        self._weight, self._scales = rows.values, rows.scales.t().contiguous()
        self._bias, self._dtype = bias, weight.dtype

    def __call__(self, x: Activation) -> torch.Tensor:
        """See `Linear`."""
        assert isinstance(x, Scaled)
        if x.values.is_cuda:
            product: torch.Tensor = torch._scaled_mm(  # noqa: SLF001 - there is no public name
                x.values,
                self._weight.t(),
                scale_a=x.scales,
                scale_b=self._scales,
                out_dtype=self._dtype,
                use_fast_accum=True,
            )
            return product if self._bias is None else product.add_(self._bias)
        exact = (x.values.float() @ self._weight.float().t()) * x.scales * self._scales
        return (exact if self._bias is None else exact + self._bias.float()).to(self._dtype)


def scaled(x: torch.Tensor) -> Scaled:
    """Return rows in 8 bit, each with the scale that uses the whole range."""
    most = x.abs().amax(dim=-1, keepdim=True).float().clamp(min=1e-12)
    scales = most / FP8_MOST
    return Scaled((x.float() / scales).clamp(-FP8_MOST, FP8_MOST).to(FP8), scales)
