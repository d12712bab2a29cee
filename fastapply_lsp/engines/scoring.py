"""How likely is each token of a text? Asked again and again for texts that only grow at the end.

A client that verifies its own draft (`backends/speculation.py`) sends the same prompt each time,
with more of the answer behind it. Keys and values of what was read are kept anyway (`kv_cache.py`);
here the scores are.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch

from fastapply_lsp.engines.model import Likely, Scored
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class _Text:
    """A text whose tokens but the first are scored, each with ``top`` likeliest ones."""

    ids: tuple[int, ...]
    top: int
    scores: tuple[Scored, ...]


class ScoreCache:
    """The scores of the last texts. For any thread.

    Args:
        most: how many texts are kept.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: list[_Text] = []

    def known(self, ids: Sequence[int], top: int) -> list[Scored]:
        """Return the scores of the tokens from the second one on, as far as they are known."""
        with self._lock:
            texts = [text for text in self._kept if text.top >= top]
        asked = tuple(ids)
        common = [common_prefix(text.ids, asked) for text in texts]
        longest = max(common, default=0)
        if not longest:
            return []
        text = texts[common.index(longest)]
        # The first token of a text has no score.
        return [replace(one, top=one.top[:top]) for one in text.scores[: longest - 1]]

    def keep(self, ids: Sequence[int], top: int, scores: Sequence[Scored]) -> None:
        """Keep the scores of a text, in place of those of its own beginnings."""
        text = _Text(tuple(ids), top, tuple(scores))
        with self._lock:
            self._kept = [
                other
                for other in self._kept
                if other.top > top or common_prefix(other.ids, text.ids) < len(other.ids)
            ]
            self._kept.append(text)
            del self._kept[: -self._most or None]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


def scored(logits: torch.Tensor, tokens: Sequence[int], top: int) -> list[Scored]:
    """Return the scores of ``tokens``, one for each row of ``logits`` (``[tokens, vocabulary]``)."""
    if not tokens:
        return []
    chances = torch.log_softmax(logits.float(), dim=-1)
    own = chances.gather(1, torch.tensor(tokens, device=logits.device)[:, None])[:, 0].tolist()
    best = chances.topk(min(top, chances.shape[1]), dim=-1)
    return [
        Scored(token, chance, tuple(_likely(ids, values)))
        for token, chance, ids, values in zip(
            tokens, own, best.indices.tolist(), best.values.tolist(), strict=True
        )
    ]


def _likely(ids: list[int], values: list[float]) -> Iterator[Likely]:
    return (Likely(token, value) for token, value in zip(ids, values, strict=True))
