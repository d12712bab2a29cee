"""Lets a model make as many forward passes as the test says, and no more."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from fastapply_lsp.serving.app import Server
from fastapply_lsp.serving.turns import Turns

ENDLESS = 1 << 30


class Gate(Turns):
    """Turns that begin only behind an open gate; closed at first."""

    def __init__(self) -> None:
        super().__init__()
        self._may = threading.Condition()
        self._left = 0
        self._before = 0

    @classmethod
    def of(cls, server: Server) -> Gate:
        """Put a gate before the passes of a server."""
        gate = cls()
        server._desk._turns = gate
        return gate

    def open(self, passes: int = ENDLESS) -> None:
        """Let so many passes more go through."""
        with self._may:
            self._left += passes
            self._may.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.open()  # also after a failure: else the threads would wait for ever

    def shut(self) -> None:
        """Let none through any more."""
        with self._may:
            self._left = 0

    @property
    def at_the_gate(self) -> int:
        """How many wait before it."""
        with self._may:
            return self._before

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the gate, and then for the turn."""
        with self._may:
            self._before += 1
            self._may.wait_for(lambda: self._left > 0)
            self._before -= 1
            self._left -= 1
        with super().turn():
            yield
