"""The loop of speculative decoding over a server that only scores texts. Pure: calls are values.

A call sends the prompt, what is written, and a stretch of draft. The server says of each token of
the draft what it would have written there; as long as it is the draft's token, the draft holds,
and at the first that is not, the server's own comes into its place. So one call writes as much as
the draft is right for, and one token more.

The law is that the result is what the server writes greedily by itself, whatever the draft. One
thing stands in its way: texts are cut into tokens anew in each call, and the cut may not be the
one that the model wrote ("ba" + "r" comes back as "bar"). The loop therefore remembers the very
tokens, compares them in each answer, and where they are not the same makes a plain call from a
place where they are: there the server writes the same tokens again, by itself, and goes on.

::

    draft ──right──▶ draft, a longer one
      │ the first wrong token is replaced ──▶ draft, a shorter one
      │ the seam was cut anew, or the token is none to be sent as text
      ▼
    plain call from the end; if that is cut anew, too, from farther back, at last from the prompt
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.backends.scoring import REPLACED, Ask, Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.backends.scoring import Scored
    from fastapply_lsp.backends.text_draft import TextDrafter

CHARACTERS_PER_TOKEN = 4
SHORTEST = 64
"""Characters of a draft after a miss, at least: about two lines."""
PLAIN_STEP, PLAIN_MOST = 16, 256
"""New tokens of a plain call: first, and at most while nothing has to be written again."""
BESIDE = 16
"""Tokens before the seam that are scored again, to see whether they are still the same."""
TRIES = 3
"""Places to go back to before the prompt itself."""
STALLS = 3
"""Plain calls that bring nothing before the server is given up."""

_SPECIAL = re.compile(r"<[^<>\s]{1,40}>")
"""As text this may be a control token, such as the end: sent back, it would be another one."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """The last call had a draft."""

    length: int


@dataclass(frozen=True, slots=True)
class _Plain:
    """The last call had the first ``tokens`` tokens and no draft."""

    tokens: int


@dataclass(frozen=True, slots=True)
class _Adopt:
    """The last call takes whatever tokens the server makes of the text."""


class Speculation:
    """One text, written call by call: ``ask``, then ``take`` the answer, until ``ended``.

    Args:
        prompt: what stands before.
        drafter: proposes text; may be wrong in any way.
        chunk: most draft tokens of a call.
        trust: whether to begin with drafts of that length, and not with short ones.
    """

    def __init__(self, prompt: str, drafter: TextDrafter, *, chunk: int, trust: bool) -> None:
        self._text = prompt
        self._drafter = drafter
        self._longest = chunk * CHARACTERS_PER_TOKEN
        self._length = self._longest if trust else min(self._longest, SHORTEST * 16)
        self._tokens: list[Token] = []
        self._ends: list[int] = []
        self._prompt_tokens = 0
        self._seen = 0  # tokens at the start that the server has read from text as they are
        self._last: _Draft | _Plain | _Adopt = _Adopt()
        self._from: int | None = None  # where the next plain call begins, if it must be one
        self._adopting = True
        self._tries = 0
        self._step = PLAIN_STEP
        self._stalls = 0
        self.ended = False
        self.calls = 0
        self.accepted = 0  # draft tokens
        self.rejected = 0

    @property
    def written(self) -> int:
        """Tokens written so far."""
        return len(self._tokens) - self._prompt_tokens

    @property
    def stalled(self) -> bool:
        """Whether the server writes nothing more, and does not end."""
        return self._stalls >= STALLS

    def ask(self) -> Ask:
        """Return the next call."""
        count = len(self._tokens)
        if self._adopting:
            self._last = _Adopt()
            return Ask(self._text, self._step if count else 1)
        draft = self._drafter.propose(self._length) if self._from is None else ""
        if draft:
            self._last = _Draft(len(draft))
            first = max(0, self._seen - BESIDE)
            return Ask(self._text + draft, 1, first, self._end(first))
        tokens = count if self._from is None else self._from
        self._last = _Plain(tokens)
        first = max(0, min(tokens, self._seen) - BESIDE)
        new = count - tokens + self._step
        return Ask(self._text[: self._end(tokens)], new, first, self._end(first))

    def take(self, scored: Scored) -> str:
        """Take in the answer to the last call; return the text that is now known."""
        self.calls += 1
        before = len(self._text)
        match self._last:
            case _Adopt():
                self._adopt(scored)
            case _Draft(length):
                self._verify(scored, length)
            case _Plain(tokens):
                self._go_on(scored, tokens)
        fresh = self._text[before:]
        self._drafter.observe(fresh)
        return fresh

    def _end(self, tokens: int) -> int:
        return self._ends[tokens - 1] if tokens else 0

    def _agreed(self, scored: Scored) -> int:
        """How many of our tokens the server has read as we have them."""
        count = scored.first
        given = zip(scored.tokens[: scored.given], scored.ends, strict=False)
        for token, end in given:
            if count >= len(self._tokens):
                break
            if token.key != self._tokens[count].key or end != self._ends[count]:
                break
            count += 1
        self._seen = count
        return count

    def _append(self, scored: Scored, begin: int, end: int) -> None:
        """Take over tokens of an answer, by their index in it."""
        self._tokens += scored.tokens[begin:end]
        self._ends += scored.ends[begin:end]
        if end > begin:
            self._text = scored.text[: scored.ends[end - 1]]

    def _adopt(self, scored: Scored) -> None:
        """Begin with the tokens that the server sees, and what it writes after them."""
        if not self._tokens:
            self._prompt_tokens = scored.first + scored.given
        self._tokens, self._ends = [], []
        self._append(scored, 0, scored.given)
        self._seen = len(self._tokens)
        self._adopting = False
        self._continue(scored, scored.given)

    def _verify(self, scored: Scored, length: int) -> None:
        count, given = len(self._tokens), scored.first + scored.given
        drafted = max(0, given - count)
        if self._agreed(scored) < count:
            self.rejected += drafted
            self._from = count
            self._shorten(0)
            return
        begin = count - scored.first
        at = begin
        while at < scored.given and _is(scored.tokens[at], scored.best[at]):
            at += 1
        if at > begin:
            self._step = PLAIN_STEP
        if at == scored.given:
            self.accepted += drafted
            self._append(scored, begin, scored.given)
            self._length = min(self._longest, max(self._length, 4 * length))
            self._continue(scored, scored.given)
            return
        whole = _whole(scored.tokens, begin, at)
        self._append(scored, begin, whole)
        self.accepted += whole - begin
        self.rejected += drafted - (whole - begin)
        self._shorten(len(self._text) - (self._end(count)))
        self._replace(scored.best[at] if whole == at else None)

    def _replace(self, best: Token | None) -> None:
        """Put the server's token into the place of the draft's, if it can be sent as text."""
        if best is None or not best.text or _SPECIAL.fullmatch(best.text):
            self._from = len(self._tokens)
            return
        self._text += best.text
        self._tokens.append(best)
        self._ends.append(len(self._text))

    def _shorten(self, accepted: int) -> None:
        self._length = min(self._longest, max(SHORTEST, 2 * accepted))

    def _go_on(self, scored: Scored, tokens: int) -> None:
        """Take over what the server wrote by itself, less what it had written before."""
        count = len(self._tokens)
        read = scored.first + scored.given
        agreed = self._agreed(scored)
        if read != tokens or agreed < tokens:
            self._go_back(tokens, agreed)
            return
        again = count - tokens
        new = scored.tokens[scored.given :]
        if [token.key for token in new[:again]] != [one.key for one in self._tokens[tokens:]]:
            self._adopting = True  # it does not repeat itself: no law holds, but it may go on
            return
        self._from, self._tries = None, 0
        if again:
            self._step *= 2  # so that all that is written again is no more than what is new
        self._continue(scored, scored.given + again)

    def _go_back(self, tokens: int, agreed: int) -> None:
        """Begin the next plain call farther back; the prompt itself was always read the same."""
        if tokens <= self._prompt_tokens:
            self._adopting = True
            return
        self._tries += 1
        back = min(agreed, tokens - 1) if self._tries < TRIES else 0
        self._from = max(self._prompt_tokens, back)

    def _continue(self, scored: Scored, begin: int) -> None:
        """Take over what is new in an answer, up to the last whole character."""
        end = len(scored.tokens)
        if not scored.finished and scored.text.endswith(REPLACED):
            while end > begin and scored.tokens[end - 1].text is None:
                end -= 1
        self._append(scored, begin, end)
        self.ended = scored.finished
        if isinstance(self._last, _Draft):
            return
        nothing = len(scored.tokens) <= begin or (end <= begin and self._step >= PLAIN_MOST)
        self._stalls = self._stalls + 1 if nothing and not self.ended else 0
        self._step = max(self._step, min(PLAIN_MOST, 2 * self._step))


def _is(token: Token, best: Token | None) -> bool:
    """Whether the draft's token is the one that the model would have written, for sure.

    Where keys are texts, the parts of different characters may look the same; and text that reads
    like a control token may have become one.
    """
    if best is None or token.key != best.key:
        return False
    if token.text is None:
        return REPLACED not in str(token.key)
    return not _SPECIAL.fullmatch(token.text)


def _whole(tokens: Sequence[Token], begin: int, end: int) -> int:
    """Return the last place up to ``end`` where no character is cut in two."""
    if end == begin or tokens[end - 1].text is not None or tokens[end].text is not None:
        return end
    while end > begin and tokens[end - 1].text is None:
        end -= 1
    return end
