"""The garbage collector keeps out of the way of the event loop."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from fastapply_lsp.server import collector


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_full_passes_become_rare_and_the_others_stay_as_they_are() -> None:
    gc.set_threshold(700, 10, 10)
    collector.spare()
    assert gc.get_threshold() == (700, 10, collector.FULL_AFTER)


def test_what_is_settled_is_looked_at_no_more() -> None:
    gc.unfreeze()
    loaded: list[object] = [[] for _ in range(1000)]
    collector.settle()
    assert gc.get_freeze_count() >= len(loaded)
    assert not any(one is loaded[500] for one in gc.get_objects())
