"""Which definitions does a snippet show, though it is no whole file?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.syntax.definitions import Definition, definitions
from fastapply_lsp.syntax.languages import Delimiters

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.syntax.languages import Language

_SLASHED = Delimiters("/*", "*/")
_WRAPPER = "ShownWithoutItsClass"
_CLASS = f"class {_WRAPPER} {{ "
_METHODS = {"method", "function"}
_OPENERS: dict[str, tuple[str, ...]] = {
    "php": ("<?php ", f"<?php {_CLASS}"),
    **dict.fromkeys(
        ("java", "csharp", "kotlin", "typescript", "tsx", "javascript", "scala", "swift"),
        ("", _CLASS),
    ),
}
"""What may stand before a snippet so that its grammar reads it: on its first line, so that no line
gets another number. A method stands in a class, and PHP after its tag."""


def shown_definitions(
    text: str, language: Language | None, ours: Sequence[Definition]
) -> tuple[Definition, ...]:
    """Return the outermost definitions of a snippet, methods without their class included.

    Of several readings the one that names the most of the file's definitions (``ours``) counts,
    then the plainest.
    """
    if language is not None and "*/" in text and _SLASHED in language.block_comments:
        text = _opened(text)
    openers = _OPENERS.get(language.id, ("",)) if language is not None else ("",)
    if language is not None and language.id == "php" and "<?" in text:
        openers = ("",)
    best = _read(text, openers[0], language)
    if len(openers) == 1:
        return best
    names = {one.name for outer in ours for one in outer.walk()}
    if best and all(one.name in names for one in best):
        return best
    for opener in openers[1:]:
        found = _read(text, opener, language)
        if _known(found, names) > _known(best, names):
            best = found
    return best


def _opened(text: str) -> str:
    r"""Open the comments that the snippet only ends, where their first line is.

    >>> _opened("// ...\n * why\n */\nint x;")
    '// ...\n/* * why\n */\nint x;'
    """
    lines = text.split("\n")
    for end, line in enumerate(lines):
        if "*/" not in line or "/*" in line:
            continue
        top = end
        while top > 0 and lines[top - 1].lstrip().startswith("*"):
            top -= 1
        above = lines[top - 1] if top else ""
        if "/*" not in above or "*/" in above:
            lines[top] = f"/*{lines[top]}"
    return "\n".join(lines)


def _read(text: str, opener: str, language: Language | None) -> tuple[Definition, ...]:
    if _WRAPPER not in opener:
        return definitions(opener + text, language)
    lines = text.count("\n") + 1
    return tuple(
        child
        for one in definitions(f"{opener}{text}\n}}", language)
        for child in (one.children if one.name == _WRAPPER else (one,))
        if child.kind in _METHODS and child.span.end <= lines
    )


def _known(found: Iterable[Definition], names: set[str]) -> int:
    return sum(one.name in names for outer in found for one in outer.walk())
