"""Which edit of ours landed, while the user typed? The one that leaves the user least to have typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.session.misplaced import rightly_placed
from fastapply_lsp.session.typed import distance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.session.flight import Flight


def landed_with_typing(flights: Iterable[Flight], before: str, text: str) -> Flight | None:
    """Return the edit that explains the buffer's new text better than typing alone does.

    Args:
        flights: every edit that may land, the newest first.
        before: the buffer's text as last reported.
        text: its text now.
    """
    best, landed = 0, None
    for flight in flights:
        without = distance(flight.base, text)
        if without - abs(len(text) - len(flight.expected)) <= best:
            continue  # no distance is less than that; it spares the long comparison
        gain = without - distance(flight.expected, text)
        if flight.repairs and gain < distance(flight.base, flight.expected):
            continue  # what it brings back looks like typing, so all of it must be there
        if gain > best and not _nearer(flight, before, text):
            continue
        if gain > best:
            best, landed = gain, flight
    return landed


def _nearer(flight: Flight, before: str, text: str) -> bool:
    """Whether the latest change, too, looks more like the edit than like typing."""
    if flight.base == before:
        return True
    left = distance(before, text)
    moved = rightly_placed(flight.buffer, flight.base, before)
    return any(distance(other, text) < left for other in moved)
