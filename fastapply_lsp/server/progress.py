"""What the user sees while an edit streams: the client's own progress bar.

The bar is asked for once the apply begins, and nothing waits for it: a client that is slow to grant
one, or grants none, costs no time. At most one report per 100 ms leaves.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types

from fastapply_lsp.apply.model import CHARACTERS_PER_TOKEN, Step
from fastapply_lsp.server.wire import passes_told

if TYPE_CHECKING:
    from fastapply_lsp.apply.model import Progress, Result
    from fastapply_lsp.apply.ports import Clock
    from fastapply_lsp.server.connection import Connection

REPORT_EVERY_S = 0.1
"""Editors draw each report; more of them than an eye can follow are only work."""

_WHOLE = 100
_MS_PER_S = 1000


class ProgressBar:
    """One bar, from begin to end.

    ``given`` is the token that the client's own request brought; without one, a bar is asked for
    under ``token``, where the client knows such.
    """

    def __init__(
        self, connection: Connection, clock: Clock, token: str, given: str | int | None
    ) -> None:
        self._connection = connection
        self._clock = clock
        self.token = token if given is None else given
        self._granted = given is not None
        self._last: Progress | None = None
        self._shown_s: float | None = None
        self._title: str | None = None
        self._over: str | None = None
        self._asking: asyncio.Task[None] | None = None

    def begin(self, title: str) -> None:
        """Show the bar as soon as the client grants it."""
        self._title = title
        if self._granted:
            self._show()
        else:
            self._asking = asyncio.create_task(self._ask(str(self.token)))

    def report(self, progress: Progress) -> None:
        """Show how far it is, unless that was shown just now."""
        changed = self._last is None or progress.step is not self._last.step
        self._last = progress
        now = self._clock.now()
        due = self._shown_s is None or now - self._shown_s >= REPORT_EVERY_S
        if self._granted and self._over is None and (changed or due):
            self._shown_s = now
            self._connection.report_progress(self.token, _report(progress))

    def end(self, message: str) -> None:
        """Take the bar away."""
        if self._over is not None or self._title is None:
            return
        self._over = message
        if self._granted:
            self._connection.report_progress(self.token, types.WorkDoneProgressEnd(message=message))

    async def _ask(self, token: str) -> None:
        if await self._connection.create_progress(token) and self._over is None:
            self._granted = True
            self._show()

    def _show(self) -> None:
        begin = types.WorkDoneProgressBegin(title=self._title or "", cancellable=True, percentage=0)
        self._connection.report_progress(self.token, begin)
        if self._last is not None:
            self._connection.report_progress(self.token, _report(self._last))


def _report(progress: Progress) -> types.WorkDoneProgressReport:
    share = progress.lines / progress.lines_expected if progress.lines_expected else 0.0
    return types.WorkDoneProgressReport(
        message=told(progress), percentage=min(_WHOLE, int(_WHOLE * share)), cancellable=True
    )


def told(progress: Progress) -> str:
    """Say how far it is.

    >>> from fastapply_lsp.apply.model import Progress
    >>> told(Progress(Step.STREAMING, "fast", 120, 400, 4000, 0.5))
    'rewriting: line 120 of about 400, 8,000 characters/s (fast)'
    """
    who = f" ({progress.backend})" if progress.backend else ""
    if progress.step is not Step.STREAMING:
        return f"{progress.step.value}{who}"
    rate = f"{progress.characters_per_s:,.0f} characters/s"
    return f"{progress.step.value}: line {progress.lines} of about {progress.lines_expected}, {rate}{who}"


def summary(result: Result) -> str:
    """Say how it went, in the figures that users asked for: the time and the speed."""
    if result.error is not None:
        return str(result.error)
    hunks = len(result.hunks)
    figures = result.figures
    rate = figures.characters_per_s / CHARACTERS_PER_TOKEN
    changes = "no change" if not hunks else "1 change" if hunks == 1 else f"{hunks} changes"
    repairs = len(result.repairs)
    if repairs:
        changes += ", 1 repair" if repairs == 1 else f", {repairs} repairs"
    return (
        f"{result.outcome.value}: {changes} in {figures.wall_ms / _MS_PER_S:.2f} s"
        f" ({rate:,.0f} tokens/s{passes_told(figures)})"
    )
