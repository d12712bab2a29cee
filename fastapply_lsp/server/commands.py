"""What the commands and the request ``fastapply/editFile`` do.

A command is answered at once, since some editors do nothing else meanwhile; what comes of it
follows in notifications. Arguments are checked here, and nowhere else.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol.types import Position, Range

from fastapply_lsp.errors import CannotApply, FastApplyError, MalformedEdit, NoCodeBlock
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.request.schema import parse_edit_file
from fastapply_lsp.server import error_table, names
from fastapply_lsp.server.actions import digest, selection
from fastapply_lsp.server.asked_for import asked, unrequested
from fastapply_lsp.server.chats import block_key
from fastapply_lsp.server.errand import Errand, Pasted
from fastapply_lsp.session.events import Decision
from fastapply_lsp.session.hunks import Cut

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastapply_lsp.server.applies import Applies
    from fastapply_lsp.server.applying import Applying
    from fastapply_lsp.server.chats import Chats
    from fastapply_lsp.server.desk import Desk

_NOT_OVER = "There is no such apply, or it is over."


class Commands:
    """Carries out commands."""

    def __init__(self, desk: Desk, chats: Chats, applies: Applies) -> None:
        self._desk = desk
        self._chats = chats
        self._applies = applies
        self._table: dict[str, Callable[[dict[str, Any]], Any]] = {
            names.APPLY: self._apply,
            names.CANCEL: self._cancel,
            names.ACCEPT: partial(self._decide, Decision.ACCEPT),
            names.REJECT: partial(self._decide, Decision.REJECT),
            names.ACCEPT_ALL: partial(self._decide_all, Decision.ACCEPT),
            names.REJECT_ALL: partial(self._decide_all, Decision.REJECT),
            names.ACCEPT_ASKED: self._accept_asked,
            names.REJECT_UNREQUESTED: self._reject_unrequested,
        }

    def execute(self, command: str, arguments: list[Any]) -> Any:  # noqa: ANN401 - JSON
        """Run ``workspace/executeCommand``; return its answer."""
        run = self._table.get(command)
        if run is None:
            raise error_table.bad_arguments(f"There is no command {command}.")
        given = arguments[0] if arguments else {}
        if not isinstance(given, dict):
            raise error_table.bad_arguments(f"The argument of {command} must be one object.")
        try:
            return run(given)
        except FastApplyError as error:
            raise error_table.as_response(error) from error

    async def edit_file(self, params: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Answer ``fastapply/editFile`` at the end of the stream."""
        try:
            call = parse_edit_file(params)
        except FastApplyError as error:
            raise error_table.as_response(error) from error
        errand = Errand(call, token=params.get("workDoneToken"), answered=True)
        applying = await self._applies.carry_out(errand)
        if applying.result is not None and applying.result.error is not None:
            raise error_table.as_response(applying.result.error, result=applying.answer)
        return applying.answer

    # Applying

    def _apply(self, given: dict[str, Any]) -> dict[str, str]:
        match given:
            case {"chat": str(uri), "block": str(block)}:
                errand = self._block(uri, block)
            case {"document": str(uri), "range": dict(place), "snippet": str(snippet)}:
                errand = self._pasted(uri, place, snippet)
            case _:
                errand = Errand(parse_edit_file(given), token=given.get("workDoneToken"))
        return {"apply": self._applies.start(errand).id}

    def _block(self, uri: str, block: str) -> Errand:
        """Name a block of a chat; which file it means is found out once the answer is given."""
        return Errand(
            EditFile(target_file="", instructions="", code_edit=""),
            block=block_key(uri, block),
            read=partial(self._chats.errand, uri, block),
        )

    def _pasted(self, uri: str, place: dict[str, Any], snippet: str) -> Errand:
        """Take a pasted snippet out of the document as it is now."""
        document = self._desk.documents.get(uri)
        if document is None:
            raise NoCodeBlock(f"in {uri}: it is not open")
        cut = selection(document, _range(place), self._desk.documents.encoding)
        text = document.text[cut.start : cut.end]
        if not text.strip():
            raise NoCodeBlock("in the selection")
        if snippet and digest(text) != snippet:
            raise NoCodeBlock("in the selection: its text has changed meanwhile")
        return Errand(
            EditFile(self._desk.opener.shown(document.uri), "", text),
            pasted=Pasted(document.uri, document.text, Cut(cut.start, cut.end - cut.start)),
        )

    def _cancel(self, given: dict[str, Any]) -> dict[str, int]:
        """Cancel the streams that the argument means; return how many there were."""
        return {"cancelled": sum(applying.cancel() for applying in self._meant(given))}

    # Decisions

    def _decide(self, decision: Decision, given: dict[str, Any]) -> None:
        match given:
            case {"apply": str(number), "hunks": list(hunks)}:
                applying = self._applies.get(number)
            case {"apply": str(number), "hunk": int(hunk)}:
                applying, hunks = self._applies.get(number), [hunk]
            case _:
                problem = "it names no apply and no hunks"
                raise MalformedEdit("the argument of a decision", problem)
        if applying is None:
            raise CannotApply(_NOT_OVER)
        waiting = {hunk.id for hunk in applying.pending}
        if not waiting.issuperset(hunks):
            raise CannotApply("That change no longer waits for a decision.")
        self._desk.background.start(applying.decide(frozenset(hunks), decision))

    def _decide_all(self, decision: Decision, given: dict[str, Any]) -> None:
        for applying in self._meant(given):
            hunks = frozenset(hunk.id for hunk in applying.pending)
            if hunks:
                self._desk.background.start(applying.decide(hunks, decision))

    def _accept_asked(self, given: dict[str, Any]) -> None:
        """Accept what was asked, reject what was not; what a check refused waits on."""
        for applying in self._meant(given):
            self._desk.background.start(_keep_what_was_asked(applying))

    def _reject_unrequested(self, given: dict[str, Any]) -> None:
        for applying in self._meant(given):
            hunks = frozenset(hunk.id for hunk in unrequested(applying.pending))
            if hunks:
                self._desk.background.start(applying.decide(hunks, Decision.REJECT))

    def _meant(self, given: dict[str, Any]) -> Iterable[Applying]:
        """Return the applies that an argument means: one, those to a document, or all."""
        match given:
            case {"apply": str(number)}:
                applying = self._applies.get(number)
                if applying is None:
                    raise CannotApply(_NOT_OVER)
                return [applying]
            case {"uri": str(uri)}:
                return list(self._applies.on(uri))
            case _:
                return self._applies.all()


async def _keep_what_was_asked(applying: Applying) -> None:
    pending = applying.pending
    for hunks, decision in (
        (unrequested(pending), Decision.REJECT),
        (asked(pending), Decision.ACCEPT),
    ):
        if hunks:
            await applying.decide(frozenset(hunk.id for hunk in hunks), decision)


def _range(place: dict[str, Any]) -> Range:
    match place:
        case {
            "start": {"line": int(line), "character": int(character)},
            "end": {"line": int(last), "character": int(end)},
        }:
            return Range(Position(line, character), Position(last, end))
        case _:
            raise MalformedEdit("the argument of fastapply.apply", "its range is none")
