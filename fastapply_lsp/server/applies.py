"""Every apply of one client that is running or under review, and who comes first.

The registry is our own: the library forgets a command once it is answered. One document takes one
stream at a time, the others wait in the order in which they were asked. The same block asked again
takes the place of the first: it is stopped, or its pending hunks leave, before the new one begins.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING

from fastapply_lsp.files.uris import normal_uri
from fastapply_lsp.server.applying import Applying, State
from fastapply_lsp.session.events import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.documents import Document
    from fastapply_lsp.server.errand import Errand
    from fastapply_lsp.server.place import Place

RESTORES_WITHIN_S = 2.0
"""How long a client that shuts down is kept waiting while buffers are put back."""


class Applies:
    """The applies of one client. Follows the documents, and owns every `Applying`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._active: dict[str, Applying] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._kept: set[str] = set()
        self._watchers: list[Callable[[], None]] = []

    def when_changed(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` whenever lenses and actions may look different."""
        self._watchers.append(watcher)

    # Asking

    def start(self, errand: Errand) -> Applying:
        """Begin an apply, and return at once."""
        applying = self._new(errand)
        self._desk.background.start(applying.run())
        return applying

    async def carry_out(self, errand: Errand) -> Applying:
        """Do an errand to the end of its stream. Being cancelled cancels it, and waits for that."""
        applying = self._new(errand)
        running = self._desk.background.start(applying.run())
        try:
            await asyncio.shield(running)
        except asyncio.CancelledError:
            applying.cancel()
            await asyncio.wait({running})
            raise
        return applying

    def _new(self, errand: Errand) -> Applying:
        for other in self._same_block(errand.block):
            other.cancel(Outcome.SUPERSEDED)
        applying = Applying(uuid.uuid4().hex[:12], errand, self._desk, self)
        self._active[applying.id] = applying
        return applying

    # Looking

    def get(self, number: str) -> Applying | None:
        """Return an apply that is not over."""
        return self._active.get(number)

    def all(self) -> tuple[Applying, ...]:
        """Return every apply that is not over, the oldest first."""
        return tuple(self._active.values())

    def on(self, uri: str) -> Iterator[Applying]:
        """Yield the applies to one document."""
        name = normal_uri(uri)
        for applying in self.all():
            if applying.place is not None and normal_uri(applying.place.uri) == name:
                yield applying

    def of_block(self, block: str) -> Applying | None:
        """Return the apply of a code block that is running or under review."""
        return next(iter(self._same_block(block)), None)

    def is_taken(self, block: str) -> bool:
        """Whether a code block is being applied, waits for decisions, or was kept."""
        return self.has_kept(block) or any(
            one.state is not State.REVIEWING or one.pending for one in self._same_block(block)
        )

    def has_kept(self, block: str) -> bool:
        """Whether a code block was applied, and not all of it rejected."""
        return block in self._kept

    def by_token(self, token: str | int) -> Applying | None:
        """Return the apply that a progress bar belongs to."""
        return next((one for one in self.all() if one.bar.token == token), None)

    def _same_block(self, block: str | None) -> list[Applying]:
        return [one for one in self.all() if block is not None and one.errand.block == block]

    # As owner

    def state_changed(self, applying: Applying) -> None:
        """Forget what is over; tell who shows applies."""
        if applying.state is State.OVER:
            self._active.pop(applying.id, None)
        block = applying.errand.block
        if block is not None and applying.result is not None:
            (self._kept.add if applying.kept else self._kept.discard)(block)
        for watcher in self._watchers:
            watcher()

    async def make_way(self, applying: Applying, place: Place) -> Callable[[], None]:
        """Wait until an apply may stream; return what ends its turn."""
        for other in self._same_block(applying.errand.block):
            if other is not applying:
                await other.withdraw()
        turn = self._turns.setdefault(normal_uri(place.uri), asyncio.Lock())
        await turn.acquire()
        return turn.release

    # As follower of the documents

    def opened(self, document: Document) -> None:
        """Look away: a closed document's applies are over."""

    def changed(self, document: Document) -> None:
        """Tell the applies to this document."""
        for applying in self.on(document.uri):
            applying.buffer_changed(document)

    def closed(self, uri: str) -> None:
        """Tell the applies to this document."""
        for applying in self.on(uri):
            applying.buffer_closed()

    # The end

    async def put_back(self) -> None:
        """Cancel every stream, and wait a moment for the buffers to be as they were."""
        streaming = [one for one in self.all() if one.cancel()]
        if streaming:
            waits = [asyncio.ensure_future(one.over.wait()) for one in streaming]
            await asyncio.wait(waits, timeout=RESTORES_WITHIN_S)
            for wait in waits:
                wait.cancel()

    async def aclose(self) -> None:
        """Stop everything where it is."""
        for applying in self.all():
            await applying.aclose()
