"""What a layer does beside its matrix products, as torch has it: right everywhere, fast nowhere.

`triton_ops.py` has the same in one kernel each. Law: both give the same, up to rounding.
"""

from __future__ import annotations

import torch
from torch.nn import functional

from benchmarks.gpu.linear import Activation, Scaled, scaled


class TorchOps:
    """Norms, rotary positions, the gate; see each."""

    name = "torch"

    def norm(
        self, x: torch.Tensor, residual: torch.Tensor, weight: torch.Tensor, epsilon: float
    ) -> torch.Tensor:
        """Add ``x`` to ``residual`` in place; return its RMS norm times ``weight``."""
        residual += x
        wide = residual.float()
        wide = wide * torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + epsilon)
        return wide.to(residual.dtype) * weight

    def rotate(  # noqa: PLR0913, PLR0917 - what a rotation needs
        self,
        qkv: torch.Tensor,
        angles: torch.Tensor,
        position: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        heads: int,
    ) -> torch.Tensor:
        """Turn queries and keys by their positions; write keys and values into the cache.

        Args:
            qkv: ``[rows, (heads + 2 x kv heads) x width]``.
            angles: cosine and sine of each position, ``[positions, 2, width / 2]``, in 32 bit.
            position: of the first row, ``[1]``, on the device.
            keys: the cache, ``[positions, kv heads, width]``.
            values: likewise.
            heads: of the queries.

        Returns:
            The queries, ``[rows, heads, width]``.
        """
        rows, (_, kv_heads, width) = qkv.shape[0], keys.shape
        all_heads = qkv.view(rows, heads + 2 * kv_heads, width)
        where = position + torch.arange(rows, device=qkv.device)
        turned = _turned(all_heads[:, : heads + kv_heads], angles[where])
        keys.index_copy_(0, where, turned[:, heads:])
        values.index_copy_(0, where, all_heads[:, heads + kv_heads :])
        return turned[:, :heads].contiguous()

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """Return SiLU of the first half of each row times the second half."""
        first, second = x.chunk(2, dim=-1)
        return functional.silu(first) * second

    def scaled(self, x: torch.Tensor) -> Scaled:
        """Return rows in 8 bit."""
        return scaled(x)

    def given(self, x: torch.Tensor, *, eight: bool) -> Activation:
        """Return the rows as a `Linear` wants them."""
        return self.scaled(x) if eight else x


def _turned(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """Turn pairs of dimension ``i`` and ``i + width / 2``, as Llama's weights want it."""
    cos, sin = angles[:, None, 0], angles[:, None, 1]
    one, two = x.float().chunk(2, dim=-1)
    return torch.cat([one * cos - two * sin, two * cos + one * sin], dim=-1).to(x.dtype)


def angles(positions: int, width: int, theta: float, device: torch.device) -> torch.Tensor:
    """Return the cosines and sines that `TorchOps.rotate` takes."""
    steps = torch.arange(0, width, 2, device=device, dtype=torch.int64).float()
    turns = torch.arange(positions, device=device).float()[:, None] / theta ** (steps / width)
    return torch.stack([turns.cos(), turns.sin()], dim=1).contiguous()
