"""What do the instructions ask to remove, and what to rename?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_REMOVAL = re.compile(
    r"\b(?:remov|delet|drop|get(?:ting)? rid|no longer|eliminat|strip|clean)", re.IGNORECASE
)
_ANY_WORD = re.compile(r"\w+")
_OBJECT = re.compile(
    r"\b(?:remov(?:e|es|ed|ing)|delet(?:e|es|ed|ing)|drop(?:s|ped|ping)?|get(?:ting)? rid of"
    r"|eliminate|strip(?: out)?)\s+(.{1,80}?)"
    r"(?=\s+(?:from|in|of|inside|within|on|for|with|so|to|that|which|because|since|as)\b"
    r"|[,.;:\n]|$)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d]\w{2,}[?!]?")
_QUOTED = re.compile(r"`([^`]+)`")
_RENAME = re.compile(
    r"\brenam\w*\s+(.{1,60}?)\s+(?:to|into|as|->|→)\s+[`'\"]?([.#]?[\w.$?!-]*\w[?!]?)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[\w$-]+[?!]?")


def words_in(text: str) -> set[str]:
    """Return the words of a text that may be names, a final ``?`` or ``!`` included.

    >>> sorted(words_in("no valid? of 2x x"))
    ['valid?']
    """
    return set(_WORD.findall(text))


def removal_words(instructions: str) -> frozenset[str]:
    """Return the words of instructions that ask to remove something, else nothing."""
    return (
        frozenset(_ANY_WORD.findall(instructions)) if _REMOVAL.search(instructions) else frozenset()
    )


def removal_objects(instructions: str) -> set[str]:
    """Return the words of what shall go; where some are quoted as code, those alone."""
    words: set[str] = set()
    for found in _OBJECT.finditer(instructions):
        quoted = _QUOTED.findall(found[1])
        words |= words_in(" ".join(quoted) if quoted else found[1])
    return words


def rename_asked(instructions: str) -> Mapping[str, frozenset[str]]:
    """Return, for each new name that the instructions ask for, the words that may be the old one.

    >>> sorted(rename_asked("Please rename the `load` method to `read`.")["read"])
    ['load', 'method', 'the']
    """
    return {
        bare_name(found[2]): frozenset(_NAME.findall(found[1]))
        for found in _RENAME.finditer(instructions)
    }


def bare_name(name: str) -> str:
    """Return a name without what is no part of the word: a rule's dot, a path before it."""
    words = _NAME.findall(name)
    return words[-1] if words else name
