"""The command line run in this process, in a world of its own."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.cli import program
from fastapply_lsp.commands.guarded import guarded


@dataclass(frozen=True, slots=True)
class Ran:
    exit: int
    out: bytes
    err: str

    @property
    def json(self) -> dict[str, Any]:
        told = json.loads(self.out)
        assert isinstance(told, dict)
        return told


Fastapply = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home; no setting of the machine reaches the test."""
    for name in list(os.environ):
        if name.startswith(("FASTAPPLY_", "XDG_")):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("FASTAPPLY_STATE", str(folder / "state"))
    monkeypatch.setenv("FASTAPPLY_LOG", str(folder / "log"))
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    before = list(root.handlers)
    yield folder
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()


@pytest.fixture
def fastapply(
    home: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Fastapply:
    """Run a command; ``stdin`` are the bytes it reads."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = guarded(program, "fastapply", [str(one) for one in arguments])
        captured = capfdbinary.readouterr()
        return Ran(code, captured.out, captured.err.decode())

    return run
