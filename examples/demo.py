"""The main job, to look at: code blocks of the chats in this folder go into the files beside them.

Each block is applied twice to a copy of its file. First by the embedded merge at full speed; that
time is the one in the figures. Then once more by the scripted backend, which says the same file in
small chunks at the pace of a model, so that you can watch the hunks arrive: each is shown at the
moment at which it stands in the buffer. Both go through the same conductor as every real edit.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE
from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order, Result
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Unwatched, WallClock
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.scripted import Predicted, Script, ScriptedBackend
from fastapply_lsp.evaluation.run import Forgetful
from fastapply_lsp.merge import merge
from fastapply_lsp.request.chat import dialogue_before, parse_chat
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.request.paths import Workspace
from fastapply_lsp.request.target import find_target, without_label
from fastapply_lsp.session.hunks import HunkState
from fastapply_lsp.text.contract import decode
from fastapply_lsp.text.lines import line_starts, split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.session.hunks import Hunk

HERE = Path(__file__).parent
WIDTH = 100
CHUNK_CHARACTERS = 24
PACE = 3_000
"""Characters per second of the replay in a terminal: a quick model without speculation."""

IN_BUFFER = {HunkState.PENDING, HunkState.ACCEPTED}


@dataclass(frozen=True, slots=True)
class Job:
    """A block of a chat, the copy of the file that it is for, and what the merge says to it."""

    chat: str
    file: Path
    original: str
    call: EditFile
    merge: Merge


@dataclass(frozen=True, slots=True)
class Done:
    """A job that was done: the embedded merge at full speed, and the replay."""

    job: Job
    fast: Result
    replay: Result


class Screen(Unwatched):
    """Shows each hunk once, when it stands in the buffer."""

    def __init__(self, console: Console, original: str) -> None:
        self._console = console
        self._starts = line_starts(original)
        self._lines = split_lines(original)
        self._shown: set[int] = set()
        self._began_s = time.perf_counter()

    def hunks_changed(self, hunks: tuple[Hunk, ...]) -> None:
        """Show what is new."""
        for hunk in hunks:
            if hunk.state in IN_BUFFER and hunk.id not in self._shown:
                self._shown.add(hunk.id)
                self._show(hunk)

    def _show(self, hunk: Hunk) -> None:
        first = bisect_right(self._starts, hunk.start)
        ms = 1000 * (time.perf_counter() - self._began_s)
        mark = f"  {hunk.mark.value}: {hunk.note}" if hunk.mark.value else ""
        self._print(Text(f"  {ms:7.1f} ms  line {first}{mark}", style="cyan"))
        after = first - 1 + len(hunk.removed)
        self._block("   ", "dim", self._lines[max(0, first - 2) : first - 1])
        self._block(" - ", "red", hunk.removed)
        self._block(" + ", "green", hunk.added)
        self._block("   ", "dim", self._lines[after : after + 1])

    def _block(self, mark: str, style: str, lines: tuple[str, ...] | list[str]) -> None:
        for line in lines:
            shown = without_line_end(line).expandtabs(4)
            self._print(Text(f"    {mark}{shown}", style=style))

    def _print(self, text: Text) -> None:
        self._console.print(text, no_wrap=True, overflow="ellipsis", crop=True)


def jobs(folder: Path) -> Iterator[Job]:
    """Yield the blocks of all chats; a file is read when it is its turn, as it is then."""
    chats = sorted((folder / "chats").glob("*.md"))
    files = (path for path in folder.rglob("*") if path.is_file() and path not in chats)
    known = Workspace([path.relative_to(folder).as_posix() for path in files])
    for path in chats:
        chat = parse_chat(path.read_text(encoding="utf-8"))
        for block in chat.blocks:
            target = find_target(chat, block, known)
            file = folder / target.path
            original = decode(file.read_bytes()).text
            code = without_label(block.code, target, original)
            call = EditFile(target.path, "", code, dialogue_before(chat, block))
            yield Job(path.name, file, original, call, merge(original, call))


async def apply(job: Job, backend: Backend, watcher: Unwatched) -> Result:
    """Lead one edit along the whole walk, into a buffer."""
    editor = ModelEditor(job.original)
    path = job.call.target_file
    order = Order("demo", job.call, job.file.as_uri(), path, job.original, version=0)
    ports = Ports(editor, Forgetful(), lambda *_: [backend], WallClock())
    one = Apply(order, ports, watcher)
    editor.follow(one)
    result = await one.run()
    await one.aclose()
    return result


async def show(job: Job, console: Console, pace: float) -> Done:
    """Apply a job twice, and show the second time."""
    code = len(split_lines(job.call.code_edit))
    title = f"{job.chat}  →  {job.call.target_file}"
    console.print(Rule(Text(title, style="bold"), align="left", style="blue"))
    fast = await apply(job, EmbeddedBackend(), Unwatched())
    sure = "certain" if fast.certain else "not certain"
    console.print(
        f"  {job.merge.form}, {code} lines, for a file of {len(split_lines(job.original))};"
        f" placed in {fast.figures.wall_ms:.1f} ms, {sure}",
        style="dim",
    )
    pause_s = CHUNK_CHARACTERS / pace if pace else 0.0
    script = Script((Predicted(CHUNK_CHARACTERS, pause_s),))
    # Not a model: what the merge is unsure of stays marked so.
    replayer = ScriptedBackend(script, abilities=EmbeddedBackend.abilities)
    replay = await apply(job, replayer, Screen(console, job.original))
    for reason in fast.reasons:
        console.print(Text(f"  not certain: {reason}", style="yellow"))
    if fast.certain:
        job.file.write_bytes(decode(job.file.read_bytes()).encode(fast.text))
        console.print(f"  ✓ written: {_untouched(fast, job)}", style="green")
    else:
        console.print("  · not written: an editor would ask you to accept it", style="yellow")
    console.print()
    return Done(job, fast, replay)


def _untouched(result: Result, job: Job) -> str:
    total = len(split_lines(job.original))
    removed = sum(len(hunk.removed) for hunk in result.hunks)
    return f"{len(result.hunks)} hunks, {total - removed} of {total} lines untouched"


def summary(done: list[Done]) -> Table:
    """Return the figures as a table."""
    table = Table(title=Text("What happened", style="bold"), title_justify="left", box=SIMPLE)
    table.padding = (0, 1, 0, 0)
    table.pad_edge = False
    for name in ("file", "form of the block", "sure"):
        table.add_column(name, no_wrap=True)
    for name in ("hunks", "lines", "embedded", "first hunk", "replay"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in done:
        hunks = one.fast.hunks
        first = one.replay.figures.first_change_ms
        added = sum(len(hunk.added) for hunk in hunks)
        removed = sum(len(hunk.removed) for hunk in hunks)
        table.add_row(
            one.job.call.target_file,
            one.job.merge.form.value,
            Text("yes", "green") if one.fast.certain else Text("no", "yellow"),
            f"{len(hunks)}",
            f"-{removed} +{added}",
            f"{one.fast.figures.wall_ms:.1f} ms",
            "" if first is None else f"{first:.0f} ms",
            f"{one.replay.figures.wall_ms:.0f} ms",
        )
    return table


async def run(console: Console, pace: float) -> int:
    """Show every job; return 1 where the replay came to another text than the merge."""
    paced = f"at {pace:,.0f} characters/s" if pace else "without pauses"
    console.print(Padding(Text("fastapply-lsp: code blocks from a chat, put where they belong"), 1))
    console.print(
        "Each block is applied by the embedded merge at full speed (no model, no network); then\n"
        f"the same rewrite is replayed in chunks of {CHUNK_CHARACTERS} characters {paced}, and each"
        " hunk is\nshown at the moment at which it stands in the buffer.\n",
        style="dim",
    )
    with tempfile.TemporaryDirectory(prefix="fastapply-demo-") as temporary:
        folder = Path(temporary) / "examples"
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("*.pyc", "__pycache__"))
        done = [await show(job, console, pace) for job in jobs(folder)]
    console.print(summary(done))
    console.print(
        "embedded: from the call to the changed buffer; the first of a language loads its grammar"
        " too.\nfirst hunk, replay: the same edit at the pace above. Only copies were edited; examples/ is as it was.",
        style="dim",
    )
    return int(any(one.fast.text != one.replay.text for one in done))


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    text = f"characters per second of the replay; 0: no pauses (in a terminal {PACE}, else 0)"
    parser.add_argument("--pace", type=float, metavar="N", help=text)
    pace: float | None = parser.parse_args().pace
    console = Console(highlight=False)
    console.width = WIDTH if not console.is_terminal else min(WIDTH, console.width)
    if pace is None:
        pace = PACE if console.is_terminal else 0
    sys.exit(asyncio.run(run(console, pace)))


if __name__ == "__main__":
    main()
