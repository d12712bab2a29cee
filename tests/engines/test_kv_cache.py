"""A cache that is cropped in place holds what one that is copied holds."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers.cache_utils import DynamicLayer

from fastapply_lsp.engines.kv_cache import PrefixCache, RoomyLayer
from tests.engines.random_models import random_model

steps = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 200)), max_size=8)


@settings(max_examples=50, deadline=None)
@given(steps)
def test_updates_and_crops_equal_those_of_transformers(steps: list[tuple[int, int]]) -> None:
    ours, theirs = RoomyLayer(), DynamicLayer()
    for number, (added, dropped) in enumerate(steps):
        keys = (
            torch.full((1, 2, added, 4), float(number)) + torch.arange(added)[None, None, :, None]
        )
        pairs = zip(ours.update(keys, -keys), theirs.update(keys, -keys), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)
        fewer = -min(dropped, ours.get_seq_length() - 1)
        ours.crop(fewer)
        theirs.crop(fewer)
        assert ours.get_seq_length() == theirs.get_seq_length()
        assert ours.get_mask_sizes(3) == theirs.get_mask_sizes(3)
        few = min(5, ours.get_seq_length())
        start = ours.beginning(few)
        assert start.keys is not None
        assert theirs.keys is not None
        assert torch.equal(start.keys, theirs.keys[..., :few, :])


def test_a_crop_copies_nothing() -> None:
    layer = RoomyLayer()
    keys, _ = layer.update(torch.ones(1, 2, 300, 4), torch.ones(1, 2, 300, 4))
    layer.crop(-10)
    more, _ = layer.update(torch.zeros(1, 2, 20, 4), torch.zeros(1, 2, 20, 4))
    assert more.data_ptr() == keys.data_ptr()
    assert more.shape[-2] == 310


def _filled(caches: PrefixCache, ids: list[int]) -> None:
    cache = caches.fresh()
    for layer in range(2):
        cache.update(torch.ones(1, 2, len(ids), 4), torch.ones(1, 2, len(ids), 4), layer)
    caches.keep(cache, ids)


def test_a_cache_is_taken_by_one_and_copied_where_little_of_it_is_of_use() -> None:
    caches = PrefixCache(random_model(1), most=2)
    file, other = list(range(100)), [*range(20), *range(200, 280)]
    _filled(caches, file)
    copied = caches.take(other)
    assert (copied.tokens, copied.cache.get_seq_length(), caches.tokens) == (20, 20, 100)
    taken = caches.take([*file[:90], 7, 7, 7])
    assert (taken.tokens, taken.cache.get_seq_length(), caches.tokens) == (90, 90, 0)
    assert caches.take(file).tokens == 0


def test_the_last_token_of_a_prompt_is_read_again_and_old_caches_go() -> None:
    caches = PrefixCache(random_model(1), most=2)
    _filled(caches, [1, 2, 3, 4])
    assert caches.take([1, 2, 3, 4]).tokens == 3
    for first in range(5):
        _filled(caches, [first, 9, 9])
    assert caches.tokens == 6
    assert caches.take([0, 9, 9, 9]).tokens == 0
    assert caches.take([4, 9, 9, 9]).tokens == 3


def test_what_a_window_has_forgotten_is_not_kept() -> None:
    model = random_model(3, use_sliding_window=True, sliding_window=8, max_window_layers=0)
    caches = PrefixCache(model, most=2)
    caches.keep(caches.fresh(), [1, 2, 3])
    assert caches.tokens == 0
