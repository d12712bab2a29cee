"""What if an editor makes an edit in a text that it was not made for?

Some editors check no versions: they make an edit at the lines and columns that it names, whatever
the user typed since it left. What that did is *harm*: it is told from typing, kept as edits of the
buffer as it should be, and taken back before anything else is sent.

Laws: ``landed_at(edits, base, base).apply(base) == edits.apply(base)``; a text that is harmed and
then repaired holds every character that it held before the harm and every one typed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.session.typed import KEPT_MIN, distance, typed
from fastapply_lsp.text.edits import Edit, Edits, within_lines
from fastapply_lsp.text.lines import line_end, split_lines
from fastapply_lsp.text.places import Places
from fastapply_lsp.text.positions import PositionEncoding, TextIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapply_lsp.session.flight import Flight

GUESSED_MAX = 32
"""Places in one edit, above which it is not asked where the user typed between them."""

_UNIT = PositionEncoding.UTF32  # code points, as everywhere in a session


def landed_at(edits: Edits, base: str, now: str) -> Edits:
    r"""Return edits of ``base`` as edits of ``now``, at the same lines and columns.

    >>> landed_at(Edits.of([Edit(2, 4, "B\n")]), "a\nb\n", "<\na\nb\n").items
    (Edit(start=2, end=4, text='B\n'),)
    """
    there, here = TextIndex(base), TextIndex(now)

    def place(offset: int) -> int:
        position = there.position_at(offset, _UNIT)
        return here.offset_at(position.line, position.character, _UNIT)

    return Edits.of(Edit(place(edit.start), place(edit.end), edit.text) for edit in edits)


def may_show(edits: Edits, text: str) -> bool:
    """Whether all that the edits bring is somewhere in ``text``: a cheap question, asked first."""
    return all(edit.text.strip() in text for edit in edits)


def has_come(edits: Edits, now: str, text: str) -> bool:
    """Whether ``text`` holds more of what the edits bring than ``now`` does."""
    brought = {edit.text.strip() for edit in edits}
    return any(len(new) >= KEPT_MIN and text.count(new) > now.count(new) for new in brought)


def rightly_placed(edits: Edits, base: str, now: str) -> list[str]:
    """Return what ``now`` may become where edits of ``base`` are made in it, and do no harm."""
    since = typed(base, now)
    both = (edits.rebase(since), edits.rebase(since, insertions="before"))
    return [placed.edits.apply(now) for placed in both if not placed.conflicts]


def misplacements(edits: Edits, base: str, now: str) -> Iterator[Edits]:
    """Yield what an editor may do that makes edits of ``base`` in ``now``, where that does harm.

    An edit after the last line end may travel as one before it, so there may be two answers.
    """
    texts = rightly_placed(edits, base, now)
    for form in dict.fromkeys((edits, within_lines(edits, base))):
        placed = landed_at(form, base, now)
        if (text := placed.apply(now)) != now and text not in texts:
            texts.append(text)
            yield placed


@dataclass(frozen=True, slots=True)
class Misplacement:
    """An edit was made as ``placed`` in the text ``before``, where it did not belong."""

    before: str
    placed: Edits


def misplacement(flight: Flight, now: str, text: str) -> Misplacement | None:
    """Say whether ``text`` came of ``now`` by typing and a misplaced edit, told in one piece.

    Either the user typed first what is in ``now``, and perhaps more afterwards; or typed at one
    place, and then the edit was made; there an edit that only takes away is never recognised, since
    the user may just have deleted. All of the edit must show, and less typing be left than if it
    had landed well or not at all.
    """
    if not may_show(flight.buffer, text):
        return None
    others = (now, flight.expected, *rightly_placed(flight.buffer, flight.base, now))
    least = min(distance(other, text) for other in others)
    found = None
    if flight.base != now:
        for placed in misplacements(flight.buffer, flight.base, now):
            harmed = placed.apply(now)
            left = distance(harmed, text)
            if left < least and distance(now, harmed) + left <= distance(now, text):
                least, found = left, Misplacement(now, placed)
    if not has_come(flight.buffer, now, text) and not _may_have_moved(flight, text):
        return found
    for before in _before(flight.buffer, flight.base, now, text):
        if len(Edits.between(now, before)) > 1 or (left := distance(now, before)) >= least:
            continue
        for placed in misplacements(flight.buffer, flight.base, before):
            if placed.apply(before) == text:
                least, found = left, Misplacement(before, placed)
    return found


def _may_have_moved(flight: Flight, text: str) -> bool:
    """Whether ``text`` may hold at one place what the flight takes away at another.

    So a repair does that takes a line to where it was: there are no more of them afterwards.
    """
    left = Edits.of(Edit(edit.start, edit.end, "") for edit in flight.buffer).apply(flight.base)
    return has_come(flight.buffer, left, text)


def _before(edits: Edits, base: str, now: str, text: str) -> Iterator[str]:
    """Yield what the text may have been of which the misplaced edits made ``text``.

    For edits of whole lines: the lines that they took away are those of ``now``, or for the edits
    below the place where the user typed, those that had moved there. How far, the count of lines
    says.
    """
    index = TextIndex(base)
    rows: list[tuple[int, int, list[str]]] = []
    for edit in edits:
        first, last = index.position_at(edit.start, _UNIT), index.position_at(edit.end, _UNIT)
        if first.character or last.character or (edit.text and not line_end(edit.text)):
            return
        rows.append((first.line, last.line, split_lines(edit.text)))
    lines, old = split_lines(text), split_lines(now)
    growth = sum(len(new) - (end - start) for start, end, new in rows)
    shift = len(lines) - len(old) - growth
    if not shift or len(rows) > GUESSED_MAX:
        return
    for above in range(len(rows) + 1):
        made: list[str] = []
        at = moved = 0
        for number, (start, end, new) in enumerate(rows):
            if lines[start + moved : start + moved + len(new)] != new:
                return
            made += lines[at : start + moved]
            by = shift if number >= above else 0
            made += old[max(0, start - by) : max(0, end - by)]
            at = start + moved + len(new)
            moved += len(new) - (end - start)
        yield "".join([*made, *lines[at:]])


def effective(edits: Edits, text: str) -> Edits:
    """Return the same change of ``text``, less the edits that change nothing there."""
    return Edits(tuple(edit for edit in edits if text[edit.start : edit.end] != edit.text))


def kept_apart(repair: Edits, since: Edits) -> Edits:
    r"""Return a repair as it applies after the typing ``since``; both are edits of one text.

    What was typed inside a repaired place stays there, after the text that comes back.

    >>> kept_apart(Edits.of([Edit(0, 4, "old")]), Edits.of([Edit(2, 2, "<1>")])).items
    (Edit(start=0, end=2, text='old'), Edit(start=5, end=7, text=''))
    """
    places = Places(since.items)
    return Edits.of(part for edit in repair for part in _apart(edit, since, places))


def _apart(edit: Edit, since: Iterable[Edit], places: Places) -> Iterator[Edit]:
    at, text = edit.start, edit.text
    cuts = [(typed.start, typed.end) for typed in since if _within(typed, edit)]
    for start, end in (*cuts, (edit.end, edit.end)):
        stop = max(at, start)
        first = places.move(at, "right")
        yield Edit(first, max(first, places.move(stop, "left")), text)
        at, text = max(at, end), ""


def _within(typed: Edit, edit: Edit) -> bool:
    return typed.start < edit.end and edit.start < typed.end
