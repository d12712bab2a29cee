"""Of which lines of the file do the instructions ask that they go?

"Remove the timeout of `run`" speaks of the timeout. It does not speak of ``run``, nor of a method
that has a line with ``timeout`` somewhere: so only the objects of such a verb count, and what they
name must be named in the line that opens it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_OBJECT = re.compile(
    r"\b(?:remov(?:e|es|ed|ing)|delet(?:e|es|ed|ing)|drop(?:s|ped|ping)?|get(?:ting)? rid of"
    r"|eliminate[sd]?|strip(?:s|ped)? out)\s+(.{1,80}?)"
    r"(?=\s+(?:from|in|of|inside|within|on|for|with|so|to|that|which|because|since|as)\b"
    r"|[,.;:\n]|$)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"([^\s,.;:][^,.;:\n]{0,80}?)\s+(?:(?:is|are|was|were|can be|should be|has been|have been)\s+)?"
    r"(?:no longer|removed|deleted|dropped)\b",
    re.IGNORECASE,
)
_ANY_REMOVAL = re.compile(
    r"\b(?:remov|delet|drop|get(?:ting)? rid|no longer|eliminat|strip|clean)", re.IGNORECASE
)
_QUOTED = re.compile(r"`([^`]+)`")
_WORD = re.compile(r"[^\W\d_]\w{3,}")
"""Words that tell one line from another; shorter ones are in many."""
_NAME = re.compile(r"[^\W\d]\w*[?!]?")
_ANY_WORD = re.compile(r"\w+")
_REMARKS = ("//", "/*", "* ", "# ", "#[", "@", '"""', "'''")


@dataclass(frozen=True, slots=True)
class Removal:
    """What instructions ask to remove: nothing, where they do not speak of it."""

    named: frozenset[str] = frozenset()
    """All words of it, as they are written."""

    def speaks_of(self, lines: Sequence[str]) -> bool:
        """Whether every statement of lines is named in its first line.

        A comment or a decorator above need not be named. What stands deeper belongs to the line
        above it.
        """
        filled = [text for text in lines if _WORD.search(text)]
        depth = min((len(indent_of(text)) for text in filled), default=0)
        outer = [text for text in filled if len(indent_of(text)) == depth]
        heads = [text for text in outer if not text.strip().startswith(_REMARKS)] or outer
        return bool(heads) and all(self._in(text) for text in heads)

    def names(self, name: str) -> bool:
        """Whether a definition is named; of a qualified name the last word counts."""
        words = _NAME.findall(name)
        return bool(words) and words[-1] in self.named

    def _in(self, text: str) -> bool:
        lowered = {word.lower() for word in self.named}
        return any(word.lower() in lowered for word in _WORD.findall(text))


NO_REMOVAL = Removal()


def removal(instructions: str) -> Removal:
    """Return what instructions ask to remove; where some of it is quoted as code, that alone."""
    return Removal(removal_objects(instructions) | _named(_SUBJECT, instructions))


def removal_objects(instructions: str) -> frozenset[str]:
    """Return the words of what is the object of such a verb: what "is no longer" is not."""
    return _named(_OBJECT, instructions)


def _named(pattern: re.Pattern[str], instructions: str) -> frozenset[str]:
    words: set[str] = set()
    for found in pattern.finditer(instructions):
        quoted = _QUOTED.findall(found[1])
        words.update(_NAME.findall(" ".join(quoted) if quoted else found[1]))
    return frozenset(words)


def removal_words(instructions: str) -> frozenset[str]:
    """Return all words of instructions that speak of removing at all, else nothing."""
    return (
        frozenset(_ANY_WORD.findall(instructions))
        if _ANY_REMOVAL.search(instructions)
        else frozenset()
    )
