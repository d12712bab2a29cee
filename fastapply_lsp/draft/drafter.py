"""What comes next? A cursor in the sources of a draft, and how it finds its way back.

While the rewrite is what a source says, the draft is what follows there. At the first other token
the cursor is lost: an alignment (`realignment.py`) says at each further token where the source
probably goes on, and an index of every source (`source.py`) whether the last few tokens occur
anywhere else. A place elsewhere is a detour: it is drafted from once, and only where the rewrite
then agrees with it is the first place given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.draft.realignment import SETTLED, Realignment
from fastapply_lsp.draft.source import LONGEST_MATCH, Source, letters
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.draft.vocabulary import Vocabulary

_LONGER = 2
"""So many tokens more must agree elsewhere than here before a detour is tried."""
_REPEATS = 4
"""And more still in what was written, for inserted lines are often alike."""
_PAUSE_MOST = 8
"""Tokens after a vain detour before the next one, at most: code repeats itself."""


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The token of a source that comes next."""

    source: Source
    at: int

    def agreed(self, tokens: Sequence[int]) -> int:
        """Return how many of ``tokens`` are what the source says."""
        return common_prefix(self.source.tokens[self.at : self.at + len(tokens)], tokens)

    def moved(self, tokens: int) -> _Cursor:
        return _Cursor(self.source, self.at + tokens)


class Drafter:
    """Drafts one rewrite: ``propose`` says what probably comes next, ``observe`` is told what came.

    Laws: nothing that is observed is an error; a proposal holds only tokens that the vocabulary
    knows; after `SETTLED` tokens of a source that occur nowhere else, the proposal is what follows
    them there, whatever was written before.

    Args:
        sources: texts that the rewrite may follow, the likeliest first: the predicted merge, the
            code_edit, the original. What was written is the last one by itself.
        vocabulary: the model's. Tokens that it does not know are dropped, drafted or observed.

    >>> from fastapply_lsp.draft.vocabulary import Vocabulary
    >>> drafter = Drafter([[0, 1, 2, 3, 4, 5]], Vocabulary.of([b"a"] * 10))
    >>> drafter.propose(3)
    [0, 1, 2]
    >>> drafter.observe([0, 1, 9])  # the model writes 9 for 2
    >>> drafter.propose(3)
    [3, 4, 5]
    """

    __slots__ = (
        "_cursor",
        "_detour",
        "_lost",
        "_not_before",
        "_pause",
        "_sources",
        "_streak",
        "_vocabulary",
        "_written",
    )

    def __init__(self, sources: Sequence[Sequence[int]], vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._written: list[int] = []
        texts: list[list[int]] = []
        for source in sources:
            text = self._known(source)
            if text and text not in texts:
                texts.append(text)
        self._sources = [*map(Source, texts), Source(self._written)]
        self._cursor = _Cursor(self._sources[0], 0)
        self._lost: Realignment | None = None
        self._detour: _Cursor | None = None
        self._not_before = 0  # tokens past the divergence before the next detour
        self._pause = 1  # and how many more after a vain one
        self._streak = 0  # tokens of the detour that came true so far

    @property
    def lost(self) -> bool:
        """Whether the rewrite has diverged, and has not come back yet."""
        return self._lost is not None

    def propose(self, most: int) -> list[int]:
        """Return up to ``most`` tokens that probably come next."""
        cursor = self._detour or self._cursor
        return list(cursor.source.tokens[cursor.at : cursor.at + most])

    def observe(self, tokens: Sequence[int]) -> None:
        """Take in what was written since the last call."""
        rest = list(tokens)
        if self._lost is None:
            del rest[: self._follow(rest)]
        rest = self._known(rest)
        while rest:
            taken = self._follow(rest) if self._lost is None else self._realign(self._lost, rest)
            if not taken:
                cursor = self._cursor
                self._lost = Realignment(cursor.source.tokens, cursor.at, self._vocabulary)
            del rest[:taken]

    def _follow(self, tokens: Sequence[int]) -> int:
        """Go on in the source while it is what is written; return how many tokens that took."""
        agreed = self._cursor.agreed(tokens)
        self._cursor = self._cursor.moved(agreed)
        self._written += tokens[:agreed]
        return agreed

    def _realign(self, lost: Realignment, tokens: Sequence[int]) -> int:
        """Look for the way back; return how many tokens that took."""
        tried = self._detour or self._cursor
        agreed = tried.agreed(tokens)
        if self._streak + agreed >= SETTLED:
            self._written += tokens[:agreed]
            self._found(tried.moved(agreed))
            return agreed
        taken = min(agreed + 1, len(tokens))
        lost.push(tokens[:taken])
        self._written += tokens[:taken]
        if self._detour is not None and taken == agreed:
            self._detour, self._streak = tried.moved(agreed), self._streak + agreed
            return taken
        self._streak = 0
        if self._detour is not None:
            self._pause = min(2 * self._pause, _PAUSE_MOST)
            self._not_before = lost.pushed + self._pause
        self._cursor, self._detour = _Cursor(self._cursor.source, lost.resume), None
        if lost.settled >= SETTLED:
            self._found(self._cursor)
        elif lost.pushed >= self._not_before:
            self._detour = self._elsewhere(lost, letters(self._written[-LONGEST_MATCH:]))
        return taken

    def _elsewhere(self, lost: Realignment, written: str) -> _Cursor | None:
        """Return where more of what was just written agrees: far away, or in another source."""
        longest, found = lost.settled + _LONGER, None
        for source in self._sources[:-1]:
            place = source.find(written, near=lost.resume, longer_than=longest)
            if place is not None:
                longest, found = place.length, _Cursor(source, place.at)
        latest = self._sources[-1]
        place = latest.find(written, near=len(self._written), longer_than=longest + _REPEATS)
        return found if place is None else _Cursor(latest, place.at)

    def _found(self, cursor: _Cursor) -> None:
        self._cursor, self._lost, self._detour = cursor, None, None
        self._not_before, self._pause, self._streak = 0, 1, 0

    def _known(self, tokens: Sequence[int]) -> list[int]:
        known = list(tokens)
        if known and not (
            self._vocabulary.knows(min(known)) and self._vocabulary.knows(max(known))
        ):
            return [token for token in known if self._vocabulary.knows(token)]
        return known
