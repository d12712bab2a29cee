"""What is assumed of the hardware, the engine and the people? Every constant, and its source."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.gpu.shapes import SHAPES

HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator.

    Attributes:
        bytes_per_s: memory bandwidth.
        flop_per_s: what large products of matrices reach in bf16, without sparsity; 8 bit is taken
            to be twice as fast.
        memory_bytes: what the engine may use, of all that there is.
    """

    name: str
    bytes_per_s: float
    flop_per_s: float
    memory_bytes: float


H200 = Gpu("H200", 4.8e12, 790e12, 0.9 * 141e9)
"""Bandwidth and memory: NVIDIA's data sheet, https://www.nvidia.com/en-us/data-center/h200/. Sums: the
data sheet has 989e12 (1,979e12 is with sparsity); 792 to 795e12 were measured on an H100 SXM, whose
computing part is the same (S. Bekman, "Machine Learning Engineering", table of Maximum Achievable
Matmul FLOPS, https://github.com/stas00/ml-engineering). 0.9 is vLLM's ``gpu_memory_utilization``."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a pass reads and computes; shapes as the public configs have them."""

    name: str
    weights: int
    bytes_per_weight: int
    layers: int
    attention_width: int
    kv_width: int

    @classmethod
    def of(cls, name: str, shape: str, bytes_per_weight: int) -> Model:
        """Return a model of a public shape, held in so many bytes per weight."""
        is_ = SHAPES[shape]
        return cls(
            name=name,
            weights=is_.weights,
            bytes_per_weight=bytes_per_weight,
            layers=is_.layers,
            attention_width=is_.heads * is_.width,
            kv_width=is_.kv_heads * is_.width,
        )

    @property
    def kv_bytes(self) -> int:
        """Bytes of keys and values for each token; they are kept in bf16."""
        return self.layers * 2 * self.kv_width * 2


MODELS = {
    "7b": Model.of("Qwen2.5-Coder-7B in bf16", "qwen2.5-coder-7b", 2),
    "8b": Model.of("Llama-3-8B in bf16", "llama-3-8b", 2),
    "70b": Model.of("Llama-3-70B in 8 bit", "llama-3-70b", 1),
}


@dataclass(frozen=True, slots=True)
class Engine:
    """How a server with continuous batching makes its passes.

    Attributes:
        rows_most: of one pass, prompts included; vLLM's default for ``vllm serve`` on a GPU of 70 GB
            or more (``max_num_batched_tokens``).
        requests_most: at once, likewise (``max_num_seqs``).
        pass_s: what a pass takes beside the GPU's work: scheduling, launches, sampling. A guess.
        draft_s: for each draft, one after the other, on the CPU: the limit that this project sets
            itself.
    """

    rows_most: int = 8_192
    requests_most: int = 1_024
    pass_s: float = 0.002
    draft_s: float = 0.000_1


@dataclass(frozen=True, slots=True)
class People:
    """How often a user applies an edit, and how much of its prompt the server still knows.

    Attributes:
        applies_per_hour: of one user, on average over the working hours. A guess: one in five
            minutes.
        peak: how much busier the busiest minutes are. A guess.
        cached: share of each prompt that is in the prefix cache. 0 is the worst case.
    """

    applies_per_hour: float = 12.0
    peak: float = 2.0
    cached: float = 0.0

    @property
    def rate(self) -> float:
        """Applies per second of one user, when it matters."""
        return self.applies_per_hour * self.peak / HOUR_S
