"""A server with the tiny model."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fastapply_lsp.engines.transformers import Engine
from tests.engines.loaded import engine, loaded
from tests.serving.running import Running, running

__all__ = ["engine", "loaded", "server"]


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[Running]:
    async with running(engine) as one:
        yield one
