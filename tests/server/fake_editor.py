"""Buffers as an editor keeps them, with its own idea of lines and columns.

Written apart from the server's code, so that the two can be held against each other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_END = re.compile("\r\n|\n|\r")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def offset(text: str, position: dict[str, int], encoding: str) -> int:
    """Return the place in ``text`` that a position means; one beyond the line is its end."""
    starts = [0, *(match.end() for match in _END.finditer(text))]
    ends = [*(match.start() for match in _END.finditer(text)), len(text)]
    if position["line"] >= len(starts):
        return len(text)
    line = text[starts[position["line"]] : ends[position["line"]]]
    codec, width = _UNITS[encoding]
    left = position["character"] * width
    for at, character in enumerate(line):
        if left <= 0:
            return starts[position["line"]] + at
        left -= len(character.encode(codec, "surrogatepass"))
    return starts[position["line"]] + len(line)


def position(text: str, place: int, encoding: str) -> dict[str, int]:
    """Return the position of a place in ``text``."""
    starts = [0, *(match.end() for match in _END.finditer(text) if match.end() <= place)]
    codec, width = _UNITS[encoding]
    column = len(text[starts[-1] : place].encode(codec, "surrogatepass")) // width
    return {"line": len(starts) - 1, "character": column}


def edited(text: str, edits: list[dict[str, Any]], encoding: str) -> str:
    """Return ``text`` after text edits, all of them in its own positions."""
    places = [
        (
            offset(text, edit["range"]["start"], encoding),
            offset(text, edit["range"]["end"], encoding),
            edit["newText"],
        )
        for edit in edits
    ]
    for start, end, new in sorted(places, key=lambda place: place[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


@dataclass
class Buffer:
    """One open document; ``sent`` is what the server was told last."""

    uri: str
    language: str
    text: str
    version: int
    sent: str
    history: list[str]


@dataclass(frozen=True)
class Manner:
    """How this editor behaves, and what it declares."""

    encoding: str = "utf-16"
    encodings: tuple[str, ...] | None = None  # as declared; ("…",) of ``encoding`` by default
    stale: str = "refuse"  # or "drop": says applied and drops, as Neovim; or "apply"
    lies: int = 0  # so many edits are answered with applied: true, and dropped
    refuses: bool = False  # every edit
    errors: bool = False  # every edit is answered with a JSON-RPC error
    versions: bool = True
    full_sync: bool = False
    debounce: bool = (
        False  # changes are told only when `settle` is called or an answer is waited for
    )
    blocking: bool = False  # nothing of the server's is handled while a command is unanswered
    document_changes: bool = True
    show_document: bool = True
    opens: bool = True  # whether a shown document is really opened
    progress: bool = True
    lens_refresh: bool = True
    resolve_commands: bool = False
    configuration: dict[str, Any] | None = None  # the answer to workspace/configuration
    options: dict[str, Any] | None = None  # initializationOptions
