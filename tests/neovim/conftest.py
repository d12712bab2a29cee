"""Fixtures: a user with a Neovim, and a model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.neovim.harness import Configuration, Neovim, Start
from tests.neovim.model_server import ModelServer


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start editors; each is left, and watched leaving, at the end of the test."""
    started: list[Neovim] = []

    def one(configuration: Configuration) -> Neovim:
        number = len(started)
        editor = Neovim(tmp_path / f"home{number}", tmp_path / "workspace", configuration)
        started.append(editor)
        return editor

    yield one
    for editor in started:
        editor.close()


@pytest.fixture
def model() -> Iterator[ModelServer]:
    """A model that says what the test puts in line."""
    server = ModelServer()
    yield server
    server.close()
