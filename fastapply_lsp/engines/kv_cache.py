"""Which keys and values are known already: of this rewrite, and of the prompts before it.

A verified draft leaves keys and values of tokens that were not written. Here they are dropped by
setting a length: nothing is copied, neither then nor when tokens come.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from transformers.cache_utils import Cache, DynamicCache, DynamicLayer

from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from transformers import PreTrainedModel

_LEAST = 256
_TAKEN_FROM = 0.5
"""A kept cache is taken where so much of it is of use, and copied from where it is less."""


class RoomyLayer(DynamicLayer):
    """One layer's keys and values, ``[1, heads, tokens, width]``, with room for more behind them.

    Law: what ``update`` returns equals what a ``DynamicLayer`` returns after the same calls.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._length = 0

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """See transformers; the first update says shape, type and device."""
        super().lazy_initialization(key_states, value_states)
        self._all_keys = key_states.new_empty(_with_tokens(key_states, 0))
        self._all_values = value_states.new_empty(_with_tokens(value_states, 0))

    def update(
        self,
        key_states: torch.Tensor,
        value_states: torch.Tensor,
        *args: Any,  # noqa: ANN401, ARG002 - transformers' signature
        **kwargs: Any,  # noqa: ANN401, ARG002 - as above
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Add tokens; return all, as views that hold until the next call."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        first, self._length = self._length, self._length + key_states.shape[-2]
        self._all_keys = _roomy(self._all_keys, first, self._length)
        self._all_values = _roomy(self._all_values, first, self._length)
        self._all_keys[..., first : self._length, :] = key_states
        self._all_values[..., first : self._length, :] = value_states
        return self._show()

    def crop(self, tokens_to_remove: int) -> None:
        """Forget the last tokens; transformers 5 gives their number as a negative one."""
        if self.is_initialized:
            self._length -= abs(tokens_to_remove)
            self._show()

    def beginning(self, tokens: int) -> RoomyLayer:
        """Return a layer of its own with the first tokens."""
        copy = RoomyLayer()
        copy.update(self._all_keys[..., :tokens, :], self._all_values[..., :tokens, :])
        return copy

    def get_seq_length(self) -> int:
        """Return the number of tokens."""
        return self._length

    def _show(self) -> tuple[torch.Tensor, torch.Tensor]:
        self.keys = self._all_keys[..., : self._length, :]
        self.values = self._all_values[..., : self._length, :]
        return self.keys, self.values


def _with_tokens(states: torch.Tensor, tokens: int) -> list[int]:
    return [*states.shape[:-2], tokens, states.shape[-1]]


def _roomy(states: torch.Tensor, used: int, needed: int) -> torch.Tensor:
    """Return ``states``, or a copy of what is used of it, with room for ``needed`` tokens."""
    room = states.shape[-2]
    if needed <= room:
        return states
    larger = states.new_empty(_with_tokens(states, max(needed + _LEAST, 2 * room)))
    larger[..., :used, :] = states[..., :used, :]
    return larger


def new_cache(model: PreTrainedModel) -> Cache:
    """Return an empty cache for a model, one from which the last tokens can be taken back."""
    config = model.config.get_text_config(decoder=True)
    cache = DynamicCache(config=config)
    if all(type(layer) is DynamicLayer for layer in cache.layers):
        return Cache(layers=[RoomyLayer() for _ in cache.layers])
    return cache


@dataclass(frozen=True, slots=True)
class Known:
    """A cache, and how many tokens of the prompt it covers."""

    cache: Cache
    tokens: int


class PrefixCache:
    """The caches of the last rewrites, so that the next prompt's common beginning is not read anew.

    Law: a cache belongs to one rewrite at a time; ``take`` removes it. For any thread.

    Args:
        model: whose caches these are.
        most: how many are kept; each takes the memory of one whole prompt and rewrite, and up to as
            much again in room for more.
    """

    def __init__(self, model: PreTrainedModel, most: int) -> None:
        self._model = model
        self._most = most
        self._lock = threading.Lock()
        self._kept: list[tuple[tuple[int, ...], Cache]] = []  # the last one last

    @property
    def tokens(self) -> int:
        """How many tokens are kept, in all caches together."""
        with self._lock:
            return sum(len(ids) for ids, _ in self._kept)

    def fresh(self) -> Cache:
        """Return a new cache, which nobody else uses."""
        return new_cache(self._model)

    def take(self, prompt: Sequence[int]) -> Known:
        """Return the cache that has most of ``prompt``, cropped to it; a copy, or a new one.

        At least the last token of the prompt is left to be read: its logits are wanted.
        """
        wanted = tuple(prompt[:-1])
        with self._lock:
            lengths = [common_prefix(ids, wanted) for ids, _ in self._kept]
            longest = max(lengths, default=0)
            if not longest:
                return Known(self.fresh(), 0)
            best = lengths.index(longest)
            ids, cache = self._kept[best]
            if longest < _TAKEN_FROM * len(ids):
                # Most of it is another file, whose next edit will come: only words that every
                # prompt begins with are the same.
                return Known(_copied(cache, longest), longest)
            del self._kept[best]
        cache.crop(longest - cache.get_seq_length())
        return Known(cache, longest)

    def keep(self, cache: Cache, ids: Sequence[int]) -> None:
        """Keep a cache for later; ``ids`` begins with the tokens that it covers."""
        if not all(isinstance(layer, RoomyLayer) for layer in cache.layers):
            return  # what a window or a recurrent layer has forgotten cannot be taken up again
        with self._lock:
            self._kept.append((tuple(ids[: cache.get_seq_length()]), cache))
            del self._kept[: -self._most or None]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()


def _copied(cache: Cache, tokens: int) -> Cache:
    # Only caches of such layers are kept.
    return Cache(layers=[cast("RoomyLayer", layer).beginning(tokens) for layer in cache.layers])
