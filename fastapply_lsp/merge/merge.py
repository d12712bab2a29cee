"""Which form does a code_edit have, and what does that form make of the current file?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.hunks import merge_diff
from fastapply_lsp.merge.page import page_of
from fastapply_lsp.merge.search_replace import merge_blocks
from fastapply_lsp.merge.snippet import merge_snippet
from fastapply_lsp.request.code_edit import (
    SearchReplace,
    Snippet,
    UnifiedDiff,
    parse_code_edit,
)
from fastapply_lsp.request.cut_off import cut_off
from fastapply_lsp.syntax.languages import language_of

if TYPE_CHECKING:
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.request.model import EditFile


def merge(original: str, call: EditFile, *, path: str | None = None) -> Merge:
    r"""Place ``call.code_edit`` in ``original``, the current text of the file.

    ``path`` is the file's path, where it is known better than ``call.target_file`` says; it gives
    the language, and chooses among the files of a diff. Pure; the same input gives the same
    answer. A diff or block that is in the file already is placed, replaces nothing, and is not
    certain; nor is one whose own end is missing.

    Raises:
        MalformedEdit: the edit is clearly a diff or a search/replace block, and breaks its form
            so that it cannot be read.

    >>> from fastapply_lsp.request.model import EditFile
    >>> merge("a = 1\nb = 2\n", EditFile("x.py", "", "a = 3\n# ... existing code ...\n")).predicted
    'a = 3\nb = 2\n'
    """
    path = call.target_file if path is None else path
    placed = _placed(original, call, path)
    missing = cut_off(call.code_edit)
    return replace(placed, reasons=(*placed.reasons, missing)) if missing else placed


def _placed(original: str, call: EditFile, path: str) -> Merge:
    language = language_of(path, original) if path else None
    page = page_of(original)
    match parse_code_edit(call.code_edit, language=language):
        case UnifiedDiff() as diff:
            return merge_diff(page, diff, path)
        case SearchReplace() as blocks:
            return merge_blocks(page, blocks, path)
        case Snippet() as snippet:
            return merge_snippet(page, snippet, language, path, call.instructions)
