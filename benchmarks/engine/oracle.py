"""Who writes the right file without having learnt anything? Random weights and an oracle.

The weights are random and every pass is computed in full; then the logits of each place get the
token that the file has there as their largest. The place is counted from the keys and values that
the engine keeps, so an engine that loses count, or keeps what it should drop, writes something else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM

if TYPE_CHECKING:
    from collections.abc import Sequence

CONTEXT = 1 << 17
_CERTAIN = 1e4


@dataclass(frozen=True, slots=True)
class Shape:
    """The size of a Llama; heads are 64 wide."""

    layers: int
    width: int
    kv_heads: int
    inner: int

    @property
    def name(self) -> str:
        """How the tables call it."""
        return f"{self.layers} layers of {self.width}"

    def config(self, vocabulary: int, stop: int) -> LlamaConfig:
        """Return transformers' description."""
        return LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=self.width,
            intermediate_size=self.inner,
            num_hidden_layers=self.layers,
            num_attention_heads=self.width // 64,
            num_key_value_heads=self.kv_heads,
            max_position_embeddings=CONTEXT,
            tie_word_embeddings=False,
            bos_token_id=None,
            eos_token_id=stop,
        )


SMALL = Shape(layers=2, width=256, kv_heads=1, inner=768)
LARGER = Shape(layers=8, width=512, kv_heads=2, inner=1536)


class Oracle:
    """A model that writes what it is told to, and counts its passes.

    Args:
        shape: its size.
        vocabulary: how many tokens there are.
        stop: the token that ends an answer.
    """

    def __init__(self, shape: Shape, vocabulary: int, stop: int) -> None:
        torch.manual_seed(1)
        self.model = LlamaForCausalLM(shape.config(vocabulary, stop)).eval()
        self.model.register_forward_pre_hook(self._leave_out_known, with_kwargs=True)
        self.model.register_forward_hook(self._say, with_kwargs=True)
        self.passes = 0
        self._prompt = torch.tensor([[stop]])
        self._wanted = torch.tensor([stop])
        self._stop = stop

    def will_write(self, answer: Sequence[int], prompt: Sequence[int]) -> None:
        """Write ``answer`` and the stop token after ``prompt``."""
        self._prompt = torch.tensor([prompt])
        self._wanted = torch.tensor([*answer, self._stop])
        self.passes = 0

    def _leave_out_known(self, _model: Any, args: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401 - torch's hook
        """Cut off what the cache knows, where the whole prompt comes again.

        transformers' loop without drafts does so itself; its prompt lookup (5.23) reads it twice.
        """
        cache = named.get("past_key_values")
        known = 0 if cache is None else cache.get_seq_length()
        length = self._prompt.shape[1]
        if known and torch.equal(named["input_ids"][:, :length], self._prompt):
            for name in ("input_ids", "position_ids"):
                if named.get(name) is not None:
                    named[name] = named[name][:, known:]
        return args, named

    def _say(self, _model: Any, _args: Any, _named: Any, output: Any) -> None:  # noqa: ANN401 - torch's hook
        logits: torch.Tensor = output.logits[0]
        rows = logits.shape[0]
        # The last row has seen all that is kept, and says what comes after it.
        last = output.past_key_values.get_seq_length() - self._prompt.shape[1]
        at = torch.arange(last - rows + 1, last + 1)
        skipped = int((at < 0).sum())
        told = self._wanted[at[skipped:].clamp(max=len(self._wanted) - 1)]
        logits[skipped:].scatter_(1, told[:, None], _CERTAIN)
        self.passes += 1
