"""From tokens to text, as they come: no half characters, and nothing behind a stop text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tokenizers.decoders import DecodeStream

if TYPE_CHECKING:
    from collections.abc import Sequence


class Spelling:
    """Tokens in, text out. Law: any cutting of the tokens gives the same text.

    Args:
        tokenizer: of transformers, with a backend in Rust.
    """

    def __init__(self, tokenizer: Any) -> None:  # noqa: ANN401 - any of transformers' tokenizers
        self._backend = tokenizer.backend_tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._tokens: list[int] = []
        self._length = 0

    def push(self, tokens: Sequence[int]) -> str:
        """Return the text that is certain now."""
        self._tokens += tokens
        text = "".join(self._stream.step(self._backend, token) or "" for token in tokens)
        self._length += len(text)
        return text

    def finish(self) -> str:
        """Return the rest: characters of which bytes are missing, as U+FFFD."""
        whole: str = self._backend.decode(self._tokens, skip_special_tokens=True)
        return whole[self._length :]


class Stops:
    """Text in, text out, up to the first stop text, which is left out.

    >>> stops = Stops(("END",))
    >>> stops.push("one EN"), stops.push("E"), stops.push(" END two"), stops.hit
    ('one ', 'EN', 'E ', True)
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stops)
        self._held = ""
        self.hit = False

    def push(self, text: str) -> str:
        """Return the text that no stop text can begin in any more."""
        if self.hit:
            return ""
        text = self._held + text
        ends = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if ends:
            self.hit, self._held = True, ""
            return text[: min(ends)]
        keep = max((_begun(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def finish(self) -> str:
        """Return what was held back."""
        held, self._held = self._held, ""
        return held


@dataclass(frozen=True, slots=True)
class Read:
    """The text of tokens: of all of them, or of the first ``count`` if the answer has ``ended``."""

    text: str
    count: int
    ended: bool


class Reading:
    """Tokens in, text out, up to the token with which a stop text is complete.

    Law: any cutting of the tokens gives the same text, and ends at the same token.
    """

    def __init__(self, tokenizer: Any, stops: Sequence[str]) -> None:  # noqa: ANN401 - as above
        self._spelling = Spelling(tokenizer)
        self._stops = Stops(stops)
        self._ends_somewhere = bool(stops)

    @property
    def hit(self) -> bool:
        """Whether a stop text came."""
        return self._stops.hit

    def push(self, tokens: Sequence[int]) -> Read:
        """Return what is certain now."""
        if not self._ends_somewhere:
            return Read(self._spelling.push(tokens), len(tokens), ended=False)
        text = ""
        for count, token in enumerate(tokens, start=1):
            text += self._stops.push(self._spelling.push([token]))
            if self.hit:
                return Read(text, count, ended=True)
        return Read(text, len(tokens), ended=False)

    def finish(self) -> str:
        """Return what was held back; nothing behind a stop text."""
        return self._stops.push(self._spelling.finish()) + self._stops.finish()


def _begun(text: str, stop: str) -> int:
    """Return how many characters at the end of ``text`` may be the beginning of ``stop``."""
    for length in range(min(len(stop) - 1, len(text)), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
