"""What a server that scores a text says of it: its tokens, and what it would have written instead.

Two protocols come down to this (``completions_api.py``, ``sglang_api.py``), and one loop works
with it (``speculation.py``). Offsets are code points from the start of the whole text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

REPLACED = "\ufffd"
"""Stands in a token's text where the server cannot show its bytes."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``key`` tells it from every other one (an id, or its text where no id is known).

    ``text`` is ``None`` for a token that is only a part of a character.
    """

    key: int | str
    text: str | None


@dataclass(frozen=True, slots=True)
class Ask:
    """One call: score ``text``, then write up to ``new`` tokens greedily.

    Scores are needed from token ``first`` on, which begins at the offset ``start``; a server that
    cannot begin there scores all.
    """

    text: str
    new: int
    first: int = 0
    start: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """The answer: the tokens from index ``first`` on, those of the text and then the new ones.

    ``ends`` are the offsets at which each of them ends, ``best`` what the model would have written
    in the place of each token of the text (``None`` where it does not say). ``given`` counts the
    tokens of the text among them. ``finished`` says that the model ended by itself.
    ``prompt_tokens`` is what the server counted, for the figures.
    """

    text: str
    first: int
    tokens: tuple[Token, ...]
    ends: tuple[int, ...]
    best: tuple[Token | None, ...]
    given: int
    finished: bool
    prompt_tokens: int | None = None


class Scorer(Protocol):
    """A server that scores texts. Errors: any ``BackendError``."""

    async def score(self, ask: Ask) -> Scored:
        """Make one call."""
        ...


class Misaligned(Exception):
    """The tokens that a server names are not those of its text."""


def token_of(key: int | str, text: str) -> Token:
    r"""Return a token as servers name it.

    A part of a character comes as U+FFFD, or as ``bytes:\xe2`` from OpenAI.
    """
    part = REPLACED in text or text.startswith("bytes:")
    return Token(key, None if part else text)


def ends_of(tokens: Sequence[Token], text: str, start: int = 0) -> tuple[int, ...]:
    r"""Return where each token ends in ``text``, the first one beginning at ``start``.

    Parts of one character all end where it begins, but the last one. A token whose text is not
    there is a special one, such as the mark of a text's beginning, and has no width.

    Raises:
        Misaligned: they do not make up the text.

    >>> tokens = [token_of(n, t) for n, t in enumerate(["<s>", "a", "\ufffd", "\ufffd", "b"])]
    >>> ends_of(tokens, "aéb")
    (0, 1, 1, 2, 3)
    """
    ends: list[int] = []
    at, parts = start, 0
    for token in tokens:
        if token.text is None:
            parts += 1
        elif text.startswith(token.text, at) and not parts:
            at += len(token.text)
        elif parts:
            found = text.find(token.text, at + 1, at + parts + 1 + len(token.text))
            if found < 0:
                raise Misaligned
            ends[-1] = found
            at, parts = found + len(token.text), 0
        ends.append(at)
    if parts:
        ends[-1] = at = len(text)
    if at != len(text):
        raise Misaligned
    return tuple(ends)
