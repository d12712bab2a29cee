"""What a draft must know of a token: how long its text is, and of what kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD = re.compile(rb"[A-Za-z0-9_\x80-\xff]")


class Kind(IntEnum):
    """The kinds of tokens whose exchange is more or less likely."""

    SIGN = 0  # brackets, operators, quotes
    WORD = 1  # holds a letter or a digit
    SPACE = 2  # blanks and tabs only
    LINE = 3  # ends a line


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tokens of one model, by id.

    ``lengths`` are in bytes; ``kinds`` hold a `Kind` each. A token that has no text of its own (a
    control token) has length 0.
    """

    lengths: Sequence[int]
    kinds: bytes

    @classmethod
    def of(cls, texts: Iterable[bytes]) -> Vocabulary:
        r"""Return the vocabulary of tokens with these texts, the first with id 0.

        >>> vocabulary = Vocabulary.of([b" total", b" ", b"):\n", b"=="])
        >>> list(vocabulary.lengths), [Kind(kind).name for kind in vocabulary.kinds]
        ([6, 1, 3, 2], ['WORD', 'SPACE', 'LINE', 'SIGN'])
        """
        all_texts = list(texts)
        return cls([len(text) for text in all_texts], bytes(_kind(text) for text in all_texts))

    def __len__(self) -> int:
        return len(self.kinds)

    def knows(self, token: int) -> bool:
        """Whether there is such a token."""
        return 0 <= token < len(self.kinds)


def _kind(text: bytes) -> Kind:
    if text.endswith((b"\n", b"\r")):
        return Kind.LINE
    if _WORD.search(text):
        return Kind.WORD
    return Kind.SIGN if text.strip(b" \t") else Kind.SPACE
