"""Who else drafts? The methods that ours is measured beside, and the ceiling of them all."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

_SUFFIX_MOST = 64
_LOOKED_AT = 64


class Drafting(Protocol):
    """Proposes, and is told what was written."""

    def propose(self, most: int) -> Sequence[int]:
        """Return up to ``most`` tokens."""
        ...

    def observe(self, tokens: Sequence[int]) -> None:
        """Take in what was written."""
        ...


class Nothing:
    """Plain greedy decoding."""

    def propose(self, most: int) -> Sequence[int]:  # noqa: ARG002 - the protocol's
        """Propose nothing."""
        return ()

    def observe(self, tokens: Sequence[int]) -> None:
        """Look away."""


class PromptLookup:
    """The last n tokens where they occur first in prompt and rewrite, n from 4 down to 2.

    Source: prompt lookup decoding (Saxena 2023), as vLLM's ``ngram`` method and transformers'
    ``prompt_lookup_num_tokens`` have it.
    """

    def __init__(self, prompt: Sequence[int], longest: int = 4, shortest: int = 2) -> None:
        self._tokens: list[int] = []
        self._first: dict[int, dict[tuple[int, ...], int]] = {
            n: {} for n in range(longest, shortest - 1, -1)
        }
        self.observe(prompt)

    def propose(self, most: int) -> Sequence[int]:
        """Return what followed there."""
        for n, first in self._first.items():
            at = first.get(tuple(self._tokens[-n:]))
            if at is not None and at < len(self._tokens):
                return self._tokens[at : at + most]
        return ()

    def observe(self, tokens: Sequence[int]) -> None:
        """Take the tokens in."""
        for token in tokens:
            self._tokens.append(token)
            for n, first in self._first.items():
                if len(self._tokens) >= n:
                    first.setdefault(tuple(self._tokens[-n:]), len(self._tokens))


class SuffixMatch:
    """The place in prompt and rewrite with the longest match of what was just written.

    Up to 64 tokens, the latest place of equal ones; the idea of SuffixDecoding (Oliaro et al.
    2024), without its tree of several continuations.
    """

    def __init__(self, prompt: Sequence[int]) -> None:
        self._tokens: list[int] = []
        self._places: dict[int, list[int]] = {}
        self.observe(prompt)

    def propose(self, most: int) -> Sequence[int]:
        """Return what followed there."""
        if not self._tokens:
            return ()
        places = self._places[self._tokens[-1]][:-1][-_LOOKED_AT:]
        at = max(places, key=lambda place: (self._agrees(place), place), default=None)
        return () if at is None else self._tokens[at : at + most]

    def observe(self, tokens: Sequence[int]) -> None:
        """Take the tokens in."""
        for token in tokens:
            self._tokens.append(token)
            self._places.setdefault(token, []).append(len(self._tokens))

    def _agrees(self, at: int) -> int:
        tokens, length = self._tokens, 1
        while length < min(_SUFFIX_MOST, at) and tokens[at - length - 1] == tokens[-length - 1]:
            length += 1
        return length


class Ceiling:
    """The expected file, and a cursor that is told the right place at once.

    Where the written file deviates, the place is the next token that a longest alignment of both
    (`difflib`) has in common. No draft taken from the expected file alone can do better.
    """

    def __init__(self, expected: Sequence[int], written: Sequence[int]) -> None:
        self._expected = expected
        self._at = 0
        self._place = [len(expected)] * (len(written) + 1)
        matcher = SequenceMatcher(None, expected, written, autojunk=False)
        for one, two, length in matcher.get_matching_blocks():
            self._place[two : two + length] = range(one, one + length)

    def propose(self, most: int) -> Sequence[int]:
        """Return what the expected file says from the right place on."""
        place = self._place[self._at]
        return self._expected[place : place + most]

    def observe(self, tokens: Sequence[int]) -> None:
        """Move on."""
        self._at += len(tokens)
