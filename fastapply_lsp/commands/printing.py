"""What does `fastapply apply` print? The result to stdout, words about it to stderr."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import click

from fastapply_lsp.commands.answer import Answer, Told, as_json
from fastapply_lsp.commands.guarded import tell
from fastapply_lsp.commands.unified_diff import coloured, unified_diff
from fastapply_lsp.server.asked_for import asked, lines_told, unrequested
from fastapply_lsp.server.wire import passes_told
from fastapply_lsp.session.hunks import Mark
from fastapply_lsp.text.contract import BOM

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from fastapply_lsp.files.workspace import DiskFile
    from fastapply_lsp.session.hunks import Hunk


_PLACE = re.compile(r"\blines? \d")


class Printer:
    """Prints one answer about one file, in the way that the command line asks for.

    ``file`` is the file as it was read; ``None`` where that failed. ``mode`` is a name of
    `apply.Mode`, or ``None`` where none was asked for.
    """

    def __init__(self, name: str, mode: str | None, *, as_json: bool) -> None:
        self.file: DiskFile | None = None
        self._name = name
        self._mode = mode
        self._as_json = as_json

    def show(self, answer: Answer) -> None:
        """Print it."""
        if self._as_json:
            click.echo(json.dumps(self._object(answer), ensure_ascii=False, indent=2))
        elif answer.text is not None and self.file is not None:
            match self._mode:
                case "write":
                    pass
                case "stdout":
                    _write_bytes(self.file.content.encode(answer.text))
                case _:
                    self._show_diff(answer.text)
        self._say(answer)

    def _object(self, answer: Answer) -> dict[str, Any]:
        original = self.file.content.text if self.file else ""
        told = as_json(answer, original)
        if answer.text is not None and self._mode == "diff":
            told["diff"] = "".join(unified_diff(original, answer.text, self._name))
        if answer.text is not None and self._mode == "stdout":
            # As without --json: the file to the byte, its byte order mark included.
            told["text"] = (BOM if self.file and self.file.content.bom else "") + answer.text
        return told

    def _show_diff(self, text: str) -> None:
        original = self.file.content.text if self.file else ""
        lines = unified_diff(original, text, self._name)
        if _wants_colour(sys.stdout):
            for line in lines:
                click.echo(coloured(line), nl=False)
        else:
            _write_bytes("".join(lines).encode("utf-8"))

    def _say(self, answer: Answer) -> None:
        for repair in answer.repairs:
            _tell(f"repaired: {repair}")
        if answer.error is not None:
            tell(answer.error)
            if answer.hunks and self._mode != "write":
                click.echo("  What is shown is the rewrite that was refused.", err=True)
        elif answer.outcome is Told.UNCERTAIN:
            self._say_uncertain(answer)
        elif self._mode == "write" and not self._as_json:
            _tell(f"{self._name}: {_counted(answer)}")
        self._say_left_out(answer)
        for note in answer.notes:
            _tell(note)

    def _say_uncertain(self, answer: Answer) -> None:
        extra = unrequested(answer.hunks)
        guessed = any(hunk.mark is Mark.UNSURE for hunk in answer.hunks)
        if not answer.hunks:
            _tell(f"nothing to change in {self._name}:")
        elif extra and not guessed:
            shown = "" if self._mode == "write" else "; what is shown has all of it"
            _tell(f"not all of it was asked for, so nothing was written{shown}:")
        else:
            shown = "" if self._mode == "write" else "; what is shown is a guess"
            _tell(f"not certain, so nothing was written{shown}:")
        if guessed or not extra:
            told = {hunk.note for hunk in extra}
            for reason in answer.reasons:
                if reason not in told:
                    click.echo(f"  {reason}", err=True)
        self._say_where(extra)
        if answer.inseparable:
            click.echo("  That cannot be left out: the rest does not parse without it.", err=True)
        elif extra and asked(answer.hunks):
            click.echo("  With --only-asked that is left out.", err=True)

    def _say_left_out(self, answer: Answer) -> None:
        if not answer.left_out:
            return
        _tell("left out, because the block does not ask for it:")
        self._say_where(answer.left_out)
        if not self._as_json and answer.text is not None and answer.whole is not None:
            for line in unified_diff(answer.text, answer.whole, self._name):
                click.echo(
                    coloured(line) if _wants_colour(sys.stderr) else line, err=True, nl=False
                )

    def _say_where(self, hunks: Sequence[Hunk]) -> None:
        """Say of marked hunks why they are; and where, if the reason does not."""
        original = self.file.content.text if self.file else ""
        for note in dict.fromkeys(hunk.note for hunk in hunks):
            where = lines_told([hunk for hunk in hunks if hunk.note == note], original)
            told = note if _PLACE.search(note) else f"{where}: {note}" if note else where
            click.echo(f"  {told}", err=True)


def _tell(words: str) -> None:
    click.echo(f"fastapply: {words}", err=True)


def _wants_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _counted(answer: Answer) -> str:
    hunks = len(answer.hunks)
    if not hunks:
        return "nothing to change"
    removed = sum(len(hunk.removed) for hunk in answer.hunks)
    added = sum(len(hunk.added) for hunk in answer.hunks)
    figures = answer.figures
    took = "" if figures is None else f", {figures.wall_ms:.0f} ms{passes_told(figures)}"
    return f"{hunks} hunk{'s' * (hunks > 1)}, -{removed} +{added} lines{took}"


def _write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
