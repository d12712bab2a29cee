"""The weights of a decoder: random ones made on the device, or those of a transformers model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from benchmarks.gpu.linear import Eight, Linear, Plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.gpu.shapes import Shape

_SPREAD = 0.02


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer; queries, keys and values are one product, gate and up another."""

    before_attention: torch.Tensor
    qkv: Linear
    out: Linear
    before_gate: torch.Tensor
    gate_up: Linear
    down: Linear


@dataclass(frozen=True, slots=True)
class Weights:
    """All of them; ``head`` is never in 8 bit, as usual."""

    embedding: torch.Tensor
    layers: tuple[Layer, ...]
    last_norm: torch.Tensor
    head: Linear


class Random:
    """Makes weights as large as training begins with.

    Args:
        shape: which.
        device: where they are made; nothing is copied.
        dtype: of what is not in 8 bit.
        eight: whether the layers' products are in 8 bit.
        seed: of the device's own generator.
        spread: the standard deviation.
    """

    def __init__(  # noqa: PLR0913 - the last are named
        self,
        shape: Shape,
        device: torch.device,
        dtype: torch.dtype,
        *,
        eight: bool = False,
        seed: int = 1,
        spread: float = _SPREAD,
    ) -> None:
        self._shape, self._device, self._dtype = shape, device, dtype
        self._linear = Eight if eight else Plain
        self._generator = torch.Generator(device).manual_seed(seed)
        self._spread = spread

    def make(self) -> Weights:
        """Return them; the memory of one product is taken twice for a moment."""
        shape = self._shape
        return Weights(
            embedding=self._matrix(shape.vocabulary, shape.hidden),
            layers=tuple(self._layers()),
            last_norm=self._norm(),
            head=Plain(self._matrix(shape.vocabulary, shape.hidden)),
        )

    def _layers(self) -> Iterator[Layer]:
        shape = self._shape
        kv = 2 * shape.kv_heads * shape.width
        own = shape.heads * shape.width
        for _ in range(shape.layers):
            bias = self._matrix(1, own + kv)[0] if shape.bias else None
            yield Layer(
                before_attention=self._norm(),
                qkv=self._linear(self._matrix(own + kv, shape.hidden), bias),
                out=self._linear(self._matrix(shape.hidden, own)),
                before_gate=self._norm(),
                gate_up=self._linear(self._matrix(2 * shape.inner, shape.hidden)),
                down=self._linear(self._matrix(shape.hidden, shape.inner)),
            )

    def _matrix(self, rows: int, columns: int) -> torch.Tensor:
        empty = torch.empty(rows, columns, dtype=self._dtype, device=self._device)
        return empty.normal_(0.0, self._spread, generator=self._generator)

    def _norm(self) -> torch.Tensor:
        return torch.ones(self._shape.hidden, dtype=self._dtype, device=self._device)


def taken_from(state: Mapping[str, torch.Tensor], shape: Shape) -> Weights:
    """Return the weights of a Llama or Qwen2 of transformers, from its ``state_dict``."""

    def joined(layer: int, block: str, names: str, kind: str) -> torch.Tensor | None:
        keys = [f"model.layers.{layer}.{block}.{name}_proj.{kind}" for name in names.split()]
        return torch.cat([state[key] for key in keys]) if keys[0] in state else None

    def linear(layer: int, block: str, names: str) -> Linear:
        weight = joined(layer, block, names, "weight")
        assert weight is not None
        return Plain(weight, joined(layer, block, names, "bias"))

    return Weights(
        embedding=state["model.embed_tokens.weight"],
        layers=tuple(
            Layer(
                before_attention=state[f"model.layers.{at}.input_layernorm.weight"],
                qkv=linear(at, "self_attn", "q k v"),
                out=linear(at, "self_attn", "o"),
                before_gate=state[f"model.layers.{at}.post_attention_layernorm.weight"],
                gate_up=linear(at, "mlp", "gate up"),
                down=linear(at, "mlp", "down"),
            )
            for at in range(shape.layers)
        ),
        last_norm=state["model.norm.weight"],
        head=Plain(state["lm_head.weight"]),
    )
