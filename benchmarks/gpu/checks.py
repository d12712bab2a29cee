"""Is it right? Asked on the device itself, before anything is measured there.

Kernels against what is plain, drafted writing against undrafted, in 32 bit; and how often 16 bit
differs. What is wrong or does not run here is not used, and the report says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from benchmarks.gpu.attention import naive
from benchmarks.gpu.decoder import Decoder
from benchmarks.gpu.linear import Eight
from benchmarks.gpu.ops import TorchOps, angles
from benchmarks.gpu.passes import READ_ROWS, Passes
from benchmarks.gpu.shapes import Shape
from benchmarks.gpu.weights import Random
from benchmarks.gpu.writing import greedy, speculated

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.gpu.attention import Attention
    from benchmarks.gpu.decoder import Ops

SMALL = Shape("check", 1_000, 256, 512, 2, 8, 2, 64, 10_000.0, 1e-6, bias=True)
_TOLERANCE = {torch.float32: 2e-4, torch.bfloat16: 1e-2}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was checked, and what is wrong with it; nothing where ``wrong`` is empty."""

    what: str
    wrong: str


def off(found: torch.Tensor, right: torch.Tensor) -> float:
    """Return the length of the difference over the length of what is right; NaN stays NaN."""
    right = right.double()
    return float((found.double() - right).norm() / right.norm().clamp(min=1e-30))


def judged(what: str, check: Callable[[], str]) -> Verdict:
    """Return the verdict; whatever cannot be run here is wrong here, too."""
    try:
        return Verdict(what, check())
    except Exception as error:  # noqa: BLE001 - a kernel may fail in any way, and is then not used
        return Verdict(what, f"{type(error).__name__}: {error}"[:300])


def attention(
    candidate: Attention, device: torch.device, dtype: torch.dtype, width: int, room: int = 2_048
) -> Verdict:
    """Compare with `attention.naive`: few rows and many, short caches and long, 1 or 7 heads each.

    What lies in the cache behind the rows is poison, as nobody may look at it.
    """
    generator = torch.Generator(device).manual_seed(7)

    def check() -> str:
        for rows, position, heads, kv in (
            *((1, 0, 28, 4), (1, room // 3, 28, 4), (5, 3, 28, 4), (33, room // 2 - 3, 28, 4)),
            *((room // 8, 17, 28, 4), (room // 3, room // 3, 28, 4), (17, room - 18, 4, 4)),
        ):
            q, k, v = (
                torch.randn(*size, width, device=device, dtype=dtype, generator=generator)
                for size in ((rows, heads), (room, kv), (room, kv))
            )
            k[position + rows :] = v[position + rows :] = 1e4
            at = torch.tensor([position], dtype=torch.int32, device=device)
            far = off(candidate(q, k, v, at), naive(q, k, v, position))
            if not far < _TOLERANCE[dtype]:
                return f"off by {far:.1e} at {rows} rows from {position}"
        return ""

    return judged(f"{candidate.name}, {_short(dtype)}", check)


def operations(ops: Ops, device: torch.device, dtype: torch.dtype) -> Verdict:
    """Compare with `ops.TorchOps`."""
    plain = TorchOps()
    generator = torch.Generator(device).manual_seed(8)

    def noise(*size: int) -> torch.Tensor:
        return torch.randn(*size, device=device, dtype=dtype, generator=generator)

    def check() -> str:
        x, residual, weight = noise(9, 3584), noise(9, 3584), noise(3584)
        both = [residual.clone(), residual.clone()]
        far = [off(ops.norm(x, both[0], weight, 1e-6), plain.norm(x, both[1], weight, 1e-6))]
        far += [off(*both), off(ops.gate(x), plain.gate(x))]
        qkv, turns = noise(9, 12 * 64), angles(64, 64, 1e4, device)
        at = torch.tensor([5], dtype=torch.int32, device=device)
        one, two = torch.zeros(2, 2, 64, 2, 64, dtype=dtype, device=device)
        queries = ops.rotate(qkv, turns, at, one[0], one[1], 8)
        far += [off(queries, plain.rotate(qkv, turns, at, two[0], two[1], 8)), off(one, two)]
        wrong = [f"{one:.1e}" for one in far if not one < _TOLERANCE[dtype]]
        return f"off by {', '.join(wrong)}" if wrong else ""

    return judged(f"{ops.name} operations, {_short(dtype)}", check)


def scaling(ops: Ops, device: torch.device) -> Verdict:
    """Compare rows in 8 bit with what they stand for: 3 bits of fraction are within 2 to 3 %."""

    def check() -> str:
        for width in (512, 3584, 28_672):
            x = torch.randn(9, width, device=device, dtype=torch.bfloat16)
            rows = ops.scaled(x)
            far = off(rows.values.double() * rows.scales, x)
            if not far < 3e-2:
                return f"off by {far:.1e} at a width of {width}"
        return ""

    return judged(f"{ops.name} rows in 8 bit", check)


def eight_bit(device: torch.device) -> Verdict:
    """Compare products in 8 bit with the same in 64 bit."""

    def check() -> str:
        for rows in (16, 48, 144, 512):
            weight = torch.randn(1_024, 512, device=device, dtype=torch.bfloat16)
            x = TorchOps().scaled(torch.randn(rows, 512, device=device, dtype=torch.bfloat16))
            right = (x.values.double() * x.scales) @ weight.double().t()
            far = off(Eight(weight)(x), right)
            if not far < 5e-2:
                return f"off by {far:.1e} at {rows} rows"
        return ""

    return judged("products in 8 bit", check)


def identity(
    device: torch.device, attend: Attention, ops: Ops, texts: int = 12, length: int = 120
) -> Verdict:
    """Compare drafted with undrafted writing, by the model's own likeliest tokens, in 32 bit.

    Drafts are right, wrong in places, and nonsense; each is verified 7, 31 or 100 tokens at once.
    """
    generator = torch.Generator().manual_seed(5)

    def tokens(count: int) -> list[int]:
        found: list[int] = torch.randint(SMALL.vocabulary, (count,), generator=generator).tolist()
        return found

    def check() -> str:
        weights = Random(SMALL, device, torch.float32, seed=3, spread=0.2).make()
        room = READ_ROWS[-1] + 200
        decoder = Decoder(SMALL, weights, room, attention=lambda _rows: attend, ops=ops)
        model = Passes(decoder, rows=(1, 8, 32, 112))
        wrong = 0
        for _ in range(texts):
            prompt = tokens(int(torch.randint(1, 60, (1,), generator=generator)))
            right = greedy(model, prompt, length)
            altered = [*right[:30], *tokens(1), *right[31:60], *tokens(25), *right[85:]]
            for draft, most in ((right, 100), (right, 7), (altered, 31), (altered, 100)):
                wrong += speculated(model, prompt, draft, length, most) != right
            wrong += speculated(model, prompt, tokens(length), length, 7) != right
        return f"{wrong} of {5 * texts} differ" if wrong else ""

    what = f"drafted as undrafted, 32 bit, {5 * texts} texts of {length} tokens"
    return judged(f"{what}, {ops.name}, {attend.name}", check)


def _short(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def mismatches(model: Passes, prompt: list[int], count: int, rows: int) -> int:
    """Return how many of ``count`` greedy tokens are others where ``rows`` are verified at once.

    With random weights all tokens are about equally likely, and near ties far more frequent than
    in a model that knows what it writes: the share is an upper bound.
    """
    alone = greedy(model, prompt, count)
    differ = 0
    for first in range(0, count, rows):
        part = alone[first : first + rows]
        given = [prompt[-1], *alone][first : first + len(part)]
        together = model.likeliest(given, len(prompt) - 1 + first).tolist()
        differ += sum(one != other for one, other in zip(part, together, strict=True))
    return differ
