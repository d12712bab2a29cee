"""After a divergence: where does the source go on? A line-wide alignment, grown token by token.

What was written since shortly before the divergence is aligned with the source from there on, by
the least cost (Needleman and Wunsch 1970, with the affine gaps of Gotoh 1982): tokens replaced,
inserted, left out. Each written token adds one row; the cheapest cell of the row is the place from
which the next draft is taken. So a guess is there from the first wrong token on, and each further
token corrects it.

Cost: O(window) per token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.draft.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.draft.vocabulary import Vocabulary

_WINDOW = 64
"""Tokens of the source in view: several lines. What lies farther is found by its grams."""
ALIGNED_BEFORE = 12
"""Tokens before the divergence that are aligned again: about the start of the line."""

_INSERT, _INSERT_SPACE, _INSERT_MORE = 1.0, 0.3, 0.12
_LEAVE_OUT, _LEAVE_OUT_MORE = 1.2, 0.05
_OTHER_KIND = 1.6
_REPLACE = {
    (Kind.WORD, Kind.WORD): 0.8,
    (Kind.SIGN, Kind.SIGN): 0.7,
    (Kind.LINE, Kind.LINE): 0.5,
    (Kind.SPACE, Kind.SPACE): 0.4,
}
"""Names are replaced by names and quotes by quotes; between kinds it is rather an insertion. A gap
costs to open and little to widen: a comment is one change, however long it is."""
_TORN_LINE = 0.45
"""A line that has just begun goes on where a line of the source begins."""
_SAME_LENGTH = 0.25
"""Worth of an equal number of bytes: tokens that disagree may still be the same text."""
_EQUAL_MOST = 4
_WORTH = tuple(0.3 * equal for equal in range(_EQUAL_MOST + 1))
"""Of so many equal tokens just before the place."""
_FAR = 9.0

SETTLED = 4
"""Equal tokens in a row after which the divergence is over."""


def _costs() -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(_REPLACE.get((one, two), _OTHER_KIND) for two in Kind) for one in Kind)


_REPLACING = _costs()


class Realignment:
    """The search for the place where a source is followed again.

    Args:
        source: the source's tokens.
        at: the index of the token that was not written.
        written: what was written up to the divergence, the diverging token not included.
        vocabulary: of both.
    """

    __slots__ = (
        "_bytes",
        "_cost",
        "_equal",
        "_first",
        "_gap",
        "_kinds",
        "_lengths",
        "_line",
        "_starts",
        "_tokens",
        "_vocabulary",
        "pushed",
        "resume",
        "settled",
    )

    def __init__(
        self, source: Sequence[int], at: int, written: Sequence[int], vocabulary: Vocabulary
    ) -> None:
        kinds, lengths = vocabulary.kinds, vocabulary.lengths
        self._vocabulary = vocabulary
        back = _back(source, at, kinds)
        self._first = at - back
        self._tokens = source[self._first : self._first + _WINDOW]
        self._kinds = [kinds[token] for token in self._tokens]
        width = len(self._tokens) + 1
        at_line = self._first == 0 or kinds[source[self._first - 1]] == Kind.LINE
        self._starts = [at_line, *(kind == Kind.LINE for kind in self._kinds)]
        self._lengths = [0] * width
        for index, token in enumerate(self._tokens):
            self._lengths[index + 1] = self._lengths[index] + lengths[token]
        self._cost = [0.0, *(_LEAVE_OUT + _LEAVE_OUT_MORE * n for n in range(width - 1))]
        self._gap = [_FAR] * width
        self._equal = [0] * width
        self._bytes = 0
        self._line = at_line
        for token in written[len(written) - back :]:
            self._row(token)
        self.pushed = 0
        """Tokens written since the divergence."""
        self.resume = at
        """The index of the source's token that probably comes next."""
        self.settled = 0
        """Tokens in a row before it that agree."""

    def push(self, tokens: Sequence[int]) -> None:
        """Take in what was written."""
        for token in tokens:
            self._row(token)
        self.pushed += len(tokens)
        self._choose()

    def _row(self, token: int) -> None:
        kind = self._vocabulary.kinds[token]
        self._bytes += self._vocabulary.lengths[token]
        self._line = kind == Kind.LINE
        replacing = _REPLACING[kind]
        opening = _INSERT_SPACE if kind == Kind.SPACE else _INSERT
        above, gaps, equal = self._cost, self._gap, self._equal
        gap = min(gaps[0] + _INSERT_MORE, above[0] + opening)
        cost, new_gaps, runs = [gap], [gap], [0]
        left_out = gap + _LEAVE_OUT
        diagonal, run_before = above[0], equal[0]
        for other, other_kind, up, up_gap, run_here in zip(
            self._tokens, self._kinds, above[1:], gaps[1:], equal[1:], strict=True
        ):
            gap = up_gap + _INSERT_MORE
            if up + opening < gap:  # noqa: PLR1730 - min() is three times slower, 64 times a token
                gap = up + opening
            new_gaps.append(gap)
            if other == token:
                best, run = diagonal, run_before + 1
            else:
                best, run = diagonal + replacing[other_kind], 0
            if gap < best:
                best, run = gap, 0
            if left_out < best:
                best, run = left_out, 0
            left_out += _LEAVE_OUT_MORE
            if best + _LEAVE_OUT < left_out:  # noqa: PLR1730 - as above
                left_out = best + _LEAVE_OUT
            cost.append(best)
            runs.append(run)
            diagonal, run_before = up, run_here
        self._cost, self._gap, self._equal = cost, new_gaps, runs

    def _choose(self) -> None:
        line, length = self._line, self._bytes
        best, place = _FAR * _WINDOW, 0
        for index, (cost, run, starts, here) in enumerate(
            zip(self._cost, self._equal, self._starts, self._lengths, strict=True)
        ):
            value = cost - _WORTH[min(run, _EQUAL_MOST)]
            if starts != line:
                value += _TORN_LINE
            if here == length:
                value -= _SAME_LENGTH
            if value < best:
                best, place = value, index
        self.resume = self._first + place
        self.settled = self._equal[place]


def _back(source: Sequence[int], at: int, kinds: bytes) -> int:
    """Return how many tokens the line has before ``at``, or a few of a long one."""
    for back in range(min(ALIGNED_BEFORE, at) + 1):
        if back == at or kinds[source[at - back - 1]] == Kind.LINE:
            return back
    return min(SETTLED, at)
