"""A code_edit in any form that chat models write, parsed into a typed value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.request.code_edit_blocks import has_blocks, parse_blocks
from fastapply_lsp.request.code_edit_diff import has_hunks, is_bare_hunk, parse_diff
from fastapply_lsp.request.code_edit_model import (
    Block,
    CodeEdit,
    FileDiff,
    Hunk,
    HunkLine,
    Reading,
    SearchReplace,
    Snippet,
    UnifiedDiff,
)
from fastapply_lsp.request.code_edit_patch import has_patch, parse_patch
from fastapply_lsp.syntax.markers import markers_in
from fastapply_lsp.text.lines import has_line_end, indent_of, split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.syntax.markers import Marker

__all__ = [
    "Block",
    "CodeEdit",
    "FileDiff",
    "Hunk",
    "HunkLine",
    "Reading",
    "SearchReplace",
    "Snippet",
    "UnifiedDiff",
    "parse_code_edit",
]

_FENCE = re.compile(r"[ ]{0,12}(`{3,}|~{3,})[ \t]*([^`]*)$")
_DIFF_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[ \t]*(?:diff|patch|udiff)\b", re.IGNORECASE)


def parse_code_edit(code_edit: str, *, language: Language | None = None) -> CodeEdit:
    r"""Tell a code_edit's form and read it.

    The fence around it, if there is one, is taken away. ``language`` (of the target) decides what
    a marker looks like.

    Raises:
        MalformedEdit: it is clearly a diff or a search/replace block, and cannot be read as one.

    >>> [marker.line for marker in parse_code_edit("x = 1\n# ... existing code ...\n").markers]
    [1]
    """
    ended = split_lines(code_edit.removeprefix("\ufeff"))
    lines = [without_line_end(line) for line in ended]
    final_newline = not ended or has_line_end(ended[-1])
    inside = _unfenced(lines)
    body = lines if inside is None else inside
    if has_patch(body):
        return parse_patch(body)
    if has_blocks(lines):
        return parse_blocks(lines)
    if has_hunks(body):
        return parse_diff(body)
    fenced_diff = inside is not None and _DIFF_FENCE.match(next(filter(str.strip, lines)))
    lists = language is not None and language.id == "markdown"
    if (fenced_diff or not lists) and is_bare_hunk(body, fenced=bool(fenced_diff)):
        return parse_diff(["@@", *body])
    return Snippet(tuple(body), _markers(body, language), inside is not None, final_newline)


def _unfenced(lines: Sequence[str]) -> list[str] | None:
    """Return what a fence around the whole holds, or ``None`` if there is none."""
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if not filled:
        return None
    opening = _FENCE.match(lines[filled[0]])
    if opening is None:
        return None
    fence = opening[1]
    last = filled[-1]
    closing = lines[last].strip()
    closed = (
        last > filled[0] and closing == closing[:1] * len(closing) and closing.startswith(fence)
    )
    if closed and _opens_again(lines[filled[0] + 1 : last], fence):
        return None
    # A fence in a list is indented, and so is all in it.
    indent = len(indent_of(lines[filled[0]]))
    inside = lines[filled[0] + 1 : last if closed else len(lines)]
    if all(not line[:indent].strip() for line in inside):
        return [line[indent:] for line in inside]
    return list(inside)


def _opens_again(lines: Sequence[str], fence: str) -> bool:
    """Whether the fence is closed and another opened in between: then it does not wrap all."""
    inside = True
    for line in lines:
        found = _FENCE.match(line)
        if found is None or not found[1].startswith(fence):
            continue
        if inside and not found[2].strip():
            inside = False
        else:
            return not inside
    return False


def _markers(lines: Sequence[str], language: Language | None) -> tuple[Marker, ...]:
    return markers_in(lines, language)
