"""Did the block end, or was its writer cut off in the middle?

A reply that met its output limit, or a paste that missed the last lines, reads like a smaller edit.
It shows where a form that announces its end does not come to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.request.code_edit_blocks import ends_open
from fastapply_lsp.text.lines import split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Sequence

_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})[^`]*$")
_PATCH_BEGINS = "*** Begin Patch"
_PATCH_ENDS = "*** End Patch"


def cut_off(code_edit: str) -> str:
    r"""Return the sign that the end of the block is missing, or an empty string.

    A closing fence is a sign of the opposite: who closes it has come to the end, though a form
    inside may lack its last line.

    >>> cut_off("```python\nx = 1\n")
    'the fence around the block is never closed; its end may be missing'
    >>> cut_off("```python\nx = 1\n```\n"), cut_off("x = 1\n")
    ('', '')
    """
    lines = [without_line_end(line) for line in split_lines(code_edit.removeprefix("\ufeff"))]
    filled = [line for line in lines if line.strip()]
    if not filled:
        return ""
    opening = _FENCE.match(filled[0])
    if opening is not None and not _closes(filled[1:], opening[1]):
        return "the fence around the block is never closed; its end may be missing"
    if opening is None and ends_open(lines):
        return "the last search/replace block has no end; a part of it may be missing"
    if opening is None and filled[0].startswith(_PATCH_BEGINS) and _PATCH_ENDS not in filled:
        return "the patch has no end; a part of it may be missing"
    return ""


def _closes(lines: Sequence[str], fence: str) -> bool:
    """Whether a line consists of the fence's characters, as many or more."""
    bare = (line.strip() for line in lines)
    return any(text.startswith(fence) and not text.strip(fence[0]) for text in bare)
