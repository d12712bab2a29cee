"""Whose turn is it? Several rewrites share one model, one forward pass after the other.

Passes go round: each rewrite waits until every other one that was waiting has had its pass. So a
short edit is done while a long file is being written, and none starves.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Turns:
    """A lock that is handed on in the order in which it was asked for. For threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for the turn, and hand it on at the end."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            self._changed.wait_for(lambda: self._line[0] is ticket)
        try:
            yield
        finally:
            with self._changed:
                self._line.popleft()
                self._changed.notify_all()

    @property
    def waiting(self) -> int:
        """How many wait, the one whose turn it is not counted."""
        with self._changed:
            return max(0, len(self._line) - 1)
