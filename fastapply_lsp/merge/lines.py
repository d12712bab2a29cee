"""What do lines say by themselves: how deep they stand, what they open, close, and part?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import indent_of
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WEAK_WORDS = frozenset(
    {
        "end", "fi", "done", "esac", "else", "else:", "try:", "pass", "break;", "break", "return;",
        "return", "} else {", "*/", "begin", "then", "do", "default:", "try {", "continue;",
        "continue", "/**", "finally:", "finally {", "} finally {",
    }
)  # fmt: skip


def weak(key: str) -> bool:
    """Whether a line says too little to be found by itself: blank, brackets, a bare keyword."""
    return key in _WEAK_WORDS or not any(map(str.isalnum, key))


def block_ends(texts: Sequence[str], openers: Iterable[int] | None = None) -> dict[int, int]:
    """Return, for each line that opens a block, the line that closes it, by indentation.

    A block is closed by the first line after it that is indented no deeper than its first one,
    if that line is as deep, and is a bracket or an ``end``. Where only some ``openers`` are asked
    for, reading stops when all of them are closed.
    """
    waiting = None if openers is None else set(openers)
    ends: dict[int, int] = {}
    open_: list[tuple[int, int]] = []
    for at, text in enumerate(texts):
        key = text.strip()
        if not key:
            continue
        indent = len(indent_of(text))
        closer = key[0] in "})]>" or key.startswith(("end", "</", "fi", "done", "esac"))
        while open_ and open_[-1][0] >= indent:
            depth, opener = open_.pop()
            if depth == indent and closer and at > opener:
                ends[opener] = at
            if waiting is not None:
                waiting.discard(opener)
        if waiting is not None and not waiting:
            break
        open_.append((indent, at))
    return ends


def open_brackets(text: str) -> int:
    """Count brackets that stay open; those in strings spoil it, which is rare enough."""
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))


def trim_end(texts: Sequence[str]) -> list[str]:
    """Return the lines without blank ones at the end."""
    end = len(texts)
    while end and not texts[end - 1].strip():
        end -= 1
    return list(texts[:end])


def trim_start(texts: Sequence[str]) -> list[str]:
    """Return the lines without blank ones at the start."""
    start = 0
    while start < len(texts) and not texts[start].strip():
        start += 1
    return list(texts[start:])


def with_blanks(keys: Sequence[str], run: Span) -> Span:
    """Return a run with the blank lines below it, or those above where it is the last of its block."""
    end = run.end
    while end < len(keys) and not keys[end]:
        end += 1
    start = run.start
    while start > 0 and not keys[start - 1]:
        start -= 1
    if end == run.end or end == len(keys):
        return Span(start, run.end)
    return Span(run.start, end)
