"""What does the client hear of one apply? Its result when the stream ends, and each decision after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.server import error_table
from fastapply_lsp.server.names import APPLIED, DECIDED
from fastapply_lsp.server.notices import details, notice
from fastapply_lsp.server.place import Open
from fastapply_lsp.server.wire import decided_json, range_json, result_json
from fastapply_lsp.session.hunks import HunkState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from fastapply_lsp.apply.model import Result
    from fastapply_lsp.server.applying import Applying
    from fastapply_lsp.server.desk import Desk
    from fastapply_lsp.session.hunks import Hunk

_DECIDABLE = frozenset(
    {HunkState.PENDING, HunkState.ACCEPTED, HunkState.REJECTED, HunkState.CONFLICT}
)


def tell_result(desk: Desk, applying: Applying, result: Result) -> dict[str, Any]:
    """Tell how the stream ended, and return the answer; a message only where nobody waits for it."""
    connection = desk.connection
    answer = _answer(desk, applying, result)
    connection.notify(APPLIED, answer)
    if said := details(result, applying.path):
        connection.log(said)
    told = notice(result, applying.path, is_open=isinstance(applying.place, Open))
    if told is not None and not applying.errand.answered:
        connection.show(told.level, told.text)
        error_table.log(result.error)
    return answer


def tell_decided(
    desk: Desk, applying: Applying, before: Mapping[int, HunkState], hunks: Iterable[Hunk]
) -> bool:
    """Tell the decisions since ``before``, if there are any; return whether there were."""
    if not isinstance(applying.place, Open):
        return False
    told = [
        hunk
        for hunk in hunks
        if before.get(hunk.id) in _DECIDABLE
        and hunk.state in _DECIDABLE
        and hunk.state is not before[hunk.id]
    ]
    if told:
        params = decided_json(applying.id, applying.place.uri, told, len(applying.pending))
        desk.connection.notify(DECIDED, params)
    return bool(told)


def _answer(desk: Desk, applying: Applying, result: Result) -> dict[str, Any]:
    """Return the result as the client gets it, with the places of the hunks now."""
    uri = applying.place.uri if applying.place is not None else None
    document = desk.documents.get(uri) if uri is not None else None
    ranges = {}
    if document is not None and isinstance(applying.place, Open):
        encoding = desk.documents.encoding
        ranges = {
            hunk: range_json(document.index, place, encoding)
            for hunk, place in applying.locate().items()
        }
    return result_json(result, uri=uri, target=applying.errand.call.target_file, ranges=ranges)
