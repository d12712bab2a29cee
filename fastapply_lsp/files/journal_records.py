"""What the journal says of an apply, as values and as lines of JSON.

Four kinds, in this order for each apply: one ``Begin``, any number of ``Edited`` and ``Decided``,
one ``Ended``. An apply without ``Ended`` is open: its stream or its review is not over, or the
program died. Each line is plain ASCII, so no text inside it can end the line early.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Literal

from fastapply_lsp.text.edits import Edit

VERSION = 1
"""Written into each record; a reader skips records of a version that it does not know."""

Decision = Literal["accept", "reject"]


@dataclass(frozen=True, slots=True)
class Begin:
    """The original, before anything is touched.

    ``original`` is the text that the editor held; ``raw`` the exact bytes, for a file on disk.
    """

    apply: str
    uri: str
    original: str
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """An edit that is about to leave: code-point offsets of the buffer just before it."""

    apply: str
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """The user's word on some hunks, by their numbers within the apply."""

    apply: str
    hunks: tuple[int, ...]
    decision: Decision


@dataclass(frozen=True, slots=True)
class Ended:
    """Nothing of this apply waits any more; ``outcome`` is the session's word for it."""

    apply: str
    outcome: str


Record = Begin | Edited | Decided | Ended


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with the time of its writing, in seconds since 1970."""

    time_s: float
    record: Record


def encoded(entry: Entry) -> bytes:
    r"""Return the entry as one line, newline included.

    >>> encoded(Entry(1.5, Ended("a1", "applied")))
    b'{"v":1,"t":1.5,"kind":"end","apply":"a1","outcome":"applied"}\n'
    """
    line = json.dumps(
        {"v": VERSION, "t": entry.time_s, **_fields(entry.record)}, separators=(",", ":")
    )
    return line.encode("ascii") + b"\n"


def decoded(line: bytes) -> Entry | None:
    """Return the entry that a line holds; ``None`` where it is torn, damaged or of the future."""
    try:
        data = json.loads(line)
        if data["v"] != VERSION:
            return None
        return Entry(float(data["t"]), _record(data))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _fields(record: Record) -> dict[str, Any]:
    match record:
        case Begin(apply, uri, original, raw):
            begin: dict[str, Any] = {"kind": "begin", "apply": apply, "uri": uri}
            begin["original"] = original
            if raw is not None:
                begin["raw"] = base64.b64encode(raw).decode("ascii")
            return begin
        case Edited(apply, edits):
            shown = [[edit.start, edit.end, edit.text] for edit in edits]
            return {"kind": "edit", "apply": apply, "edits": shown}
        case Decided(apply, hunks, decision):
            return {"kind": "decision", "apply": apply, "hunks": hunks, "decision": decision}
        case Ended(apply, outcome):
            return {"kind": "end", "apply": apply, "outcome": outcome}


def _record(data: dict[str, Any]) -> Record:
    apply = str(data["apply"])
    match data["kind"]:
        case "begin":
            raw = data.get("raw")
            bytes_ = None if raw is None else base64.b64decode(raw, validate=True)
            return Begin(apply, str(data["uri"]), str(data["original"]), bytes_)
        case "edit":
            edits = data["edits"]
            return Edited(apply, tuple(Edit(int(at), int(end), str(t)) for at, end, t in edits))
        case "decision":
            if data["decision"] not in ("accept", "reject"):
                raise ValueError(data["decision"])
            return Decided(apply, tuple(map(int, data["hunks"])), data["decision"])
        case "end":
            return Ended(apply, str(data["outcome"]))
        case unknown:
            raise ValueError(unknown)
