"""A workspace, a model whose every word the test decides, and clients that are left properly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.neovim.model_server import ModelServer
from tests.server.fake_client import FakeClient
from tests.server.fake_editor import Manner

Connect = Callable[..., Awaitable[FakeClient]]


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest_asyncio.fixture
async def connect(tmp_path: Path, root: Path) -> AsyncIterator[Connect]:
    """Return a function that connects a client; at the end each one leaves, if it still can."""
    clients: list[FakeClient] = []
    home = tmp_path / "home"
    home.mkdir()

    async def connected(
        manner: Manner | None = None, *, folders: bool = True, **changes: Any
    ) -> FakeClient:
        chosen = replace(manner or Manner(), **changes)
        client = FakeClient(root if folders else None, chosen)
        clients.append(client)
        return await client.start(home)

    yield connected
    for client in clients:
        process = client.process
        if process is not None and process.returncode is None:
            assert await client.close() == 0
