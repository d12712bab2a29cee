"""An edit of a file that is not open: made on a draft, and brought to the client in one piece.

The conductor streams into a model of the buffer. At the end the whole difference leaves as one
``workspace/applyEdit``, which creates the file where it is new. So a cancelled or failed apply has
touched nothing at all.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Answer
from fastapply_lsp.errors import EditorRefused
from fastapply_lsp.server.editor_port import document_edit
from fastapply_lsp.server.place import New, OnDisk
from fastapply_lsp.session.events import Decision, Outcome
from fastapply_lsp.text.edits import Edits
from fastapply_lsp.text.positions import TextIndex

if TYPE_CHECKING:
    from fastapply_lsp.apply.conductor import Apply
    from fastapply_lsp.apply.model import Result
    from fastapply_lsp.server.desk import Desk

_TYPED_THERE = "it was opened meanwhile, and the same lines were changed"


class Draft:
    """The text of a file that is not open, and how it gets to the client."""

    def __init__(self, place: OnDisk | New, desk: Desk) -> None:
        self.editor = ModelEditor(place.text)
        self._place = place
        self._desk = desk

    async def land(self, result: Result, apply: Apply) -> Result:
        """Send what the stream made of the draft; return the result as it then is."""
        hunks = [hunk.id for hunk in apply.pending]
        if result.outcome is not Outcome.APPLIED or result.text == self._place.text:
            return result
        answer = await self._send(Edits.between(self._place.text, result.text))
        if not answer.applied:
            await apply.decide(hunks, Decision.REJECT)
            error = EditorRefused(1, answer.reason)
            return replace(result, outcome=Outcome.FAILED, hunks=(), error=error)
        await apply.decide(hunks, Decision.ACCEPT)
        if isinstance(self._place, New):
            await self._desk.opener.show(self._place.uri)
        done = "was created" if isinstance(self._place, New) else "was not open and is edited now"
        note = f"{self._place.path} {done}; save it to keep the change."
        return replace(result, hunks=apply.hunks, notes=(*result.notes, note))

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
