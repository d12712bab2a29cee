"""Keeps the original safe before the first edit leaves, and says later what was done.

The journal is a folder of segments, ``applies-*.jsonl``. Each running program appends to a segment
of its own, so two editors never write into one file. A record is on the disk (written, flushed,
fsynced) before ``append`` returns.

Laws:

- what was acknowledged is read back, also after a crash at any later byte;
- rotation drops the oldest segments first, and never one that an open apply needs;
- a torn or damaged line costs that line only.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapply_lsp.errors import JournalError
from fastapply_lsp.files.journal_records import (
    Begin,
    Decided,
    Edited,
    Ended,
    Entry,
    decoded,
    encoded,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from fastapply_lsp.files.journal_records import Record

SEGMENT_SHARE = 8
"""A segment may hold this share of the whole limit, so that dropping one frees an eighth."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal holds, oldest first; ``damaged`` counts the lines that could not be read."""

    entries: tuple[Entry, ...]
    damaged: int


@dataclass(frozen=True, slots=True)
class OpenApply:
    """An apply that has not ended: all that recovery needs."""

    begin: Begin
    began_s: float
    edits: tuple[Edited, ...]
    decisions: tuple[Decided, ...]


def journal_folder(environment: Mapping[str, str]) -> Path:
    """Return the journal's folder, which all programs of a user share."""
    return state_folder(environment) / "journal"


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder for the program's state; ``FASTAPPLY_STATE`` names another."""
    named = environment.get("FASTAPPLY_STATE")
    if named:
        return Path(named).expanduser()
    import platformdirs  # noqa: PLC0415 - costs start-up time where it is not needed

    return Path(platformdirs.user_state_dir("fastapply-lsp", appauthor=False))


class Journal:
    """Appends to one segment of a journal folder. Safe to use from several tasks at once."""

    def __init__(
        self,
        folder: Path,
        *,
        limit_bytes: int = 64_000_000,
        clock: Callable[[], float] = time.time,
        writer: str | None = None,
    ) -> None:
        self.folder = folder
        self._limit = limit_bytes
        self._clock = clock
        self._writer = str(os.getpid()) if writer is None else writer
        # A cancelled task leaves its thread running, so the order of writes needs a real lock.
        self._lock = threading.Lock()
        self._file: int | None = None
        self._path = folder
        self._size = 0
        self._time_s = 0.0

    async def append(self, record: Record) -> None:
        """Write one record and wait until it is on the disk; the event loop stays free.

        Raises:
            JournalError: it is not; nothing may be edited now.
        """
        await asyncio.to_thread(self.append_now, record)

    def append_now(self, record: Record) -> None:
        """Do as ``append`` does, in this thread."""
        with self._lock:
            # A clock that was set back must not put a record before an earlier one.
            self._time_s = max(self._time_s, self._clock())
            line = encoded(Entry(self._time_s, record))
            try:
                self._write(line)
            except OSError as error:
                self._close()
                problem = error.strerror or type(error).__name__
                raise JournalError(str(self._path), problem) from error

    def close(self) -> None:
        """Close the segment; a later append starts another."""
        with self._lock:
            self._close()

    def _write(self, line: bytes) -> None:
        if self._file is not None and self._size + len(line) > self._limit // SEGMENT_SHARE:
            self._close()
        file = self._start_segment() if self._file is None else self._file
        try:
            written = 0
            while written < len(line):
                written += os.write(file, line[written:])
            os.fsync(file)
        except OSError:
            # Half a record must not stand before the next one.
            os.ftruncate(file, self._size)
            raise
        self._size += len(line)

    def _start_segment(self) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._drop_oldest()
        stamp = f"{int(self._clock() * 1000):015d}"
        for number in range(1_000_000):
            self._path = self.folder / f"applies-{stamp}-{number:06d}-{self._writer}.jsonl"
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
                self._file = os.open(self._path, flags, 0o600)
            except FileExistsError:
                continue
            self._size = 0
            _sync_folder(self.folder)
            return self._file
        raise OSError("a million segments were written within one millisecond")

    def _drop_oldest(self) -> None:
        segments = _read_segments(self.folder)
        excess = sum(one.size for one in segments) + self._limit // SEGMENT_SHARE - self._limit
        held = {one.begin.apply for one in open_applies(_joined(segments))}
        for segment in segments:
            if excess <= 0:
                return
            applies = {entry.record.apply for entry in segment.reading.entries}
            if applies & held:
                # Its other applies stay too, and so must their ends in later segments.
                held |= applies
            else:
                segment.path.unlink(missing_ok=True)
                excess -= segment.size

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def read(folder: Path) -> Reading:
    """Return all that the journal in ``folder`` holds; an absent folder holds nothing.

    Raises:
        JournalError: a segment cannot be opened.
    """
    try:
        return _joined(_read_segments(folder))
    except OSError as error:
        raise JournalError(str(folder), error.strerror or type(error).__name__) from error


def open_applies(reading: Reading) -> tuple[OpenApply, ...]:
    """Return the applies that began and did not end, oldest first."""
    story: dict[str, list[Entry]] = {}
    for entry in reading.entries:
        match entry.record:
            case Ended(apply):
                story.pop(apply, None)
            case Begin(apply):
                story[apply] = [entry]
            case Edited(apply) | Decided(apply):
                if apply in story:
                    story[apply].append(entry)
    return tuple(_open(entries) for entries in story.values())


def _open(entries: Iterable[Entry]) -> OpenApply:
    first, *rest = entries
    assert isinstance(first.record, Begin)
    records = [entry.record for entry in rest]
    return OpenApply(
        first.record,
        first.time_s,
        tuple(record for record in records if isinstance(record, Edited)),
        tuple(record for record in records if isinstance(record, Decided)),
    )


@dataclass(frozen=True, slots=True)
class _Segment:
    path: Path
    size: int
    reading: Reading


def _read_segments(folder: Path) -> list[_Segment]:
    segments = []
    for path in sorted(folder.glob("applies-*.jsonl")):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue  # another program's rotation took it meanwhile
        *lines, torn = content.split(b"\n")
        entries = [decoded(line) for line in lines]
        damaged = sum(entry is None for entry in entries) + bool(torn)
        good = tuple(entry for entry in entries if entry is not None)
        segments.append(_Segment(path, len(content), Reading(good, damaged)))
    return segments


def _joined(segments: Iterable[_Segment]) -> Reading:
    readings = [segment.reading for segment in segments]
    entries = [entry for reading in readings for entry in reading.entries]
    entries.sort(key=lambda entry: entry.time_s)  # stable, and a writer's times never fall
    return Reading(tuple(entries), sum(reading.damaged for reading in readings))


def _sync_folder(folder: Path) -> None:
    """Make a new name durable; systems that cannot open a folder need no such thing."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
