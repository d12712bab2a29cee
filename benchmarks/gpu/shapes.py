"""Which models? Their shapes, as the public configs have them; the weights are random."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder of Llama's kind: RMS norms, rotary positions, grouped heads, a gated SiLU.

    ``bias`` is Qwen's: on the projections of queries, keys and values.
    """

    name: str
    vocabulary: int
    hidden: int
    inner: int
    layers: int
    heads: int
    kv_heads: int
    width: int
    theta: float
    epsilon: float
    bias: bool

    @property
    def weights(self) -> int:
        """How many a pass reads: all, but of the embedding a few rows."""
        projections = self.hidden * (2 * self.heads + 2 * self.kv_heads) * self.width
        return self.layers * (projections + 3 * self.hidden * self.inner) + (
            self.vocabulary * self.hidden
        )


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("tiny", 20_480, 64, 128, 2, 4, 2, 16, 10_000.0, 1e-6, bias=True),
        Shape("qwen2.5-coder-7b", 152_064, 3584, 18_944, 28, 28, 4, 128, 1e6, 1e-6, bias=True),
        Shape("llama-3-8b", 128_256, 4096, 14_336, 32, 32, 8, 128, 5e5, 1e-5, bias=False),
        Shape("llama-3-70b", 128_256, 8192, 28_672, 80, 64, 8, 128, 5e5, 1e-5, bias=False),
    )
}
