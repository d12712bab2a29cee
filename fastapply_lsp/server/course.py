"""Sets the conductor to a place: an open buffer, or the draft of a file that is not open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order
from fastapply_lsp.errors import BufferClosed
from fastapply_lsp.request.target import without_label
from fastapply_lsp.server.editor_port import BufferEditor
from fastapply_lsp.server.landing import Draft
from fastapply_lsp.server.place import OnDisk, Open

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapply_lsp.apply.ports import Editor, Watcher
    from fastapply_lsp.request.model import EditFile
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.server.errand import Errand
    from fastapply_lsp.server.place import Place


@dataclass(frozen=True, slots=True)
class Start:
    """What there is when the turn has come."""

    number: str
    errand: Errand
    place: Place
    desk: Desk
    end_turn: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Course:
    """A conductor that is ready to run; ``draft`` where the target is not open.

    ``end_turn`` lets the next apply to the same document begin.
    """

    apply: Apply
    place: Place
    draft: Draft | None
    end_turn: Callable[[], None]


def set_out(start: Start, watcher: Watcher) -> Course:
    """Look at the buffer as it is now, and set the conductor to it. Nothing waits in here.

    Raises:
        CannotApply: the document was closed meanwhile, or is above a limit, or no text; or the
            pasted snippet has changed.
    """
    desk, errand = start.desk, start.errand
    if not isinstance(start.place, Open):
        draft = Draft(start.place, desk)
        order = _order(start, start.place)
        apply = Apply(order, _ports(desk, draft.editor), watcher)
        draft.editor.follow(apply)
        return Course(apply, start.place, draft, start.end_turn)
    document = desk.documents.get(start.place.uri)
    if document is None:
        raise BufferClosed(start.place.uri)
    place = replace(start.place, document=document)
    cut = None if errand.pasted is None else errand.pasted.now_in(document)
    order = replace(_order(start, place), version=document.revision, cut=cut)
    editor = BufferEditor(place.uri, desk.documents, desk.connection)
    apply = Apply(order, _ports(desk, editor), watcher)
    return Course(apply, place, None, start.end_turn)


def _ports(desk: Desk, editor: Editor) -> Ports:
    return Ports(editor, desk.journal, desk.choose, desk.clock)


def _order(start: Start, place: Place) -> Order:
    """Return the order for a draft, whose first version is 0; an open buffer has another."""
    call = _call(start.errand, place.text)
    start.desk.limits.check(place.path, place.text, call.code_edit)
    return Order(
        id=start.number,
        call=call,
        uri=place.uri,
        path=place.path,
        text=place.text,
        version=0,
        block=start.errand.block,
        raw=place.raw if isinstance(place, OnDisk) else None,
    )


def _call(errand: Errand, text: str) -> EditFile:
    if errand.target is None:
        return errand.call
    edit = without_label(errand.call.code_edit, errand.target, text)
    return replace(errand.call, code_edit=edit)
