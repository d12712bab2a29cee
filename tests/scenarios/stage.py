"""Plays a scenario on the real driver, with a model editor and a scripted backend."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order, Result
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Answer, Unwatched
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Backend
from fastapply_lsp.backends.scripted import Fail, Pause, Say, Script, ScriptedBackend, Step, Stop
from fastapply_lsp.errors import StreamBroken
from fastapply_lsp.files.journal_records import Record
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.lines import split_lines
from tests.scenarios.scenario import Scenario, block_of

ASKED_AGAIN_S = 0.5
"""The pause by which a script says that it is asked again."""

TURNS = 40
"""Turns of the event loop after which everything that a chunk caused has happened."""


class MemoryJournal:
    """Keeps its records in memory, at once."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    async def append(self, record: Record) -> None:
        self.records.append(record)


class VirtualClock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


@dataclass
class Play:
    """What happened."""

    result: Result
    editor: ModelEditor
    journal: MemoryJournal
    apply: Apply
    edits: list[str] = field(default_factory=list)


class RecordingEditor(ModelEditor):
    """Writes down each edit as a scenario shows it."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.chunk = "chunk 1"
        self.shown: list[str] = []

    async def edit(self, edits: Edits, version: int | None) -> Answer:
        before, lines = self.text, split_lines(self.text)
        answer = await super().edit(edits, version)
        if answer.applied:
            shift = 0
            for edit in edits:
                at = before.count("\n", 0, edit.start)
                self.shown.append(f"{self.chunk} @ {at + shift}\n")
                gone = split_lines(before[edit.start : edit.end])
                self.shown += [f"-{_ended(line)}" for line in gone]
                self.shown += [f"+{_ended(line)}" for line in split_lines(edit.text)]
                shift += edit.text.count("\n") - len(gone)
        assert lines is not None
        return answer


def _ended(line: str) -> str:
    return block_of(line)


async def play(scenario: Scenario) -> Play:
    """Play a scenario to the end of its stream."""
    editor = RecordingEditor(scenario.buffer)
    journal, clock = MemoryJournal(), VirtualClock()
    said = 0

    async def between(seconds: float) -> None:
        nonlocal said
        if seconds == ASKED_AGAIN_S:
            editor.chunk = "again 1"
            return
        said += 1
        for _ in range(TURNS):
            await asyncio.sleep(0)
        for typing in scenario.typing:
            if typing.chunk == said:
                at = editor.text.index(typing.before)
                editor.type(Edits.of([Edit(at, at, typing.text)]))
        if scenario.faults.get(said) == "cancel":
            apply.cancel()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        editor.chunk = _next_chunk(scenario, said)

    backend: Backend = EmbeddedBackend()
    if scenario.chunks:
        scripts = [_script(scenario, scenario.chunks)]
        if scenario.again:
            again = _script(scenario, scenario.again)
            scripts.append(Script((Pause(ASKED_AGAIN_S), *again.steps)))
        backend = ScriptedBackend(*scripts, sleep=between)
    else:
        editor.chunk = "chunk end"
    call = EditFile(
        scenario.path, scenario.title, scenario.blocks.get("code_edit", scenario.rewrite)
    )
    order = Order("a1", call, "file:///" + scenario.path, scenario.path, scenario.buffer, 0)
    ports = Ports(editor, journal, lambda _merge, _named: (backend,), clock)
    apply = Apply(order, ports, Unwatched())
    editor.follow(apply)
    result = await apply.run()
    await apply.aclose()
    return Play(result, editor, journal, apply, editor.shown)


def _next_chunk(scenario: Scenario, said: int) -> str:
    """Say what comes after so many chunks."""
    name, count = "chunk", len(scenario.chunks)
    if said > count:
        name, said, count = "again", said - count, len(scenario.again)
    return f"{name} {said + 1}" if said < count else f"{name} end"


def _script(scenario: Scenario, chunks: Sequence[str]) -> Script:
    steps: list[Step] = []
    for number, chunk in enumerate(chunks, 1):
        steps += [Say(chunk), Pause(1)]
        if scenario.faults.get(number) == "break":
            steps.append(Fail(StreamBroken("script", len(scenario.rewrite))))
        if scenario.faults.get(number) == "truncate":
            steps.append(Stop("length"))
    return Script(tuple(steps))
