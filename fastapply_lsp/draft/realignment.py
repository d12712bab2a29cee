"""After a divergence: where does the source go on? A line-wide alignment, grown token by token.

What was written since the start of the line is aligned with the source from there on, by the least
cost (Needleman and Wunsch 1970, with the affine gaps of Gotoh 1982): tokens replaced, inserted, left
out. Each written token adds one row; the cheapest cell of the last row is the place from which the
next draft is taken. So a guess is there from the first wrong token on, and each further token
corrects it.

Up to the divergence both say the same, so the row that the alignment begins with is known without
computing the ones before it.

Cost: `_WINDOW` cells per token, about 5 µs.
"""

from __future__ import annotations

from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING

from fastapply_lsp.draft.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.draft.vocabulary import Vocabulary

_WINDOW = 32
"""Tokens of the source in view: some lines. What lies farther is found by its grams."""
_LINE_MOST = 12
"""Tokens of the line before the divergence that are aligned again, if its start is so near."""

# Costs are whole numbers: a hundredth is 1.
_INSERT, _INSERT_SPACE, _INSERT_MORE = 100, 30, 12
_LEAVE_OUT, _LEAVE_OUT_MORE = 120, 5
_OTHER_KIND = 160
_REPLACE = {
    (Kind.WORD, Kind.WORD): 80,
    (Kind.SIGN, Kind.SIGN): 70,
    (Kind.LINE, Kind.LINE): 50,
    (Kind.SPACE, Kind.SPACE): 40,
}
"""Names are replaced by names and quotes by quotes; between kinds it is rather an insertion. A gap
costs to open and little to widen: a comment is one change, however long it is."""
_TORN_LINE = 45
"""A line that has just begun goes on where a line of the source begins."""
_SAME_LENGTH = 25
"""Worth of an equal number of bytes: tokens that disagree may still be the same text."""
_EQUAL, _EQUAL_MOST = 30, 4
"""Worth of each equal token just before the place, and how many of them count."""
_FAR = 1_000

SETTLED = 4
"""Equal tokens in a row after which the divergence is over."""


def _by_kind(cost: dict[Kind, int]) -> bytes:
    """Return a table for ``bytes.translate`` that gives each kind its cost."""
    return bytes(cost.get(Kind(kind), 0) for kind in Kind).ljust(256, b"\0")


_OPENING = {kind: _INSERT_SPACE if kind == Kind.SPACE else _INSERT for kind in Kind}
_REPLACING = {
    new: _by_kind({old: _REPLACE.get((old, new), _OTHER_KIND) for old in Kind}) for new in Kind
}
_TORN = {
    new: _by_kind({old: _TORN_LINE for old in Kind if (old == Kind.LINE) != (new == Kind.LINE)})
    for new in Kind
}
_LEFT_OUT = [0, *(_LEAVE_OUT + _LEAVE_OUT_MORE * more for more in range(_WINDOW))]


class Realignment:
    """The search for the place where a source is followed again.

    Args:
        source: the source's tokens.
        at: the index of the token that was not written; those before it were.
        vocabulary: of both.
    """

    __slots__ = (
        "_bytes",
        "_cost",
        "_ends",
        "_first",
        "_gap",
        "_kinds",
        "_kinds_before",
        "_tokens",
        "_vocabulary",
        "_written",
        "pushed",
        "resume",
        "settled",
    )

    def __init__(self, source: Sequence[int], at: int, vocabulary: Vocabulary) -> None:
        kinds, lengths = vocabulary.kinds, vocabulary.lengths
        back = _back(source, at, kinds)
        self._vocabulary = vocabulary
        self._first = at - back
        self._tokens = source[self._first : self._first + _WINDOW]
        self._kinds = bytes([kinds[token] for token in self._tokens])
        before = kinds[source[self._first - 1]] if self._first else Kind.LINE
        self._kinds_before = bytes([before]) + self._kinds  # of the token before each place
        self._ends = list(accumulate([lengths[token] for token in self._tokens], initial=0))
        self._written = list(self._tokens[:back])
        self._bytes = self._ends[back]
        inserted = [
            _OPENING[Kind(kind)] + _INSERT_MORE * (back - 1 - place)
            for place, kind in enumerate(self._kinds[:back])
        ]
        ahead = len(self._tokens) + 1 - back
        self._cost = [*inserted, *_LEFT_OUT[:ahead]]
        """The least cost, by the place in the source, of what is written being what lies before."""
        self._gap = [*inserted, *[_FAR] * ahead]
        """The same where the last written token was inserted."""
        self.pushed = 0
        """Tokens written since the divergence."""
        self.resume = at
        """The index of the source's token that probably comes next."""
        self.settled = 0
        """Tokens in a row before it that agree."""

    def push(self, tokens: Sequence[int]) -> None:
        """Take in what was written, at least one token."""
        for token in tokens:
            self._row(token, Kind(self._vocabulary.kinds[token]))
            self._bytes += self._vocabulary.lengths[token]
        self._written += tokens
        self.pushed += len(tokens)
        place = self._cheapest()
        self.resume, self.settled = self._first + place, self._equal(place)

    def _row(self, token: int, kind: Kind) -> None:
        """Align one token more. Comparisons instead of ``min()``, which is three times slower."""
        above, opening = self._cost, _OPENING[kind]
        gaps = [
            new if (new := cost + opening) < (more := gap + _INSERT_MORE) else more
            for cost, gap in zip(above, self._gap, strict=True)
        ]
        cost = gaps[:1]
        left_out = cost[0] + _LEAVE_OUT
        replacing = self._kinds.translate(_REPLACING[kind])
        for other, replaced, diagonal, inserted in zip(
            self._tokens, replacing, above, gaps[1:], strict=False
        ):
            least = diagonal if other == token else diagonal + replaced
            if inserted < least:  # noqa: PLR1730 - as above
                least = inserted
            if left_out < least:  # noqa: PLR1730
                least = left_out
            cost.append(least)
            left_out += _LEAVE_OUT_MORE
            if least + _LEAVE_OUT < left_out:  # noqa: PLR1730
                left_out = least + _LEAVE_OUT
        self._cost, self._gap = cost, gaps

    def _cheapest(self) -> int:
        """Return the place at which the next token is probably one of the source."""
        token = self._written[-1]
        torn = self._kinds_before.translate(_TORN[Kind(self._vocabulary.kinds[token])])
        values = list(map(add, self._cost, torn))
        if self._bytes in self._ends:
            values[self._ends.index(self._bytes)] -= _SAME_LENGTH
        for place, other in enumerate(self._tokens, start=1):
            if other == token:
                values[place] -= _EQUAL * min(_EQUAL_MOST, self._equal(place))
        return values.index(min(values))

    def _equal(self, place: int) -> int:
        """Return how many tokens before a place are the last ones that were written."""
        equal = 0
        for one, two in zip(self._tokens[:place][::-1], reversed(self._written), strict=False):
            if one != two:
                break
            equal += 1
        return equal


def _back(source: Sequence[int], at: int, kinds: bytes) -> int:
    """Return how many tokens the line has before ``at``, or a few of a long one."""
    for back in range(min(_LINE_MOST, at) + 1):
        if back == at or kinds[source[at - back - 1]] == Kind.LINE:
            return back
    return min(SETTLED, at)
