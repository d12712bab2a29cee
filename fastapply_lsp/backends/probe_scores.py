"""Does the configured server score texts, as the backend `completions` needs it? For `doctor`.

One call with a few tokens; the answer says more than a manual would.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.backends.completions import scorer_of
from fastapply_lsp.backends.json_calls import JsonCalls
from fastapply_lsp.backends.probe import SAMPLE
from fastapply_lsp.backends.scoring import Ask
from fastapply_lsp.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from fastapply_lsp.settings import CompletionsSettings, OpenAISettings


@dataclass(frozen=True, slots=True)
class ScoresFound:
    """What was found: ``tokens`` of the sample that the server told apart, and the call's time.

    ``problem`` is the error, if it failed; then the other two are ``None``.
    """

    url: str
    problem: BackendError | None
    tokens: int | None
    whole_ms: float | None


async def probe_scores(
    openai: OpenAISettings,
    completions: CompletionsSettings,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> ScoresFound:
    """Make one call; never raises a ``BackendError``, but returns it as the ``problem``."""
    calls = JsonCalls(openai, transport=transport)
    scorer = scorer_of(calls, completions)
    began = clock()
    try:
        scored = await scorer.score(Ask(SAMPLE, 1))
    except BackendError as error:
        return ScoresFound(scorer.url, error, None, None)
    finally:
        await calls.aclose()
    return ScoresFound(scorer.url, None, scored.given, 1000 * (clock() - began))
