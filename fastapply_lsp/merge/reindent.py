"""How does one indentation become another one?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
