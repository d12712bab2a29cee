"""What does `fastapply apply` print? The result to stdout, words about it to stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from fastapply_lsp.commands.answer import Answer, Told, as_json
from fastapply_lsp.commands.guarded import tell
from fastapply_lsp.commands.unified_diff import coloured, unified_diff

if TYPE_CHECKING:
    from fastapply_lsp.files.workspace import DiskFile


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
            told["text"] = answer.text
        return told

    def _show_diff(self, text: str) -> None:
        original = self.file.content.text if self.file else ""
        lines = unified_diff(original, text, self._name)
        if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
            for line in lines:
                click.echo(coloured(line), nl=False)
        else:
            _write_bytes("".join(lines).encode("utf-8"))

    def _say(self, answer: Answer) -> None:
        if answer.error is not None:
            tell(answer.error)
            return
        shown = self._mode != "write" and answer.hunks
        guess = "; what is shown is a guess" if shown else ""
        match answer.outcome:
            case Told.UNCERTAIN:
                click.echo(f"fastapply: not certain, so nothing was written{guess}:", err=True)
                for reason in answer.reasons:
                    click.echo(f"  {reason}", err=True)
            case Told.APPLIED if self._mode == "write" and not self._as_json:
                click.echo(f"fastapply: {self._name}: {_counted(answer)}", err=True)
            case _:
                pass
        for note in answer.notes:
            click.echo(f"fastapply: {note}", err=True)


def _counted(answer: Answer) -> str:
    hunks = len(answer.hunks)
    if not hunks:
        return "nothing to change"
    removed = sum(len(hunk.removed) for hunk in answer.hunks)
    added = sum(len(hunk.added) for hunk in answer.hunks)
    took = "" if answer.figures is None else f", {answer.figures.wall_ms:.0f} ms"
    return f"{hunks} hunk{'s' * (hunks > 1)}, -{removed} +{added} lines{took}"


def _write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
