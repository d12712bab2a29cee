"""Small random models, prompts and drafts, each from a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from fastapply_lsp.draft.vocabulary import Vocabulary

VOCABULARY = 48
STOP = 1
TEXTS = [
    b"",
    b"",
    *(b" " if n % 7 == 0 else b"\n" if n % 11 == 0 else b"w%d" % n for n in range(46)),
]
KNOWN = Vocabulary.of(TEXTS)

torch.set_num_threads(1)


def random_model(seed: int, **changes: Any) -> Any:
    """Two layers with weights large enough that two tokens are hardly ever equally likely."""
    torch.manual_seed(seed)
    shape: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 24,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "initializer_range": 0.4,
        "bos_token_id": 0,
        "eos_token_id": STOP,
        "pad_token_id": 0,
        **changes,
    }
    if seed % 3:
        return LlamaForCausalLM(LlamaConfig(**shape)).eval()
    return Qwen2ForCausalLM(Qwen2Config(**shape)).eval()


def random_prompt(seed: int) -> torch.Tensor:
    rng = random.Random(seed)
    return torch.tensor([[rng.randrange(2, VOCABULARY) for _ in range(rng.randrange(1, 20))]])


def plain(model: Any, prompt: torch.Tensor, most: int, **how: Any) -> list[int]:
    """Return what transformers writes by itself."""
    with torch.inference_mode():
        out = model.generate(prompt, max_new_tokens=most, do_sample=False, **how)
    new: list[int] = out[0, prompt.shape[1] :].tolist()
    return new


def _altered(right: Sequence[int], rng: random.Random) -> list[int]:
    draft = list(right)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(draft) + 1)
        match rng.randrange(3):
            case 0:
                draft.insert(at, rng.randrange(VOCABULARY))
            case 1:
                del draft[at : at + rng.randrange(1, 4)]
            case _:
                draft[at : at + 1] = [rng.randrange(VOCABULARY)]
    return draft


def _noise(right: Sequence[int], rng: random.Random) -> list[int]:
    return [rng.randrange(-3, VOCABULARY + 3) for _ in range(rng.randrange(60))]


DRAFTS: tuple[Callable[[Sequence[int], random.Random], list[int]], ...] = (
    lambda right, rng: list(right),
    lambda right, rng: [*right, *right],
    lambda right, rng: list(right)[: len(right) // 2],
    lambda right, rng: list(right)[len(right) // 3 :],
    lambda right, rng: list(reversed(right)),
    lambda right, rng: [],
    lambda right, rng: [10**9, -1, *right, 2**63],
    lambda right, rng: [STOP] * 20,
    lambda right, rng: [rng.randrange(VOCABULARY)] * 300,
    _noise,
    *[_altered] * 10,
)
"""Drafts, right, wrong and hostile, from what the model will write."""
