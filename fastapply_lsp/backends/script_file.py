r"""Reads a script for the scripted backend from a TOML or JSON file.

::

    [[step]]
    say = "def total(xs):\n"     # stream this text

    [[step]]
    pause_s = 0.2                  # wait

    [[step]]
    predicted = 24                 # stream what the merge predicts, 24 characters at a time
    pause_s = 0.01                 # … with this pause between

    [[step]]
    fail = "broken"                # or unreachable, timeout, refused, garbled, truncated

    [[step]]
    stop = "length"                # or "stop"; a script that runs out stops by itself

A file may hold several streams instead, played one after the other: ``[[stream]]`` with
``[[stream.step]]`` inside. A backend that is asked again, since its rewrite was refused, goes on
with the next one; the last stream serves all that follow.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.scripted import (
    ADDRESS,
    Fail,
    Pause,
    Predicted,
    Say,
    Script,
    Step,
    Stop,
)
from fastapply_lsp.errors import (
    BackendError,
    BackendGarbled,
    BackendRefused,
    BackendTimeout,
    BackendUnreachable,
    RewriteTruncated,
    SettingsError,
    StreamBroken,
)

if TYPE_CHECKING:
    from pathlib import Path

FAULTS: dict[str, BackendError] = {
    "unreachable": BackendUnreachable(ADDRESS, "the script says so"),
    "timeout": BackendTimeout(ADDRESS, 60.0),
    "refused": BackendRefused(ADDRESS, 500, "the script says so"),
    "garbled": BackendGarbled(ADDRESS, "the script says so"),
    "broken": StreamBroken(ADDRESS, 0),
    "truncated": RewriteTruncated(0, 0),
}
"""What ``fail`` may name."""


def read_scripts(path: Path) -> tuple[Script, ...]:
    """Return the scripts that a file holds, one per stream.

    Raises:
        SettingsError: it cannot be read, or a step is none.
    """
    try:
        content = path.read_text(encoding="utf-8")
        data = json.loads(content) if path.suffix == ".json" else tomllib.loads(content)
    except (OSError, ValueError) as error:
        raise SettingsError("scripted.script", f"it cannot be read ({error})", str(path)) from error
    match data:
        case {"stream": [_, *_] as streams, **rest} if not rest:
            return tuple(_script(stream, path) for stream in streams)
        case _:
            return (_script(data, path),)


def _script(data: object, path: Path) -> Script:
    match data:
        case {"step": [*steps], **rest} if not rest:
            return Script(tuple(_step(step, n, path) for n, step in enumerate(steps, 1)))
        case _:
            problem = "it must hold [[step]] tables, or [[stream]] tables with steps"
            raise SettingsError("scripted.script", problem, str(path))


def _step(data: Any, number: int, path: Path) -> Step:  # noqa: ANN401 - as the file has it
    match data:
        case {"say": str(text), **rest} if not rest:
            return Say(text)
        case {"predicted": int(size), "pause_s": int() | float() as pause_s} if size > 0:
            return Predicted(size, float(pause_s))
        case {"predicted": int(size), **rest} if size > 0 and not rest:
            return Predicted(size)
        case {"pause_s": int() | float() as pause_s, **rest} if not rest:
            return Pause(float(pause_s))
        case {"fail": str(fault), **rest} if fault in FAULTS and not rest:
            return Fail(FAULTS[fault])
        case {"stop": ("stop" | "length") as reason, **rest} if not rest:
            return Stop(reason)
        case _:
            raise SettingsError("scripted.script", f"step {number} is no step", str(path))
