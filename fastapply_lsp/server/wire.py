"""How results, hunks and figures look on the wire: JSON, in one place.

The shapes are those of ``fastapply apply --json`` with what only an editor needs added: ids,
states and ranges. ``docs/reference/protocol.md`` describes them to the writers of clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapply_lsp.errors import (
    AmbiguousTarget,
    FastApplyError,
    NotPlaced,
    RewriteRejected,
    TooLarge,
)
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import HunkState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapply_lsp.apply.model import Figures, Result
    from fastapply_lsp.session.hunks import Hunk, Offsets
    from fastapply_lsp.text.positions import PositionEncoding, TextIndex


def range_json(index: TextIndex, place: Offsets, encoding: PositionEncoding) -> dict[str, Any]:
    """Return a span of the text as an LSP range."""
    start = index.position_at(place.start, encoding)
    end = index.position_at(place.end, encoding)
    return {
        "start": {"line": start.line, "character": start.character},
        "end": {"line": end.line, "character": end.character},
    }


def result_json(
    result: Result,
    *,
    uri: str | None,
    target: str,
    ranges: Mapping[int, dict[str, Any]],
) -> dict[str, Any]:
    """Return the result of an apply.

    ``target`` is the file as the call named it, ``uri`` the document that it turned out to be.
    ``ranges`` tells where each hunk stands in the buffer now.
    """
    # A stream that was undone leaves no hunks but those in which the user typed meanwhile.
    hunks = [
        hunk
        for hunk in result.hunks
        if result.outcome is Outcome.APPLIED or hunk.state is HunkState.CONFLICT
    ]
    told: dict[str, Any] = {
        "apply": result.apply,
        "uri": uri,
        "target_file": target,
        "outcome": result.outcome.value,
        "backend": result.backend or None,
        "certain": result.certain,
        "reasons": list(result.reasons),
        "hunks": [hunk_json(hunk, ranges.get(hunk.id)) for hunk in hunks],
        "figures": figures_json(result.figures),
        "repairs": list(result.repairs),
        "notes": list(result.notes),
    }
    if result.error is not None:
        told["error"] = error_json(result.error)
    return told


def hunk_json(hunk: Hunk, place: dict[str, Any] | None) -> dict[str, Any]:
    """Return one hunk; ``removed`` and ``added`` are whole lines with their ends."""
    return {
        "id": hunk.id,
        "state": hunk.state.value,
        "range": place,
        "removed": list(hunk.removed),
        "added": list(hunk.added),
        "mark": hunk.mark.value or None,
        "note": hunk.note or None,
    }


def figures_json(figures: Figures) -> dict[str, Any]:
    """Return the figures: milliseconds, characters, and tokens of four characters."""
    first, share = figures.first_change_ms, figures.acceptance
    return {
        "first_change_ms": None if first is None else round(first, 3),
        "wall_ms": round(figures.wall_ms, 3),
        "characters": figures.characters,
        "characters_per_s": figures.characters_per_s,
        "tokens_per_s": figures.tokens_per_s,
        "acceptance": None if share is None else round(share, 4),
        "accepted": figures.accepted,
        "rejected": figures.rejected,
        "passes": figures.passes,
    }


def passes_told(figures: Figures) -> str:
    """Say how often the model was asked, as the end of a list; nothing where it is not known.

    >>> from fastapply_lsp.apply.model import Figures
    >>> passes_told(Figures(3.0, 9.0, 4000, passes=2)), passes_told(Figures(3.0, 9.0, 4000))
    (', 2 passes', '')
    """
    if figures.passes is None:
        return ""
    return ", 1 pass" if figures.passes == 1 else f", {figures.passes:,} passes"


def decided_json(
    apply: str, uri: str | None, decided: Iterable[Hunk], pending: int
) -> dict[str, Any]:
    """Return the decisions that were just taken, and how many hunks still wait."""
    return {
        "apply": apply,
        "uri": uri,
        "hunks": [{"id": hunk.id, "state": hunk.state.value} for hunk in decided],
        "pending": pending,
    }


def error_json(error: FastApplyError) -> dict[str, Any]:
    """Return an error of the tree: its row in the reference, what happened, what to do."""
    told: dict[str, Any] = {"code": error.code, "message": str(error), "advice": error.advice}
    match error:
        case AmbiguousTarget(candidates=candidates):
            told["candidates"] = list(candidates)
        case NotPlaced(reasons=reasons):
            told["reasons"] = list(reasons)
        case RewriteRejected(faults=faults):
            told["reasons"] = list(faults)
        case TooLarge(size=size, limit=limit, unit=unit):
            told |= {"size": size, "limit": limit, "unit": unit}
        case _:
            pass
    return told
