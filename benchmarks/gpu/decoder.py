"""A decoder over a cache of a fixed size: rows of tokens in, the likeliest next ones out.

Everything happens on the device, the positions included, so that a pass can be recorded once for a
number of rows and replayed at any position (`passes.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

from benchmarks.gpu.ops import TorchOps, angles

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.gpu.attention import Attention
    from benchmarks.gpu.linear import Activation, Scaled
    from benchmarks.gpu.shapes import Shape
    from benchmarks.gpu.weights import Weights


class Ops(Protocol):
    """See `ops.TorchOps`."""

    @property
    def name(self) -> str:
        """Who they are."""
        ...

    def norm(
        self, x: torch.Tensor, residual: torch.Tensor, weight: torch.Tensor, epsilon: float
    ) -> torch.Tensor:
        """Add, and return the norm."""
        ...

    def rotate(  # noqa: PLR0913, PLR0917 - what a rotation needs
        self,
        qkv: torch.Tensor,
        angles: torch.Tensor,
        position: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        heads: int,
    ) -> torch.Tensor:
        """Turn, and write the cache."""
        ...

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Return the gated half."""
        ...

    def scaled(self, x: torch.Tensor) -> Scaled:
        """Return rows in 8 bit."""
        ...

    def given(self, x: torch.Tensor, *, eight: bool) -> Activation:
        """Return rows as a product wants them."""
        ...


class Decoder:
    """A model and the keys and values of one text.

    Args:
        shape: of the model.
        weights: of the model.
        room: positions that the cache has.
        attention: says who attends, for a number of rows.
        ops: the rest of a layer.
    """

    def __init__(
        self,
        shape: Shape,
        weights: Weights,
        room: int,
        *,
        attention: Callable[[int], Attention],
        ops: Ops | None = None,
    ) -> None:
        self.shape, self.room = shape, room
        self._weights, self._attention, self._ops = weights, attention, ops or TorchOps()
        like = weights.embedding
        self.device, self.dtype = like.device, like.dtype
        self._angles = angles(room, shape.width, shape.theta, like.device)
        # Never NaN, even where nothing was written: what a mask weighs with 0 must be a number.
        self._cache = torch.zeros(
            shape.layers, 2, room, shape.kv_heads, shape.width, dtype=like.dtype, device=like.device
        )

    def read(self, tokens: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        """Write the keys and values of rows; return what the last layer says of each.

        Args:
            tokens: ``[rows]``; those past the real ones do no harm, as later rows overwrite them.
            position: of the first, ``[1]``, int32.
        """
        shape, ops, weights = self.shape, self._ops, self._weights
        attend = self._attention(tokens.shape[0])
        residual = functional.embedding(tokens, weights.embedding)
        delta = torch.zeros_like(residual)
        for layer, (keys, values) in zip(weights.layers, self._cache, strict=True):
            h = ops.norm(delta, residual, layer.before_attention, shape.epsilon)
            qkv = layer.qkv(ops.given(h, eight=layer.qkv.scaled))
            queries = ops.rotate(qkv, self._angles, position, keys, values, shape.heads)
            seen = attend(queries, keys, values, position).reshape(tokens.shape[0], -1)
            delta = layer.out(ops.given(seen, eight=layer.out.scaled))
            h = ops.norm(delta, residual, layer.before_gate, shape.epsilon)
            both = layer.gate_up(ops.given(h, eight=layer.gate_up.scaled))
            delta = layer.down(ops.given(ops.gate(both), eight=layer.down.scaled))
        return ops.norm(delta, residual, weights.last_norm, shape.epsilon)

    def likeliest(self, tokens: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        """As `read`; return the likeliest token after each row, ``[rows]``."""
        return self.logits(tokens, position).argmax(dim=-1)

    def logits(self, tokens: torch.Tensor, position: torch.Tensor) -> torch.Tensor:
        """As `read`; return ``[rows, vocabulary]``."""
        return self._weights.head(self.read(tokens, position))
