"""Rows that come last, against a long cache: row ``i`` sees all positions up to its own.

The cache is longer than what is in it, and where the rows stand is known on the device alone, so
that one CUDA graph serves every position. Whoever attends here takes queries ``[rows, heads,
width]``, the cache's keys and values ``[positions, kv heads, width]``, and the first row's position
``[1]`` (int32); ``kv heads`` may be fewer. Law: all give what `naive` gives, up to rounding.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch.nn import functional


class Attention(Protocol):
    """See the module."""

    name: str

    def __call__(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        position: torch.Tensor,
    ) -> torch.Tensor:
        """Return ``[rows, heads, width]``."""
        ...


def naive(
    queries: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, position: int
) -> torch.Tensor:
    """Return what is right, in 64 bit: what the others are checked against."""
    rows, heads, width = queries.shape
    kv, seen = keys.shape[1], position + rows
    grouped = queries.double().reshape(rows, kv, heads // kv, width)
    scores = torch.einsum("rkgw,pkw->rkgp", grouped, keys[:seen].double()) / width**0.5
    own = position + torch.arange(rows, device=queries.device)
    hidden = torch.arange(seen, device=queries.device)[None] > own[:, None]
    chances = scores.masked_fill(hidden[:, None, None], -torch.inf).softmax(dim=-1)
    out = torch.einsum("rkgp,pkw->rkgw", chances, values[:seen].double())
    return out.reshape(rows, heads, width)


class Masked:
    """torch's attention with a mask over the whole cache: anywhere, any type, and slow."""

    name = "masked"

    def __call__(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        position: torch.Tensor,
    ) -> torch.Tensor:
        """See `Attention`."""
        rows, device = queries.shape[0], queries.device
        own = position + torch.arange(rows, device=device)
        mask = torch.arange(keys.shape[0], device=device)[None] <= own[:, None]
        out = functional.scaled_dot_product_attention(
            queries.transpose(0, 1)[None],
            keys.transpose(0, 1)[None],
            values.transpose(0, 1)[None],
            attn_mask=mask,
            enable_gqa=True,
        )
        return out[0].transpose(0, 1)


class Flash:
    """FlashAttention 2 as torch carries it, with the number of keys read on the device.

    With ``is_causal`` that kernel lines up the last row with the last key that is in use (from
    version 2.1 on), which is what is wanted here; `torch.nn.functional` lines up the first ones.
    It does not divide a long cache among multiprocessors, so few rows are slow.
    """

    name = "flash"

    def __init__(self) -> None:
        self._ends: dict[tuple[int, int], tuple[torch.Tensor, torch.Tensor]] = {}

    def __call__(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        position: torch.Tensor,
    ) -> torch.Tensor:
        """See `Attention`."""
        rows, room = queries.shape[0], keys.shape[0]
        if (rows, room) not in self._ends:
            ends = torch.arange(2, device=queries.device, dtype=torch.int32)
            self._ends[rows, room] = ends * rows, ends * room
        out: torch.Tensor = torch.ops.aten._flash_attention_forward(  # noqa: SLF001 - the public functions take no length from the device
            queries,
            keys,
            values,
            *self._ends[rows, room],
            rows,
            room,
            0.0,
            True,
            False,
            seqused_k=position + rows,
        )[0]
        return out
