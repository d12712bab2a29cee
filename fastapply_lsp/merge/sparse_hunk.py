"""Where does a hunk go whose context has gaps?

Blank lines are left out, lines forgotten, one line is misquoted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.merge.find import Index, Nearness
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.merge.reindent import reindented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.request.code_edit import Hunk, HunkLine

_SKIP_MAX = 3
"""Lines that a hunk may leave out between two that it quotes; more would be another place."""
_CHEAP = 0.01
_STARTS_MAX = 64
"""Places that are tried; a line that stands more often says nothing about the place."""


def place_sparse(
    index: Index, page: Page, hunk: Hunk, why: str
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return the places where every removed line and most of the context stand, in order.

    Blank lines that the hunk leaves out or adds in its context cost nothing; the place is sure
    where nothing else is missing.
    """
    best: list[Change] = []
    best_cost = float("inf")
    for start in _starts(index, hunk):
        cost, change = _walk(page, hunk, start, why)
        if change is None:
            continue
        if cost < best_cost:
            best, best_cost = [change], cost
        elif cost == best_cost and all(change.start != one.start for one in best):
            best.append(change)
    if not best:
        return (), ("a hunk's old lines are not in the file",)
    reasons = () if best_cost < 1 else ("a hunk's old lines differ from the file",)
    return tuple(best), reasons


def _starts(index: Index, hunk: Hunk) -> list[int]:
    """Where the first line that the file has could stand; the cheapest of the first few."""
    wanted = [line.text.strip() for line in hunk.lines if line.sign != "+" and line.text.strip()]
    if not wanted:
        return []
    places: list[int] = []
    for text in wanted[: _SKIP_MAX + 1]:
        places += index.places(Nearness.INDENT).get(text, [])[:_STARTS_MAX]
    return sorted(set(places))[:_STARTS_MAX]


@dataclass(slots=True)
class _Walk:
    """Hunk and file side by side: what was read so far."""

    page: Page
    at: int
    texts: list[str] = field(default_factory=list)
    added: dict[int, str] = field(default_factory=dict)
    theirs: list[str] = field(default_factory=list)
    ours: list[str] = field(default_factory=list)
    since: int = 0
    """Where in ``texts`` the lines begin that were added since the last quoted line."""
    cost: float = 0.0
    quoted: int = 0

    def add(self, text: str) -> None:
        """Take an added line."""
        self.added[len(self.texts)] = text
        self.texts.append(text)

    def skip(self, skipped: Sequence[str]) -> None:
        """Take lines that the hunk left out: blank ones cost next to nothing."""
        self.cost += sum(1 if text.strip() else _CHEAP for text in skipped)
        fresh = self.texts[self.since :]
        if not skipped or not fresh:
            self.texts += skipped
            return
        # Nobody can tell on which side of the added lines they belong.
        self.cost += 1
        if fresh[-1].strip():
            self.texts += skipped
            return
        moved = {at: text for at, text in self.added.items() if at >= self.since}
        for at in moved:
            del self.added[at]
        self.texts[self.since : self.since] = skipped
        self.added |= {at + len(skipped): text for at, text in moved.items()}

    def quote(self, line: HunkLine, where: int) -> None:
        """Take a line that hunk and file share."""
        ours = self.page.texts[where]
        self.theirs.append(line.text)
        self.ours.append(ours)
        self.quoted += bool(line.text.strip())
        self.cost += 0.0 if line.text.rstrip() == ours.rstrip() else 0.5
        if line.sign == " ":
            self.texts.append(ours)
        self.since = len(self.texts)
        self.at = where + 1

    def change(self, start: int, why: str) -> Change:
        """Return what the hunk makes of the lines that were walked."""
        shift = reindented(self.theirs, self.ours)
        for at, text in self.added.items():
            self.texts[at] = shift(text)
        return Change(start, self.at, tuple(self.texts), why)


def _walk(page: Page, hunk: Hunk, start: int, why: str) -> tuple[float, Change | None]:
    """Walk hunk and file side by side from ``start``; return the cost and the change."""
    walk = _Walk(page, start)
    for line in hunk.lines:
        if line.sign == "+":
            walk.add(line.text)
            continue
        where = _next(page, walk.at, line.text, matched=walk.quoted)
        if where is not None:
            walk.skip(page.texts[walk.at : where])
            walk.quote(line, where)
        elif not line.text.strip():
            walk.cost += _CHEAP
        elif line.sign == "-":
            return float("inf"), None
        else:
            walk.cost += 2
    quotes = sum(bool(line.text.strip()) for line in hunk.lines if line.sign != "+")
    if not walk.quoted or walk.cost > max(quotes, 2):
        return float("inf"), None
    return walk.cost, walk.change(start, why)


def _next(page: Page, at: int, text: str, *, matched: int) -> int | None:
    """The next line of the file that reads like ``text``, a few lines on at most."""
    wanted = text.strip()
    reach = at + (_SKIP_MAX + 1 if matched else 1)
    for where in range(at, min(reach, len(page))):
        if page.texts[where].strip() == wanted:
            return where
        if not wanted:
            return None
    return None
