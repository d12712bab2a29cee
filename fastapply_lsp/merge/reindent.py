"""Indentation: which lines it makes a block, and how it becomes another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def indent_of(text: str) -> str:
    """Return the white space before a line's first character.

    >>> indent_of("  x ")
    '  '
    """
    return text[: len(text) - len(text.lstrip())]


def reindented(theirs: Sequence[str], ours: Sequence[str]) -> Callable[[str], str]:
    r"""Learn from paired lines how their indentation becomes ours.

    Each indentation that was seen is mapped as seen; others keep their depth below the nearest
    shorter one that was, with tabs for spaces where the file has them.

    >>> reindented(["if x:"], ["    if x:"])("    y()")
    '        y()'
    """
    if list(theirs) == list(ours):
        return str
    seen: dict[str, str] = {}
    for their, our in zip(theirs, ours, strict=False):
        if their.strip() and their.strip() == our.strip():
            seen.setdefault(indent_of(their), indent_of(our))
    if all(their == our for their, our in seen.items()):
        return str
    unit = _unit(seen)

    def shift(text: str) -> str:
        if not text.strip():
            return text
        indent = indent_of(text)
        if indent in seen:
            return seen[indent] + text[len(indent) :]
        base = max((one for one in seen if indent.startswith(one)), key=len, default=None)
        if base is not None:
            return seen[base] + unit(indent[len(base) :]) + text[len(indent) :]
        # Shallower than all that was seen: take away as much as it is shallower.
        nearest = min(seen, key=len)
        missing = len(nearest) - len(indent)
        ours_ = seen[nearest]
        return (ours_[: max(len(ours_) - missing, 0)]) + text[len(indent) :]

    return shift


def _unit(seen: dict[str, str]) -> Callable[[str], str]:
    """How deeper indentation is written: as it is, or as tabs where the file has tabs."""
    if any("\t" in our for our in seen.values()) and not any("\t" in their for their in seen):
        widths = [
            len(their) // our.count("\t")
            for their, our in seen.items()
            if our and our.strip("\t") == "" and len(their) % our.count("\t") == 0 and their
        ]
        width = min(widths, default=4)
        return lambda deeper: "\t" * (len(deeper) // width) + " " * (len(deeper) % width)
    if any("\t" in their for their in seen) and not any("\t" in our for our in seen.values()):
        widths = [len(our) // their.count("\t") for their, our in seen.items() if their.count("\t")]
        width = max(min(widths, default=4), 1)
        return lambda deeper: deeper.replace("\t", " " * width)
    return str


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
        indent = len(text) - len(text.lstrip())
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
