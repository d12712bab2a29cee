"""`fastapply apply`: put one code block into one file on the disk.

Laws: unless the outcome is ``applied``, no byte of the file changes; if it is, every byte outside
the hunks is the byte that was there. The journal holds the original before the file is written.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import uuid
from contextlib import aclosing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Unwatched, WallClock
from fastapply_lsp.backends.registry import Backends
from fastapply_lsp.commands.answer import Answer, Told, answer_of, failure, only_asked
from fastapply_lsp.commands.logbook import open_log
from fastapply_lsp.commands.printing import Printer
from fastapply_lsp.errors import FastApplyError, InternalFault, NoCodeBlock, TooLarge, Unreadable
from fastapply_lsp.evaluation.run import Forgetful
from fastapply_lsp.files.journal import Journal, journal_folder
from fastapply_lsp.files.journal_records import Ended
from fastapply_lsp.files.settings_sources import load
from fastapply_lsp.files.uris import path_to_uri
from fastapply_lsp.files.workspace import Workspace
from fastapply_lsp.request.dialogue import dialogue_for
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.text.contract import NotDecodable, decode

if TYPE_CHECKING:
    from fastapply_lsp.files.workspace import DiskFile
    from fastapply_lsp.request.model import Message
    from fastapply_lsp.settings import Limits, Settings

_log = logging.getLogger(__name__)

STDIN = "-"


class Mode(StrEnum):
    """What becomes of the new text."""

    WRITE = "write"
    DIFF = "diff"
    STDOUT = "stdout"


@dataclass(frozen=True, slots=True)
class Arguments:
    """The command line; ``mode`` is ``None`` where it names none, which prints a diff.

    ``only_asked`` leaves out the changes that the block did not ask for.
    """

    file: str
    edit: str
    instructions: str
    chat: str | None
    backend: str | None
    mode: Mode | None
    only_asked: bool


def run(arguments: Arguments, *, as_json: bool) -> int:
    """Apply, print, and perhaps write; return the exit code."""
    printer = Printer(arguments.file, arguments.mode, as_json=as_json)
    try:
        asked = {"backend": arguments.backend} if arguments.backend else None
        settings = load(os.environ, call=asked).settings
        open_log(settings)
        file = _read_file(arguments.file, settings.limits)
        printer.file = file
        call = _call(arguments, settings.limits)
        answer = asyncio.run(_apply(arguments, call, file, settings))
    except FastApplyError as error:
        answer = failure(error)
    except Exception as error:  # noqa: BLE001 - whoever asked for JSON gets one object, come what may
        open_log()
        _log.error("apply failed unexpectedly", exc_info=error)
        answer = failure(InternalFault(type(error).__name__))
    printer.show(answer)
    return answer.exit


# What is read


def _read_file(name: str, limits: Limits) -> DiskFile:
    path = Path(name).absolute()
    if not path.exists():
        raise Unreadable(name, "there is no such file")
    real = path.resolve()
    return Workspace([real.parent], limits).read(str(real))


def _call(arguments: Arguments, limits: Limits) -> EditFile:
    edit = _read_text(arguments.edit, "the edit", limits.edit_bytes)
    if not edit.strip():
        raise NoCodeBlock("in the edit; it is empty")
    messages: tuple[Message, ...] = ()
    if arguments.chat is not None:
        chat = _read_text(arguments.chat, "the chat", limits.file_bytes)
        messages = dialogue_for(chat, edit)
    return EditFile(arguments.file, arguments.instructions, edit, messages, arguments.backend)


def _read_text(name: str, what: str, limit: int) -> str:
    try:
        data = sys.stdin.buffer.read(limit + 1) if name == STDIN else _read_bytes(name, limit + 1)
        if len(data) > limit:
            raise TooLarge(what, len(data), limit, "bytes")
        return decode(data).text
    except OSError as error:
        raise Unreadable(name, error.strerror or type(error).__name__) from error
    except NotDecodable as error:
        raise Unreadable(name, error.problem) from error


def _read_bytes(name: str, most: int) -> bytes:
    with Path(name).open("rb") as file:
        return file.read(most)


# What is done


async def _apply(
    arguments: Arguments, call: EditFile, file: DiskFile, settings: Settings
) -> Answer:
    text = file.content.text
    order = Order(
        id=uuid.uuid4().hex,
        call=call,
        uri=path_to_uri(file.path),
        path=arguments.file,
        text=text,
        version=0,
        raw=file.raw,
    )
    if arguments.mode is not Mode.WRITE:
        return await _walk(order, Forgetful(), settings, arguments)
    journal = Journal(journal_folder(os.environ), limit_bytes=settings.limits.journal_bytes)
    try:
        answer = await _walk(order, journal, settings, arguments)
        outcome = Outcome.CANCELLED
        try:
            if answer.outcome is Told.APPLIED and answer.text not in (None, text):
                Workspace([file.path.parent], settings.limits).write(file, answer.text or "")
                outcome = Outcome.APPLIED
        finally:
            # The review that an editor would hold open is over, so the journal's entry is too.
            await journal.append(Ended(order.id, outcome))
    finally:
        journal.close()
    return answer


async def _walk(
    order: Order, journal: Journal | Forgetful, settings: Settings, arguments: Arguments
) -> Answer:
    editor = ModelEditor(order.text)
    async with aclosing(Backends(settings)) as backends:
        apply = Apply(order, Ports(editor, journal, backends, WallClock()), Unwatched())
        editor.follow(apply)
        result = await apply.run()
        await apply.aclose()
    if arguments.only_asked:
        return only_asked(result, order.text, order.path)
    return answer_of(result)
