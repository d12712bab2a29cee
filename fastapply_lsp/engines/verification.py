"""Which tokens of a draft does the model write, and which one comes after them?

Greedy: the longest part of the draft that is the likeliest token everywhere, and then the likeliest
token. Sampling keeps the distribution (Leviathan, Kalman and Matias 2023, for a draft that is
certain of itself): a drafted token is taken with the probability ``p`` that the model gives it, and
otherwise another one is drawn from ``p`` without it.

No logits leave the device; one transfer of a few numbers per pass does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROW_BY_ROW_ALIKE = (
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    MinPLogitsWarper,
)
"""Processors that look at nothing but the logits of one row, so that all rows go at once."""
ONE_BY_ONE_MOST = 32
"""The longest draft, in tokens, whose rows cannot go at once: each takes all that was written and a
transfer of its own, and nobody else has a turn meanwhile."""


class Verifier:
    """Compares drafts with what the model says, for one rewrite.

    Args:
        processors: what transformers does to the logits before a token is chosen.
        generator: draws the tokens; ``None`` for the likeliest.
    """

    def __init__(self, processors: LogitsProcessorList, generator: torch.Generator | None) -> None:
        self._processors = processors
        self._generator = generator
        self._independent = all(isinstance(each, _ROW_BY_ROW_ALIKE) for each in processors)

    @property
    def draft_most(self) -> int | None:
        """The longest draft that is verified in a pass's own time, in tokens; ``None`` for any."""
        return None if self._independent else ONE_BY_ONE_MOST

    def written(
        self, logits: torch.Tensor, draft: Sequence[int], before: torch.Tensor
    ) -> list[int]:
        """Return what the model writes: a beginning of the draft, and one more token.

        Args:
            logits: ``[len(draft) + 1, vocabulary]``; row ``i`` follows ``draft[:i]``.
            draft: token ids, all in the vocabulary.
            before: all tokens before the draft, ``[1, tokens]``; looked at only by processors that
                depend on them.
        """
        if not self._independent:
            return self._one_by_one(logits, draft, before)
        if self._generator is None:
            # Temperature, top-k and top-p leave the likeliest token the likeliest.
            return _agreeing(logits.argmax(dim=-1).tolist(), draft)
        scores = _processed(self._processors, before[:, :0], logits)
        return self._drawn(torch.softmax(scores, dim=-1), draft, self._generator)

    def _drawn(
        self, chances: torch.Tensor, draft: Sequence[int], generator: torch.Generator
    ) -> list[int]:
        drafted = torch.tensor(draft, dtype=torch.long, device=chances.device)
        taken = chances[:-1].gather(1, drafted[:, None])[:, 0]
        throws = torch.rand(len(draft), device=chances.device, generator=generator)
        count = int((throws < taken).long().cumprod(0).sum())
        rest = chances[count].clone()
        if count < len(draft):
            rest[draft[count]] = 0.0
            if not rest.any():  # rounding: the refused token was the only possible one
                rest[draft[count]] = 1.0
        last = torch.multinomial(rest, 1, generator=generator)
        return [*draft[:count], int(last)]

    def _one_by_one(
        self, logits: torch.Tensor, draft: Sequence[int], before: torch.Tensor
    ) -> list[int]:
        """For processors that depend on what was written, a repetition penalty for instance."""
        written: list[int] = []
        drafted = torch.tensor([draft], dtype=before.dtype, device=before.device)
        for row in range(len(draft) + 1):
            context = torch.cat([before, drafted[:, :row]], dim=1)
            scores = _processed(self._processors, context, logits[row : row + 1])
            if self._generator is None:
                token = int(scores.argmax(dim=-1))
            else:
                chances = torch.softmax(scores, dim=-1)
                token = int(torch.multinomial(chances, 1, generator=self._generator))
            written.append(token)
            if row == len(draft) or token != draft[row]:
                break
        return written


def _processed(
    processors: LogitsProcessorList, context: torch.Tensor, logits: torch.Tensor
) -> torch.Tensor:
    # transformers types ids as LongTensor, which no torch function returns.
    return processors(cast("torch.LongTensor", context), logits.float())


def _agreeing(likeliest: list[int], draft: Sequence[int]) -> list[int]:
    for index, token in enumerate(draft):
        if likeliest[index] != token:
            return likeliest[: index + 1]
    return likeliest
