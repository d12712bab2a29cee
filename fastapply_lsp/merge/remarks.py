"""Which comments and docstrings stand in some lines?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_AT_END = re.compile(r"""\s(/\*[^*]*\*/|//\s[^"']*|#[\s:!][^"']*)\s*$""")
"""A comment behind an entry; ``#fff;`` and ``http://`` are none."""
_ALONE = re.compile(r"(/\*|//|#\s|#$|<!--|;\s|--\s)")
_QUOTES = re.compile(r"""[rRuU]?(\"{3}|'{3}|"|')""")


def comment_behind(text: str) -> str:
    """Return the comment behind what a line says, with the white space before it; else nothing.

    >>> comment_behind("a: 1  # one"), comment_behind("color: #fff;"), comment_behind("# all")
    ('  # one', '', '')
    """
    found = _AT_END.search(text)
    if found is None or not text[: found.start()].strip():
        return ""
    start = len(text[: found.start()].rstrip())
    return text[start:].rstrip()


def comments_of(texts: Sequence[str]) -> list[str]:
    """Return the comments of settings or style rules: whole lines, and those behind an entry."""
    found = [
        key if _ALONE.match(key) else comment_behind(text).strip()
        for text in texts
        if (key := text.strip())
    ]
    return [one for one in found if any(map(str.isalnum, one))]


def docstring_end(texts: Sequence[str]) -> int:
    """Return how many lines the docstring takes that they begin with; 0 if they do not."""
    first = next((at for at, text in enumerate(texts) if text.strip()), len(texts))
    found = _QUOTES.match(texts[first].strip()) if first < len(texts) else None
    if found is None:
        return 0
    quote = found[1]
    if quote in texts[first].strip()[found.end() :]:
        return first + 1
    return next((at + 1 for at in range(first + 1, len(texts)) if quote in texts[at]), 0)
