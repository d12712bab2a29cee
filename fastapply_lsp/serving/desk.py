"""Takes tasks from the event loop, has the engine write them in threads, hands back what comes.

Admission is first come, first served; the forward passes of those admitted go round, with short
drafts as long as there are several (`turns.py`).
An answer that nobody reads any more ends with its current pass, and its cache is given back.
"""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from fastapply_lsp.engines.model import Watcher
from fastapply_lsp.serving.ending import ended
from fastapply_lsp.serving.refusals import Refused
from fastapply_lsp.serving.spelling import Read
from fastapply_lsp.serving.turns import Turns

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence

    from fastapply_lsp.engines.model import Counts, Scored, Task
    from fastapply_lsp.serving.metrics import Metrics

_Done = TypeVar("_Done")

RUNNING_MOST = 4
"""Answers that are written at the same time; each has its keys and values in memory."""
WAITING_MOST = 64
"""Requests that wait; a client is better off trying another server than behind so many."""


@dataclass(frozen=True, slots=True)
class Written:
    """Text that came, and the scores of its tokens where the task asks for them."""

    text: str
    scores: tuple[Scored, ...]


class Errand(Watcher):
    """One piece of work for the engine, and what comes of it."""

    def __init__(
        self, turns: Turns, tell: Callable[[Written], None], read: Callable[[Sequence[int]], Read]
    ) -> None:
        self._turns = turns
        self._tell = tell
        self._read = read
        self._given_up = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for more of it."""
        return self._given_up.is_set()

    def cancel(self) -> None:
        """Stop before the next pass."""
        self._given_up.set()

    def turn(self) -> AbstractContextManager[object]:
        """Wait for the next pass."""
        return self._turns.turn()

    @property
    def draft_most(self) -> int | None:
        """Short, where others are under way."""
        return self._turns.draft_most

    def wrote(self, tokens: Sequence[int], scores: Sequence[Scored]) -> int | None:
        """Hand on what came, as text."""
        read = self._read(tokens)
        self._tell(Written(read.text, tuple(scores[: read.count])))
        return read.count if read.ended else None


class Writer(Protocol):
    """What the desk needs of an engine."""

    def write(self, task: Task, watcher: Watcher) -> Counts:
        """See `engines.transformers.Engine`."""
        ...

    def score(self, ids: Sequence[int], top: int, watcher: Watcher) -> list[Scored]:
        """See `engines.transformers.Engine`."""
        ...


class Desk:
    """The engine, for an event loop.

    Args:
        engine: writes and scores.
        metrics: counts.
        running: answers at the same time.
        waiting: requests that may wait.
    """

    def __init__(
        self,
        engine: Writer,
        metrics: Metrics,
        *,
        running: int = RUNNING_MOST,
        waiting: int = WAITING_MOST,
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        self._running_most, self._waiting_most = running, waiting
        self._prepared = 0
        self._places = asyncio.Semaphore(running)
        self._threads = ThreadPoolExecutor(running, thread_name_prefix="fastapply-engine")
        self._turns = Turns()

    @contextmanager
    def preparing(self) -> Iterator[None]:
        """Around what a request needs before it waits; refuses it where too many wait already.

        Raises:
            Refused: with status 503.
        """
        ahead = self._metrics.waiting + self._prepared
        free = self._running_most - self._metrics.running
        if ahead - free >= self._waiting_most:
            sentence = f"{ahead} requests wait already; try again later."
            raise Refused(sentence, status=503, code="overloaded")
        self._prepared += 1
        try:
            yield
        finally:
            self._prepared -= 1

    async def write(
        self, task: Task, read: Callable[[Sequence[int]], Read]
    ) -> AsyncGenerator[Written | Counts]:
        """Yield what is written, and the counts last. Closing it stops the engine.

        Args:
            task: what to write.
            read: makes text of the tokens; called in the engine's thread.
        """
        loop = asyncio.get_running_loop()
        pieces: asyncio.Queue[Written | None] = asyncio.Queue()

        def tell(piece: Written | None) -> None:
            with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                loop.call_soon_threadsafe(pieces.put_nowait, piece)

        errand = Errand(self._turns, tell, read)
        async with self._admitted():
            began = time.perf_counter()
            work = partial(self._engine.write, task, errand)
            working = loop.run_in_executor(self._threads, self._worked, work)
            working.add_done_callback(lambda _done: pieces.put_nowait(None))
            try:
                while (piece := await pieces.get()) is not None:
                    yield piece
                counts = await working
                self._metrics.wrote(counts, time.perf_counter() - began)
                yield counts
            finally:
                if not working.done():
                    errand.cancel()
                    self._metrics.cancelled()
                    await ended(working)

    async def score(self, ids: Sequence[int], top: int) -> list[Scored]:
        """Return the scores of every token but the first."""
        loop = asyncio.get_running_loop()
        errand = Errand(self._turns, lambda _piece: None, _unread)
        async with self._admitted():
            work = partial(self._engine.score, ids, top, errand)
            working = loop.run_in_executor(self._threads, self._worked, work)
            try:
                return await asyncio.shield(working)
            finally:
                if not working.done():
                    errand.cancel()
                    self._metrics.cancelled()
                    await ended(working)

    def _worked(self, work: Callable[[], _Done]) -> _Done:
        with self._turns.taking_part():
            return work()

    def close(self) -> None:
        """End the threads; what runs ends with its current pass where it was cancelled."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[None]:
        self._metrics.waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._metrics.waiting -= 1
        self._metrics.running += 1
        try:
            yield
        finally:
            self._metrics.running -= 1
            self._places.release()


def _unread(tokens: Sequence[int]) -> Read:
    return Read("", len(tokens), ended=False)
