"""What was acknowledged is read back, whatever happens after."""

import asyncio
import errno
import itertools
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapply_lsp.errors import JournalError
from fastapply_lsp.files import journal as journal_module
from fastapply_lsp.files.journal import Journal, journal_folder, open_applies, read, state_folder
from fastapply_lsp.files.journal_records import (
    Begin,
    Decided,
    Edited,
    Ended,
    Entry,
    Record,
    decoded,
    encoded,
)
from fastapply_lsp.text.edits import Edit

texts = st.text(st.characters(codec=None), max_size=20)  # lone surrogates too: editors send them
records = st.one_of(
    st.builds(Begin, texts, texts, texts, st.none() | st.binary(max_size=20)),
    st.builds(
        Edited,
        texts,
        st.lists(
            st.builds(Edit, st.integers(0), st.integers(0), texts),
            max_size=3,
        ).map(tuple),
    ),
    st.builds(
        Decided, texts, st.lists(st.integers(0)).map(tuple), st.sampled_from(["accept", "reject"])
    ),
    st.builds(Ended, texts, texts),
)
entries = st.builds(Entry, st.floats(0, 1e10), records)


def ticking(step: float = 1.0) -> Callable[[], float]:
    times = itertools.count()
    return lambda: 1.0 + step * next(times)


def a_journal(
    folder: Path, clock: Callable[[], float] | None = None, limit_bytes: int = 1_000_000
) -> Journal:
    return Journal(folder, clock=clock or ticking(), writer="w", limit_bytes=limit_bytes)


@given(entries)
def test_an_entry_is_one_ascii_line_and_comes_back(entry: Entry) -> None:
    line = encoded(entry)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert line.isascii()
    assert decoded(line[:-1]) == entry


@given(entries, st.data())
def test_a_torn_entry_is_no_entry(entry: Entry, data: st.DataObject) -> None:
    line = encoded(entry)[:-1]
    assert decoded(line[: data.draw(st.integers(0, len(line) - 1))]) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(records, min_size=1, max_size=6), st.data())
def test_a_crash_at_any_byte_costs_only_what_was_not_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, many: list[Record], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = a_journal(folder)
    for record in many:
        journal.append_now(record)
    journal.close()
    (segment,) = folder.iterdir()
    content = segment.read_bytes()
    cut = data.draw(st.integers(0, len(content)))
    segment.write_bytes(content[:cut])
    whole_lines = content[:cut].count(b"\n")
    reading = read(folder)
    assert [entry.record for entry in reading.entries] == many[:whole_lines]
    assert reading.damaged == (not content[:cut].endswith(b"\n") and cut > 0)


async def test_the_record_is_on_the_disk_when_append_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []
    real = os.fsync

    def remembered(handle: int) -> None:
        real(handle)
        synced.append(handle)

    monkeypatch.setattr(os, "fsync", remembered)
    journal = a_journal(tmp_path)
    await journal.append(Begin("a", "file:///x", "text\n", b"text\n"))
    assert len(synced) == 2  # the record, and the folder that names the new segment
    assert read(tmp_path).entries[0].record == Begin("a", "file:///x", "text\n", b"text\n")
    journal.close()


async def test_only_the_user_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "journal"
    journal = a_journal(folder)
    await journal.append(Ended("a", "applied"))
    (segment,) = folder.iterdir()
    assert stat.S_IMODE(segment.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    journal.close()


async def test_tasks_at_once_write_whole_lines(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    await asyncio.gather(
        *(journal.append(Begin(str(n), "u", "x" * 5000)) for n in range(40)),
    )
    journal.close()
    reading = read(tmp_path)
    assert reading.damaged == 0
    assert {entry.record.apply for entry in reading.entries} == {str(n) for n in range(40)}


def test_a_damaged_line_costs_that_line_only(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    for name in "abc":
        journal.append_now(Begin(name, "u", "t"))
    journal.close()
    (segment,) = tmp_path.iterdir()
    first, _, third = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(first + b'{"v":99,"kind":"dream"}\n' + b"\xff\xfe\n" + third)
    reading = read(tmp_path)
    assert [entry.record.apply for entry in reading.entries] == ["a", "c"]
    assert reading.damaged == 2


def test_an_open_apply_has_its_whole_story() -> None:
    edit = Edited("a", (Edit(0, 1, "x\n"),))
    word = Decided("a", (0,), "accept")
    story: list[Record] = [
        Begin("a", "u", "t"),
        Begin("b", "u", "t"),
        edit,
        Ended("b", "applied"),
        word,
    ]
    reading = journal_module.Reading(tuple(Entry(n, one) for n, one in enumerate(story)), 0)
    (still_open,) = open_applies(reading)
    assert (still_open.begin, still_open.began_s) == (story[0], 0)
    assert (still_open.edits, still_open.decisions) == ((edit,), (word,))


def test_a_full_journal_drops_finished_applies_and_keeps_open_ones(tmp_path: Path) -> None:
    journal = a_journal(tmp_path, limit_bytes=8_000)
    journal.append_now(Begin("open", "u", "x" * 500))
    for number in range(200):
        journal.append_now(Begin(f"n{number}", "u", "x" * 500))
        journal.append_now(Ended(f"n{number}", "applied"))
    journal.close()
    total = sum(path.stat().st_size for path in tmp_path.iterdir())
    reading = read(tmp_path)
    assert total <= 8_000
    assert [one.begin.apply for one in open_applies(reading)] == ["open"]
    assert reading.entries[-1].record == Ended("n199", "applied")


def test_an_end_is_not_dropped_before_its_beginning(tmp_path: Path) -> None:
    """Or a finished apply would look open, and recovery would undo it."""
    journal = a_journal(tmp_path, limit_bytes=8_000)
    journal.append_now(Begin("open", "u", "t"))
    journal.append_now(Begin("ended", "u", "t"))
    journal.append_now(Begin("filler", "u", "x" * 900))  # the next one starts a segment
    journal.append_now(Ended("ended", "applied"))
    for number in range(40):
        journal.append_now(Begin(f"n{number}", "u", "x" * 900))
        journal.append_now(Ended(f"n{number}", "applied"))
    journal.close()
    still_open = [one.begin.apply for one in open_applies(read(tmp_path))]
    assert still_open == ["open", "filler"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=60))
def test_rotation_changes_nothing_of_what_is_open(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = a_journal(folder, limit_bytes=1_000)
    expected: dict[str, list[Record]] = {}
    for apply, move in moves:
        name = f"a{apply}"
        options: list[Record] = [Begin(name, "u", "t"), Edited(name, ()), Ended(name, "applied")]
        record = options[move]
        if move != 0 and name not in expected:
            continue
        journal.append_now(record)
        if move == 2:
            del expected[name]
        elif move == 0:
            expected.pop(name, None)
            expected[name] = []
        else:
            expected[name].append(record)
    journal.close()
    found = {one.begin.apply: list(one.edits) for one in open_applies(read(folder))}
    assert found == expected


def test_two_programs_write_two_segments(tmp_path: Path) -> None:
    clock = ticking(step=0)
    one, two = (Journal(tmp_path, clock=clock, writer=name) for name in "12")
    same = Journal(tmp_path, clock=clock, writer="1")
    for journal in (one, two, same):
        journal.append_now(Ended("a", "applied"))
        journal.close()
    assert len(list(tmp_path.iterdir())) == 3


def test_a_clock_set_back_does_not_turn_the_story_round(tmp_path: Path) -> None:
    times = iter([5.0, 5.0, 1.0, 6.0])
    journal = a_journal(tmp_path, clock=lambda: next(times))
    journal.append_now(Begin("a", "u", "t"))
    journal.append_now(Ended("a", "applied"))
    journal.close()
    assert [entry.time_s for entry in read(tmp_path).entries] == [5.0, 5.0]


async def test_a_folder_that_cannot_be_made_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalError) as caught:
        await a_journal(tmp_path / "file" / "journal").append(Ended("a", "applied"))
    assert str(tmp_path) in str(caught.value)


def test_a_full_disk_leaves_no_half_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = a_journal(tmp_path)
    journal.append_now(Begin("a", "u", "t"))
    real = os.write

    def full(handle: int, content: bytes) -> int:
        real(handle, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalError, match="No space left"):
        journal.append_now(Begin("b", "u", "t"))
    monkeypatch.setattr(os, "write", real)
    journal.append_now(Begin("c", "u", "t"))
    journal.close()
    reading = read(tmp_path)
    assert [entry.record.apply for entry in reading.entries] == ["a", "c"]
    assert reading.damaged == 0


def test_an_absent_journal_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "none").entries == ()


def test_the_environment_names_the_folder(tmp_path: Path) -> None:
    assert state_folder({"FASTAPPLY_STATE": str(tmp_path)}) == tmp_path
    assert journal_folder({"FASTAPPLY_STATE": str(tmp_path)}) == tmp_path / "journal"
    assert state_folder({"FASTAPPLY_STATE": ""}).name == "fastapply-lsp"
