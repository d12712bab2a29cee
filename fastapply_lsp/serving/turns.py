"""Whose turn is it? Several rewrites share one model, one forward pass after the other.

Passes go round: each rewrite waits until every other one that was waiting has had its pass. So a
short edit is done while a long file is being written, and none starves. As long as there are
several, no pass guesses further than costs the others nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import TYPE_CHECKING

from fastapply_lsp.draft.load import ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator

DRAFT_AMONG_OTHERS = ROWS - 1
"""The longest draft, in tokens, where others wait: with the row before it, at the price of one."""


class Turns:
    """A lock that is handed on in the order in which it was asked for. For threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()
        self._under_way = 0

    @contextmanager
    def taking_part(self) -> Iterator[None]:
        """Around all passes of one rewrite."""
        with self._changed:
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1

    @property
    def under_way(self) -> int:
        """How many take part, whether they wait for a turn or read what it gave."""
        with self._changed:
            return self._under_way

    @property
    def draft_most(self) -> int | None:
        """The longest draft of the next pass, in tokens; ``None`` for who is alone."""
        return DRAFT_AMONG_OTHERS if self.under_way > 1 else None

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
