"""How many tokens is a text, about, and how many may the answer need?

No tokenizer is at hand for every model, so these are estimates, chosen to err upwards where too
little would cut a file short.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from fastapply_lsp.request.model import Message

CHARACTERS_PER_TOKEN = 4
"""Of ASCII source code, on average, for the vocabularies of 100,000 and more in use today."""

OUTPUT_MARGIN = 1.5
"""Dense code (numbers, minified, deep indentation) has up to a half more tokens than the average."""

OUTPUT_RESERVE = 256
"""Tokens for an answer's wrapping, and for files so short that an average says nothing."""

CUT = "[…]\n"
"""Stands where the start of a turn was cut off."""


def estimated_tokens(text: str) -> int:
    r"""Return about how many tokens a text has.

    A character outside ASCII counts as one token: so it is for Chinese or Japanese, and for
    emoji it is too little by one or two.

    >>> estimated_tokens("x = 1\n" * 100), estimated_tokens("漢字")
    (150, 2)
    """
    if text.isascii():
        return math.ceil(len(text) / CHARACTERS_PER_TOKEN)
    ascii_count = len(text.encode("ascii", errors="ignore"))
    return math.ceil(ascii_count / CHARACTERS_PER_TOKEN) + len(text) - ascii_count


def output_budget(original: str, code_edit: str, predicted: str, cap: int) -> int:
    """Return the output limit to ask for, in tokens: enough for the whole file, at most ``cap``.

    An edit can at most add itself to the file; the merge's prediction may know of more.
    """
    longest = max(
        estimated_tokens(original) + estimated_tokens(code_edit), estimated_tokens(predicted)
    )
    return min(cap, math.ceil(longest * OUTPUT_MARGIN) + OUTPUT_RESERVE)


def recent_dialogue(messages: tuple[Message, ...], tokens: int) -> tuple[Message, ...]:
    """Return the latest turns that fit into a budget, in order; the oldest go.

    Where not even the last turn fits, its end is kept: that is where the edit was spoken of.
    """
    kept: list[Message] = []
    left = tokens
    for message in reversed(messages):
        cost = estimated_tokens(message.content)
        if cost > left:
            break
        kept.append(message)
        left -= cost
    if not kept and messages and tokens > estimated_tokens(CUT):
        last = messages[-1]
        end = _end_of(last.content, tokens - estimated_tokens(CUT))
        kept.append(Message(last.role, CUT + end))
    return tuple(reversed(kept))


def _end_of(text: str, tokens: int) -> str:
    """The longest end of ``text`` that fits, by halving."""
    shortest, longest = 0, len(text)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if estimated_tokens(text[len(text) - middle :]) <= tokens:
            shortest = middle
        else:
            longest = middle - 1
    return text[len(text) - shortest :]


@dataclass(frozen=True, slots=True)
class Excess:
    """More than a limit allows: how much is needed, the limit, and of what."""

    size: int
    limit: int
    unit: str


@dataclass(frozen=True, slots=True)
class Room:
    """What the model's limits leave for a file or a part of it, in tokens.

    ``output`` is the most that one answer may have, ``context`` the most that prompt and answer
    may have together (``None`` where there is no such limit, or it is not known); ``overhead`` is
    what the prompt has besides the file.
    """

    output: int | None
    context: int | None
    overhead: int

    def holds(self, shown: int, written: int) -> bool:
        """Whether a text of ``shown`` tokens can be shown and ``written`` tokens be written."""
        return self.excess(shown, written) is None

    def excess(self, shown: int, written: int) -> Excess | None:
        """Return what is too much, with room for estimates that are too low; ``None`` if nothing."""
        return self._excess(shown, math.ceil(max(shown, written) * OUTPUT_MARGIN) + OUTPUT_RESERVE)

    def may_hold(self, shown: int, written: int) -> bool:
        """Whether it could be held, were the estimates as much too high as they can be."""
        least = math.floor(shown / OUTPUT_MARGIN), math.floor(written / OUTPUT_MARGIN)
        return self._excess(*least) is None

    def _excess(self, shown: int, need: int) -> Excess | None:
        if self.output is not None and need > self.output:
            return Excess(need, self.output, "tokens to write")
        total = self.overhead + shown + need
        if self.context is not None and total > self.context:
            return Excess(total, self.context, "tokens to read and write")
        return None
