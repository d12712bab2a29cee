"""The tiny model, loaded once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import torch

from fastapply_lsp.engines.transformers import Engine
from tests.engines import tiny
from tests.serving.running import Running, running

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def loaded() -> Engine:
    return Engine.load(tiny.folder())


@pytest.fixture
def engine(loaded: Engine) -> Iterator[Engine]:
    loaded.forget()
    yield loaded
    loaded.forget()


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[Running]:
    async with running(engine) as one:
        yield one
