"""Reads the stream of one backend, as far as it is worth reading."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.apply.model import Step
from fastapply_lsp.backends.model import End, Text, Usage
from fastapply_lsp.errors import FastApplyError, RewriteTruncated, StreamBroken
from fastapply_lsp.guard.watch import Watch
from fastapply_lsp.session.events import Chunk, Failed, StreamEnded, StreamStopped
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from fastapply_lsp.backends.model import Backend, EndReason, Request
    from fastapply_lsp.guard.model import Fault
    from fastapply_lsp.rewrite.pipeline import Rewriter
    from fastapply_lsp.session.events import Input

PIECE_CHARACTERS = 16_384
"""A longer chunk is taken in pieces of this length, so that the event loop gets its turn."""


class Reader(Protocol):
    """Who takes in what is read."""

    def feed(self, event: Input) -> None:
        """Take a piece of the stream, or its end, into the rewriter."""
        ...

    def report(self, step: Step) -> None:
        """Say how far the stream is."""
        ...


class Reading:
    """One stream of one backend.

    Args:
        backend: who writes.
        request: what it is asked.
        rewriter: has the lines of the rewrite so far.
        reader: is fed the stream, chunk by chunk, and its end.
    """

    def __init__(
        self, backend: Backend, request: Request, rewriter: Rewriter, reader: Reader
    ) -> None:
        self._backend = backend
        self._request = request
        self._rewriter = rewriter
        self._reader = reader
        self._lines_watched = 0
        self.characters = 0
        self.usage = Usage()
        self.stopped = ""  # why it was not read to its end; then it is judged as it is

    async def run(self) -> None:
        """Read the stream to its end, which is fed to the reader, whatever it is."""
        self._reader.report(Step.RETRYING if self._request.refused else Step.WAITING)
        watch = await self._new_watch() if self._backend.abilities.is_model else None
        try:
            async with contextlib.aclosing(self._backend.stream(self._request)) as stream:
                async for item in stream:
                    match item:
                        case Text(text):
                            await self._read(text, watch)
                            if self.stopped:
                                return
                        case Usage():
                            self.usage = item
                        case End(reason):
                            self._end(reason)
                            return
            self._reader.feed(Failed(StreamBroken(self._backend.name, self.characters)))
        except FastApplyError as error:
            self._reader.feed(Failed(error))

    async def _read(self, text: str, watch: Watch | None) -> None:
        self.characters += len(text)
        for at in range(0, len(text), PIECE_CHARACTERS):
            self._reader.feed(Chunk(text[at : at + PIECE_CHARACTERS]))
            self._reader.report(Step.STREAMING)
            if watch is not None and (fault := self._watch_on(watch)) is not None:
                self.stopped = f"{self._backend.name} was stopped early: {fault.message}."
                self._reader.feed(StreamStopped())
                return
            await asyncio.sleep(0)

    async def _new_watch(self) -> Watch:
        """Make a watch in a thread: it compares every line of what is known."""
        request = self._request
        known = (request.original, request.merge.predicted, request.call.code_edit)
        return await asyncio.to_thread(lambda: Watch(*map(split_lines, known)))

    def _watch_on(self, watch: Watch) -> Fault | None:
        """Return why no further line could make the rewrite good, if that is so by now."""
        lines = self._rewriter.lines
        new = lines[self._lines_watched :]
        self._lines_watched = len(lines)
        return watch.push(new)

    def _end(self, reason: EndReason) -> None:
        if reason == "stop":
            self._reader.feed(StreamEnded())
        else:
            limit = self._backend.abilities.limits.get("max_tokens", 0)
            self._reader.feed(Failed(RewriteTruncated(limit, self.characters)))
