"""The engine with the tiny model: loaded once, and without memory of the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from fastapply_lsp.engines.transformers import Engine
from tests.engines import tiny

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def loaded() -> Engine:
    return Engine.load(tiny.folder())


@pytest.fixture
def engine(loaded: Engine) -> Iterator[Engine]:
    loaded.forget()
    yield loaded
    loaded.forget()
