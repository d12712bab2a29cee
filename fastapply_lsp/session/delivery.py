"""How an edit gets into the buffer of an editor that may refuse it, drop it, or be slow to say so.

Laws: at most one edit is in the air, and none leaves before the last one is answered. It has landed
when the buffer shows it, and not before, whatever the answer says. A refusal that the user's typing
explains is tried again very often; one that nothing explains only so often.

::

    idle ──send──> in the air ──buffer shows it──────────────> idle (landed)
                    │  └─answer: refused──> backing off ──pause over, or buffer changed──> idle
                    └─answer: applied──> awaiting news ──pause over, not shown──> backing off
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.errors import EditorRefused
from fastapply_lsp.session.buffer import News
from fastapply_lsp.session.events import Pause, SendEdit

if TYPE_CHECKING:
    from fastapply_lsp.session.buffer import BufferView
    from fastapply_lsp.session.events import BufferChanged, EditAnswered, Output
    from fastapply_lsp.session.flight import Flight
    from fastapply_lsp.session.placement import Placement

ATTEMPTS_MAX = 6
"""Refusals in a row, with nothing typed to explain them, before the editor counts as unwilling."""

SENDS_MAX = 100
"""Edits in a row of which none landed, before the editor counts as unwilling, whoever typed: an
editor that makes something else of each edit must not be fed for ever."""

BACKOFF_S = 0.05
"""The first pause after a refusal; each further one is twice as long, up to `BACKOFF_MAX_S`."""

BACKOFF_MAX_S = 1.0

NEWS_WITHIN_S = 1.0
"""How long the buffer may take to show an edit that the editor says it applied.

Neovim's default debounce is 0.15 s; nothing that was measured takes longer."""

NEWS_WAITS_MAX = 4
"""How often to wait for that before the editor counts as unwilling."""

LATE_NEWS_S = 0.2
"""The same wait once the buffer has shown something else, which makes a dropped edit likely."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What the buffer's text says, and what is to be done."""

    news: News
    outputs: list[Output]


_NOTHING = Landing(News(), [])


class Delivery:
    """Sends edits of one buffer, one at a time.

    Each method returns what is to be done. `unwilling` is set when the editor takes no edit; the
    session reads it and says what follows.
    """

    def __init__(self, view: BufferView) -> None:
        self._view = view
        self._tokens = 0
        self._pause: int | None = None  # the token of the pause that is running
        self._unanswered: int | None = None  # the token of the edit that has no answer yet
        self._attempts = 0
        self._sends = 0  # since the last landing
        self._refusal: str | None = None
        self.unwilling: EditorRefused | None = None

    @property
    def idle(self) -> bool:
        """Whether an edit may be sent now."""
        return self._view.flight is None and self._pause is None and self._unanswered is None

    def send(self, target: frozenset[int], placement: Placement) -> list[Output]:
        """Send an edit after which the hunks in ``target`` are in the buffer."""
        self._tokens += 1
        self._unanswered = self._tokens
        self._sends += 1
        flight = self._view.send(self._tokens, target, placement)
        return [SendEdit(flight.token, flight.buffer, flight.version)]

    def on_answer(self, answer: EditAnswered) -> Landing:
        """Take the editor's word; it may be a lie, or come too late to matter."""
        if answer.token == self._unanswered:
            self._unanswered = None
        flight = self._view.flight
        if flight is None or flight.token != answer.token:
            return _NOTHING
        self._refusal = answer.reason
        if answer.applied:
            return Landing(News(), self._wait(NEWS_WITHIN_S))
        return self._back_off(flight)

    def on_pause_over(self, token: int) -> Landing:
        """Go on after a pause, if it is the one that is running."""
        if token != self._pause:
            return _NOTHING
        self._pause = None
        flight = self._view.flight
        if flight is None:
            return _NOTHING
        # It was said to be applied, and does not show. If somebody typed meanwhile, the editor may
        # have dropped it as stale; else its news is late, and sending again would not hasten it.
        if flight.base == self._view.text and self._attempts + 1 < NEWS_WAITS_MAX:
            self._attempts += 1
            return Landing(News(), self._wait(NEWS_WITHIN_S))
        return self._back_off(flight)

    def on_change(self, change: BufferChanged) -> Landing:
        """Take the buffer's new text, and say whether the edit in the air is in it."""
        news = self._view.observe(change.text, change.version)
        if news.landed is not None:
            self._attempts = self._sends = 0
        if self._view.flight is None:
            self._pause = None  # nothing to wait for, or a new version to try again with
            return Landing(news, [])
        return Landing(news, [] if self._pause is None else self._wait(LATE_NEWS_S))

    def _back_off(self, flight: Flight) -> Landing:
        news = self._view.give_up()
        if news.landed is not None:
            self._attempts = self._sends = 0
        elif flight.base == self._view.text:  # nobody typed, so a stale version was not the reason
            self._attempts += 1
        if self._attempts < ATTEMPTS_MAX and self._sends < SENDS_MAX:
            pause_s = min(BACKOFF_MAX_S, BACKOFF_S * 2**self._attempts)
            return Landing(news, self._wait(pause_s))
        self.unwilling = EditorRefused(self._sends, self._refusal)
        self._attempts = self._sends = 0
        return Landing(news, [])

    def _wait(self, seconds: float) -> list[Output]:
        self._tokens += 1
        self._pause = self._tokens
        return [Pause(self._tokens, seconds)]
