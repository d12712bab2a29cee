"""In which words are doubts told? Shortly: those of one kind are joined, what may be lost comes first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAMED = 3
"""Names or runs of lines that one sentence has."""


@dataclass(frozen=True, slots=True)
class _Sort:
    """Reasons of one kind, which tell of one thing each, and how they tell of several."""

    one: re.Pattern[str]
    several: str
    last: str = "and"


_SORTS = (
    _Sort(re.compile(r"(?P<what>.+) vanishes"), "{} vanish"),
    _Sort(re.compile(r"(?P<what>.+) may be meant to go"), "{} may be meant to go"),
    _Sort(re.compile(r"the new file has no (?P<what>.+)"), "the new file has no {}", "or"),
    _Sort(re.compile(r"the new file lacks lines (?P<what>.+)"), "the new file lacks lines {}"),
    _Sort(
        re.compile(r"the snippet leaves out lines? (?P<what>.+) without a marker"),
        "the snippet leaves out lines {} without a marker",
    ),
)


def told(reasons: Iterable[str]) -> tuple[str, ...]:
    """Return the reasons, each once, those of one kind joined; what may be lost comes first.

    >>> told(["a place", "f vanishes", "a place", "g vanishes"])
    ('f and g vanish', 'a place')
    """
    found: list[list[str]] = [[] for _ in _SORTS]
    rest: list[str] = []
    for reason in dict.fromkeys(reasons):
        for sort, parts in zip(_SORTS, found, strict=True):
            if sort.one.fullmatch(reason):
                parts.append(reason)
                break
        else:
            rest.append(reason)
    joined = [_join(sort, parts) for sort, parts in zip(_SORTS, found, strict=True) if parts]
    return (*joined, *rest)


def _join(sort: _Sort, parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    names = [found["what"] for part in parts if (found := sort.one.fullmatch(part))]
    if len(names) > _NAMED:
        names[_NAMED:] = [f"{len(names) - _NAMED} more"]
    return sort.several.format(f"{', '.join(names[:-1])} {sort.last} {names[-1]}")


def may_go(reason: str) -> str:
    """Say of a definition that is kept what ``reason`` says of one that vanishes.

    >>> may_go("f vanishes")
    'f may be meant to go'
    """
    return reason.replace(" vanishes", " may be meant to go")


def run_of_lines(start: int, end: int) -> str:
    """Name lines ``start`` to ``end``, 0-based and exclusive, as people count them.

    >>> run_of_lines(8, 9), run_of_lines(8, 12)
    ('9', '9 to 12')
    """
    return f"{start + 1}" if end - start == 1 else f"{start + 1} to {end}"
