"""What a layer does beside its matrix products, one kernel each, in Triton.

Imported only where Triton is. Law: what `ops.TorchOps` and `attention.naive` give, up to rounding;
`checks.py` sees to it on the device before anything is measured.
"""

# Triton has no types, and its kernels are no Python: names of constants are upper case, arguments
# many, and nothing of them is annotated but constants.
# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator,import-not-found,import-untyped"
# ruff: noqa: ANN001, ANN202, N803, PLR0913, PLR0917

from __future__ import annotations

import torch
import triton
import triton.language as tl

from benchmarks.gpu.linear import FP8, FP8_MOST, Activation, Scaled

_MULTIPROCESSORS = 132
_SPLITS_MOST = 32


@triton.jit
def _norm(x, residual, weight, out, epsilon, hidden, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, BLOCK)
    ok = at < hidden
    kind: tl.constexpr = out.dtype.element_ty
    wide = tl.load(residual + row * hidden + at, mask=ok, other=0.0).to(tl.float32)
    wide += tl.load(x + row * hidden + at, mask=ok, other=0.0).to(tl.float32)
    total = wide.to(kind)
    tl.store(residual + row * hidden + at, total, mask=ok)
    wide = total.to(tl.float32)
    wide = wide * tl.rsqrt(tl.sum(wide * wide, axis=0) / hidden + epsilon)
    scale = tl.load(weight + at, mask=ok, other=0.0).to(tl.float32)
    tl.store(out + row * hidden + at, (wide.to(kind).to(tl.float32) * scale).to(kind), mask=ok)


@triton.jit
def _gate(x, out, inner, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    ok = at < inner
    kind: tl.constexpr = out.dtype.element_ty
    one = tl.load(x + row * 2 * inner + at, mask=ok, other=0.0).to(tl.float32)
    two = tl.load(x + row * 2 * inner + inner + at, mask=ok, other=0.0).to(tl.float32)
    open_ = (one * tl.sigmoid(one)).to(kind).to(tl.float32)
    tl.store(out + row * inner + at, (open_ * two).to(kind), mask=ok)


@triton.jit
def _scale(x, out, scales, width, MOST: tl.constexpr, BLOCK: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    most = tl.full([BLOCK], 1e-12, tl.float32)
    for first in range(0, width, BLOCK):
        at = first + tl.arange(0, BLOCK)
        each = tl.load(x + row * width + at, mask=at < width, other=0.0).to(tl.float32)
        most = tl.maximum(most, tl.abs(each))
    scale = tl.max(most, axis=0) / MOST
    tl.store(scales + row, scale)
    for first in range(0, width, BLOCK):
        at = first + tl.arange(0, BLOCK)
        each = tl.load(x + row * width + at, mask=at < width, other=0.0).to(tl.float32) / scale
        each = tl.minimum(tl.maximum(each, -MOST), MOST)
        tl.store(out + row * width + at, each.to(out.dtype.element_ty), mask=at < width)


@triton.jit
def _rotate(
    qkv, angles, position, queries, keys, values,
    HEADS: tl.constexpr, KV: tl.constexpr, HALF: tl.constexpr, PADDED: tl.constexpr,
):  # fmt: skip
    row = tl.program_id(0).to(tl.int64)
    where = tl.load(position).to(tl.int64) + row
    head = tl.arange(0, PADDED)[:, None]
    at = tl.arange(0, HALF)[None, :]
    here = qkv + (row * (HEADS + 2 * KV) + head) * 2 * HALF + at
    ok = (head < HEADS + 2 * KV) & (at < HALF)
    one = tl.load(here, mask=ok, other=0.0)
    two = tl.load(here + HALF, mask=ok, other=0.0)
    cos = tl.load(angles + where * 2 * HALF + at)
    sin = tl.load(angles + where * 2 * HALF + HALF + at)
    wide, other = one.to(tl.float32), two.to(tl.float32)
    first = (wide * cos - other * sin).to(one.dtype)
    second = (other * cos + wide * sin).to(one.dtype)
    mine = queries + (row * HEADS + head) * 2 * HALF + at
    is_query = ok & (head < HEADS)
    tl.store(mine, first, mask=is_query)
    tl.store(mine + HALF, second, mask=is_query)
    mine = keys + (where * KV + head - HEADS) * 2 * HALF + at
    is_key = ok & (head >= HEADS) & (head < HEADS + KV)
    tl.store(mine, first, mask=is_key)
    tl.store(mine + HALF, second, mask=is_key)
    mine = values + (where * KV + head - HEADS - KV) * 2 * HALF + at
    is_value = ok & (head >= HEADS + KV)
    tl.store(mine, one, mask=is_value)
    tl.store(mine + HALF, two, mask=is_value)


@triton.jit
def _weighed(
    query, keys, values, most, total, gathered, first, end, count, limit, kv, scale,
    KV: tl.constexpr, WIDTH: tl.constexpr, BLOCK_N: tl.constexpr, MASKED: tl.constexpr,
):  # fmt: skip
    """Take in the keys from ``first`` to ``end``; ``limit`` is the last one that each row sees."""
    at = tl.arange(0, WIDTH)
    for begin in range(first, end, BLOCK_N):
        key = begin + tl.arange(0, BLOCK_N)
        here = (key[:, None] * KV + kv) * WIDTH + at[None, :]
        if MASKED:
            held = tl.load(keys + here, mask=key[:, None] < count, other=0.0)
        else:
            held = tl.load(keys + here)
        scores = tl.dot(query, tl.trans(held), input_precision="ieee")
        if MASKED:
            scores = tl.where(key[None, :] <= limit[:, None], scores, float("-inf"))
        new = tl.maximum(most, tl.max(scores, axis=1) * scale)
        # A row that has seen nothing yet has no largest score; 0 stands for it.
        safe = tl.where(new == float("-inf"), 0.0, new) if MASKED else new
        chances = tl.exp2(scores * scale - safe[:, None])
        kept = tl.exp2(most - safe)
        total = total * kept + tl.sum(chances, axis=1)
        if MASKED:
            said = tl.load(values + here, mask=key[:, None] < count, other=0.0)
        else:
            said = tl.load(values + here)
        gathered = gathered * kept[:, None]
        gathered = tl.dot(chances.to(said.dtype), said, gathered, input_precision="ieee")
        most = new
    return most, total, gathered


@triton.jit(do_not_specialize=["rows", "splits", "scale"])
def _attend(
    queries, keys, values, position, out, parts, sums, rows, splits, scale,
    HEADS: tl.constexpr, KV: tl.constexpr, WIDTH: tl.constexpr,
    BLOCK_M: tl.constexpr, BLOCK_N: tl.constexpr, DIVIDED: tl.constexpr,
):  # fmt: skip
    """One block of rows, all query heads of one kv head together, over one part of the keys."""
    block, kv, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    group: tl.constexpr = HEADS // KV
    packed = block * BLOCK_M + tl.arange(0, BLOCK_M)
    row = packed // group
    slot = row.to(tl.int64) * HEADS + kv * group + packed % group
    ok = row < rows
    at = tl.arange(0, WIDTH)
    start = tl.load(position)
    first_row = block * BLOCK_M // group
    last_row = tl.minimum((block * BLOCK_M + BLOCK_M - 1) // group, rows - 1)
    count = start + last_row + 1
    chunk = tl.cdiv(tl.cdiv(count, splits), BLOCK_N) * BLOCK_N
    low = split * chunk
    high = tl.minimum(low + chunk, count)
    # Up to here every row of the block sees every key.
    free = tl.maximum(tl.minimum(high, start + first_row + 1) - low, 0) // BLOCK_N * BLOCK_N + low
    query = tl.load(queries + slot[:, None] * WIDTH + at[None, :], mask=ok[:, None], other=0.0)
    most = tl.full([BLOCK_M], float("-inf"), tl.float32)
    total = tl.zeros([BLOCK_M], tl.float32)
    gathered = tl.zeros([BLOCK_M, WIDTH], tl.float32)
    most, total, gathered = _weighed(
        query, keys, values, most, total, gathered, low, free, count, start + row, kv, scale,
        KV, WIDTH, BLOCK_N, MASKED=False,
    )  # fmt: skip
    most, total, gathered = _weighed(
        query, keys, values, most, total, gathered, free, high, count, start + row, kv, scale,
        KV, WIDTH, BLOCK_N, MASKED=True,
    )  # fmt: skip
    if not DIVIDED:
        said = (gathered / total[:, None]).to(out.dtype.element_ty)
        tl.store(out + slot[:, None] * WIDTH + at[None, :], said, mask=ok[:, None])
    else:
        place = split.to(tl.int64) * rows * HEADS + slot
        tl.store(parts + place[:, None] * WIDTH + at[None, :], gathered, mask=ok[:, None])
        tl.store(sums + place * 2, most, mask=ok)
        tl.store(sums + place * 2 + 1, total, mask=ok)


@triton.jit(do_not_specialize=["slots", "splits"])
def _join(parts, sums, out, slots, splits, WIDTH: tl.constexpr, MOST: tl.constexpr):
    """Join what the parts of the keys gave for one row and head."""
    slot = tl.program_id(0).to(tl.int64)
    split = tl.arange(0, MOST)
    ok = split < splits
    at = tl.arange(0, WIDTH)
    place = split.to(tl.int64) * slots + slot
    most = tl.load(sums + place * 2, mask=ok, other=float("-inf"))
    worth = tl.exp2(most - tl.max(most, axis=0))
    total = tl.sum(tl.load(sums + place * 2 + 1, mask=ok, other=0.0) * worth, axis=0)
    gathered = tl.load(parts + place[:, None] * WIDTH + at[None, :], mask=ok[:, None], other=0.0)
    said = tl.sum(gathered * worth[:, None], axis=0) / total
    tl.store(out + slot * WIDTH + at, said.to(out.dtype.element_ty))


class TritonOps:
    """See `ops.TorchOps`."""

    name = "triton"

    def norm(
        self, x: torch.Tensor, residual: torch.Tensor, weight: torch.Tensor, epsilon: float
    ) -> torch.Tensor:
        """See `ops.TorchOps.norm`."""
        rows, hidden = x.shape
        out = torch.empty_like(x)
        block = triton.next_power_of_2(hidden)
        _norm[(rows,)](x, residual, weight, out, epsilon, hidden, BLOCK=block, num_warps=8)
        return out

    def rotate(
        self,
        qkv: torch.Tensor,
        angles: torch.Tensor,
        position: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        heads: int,
    ) -> torch.Tensor:
        """See `ops.TorchOps.rotate`; half the width must be a power of 2."""
        rows, (_, kv, width) = qkv.shape[0], keys.shape
        queries = qkv.new_empty(rows, heads, width)
        padded = triton.next_power_of_2(heads + 2 * kv)
        _rotate[(rows,)](
            qkv, angles, position, queries, keys, values,
            HEADS=heads, KV=kv, HALF=width // 2, PADDED=padded, num_warps=4,
        )  # fmt: skip
        return queries

    def gate(self, x: torch.Tensor) -> torch.Tensor:
        """See `ops.TorchOps.gate`."""
        rows, inner = x.shape[0], x.shape[1] // 2
        out = x.new_empty(rows, inner)
        _gate[(rows, triton.cdiv(inner, 1024))](x, out, inner, BLOCK=1024, num_warps=4)
        return out

    def scaled(self, x: torch.Tensor) -> Scaled:
        """See `ops.TorchOps.scaled`."""
        rows, width = x.shape
        out = torch.empty_like(x, dtype=FP8)
        scales = x.new_empty(rows, 1, dtype=torch.float32)
        block = min(4096, triton.next_power_of_2(width))
        _scale[(rows,)](x, out, scales, width, MOST=FP8_MOST, BLOCK=block, num_warps=8)
        return Scaled(out, scales)

    def given(self, x: torch.Tensor, *, eight: bool) -> Activation:
        """See `ops.TorchOps.given`."""
        return self.scaled(x) if eight else x


class TritonAttention:
    """Query heads of one kv head packed into one block, the keys divided where rows are few.

    Args:
        block: rows times heads of one block at most, a power of 2 from 16 on.
        keys: of one step.
        warps: of one block.
        stages: of the loads.
    """

    def __init__(self, block: int = 128, keys: int = 64, warps: int = 8, stages: int = 3) -> None:
        self.name = f"triton {block}x{keys}, {warps} warps"
        self._block, self._keys, self._warps, self._stages = block, keys, warps, stages

    def __call__(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        position: torch.Tensor,
    ) -> torch.Tensor:
        """See `attention.Attention`; the width must be a power of 2."""
        (rows, heads, width), kv = queries.shape, keys.shape[1]
        packed = rows * heads // kv
        # Three sizes, as each is compiled, which takes a second or two.
        block = 16 if packed <= 16 else 64 if packed <= 64 else self._block
        blocks = triton.cdiv(packed, block)
        splits = 1
        while splits < _SPLITS_MOST and blocks * kv * splits * 2 <= 2 * _MULTIPROCESSORS:
            splits *= 2
        out = torch.empty_like(queries)
        held = splits * rows * heads if splits > 1 else 1
        parts = torch.empty(held, width, dtype=torch.float32, device=queries.device)
        sums = torch.empty(held, 2, dtype=torch.float32, device=queries.device)
        scale = 1.4426950408889634 / width**0.5  # powers are of 2 here, not of e
        _attend[(blocks, kv, splits)](
            queries, keys, values, position, out, parts, sums, rows, splits, scale,
            HEADS=heads, KV=kv, WIDTH=width, BLOCK_M=block, BLOCK_N=self._keys, DIVIDED=splits > 1,
            num_warps=self._warps if block > 64 else 4, num_stages=self._stages,
        )  # fmt: skip
        if splits > 1:
            _join[(rows * heads,)](
                parts, sums, out, rows * heads, splits, WIDTH=width, MOST=_SPLITS_MOST, num_warps=4
            )
        return out
