"""What grows with the file is worked out in a thread: meanwhile the event loop follows the user."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from fastapply_lsp.apply import attempt, placed, reading
from fastapply_lsp.backends.scripted import ScriptedBackend, chunked
from fastapply_lsp.session.events import Outcome
from tests.apply.test_conductor import REWRITTEN, Stage


@pytest.mark.parametrize(
    ("module", "name"),
    [(placed, "merge"), (placed, "Gate"), (reading, "Watch"), (attempt, "verdict")],
)
async def test_it_is_worked_out_in_a_thread(
    module: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: Callable[..., Any] = getattr(module, name)
    threads: list[threading.Thread] = []

    def noted(*args: Any, **named: Any) -> Any:
        threads.append(threading.current_thread())
        return made(*args, **named)

    monkeypatch.setattr(module, name, noted)
    result = await Stage(ScriptedBackend(chunked(REWRITTEN, 1))).run()
    assert result.outcome is Outcome.APPLIED
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()
