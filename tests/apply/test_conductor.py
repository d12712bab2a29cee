"""The walk of an edit through the driver: tries, fallback, cancel, journal, figures."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order, Progress, Result, Step
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Journal
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Abilities, Backend, Usage
from fastapply_lsp.backends.scripted import (
    Pause,
    Report,
    Say,
    Script,
    ScriptedBackend,
    Stop,
    broken_after,
    chunked,
    whole,
)
from fastapply_lsp.errors import (
    BufferClosed,
    FastApplyError,
    JournalError,
    RewriteTruncated,
    StreamBroken,
)
from fastapply_lsp.files.journal_records import Begin, Decided, Edited, Ended, Record
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Decision, Outcome
from fastapply_lsp.session.hunks import Cut, Hunk, HunkState, Mark
from fastapply_lsp.text.edits import Edit, Edits
from tests.scenarios.stage import MemoryJournal, VirtualClock

ORIGINAL = "".join(f"value_{n} = {n}\n" for n in range(40))
REWRITTEN = ORIGINAL.replace("value_4 = 4", "value_4 = 44").replace("value_30 = 30", "third = 30")
EDIT = """# ... existing code ...
value_3 = 3
value_4 = 44
value_5 = 5
# ... existing code ...
value_29 = 29
third = 30
value_31 = 31
# ... existing code ...
"""


@dataclass
class Diary:
    """Remembers what a watcher is told."""

    steps: list[Progress] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    reviews: list[tuple[Hunk, ...]] = field(default_factory=list)
    hunks: list[tuple[Hunk, ...]] = field(default_factory=list)
    troubles: list[FastApplyError] = field(default_factory=list)

    def progressed(self, progress: Progress) -> None:
        self.steps.append(progress)

    def hunks_changed(self, hunks: tuple[Hunk, ...]) -> None:
        self.hunks.append(hunks)

    def streamed(self, result: Result) -> None:
        self.results.append(result)

    def reviewed(self, hunks: tuple[Hunk, ...]) -> None:
        self.reviews.append(hunks)

    def troubled(self, error: FastApplyError) -> None:
        self.troubles.append(error)


class Stage:
    """An apply with everything around it in memory."""

    def __init__(
        self,
        *chain: Backend,
        text: str = ORIGINAL,
        edit: str = EDIT,
        cut: Cut | None = None,
        journal: Journal | None = None,
        diary: Diary | None = None,
    ) -> None:
        self.editor = ModelEditor(text)
        self.journal = MemoryJournal()
        self.diary = diary or Diary()
        self.chain: Sequence[Backend] = chain
        self.clock = VirtualClock()
        order = Order("a1", EditFile("a.py", "", edit), "file:///a.py", "a.py", text, 0, cut)
        ports = Ports(self.editor, journal or self.journal, lambda _m, _n: self.chain, self.clock)
        self.apply = Apply(order, ports, self.diary)
        self.editor.follow(self.apply)

    async def run(self) -> Result:
        result = await self.apply.run()
        await self.quiet()
        return result

    async def quiet(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)


def kinds(records: Sequence[Record]) -> list[type]:
    return [type(record) for record in records]


async def test_embedded_merge_goes_the_whole_way() -> None:
    stage = Stage(EmbeddedBackend())
    result = await stage.run()
    assert stage.editor.text == REWRITTEN
    assert (result.outcome, result.certain, result.backend) == (Outcome.APPLIED, True, "embedded")
    assert [hunk.state for hunk in result.hunks] == [HunkState.PENDING] * 2
    assert kinds(stage.journal.records)[:2] == [Begin, Edited]
    assert stage.journal.records[0] == Begin("a1", "file:///a.py", ORIGINAL)


@pytest.mark.parametrize("seed", range(10))
async def test_chunking_changes_nothing(seed: int) -> None:
    stage = Stage(ScriptedBackend(chunked(REWRITTEN, seed)))
    result = await stage.run()
    assert stage.editor.text == REWRITTEN == result.text
    assert result.figures.characters == len(REWRITTEN)


async def test_decisions_are_journaled_and_end_the_review() -> None:
    stage = Stage(EmbeddedBackend())
    first, second = (await stage.run()).hunks
    await stage.apply.decide([first.id], Decision.REJECT)
    await stage.quiet()
    assert stage.editor.text == ORIGINAL.replace("value_30 = 30", "third = 30")
    assert not stage.diary.reviews
    await stage.apply.decide([second.id], Decision.ACCEPT)
    await stage.quiet()
    states = [hunk.state for hunk in stage.diary.reviews[0]]
    assert states == [HunkState.REJECTED, HunkState.ACCEPTED]
    assert kinds(stage.journal.records)[-2:] == [Decided, Ended]


async def test_a_broken_stream_restores_and_the_next_backend_is_asked() -> None:
    stage = Stage(ScriptedBackend(broken_after(REWRITTEN[:300])), EmbeddedBackend())
    result = await stage.run()
    assert stage.editor.text == REWRITTEN
    assert ORIGINAL in stage.editor.history[1:]
    assert result.outcome is Outcome.APPLIED
    assert result.backend == "embedded"
    assert "broke off" in result.notes[0]
    assert len(stage.diary.results) == 1


async def test_a_broken_stream_with_nobody_else_to_ask() -> None:
    stage = Stage(ScriptedBackend(broken_after(REWRITTEN[:300])))
    result = await stage.run()
    assert stage.editor.text == ORIGINAL
    assert isinstance(result.error, StreamBroken)
    assert kinds(stage.journal.records)[-1] is Ended


async def test_an_output_limit_is_a_loud_error() -> None:
    script = Script((Say(REWRITTEN[:300]), Stop("length")))
    backend = ScriptedBackend(script, abilities=Abilities(limits={"max_tokens": 80}))
    result = await Stage(backend).run()
    assert isinstance(result.error, RewriteTruncated)
    assert (result.error.limit, result.error.characters) == (80, 300)


async def test_typing_while_the_merge_is_made_is_kept() -> None:
    stage = Stage(EmbeddedBackend())
    running = asyncio.create_task(stage.apply.run())
    await asyncio.sleep(0)
    stage.editor.type(Edits.of([Edit(0, 0, "# mine\n")]))
    await running
    await stage.quiet()
    assert stage.editor.text == "# mine\n" + REWRITTEN


async def test_cancel_before_the_backend_is_asked() -> None:
    backend = ScriptedBackend(whole(REWRITTEN))
    stage = Stage(backend)
    running = asyncio.create_task(stage.apply.run())
    await asyncio.sleep(0)
    stage.apply.cancel()
    result = await running
    assert result.outcome is Outcome.CANCELLED
    assert not backend.requests
    assert stage.editor.history == [ORIGINAL]


async def test_cancel_in_the_middle_restores() -> None:
    stage: Stage

    async def cancel(_seconds: float) -> None:
        await stage.quiet()
        assert stage.editor.text != ORIGINAL
        stage.apply.cancel(Outcome.SUPERSEDED)
        await stage.quiet()

    stage = Stage(ScriptedBackend(Script((Say(REWRITTEN[:300]), Pause(1))), sleep=cancel))
    result = await stage.run()
    assert result.outcome is Outcome.SUPERSEDED
    assert stage.editor.text == ORIGINAL


async def test_closing_ends_it() -> None:
    stage: Stage

    async def close(_seconds: float) -> None:
        stage.apply.buffer_closed()

    stage = Stage(ScriptedBackend(Script((Say(REWRITTEN[:300]), Pause(1))), sleep=close))
    assert isinstance((await stage.run()).error, BufferClosed)


async def test_no_journal_no_edit() -> None:
    class Full(MemoryJournal):
        async def append(self, record: Record) -> None:
            raise JournalError("/journal", "no space left")

    stage = Stage(EmbeddedBackend(), journal=Full())
    result = await stage.run()
    assert isinstance(result.error, JournalError)
    assert stage.editor.history == [ORIGINAL]


async def test_a_guess_is_marked() -> None:
    edit = "value_4 = 44\n"
    stage = Stage(EmbeddedBackend(), edit=edit)
    result = await stage.run()
    if result.outcome is Outcome.APPLIED and not result.certain:
        assert {hunk.mark for hunk in result.hunks} == {Mark.UNSURE}
    assert result.certain or result.reasons


async def test_figures_come_from_the_clock_and_the_backend() -> None:
    usage = Usage(accepted=90, rejected=10, passes=3)
    script = Script((Say(REWRITTEN), Report(usage)))
    result = await Stage(ScriptedBackend(script)).run()
    assert (result.figures.accepted, result.figures.passes) == (90, 3)
    assert result.figures.acceptance == 0.9


async def test_progress_goes_through_the_steps() -> None:
    stage = Stage(ScriptedBackend(chunked(REWRITTEN, 1)))
    await stage.run()
    steps = [progress.step for progress in stage.diary.steps]
    order = list(dict.fromkeys(steps))
    assert order == [Step.PLACING, Step.WAITING, Step.STREAMING, Step.CHECKING]
    lines = [progress.lines for progress in stage.diary.steps if progress.step is Step.STREAMING]
    assert lines == sorted(lines)


async def test_a_pasted_snippet_leaves_and_comes_back_when_cancelled() -> None:
    at = ORIGINAL.index("value_20")
    pasted = ORIGINAL[:at] + EDIT + ORIGINAL[at:]
    stage = Stage(EmbeddedBackend(), text=pasted, cut=Cut(at, len(EDIT)))
    await stage.run()
    assert stage.editor.text == REWRITTEN

    broken = Stage(
        ScriptedBackend(broken_after(REWRITTEN[:300])), text=pasted, cut=Cut(at, len(EDIT))
    )
    await broken.run()
    assert broken.editor.text == pasted
