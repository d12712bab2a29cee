"""A backend that plays a script: what it says, when it pauses, how it fails.

Product code: the tests, the demo and the tutorial run on it, so that everything behind the model
can be seen and tested without one.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.backends.model import Abilities, End, Text, Usage
from fastapply_lsp.errors import BackendError, StreamBroken

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from fastapply_lsp.backends.model import EndReason, Request

ADDRESS = "script"
"""Stands where an error names the backend's address."""


@dataclass(frozen=True, slots=True)
class Say:
    """Stream this text as one piece."""

    text: str


@dataclass(frozen=True, slots=True)
class Predicted:
    """Stream the file that the merge predicts, in pieces of ``characters``, with pauses between.

    So one script serves any file: the demo shows a stream at the speed of a model.
    """

    characters: int
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait; the script's ``sleep`` decides what that means."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """Report figures, as a server with drafts does."""

    usage: Usage


@dataclass(frozen=True, slots=True)
class Fail:
    """Break here with this error."""

    error: BackendError


@dataclass(frozen=True, slots=True)
class Stop:
    """End here; a script that runs out stops with ``"stop"`` by itself."""

    reason: EndReason = "stop"


Step = Say | Predicted | Pause | Report | Fail | Stop


@dataclass(frozen=True, slots=True)
class Script:
    """What happens in one stream."""

    steps: tuple[Step, ...]


def whole(text: str) -> Script:
    """Return the script that says ``text`` in one piece."""
    return Script((Say(text),))


def chunked(text: str, seed: int, *, longest: int = 24, pause_s: float = 0.0) -> Script:
    """Return a script that says ``text`` in pieces of 1 to ``longest`` characters.

    The same seed gives the same pieces. Law: the pieces joined are ``text``.

    >>> "".join(step.text for step in chunked("abcdef", 7, longest=2).steps)
    'abcdef'
    """
    pick = random.Random(seed)  # noqa: S311 - cuts a text, guards nothing
    steps: list[Step] = []
    at = 0
    while at < len(text):
        end = at + pick.randint(1, longest)
        if pause_s and steps:
            steps.append(Pause(pause_s))
        steps.append(Say(text[at:end]))
        at = end
    return Script(tuple(steps))


def broken_after(text: str) -> Script:
    """Return a script that says ``text`` and then loses the connection."""
    return Script((Say(text), Fail(StreamBroken(ADDRESS, len(text)))))


class ScriptedBackend:
    """Plays one script per stream, in order; the last one serves every stream after it.

    So one that is asked again after a refusal gives its second answer, if it has one.

    ``requests`` holds what was asked, for tests. ``sleep`` is injected, so that tests need none.
    ``is_model`` lets a test stand it in for a model.
    """

    def __init__(
        self,
        *scripts: Script,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        name: str = "scripted",
        abilities: Abilities | None = None,
    ) -> None:
        if not scripts:
            raise ValueError("a scripted backend needs a script")
        self._scripts: Sequence[Script] = scripts
        self._sleep = sleep
        self.name = name
        self.abilities = Abilities(is_model=True) if abilities is None else abilities
        self.requests: list[Request] = []
        self.closed = False

    async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        """Yield what the script says.

        Raises:
            BackendError: where the script has a ``Fail``.
        """
        script = self._scripts[min(len(self.requests), len(self._scripts) - 1)]
        self.requests.append(request)
        for step in script.steps:
            match step:
                case Say(text):
                    yield Text(text)
                case Predicted(characters, pause_s):
                    text = request.merge.predicted
                    for at in range(0, len(text), characters):
                        yield Text(text[at : at + characters])
                        await self._rest(pause_s)
                case Pause(seconds):
                    await self._rest(seconds)
                case Report(usage):
                    yield usage
                case Fail(error):
                    raise error
                case Stop(reason):
                    yield End(reason)
                    return
        yield End("stop")

    async def _rest(self, seconds: float) -> None:
        if seconds > 0:
            await self._sleep(seconds)

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True
