"""An edit of a file that is not open: made on a draft, and brought to the client in one piece.

The conductor streams into a model of the buffer. At the end the whole difference leaves as one
``workspace/applyEdit``, which creates the file where it is new. So a cancelled or failed apply has
touched nothing at all.

Nobody sees such a file, so no hunk can wait in it: what the block did not ask for is left out, with
a note, and a rewrite that a check refused does not land.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Answer
from fastapply_lsp.errors import EditorRefused, RewriteRejected
from fastapply_lsp.server.asked_for import (
    asked,
    counted,
    lines_told,
    reasons_of,
    refused,
    stands_alone,
    text_with,
    unrequested,
)
from fastapply_lsp.server.editor_port import document_edit
from fastapply_lsp.server.place import New, OnDisk
from fastapply_lsp.session.events import Decision, Outcome
from fastapply_lsp.text.edits import Edits
from fastapply_lsp.text.positions import TextIndex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.apply.conductor import Apply
    from fastapply_lsp.apply.model import Result
    from fastapply_lsp.errors import CannotApply
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.session.hunks import Hunk

_TYPED_THERE = "it was opened meanwhile, and the same lines were changed"


class Draft:
    """The text of a file that is not open, and how it gets to the client."""

    def __init__(self, place: OnDisk | New, desk: Desk) -> None:
        self.editor = ModelEditor(place.text)
        self._place = place
        self._desk = desk

    async def land(self, result: Result, apply: Apply) -> Result:
        """Send what the stream made of the draft; return the result as it then is."""
        if result.outcome is not Outcome.APPLIED:
            return result
        if bad := refused(apply.pending):
            reasons = reasons_of(bad) or result.reasons
            return await self._give_up(result, apply, RewriteRejected(reasons))
        extra, wanted = unrequested(apply.pending), asked(apply.pending)
        if extra:  # nobody sees the file, so nothing can wait in it
            text = text_with(self._place.text, wanted)
            given = (text, result.text, self._place.text, self._place.path)
            if not await asyncio.to_thread(stands_alone, *given):
                reasons = (*reasons_of(extra), "without that, what is left does not parse")
                return await self._give_up(result, apply, RewriteRejected(reasons))
            result = replace(result, text=text, notes=(*result.notes, self._left_out(extra)))
        if result.text != self._place.text:
            answer = await self._send(Edits.between(self._place.text, result.text))
            if not answer.applied:
                return await self._give_up(result, apply, EditorRefused(1, answer.reason))
            result = replace(result, notes=(*result.notes, await self._arrived()))
        for hunks, decision in ((extra, Decision.REJECT), (wanted, Decision.ACCEPT)):
            if hunks:
                await apply.decide([hunk.id for hunk in hunks], decision)
        return replace(result, hunks=apply.hunks)

    async def _give_up(self, result: Result, apply: Apply, error: CannotApply) -> Result:
        """Return the failure of an apply that has touched nothing outside the draft."""
        await apply.decide([hunk.id for hunk in apply.pending], Decision.REJECT)
        text = self._place.text
        return replace(result, outcome=Outcome.FAILED, hunks=(), text=text, error=error)

    async def _arrived(self) -> str:
        """Show a new file; say what became of the file."""
        if isinstance(self._place, New):
            await self._desk.opener.show(self._place.uri)
        done = "was created" if isinstance(self._place, New) else "was not open and is edited now"
        return f"{self._place.path} {done}; save it to keep the change."

    def _left_out(self, extra: Sequence[Hunk]) -> str:
        where = lines_told(extra, self._place.text)
        return (
            f"Left out of {self._place.path}: {counted(extra)} that the block did not ask for"
            f" ({where}). Open the file before you apply, and you can decide on that."
        )

    async def _send(self, edits: Edits) -> Answer:
        place, documents = self._place, self._desk.documents
        document = documents.get(place.uri)
        if document is not None:  # it was opened while the draft was written
            typed = Edits.between(place.text, document.text)
            rebased = edits.rebase(typed)
            if rebased.conflicts:
                return Answer(applied=False, reason=_TYPED_THERE)
            change = document_edit(
                document.uri,
                self._desk.connection.abilities.version(document.version),
                document.index,
                rebased.edits,
                documents.encoding,
            )
            return await self._desk.connection.apply_edit([change])
        change = document_edit(place.uri, None, TextIndex(place.text), edits, documents.encoding)
        connection = self._desk.connection
        if isinstance(place, OnDisk):
            return await connection.apply_edit([change])
        if connection.abilities.create_files:
            return await connection.apply_edit([_creation(place.uri), change])
        return await self._create_and_edit(place, change)

    async def _create_and_edit(self, place: New, change: dict[str, Any]) -> Answer:
        """Make the empty file ourselves, for a client that cannot; leave none behind if it fails."""
        path = await asyncio.to_thread(self._desk.opener.create, place.uri)
        answer = await self._desk.connection.apply_edit([change])
        if not answer.applied:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return answer


def _creation(uri: str) -> dict[str, Any]:
    options = {"overwrite": False, "ignoreIfExists": False}
    return {"kind": "create", "uri": uri, "options": options}
