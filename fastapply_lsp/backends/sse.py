r"""Server-sent events out of bytes, cut anywhere.

Own code, because the line rules of a text library are not those of the format: only ``\n``,
``\r\n`` and ``\r`` end a line here, while U+2028 and U+0085 may stand inside a JSON string.
Source: WHATWG HTML, section 9.2.6, "Interpreting an event stream".
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

LONGEST_EVENT = 32 * 1024 * 1024
"""Characters that one event may have: some hundred times the largest piece of a rewrite."""


class EventTooLong(Exception):
    """The stream is no event stream, or its sender has gone astray."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name (``message`` where none was sent) and its data."""

    name: str
    data: str


class EventDecoder:
    r"""Turns pieces of a byte stream into events.

    Law: any cutting of the same bytes gives the same events. Bytes that are no UTF-8 become
    U+FFFD.

    >>> decoder = EventDecoder()
    >>> decoder.push(b"data: {\"a\":"), decoder.push(b" 1}\r"), decoder.push(b"\n\r\n")
    ([], [], [Event(name='message', data='{"a": 1}')])
    """

    def __init__(self) -> None:
        self._utf8 = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._parts: list[str] = []  # of the line that has not ended
        self._held = 0  # characters in _parts and _data
        self._after_cr = False
        self._at_start = True
        self._name = ""
        self._data: list[str] = []

    def push(self, chunk: bytes) -> list[Event]:
        """Return the events that this piece completes.

        Raises:
            EventTooLong: an event is longer than ``LONGEST_EVENT``.
        """
        return self._decode(self._utf8.decode(chunk))

    def finish(self) -> list[Event]:
        """Return the event whose lines had all ended; a line cut short is dropped.

        The format would drop both, but some servers close without the last empty line.
        """
        event = self._dispatch()
        return [] if event is None else [event]

    def _decode(self, text: str) -> list[Event]:
        if not text:
            return []
        if self._at_start:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        if self._after_cr and text:
            self._after_cr = False
            text = text.removeprefix("\n")
        self._after_cr = text.endswith("\r")
        *ended, rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        events = []
        for line in ended:
            event = self._line("".join((*self._parts, line)))
            self._parts.clear()
            if event is not None:
                events.append(event)
        if ended:
            self._held = sum(map(len, self._data))
        self._parts.append(rest)
        self._held += len(rest)
        if self._held > LONGEST_EVENT:
            raise EventTooLong
        return events

    def _line(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match field:
            case "data":
                self._data.append(value)
            case "event":
                self._name = value
            case _:
                pass  # a comment (no field), an id or a retry time: nothing that we need
        return None

    def _dispatch(self) -> Event | None:
        data, name = self._data, self._name
        self._data, self._name = [], ""
        return Event(name or "message", "\n".join(data)) if data else None
