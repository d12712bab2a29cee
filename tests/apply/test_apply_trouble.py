"""The driver when its own surroundings break: nothing hangs, and the buffer comes first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from fastapply_lsp.apply.ports import Answer
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Abilities, Backend, End, Request, Text, Usage
from fastapply_lsp.backends.scripted import Pause, Say, Script, ScriptedBackend, broken_after, whole
from fastapply_lsp.errors import EditorRefused, InternalFault, StreamBroken
from fastapply_lsp.files.journal_records import Ended, Record
from fastapply_lsp.session.events import Decision, Outcome
from fastapply_lsp.session.hunks import Cut, HunkState
from fastapply_lsp.text.edits import Edit, Edits
from tests.apply.test_conductor import EDIT, ORIGINAL, REWRITTEN, Diary, Stage
from tests.scenarios.stage import MemoryJournal


class Says:
    """A backend that breaks its contract in a way of the test's choice."""

    name = "odd"
    abilities = Abilities()

    def __init__(self, *items: Text | Usage | End) -> None:
        self._items = items

    async def stream(self, _request: Request) -> AsyncGenerator[Text | Usage | End]:
        for item in self._items:
            yield item

    async def aclose(self) -> None:
        """Nothing is open."""


async def ends(stage: Stage) -> Any:
    async with asyncio.timeout(5):
        return await stage.run()


async def test_a_stream_without_an_end_is_a_broken_one() -> None:
    stage = Stage(Says(Text(REWRITTEN[:300])))
    result = await ends(stage)
    assert isinstance(result.error, StreamBroken)
    assert stage.editor.text == ORIGINAL


async def test_what_follows_the_end_is_no_part_of_the_file() -> None:
    stage = Stage(Says(Text(REWRITTEN), End("stop"), Text("x = 1\n"), End("stop")))
    result = await ends(stage)
    assert result.outcome is Outcome.APPLIED
    assert stage.editor.text == REWRITTEN


@pytest.mark.parametrize("good", [0, 1])
async def test_an_editor_that_breaks_does_not_hang_the_apply(
    good: int, caplog: pytest.LogCaptureFixture
) -> None:
    stage: Stage

    async def between(_seconds: float) -> None:
        await stage.quiet()

    script = Script((Say(REWRITTEN[:300]), Pause(1), Say(REWRITTEN[300:])))
    stage = Stage(ScriptedBackend(script, sleep=between))
    takes, calls = stage.editor.edit, 0

    async def breaks(edits: Edits, version: int | None) -> Answer:
        nonlocal calls
        calls += 1
        if calls > good:
            message = "the pipe is gone"
            raise RuntimeError(message)
        return await takes(edits, version)

    stage.editor.edit = breaks  # type: ignore[method-assign]
    result = await ends(stage)
    assert result.outcome is Outcome.FAILED
    assert isinstance(result.error, EditorRefused)
    assert "the pipe is gone" in caplog.text


async def test_a_journal_that_breaks_does_not_stop_a_decision(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Breaking(MemoryJournal):
        broken = False

        async def append(self, record: Record) -> None:
            if self.broken:
                message = "no such device"
                raise OSError(message)
            await super().append(record)

    journal = Breaking()
    stage = Stage(EmbeddedBackend(), journal=journal)
    await ends(stage)
    journal.broken = True
    first = stage.apply.pending[0]
    await stage.apply.decide([first.id], Decision.ACCEPT)
    await stage.quiet()
    assert [hunk.state for hunk in stage.apply.hunks] == [HunkState.ACCEPTED, HunkState.PENDING]
    assert "no such device" in caplog.text


async def test_a_watcher_that_raises_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Nervous(Diary):
        def __getattribute__(self, name: str) -> Any:
            if name in {"progressed", "hunks_changed", "streamed", "reviewed", "troubled"}:
                message = f"cannot show {name}"
                raise RuntimeError(message)
            return super().__getattribute__(name)

    stage = Stage(EmbeddedBackend(), diary=Nervous())
    result = await ends(stage)
    assert result.outcome is Outcome.APPLIED
    assert stage.editor.text == REWRITTEN
    await stage.apply.decide([hunk.id for hunk in stage.apply.hunks], Decision.REJECT)
    await stage.quiet()
    assert stage.editor.text == ORIGINAL
    assert isinstance(stage.journal.records[-1], Ended)
    assert "cannot show streamed" in caplog.text


async def test_a_chooser_that_breaks_is_a_failed_apply(caplog: pytest.LogCaptureFixture) -> None:
    class Chain(Sequence[Backend]):
        def __len__(self) -> int:
            message = "no chain"
            raise RuntimeError(message)

        def __getitem__(self, _index: Any) -> Any:
            message = "no chain"
            raise RuntimeError(message)

    stage = Stage()
    stage.chain = Chain()
    result = await ends(stage)
    assert isinstance(result.error, InternalFault)
    assert [one.outcome for one in stage.diary.results] == [Outcome.FAILED]
    assert "no chain" in caplog.text


async def test_closing_the_driver_lets_go_of_whoever_waits() -> None:
    started = asyncio.Event()

    async def forever(_seconds: float) -> None:
        started.set()
        await asyncio.Event().wait()

    stage = Stage(ScriptedBackend(Script((Say(REWRITTEN[:300]), Pause(1))), sleep=forever))
    running = asyncio.create_task(stage.apply.run())
    await started.wait()
    await stage.apply.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(running, 5)
    assert not [record for record in stage.journal.records if isinstance(record, Ended)]


async def test_a_snippet_that_the_user_deleted_meanwhile_leaves_a_sane_second_try() -> None:
    at = ORIGINAL.index("value_20")
    pasted = ORIGINAL[:at] + EDIT + ORIGINAL[at:]
    stage: Stage

    async def delete(_seconds: float) -> None:
        await stage.quiet()
        start = stage.editor.text.find("value_19")
        stage.editor.type(Edits.of([Edit(start, len(stage.editor.text), "# gone\n")]))
        await stage.quiet()

    script = Script((Pause(1), *broken_after(REWRITTEN[:40]).steps))
    first = ScriptedBackend(script, sleep=delete)
    kept = ORIGINAL[: ORIGINAL.index("value_19")]
    wanted = kept.replace("value_4 = 4", "value_4 = 44") + "# gone\n"
    second = ScriptedBackend(whole(wanted))
    stage = Stage(first, second, text=pasted, cut=Cut(at, len(EDIT)))
    result = await ends(stage)
    assert result.outcome is Outcome.APPLIED, result.error
    assert stage.editor.text == wanted


async def test_nobody_else_is_asked_while_the_buffer_still_shows_the_first_try() -> None:
    stage: Stage

    async def type_into_it(_seconds: float) -> None:
        await stage.quiet()
        at = stage.editor.text.index("44")
        stage.editor.type(Edits.of([Edit(at + 1, at + 1, "9")]))
        await stage.quiet()

    steps = (Say(REWRITTEN[:300]), Pause(1), *broken_after("").steps)
    stage = Stage(ScriptedBackend(Script(steps), sleep=type_into_it), EmbeddedBackend())
    result = await ends(stage)
    assert isinstance(result.error, StreamBroken)
    assert HunkState.CONFLICT in [hunk.state for hunk in result.hunks]
    assert stage.editor.text == ORIGINAL.replace("value_4 = 4\n", "value_4 = 494\n")
