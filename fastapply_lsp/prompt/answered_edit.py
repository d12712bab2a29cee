"""Which file does an answer make that is an edit?

In the dialects ``search_replace`` and ``unified_diff`` the model writes an edit and no file. It is
read as any code_edit is and placed as any is, so that a model that rewrites and one that writes
diffs differ in nothing but their prompt.
"""

from __future__ import annotations

import re

from fastapply_lsp.errors import MalformedEdit, RewriteRejected
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.code_edit import SearchReplace, UnifiedDiff, parse_code_edit
from fastapply_lsp.request.fences import find_fences
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.lines import split_lines

_REASONING = re.compile(r"\A\s*(?:<think>.*?</think>\s*)+", re.DOTALL)

NO_EDIT = "the answer holds neither search/replace blocks nor a diff"
UNSURE = "it cannot be said for sure where the answer's edit belongs"


def file_of(answer: str, original: str, path: str) -> str:
    r"""Return the file that the answer's edit makes of the original.

    Law: it is what the merge predicts for the same edit, and the merge was certain.

    Raises:
        RewriteRejected: there is no edit in the answer, or no sure place for it in the file; each
            fault is a sentence that can be told to the model.

    >>> edit = "<<<<<<< SEARCH\nb = 2\n=======\nb = 3\n>>>>>>> REPLACE\n"
    >>> file_of(f"Here it is:\n\n{edit}", "a = 1\nb = 2\n", "x.py")
    'a = 1\nb = 3\n'
    """
    edit = _edit_in(_REASONING.sub("", answer))
    try:
        merged = merge(original, EditFile(path, "", edit), path=path)
    except MalformedEdit as error:
        raise RewriteRejected((str(error).removesuffix("."),)) from error
    if not merged.certain:
        reasons = merged.reasons
        raise RewriteRejected(reasons if not merged.placed else (UNSURE, *reasons))
    return merged.predicted


def _edit_in(answer: str) -> str:
    """Return the edit without the words around it: what the fences hold, or else the answer.

    Raises:
        RewriteRejected: there is none.
    """
    blocks = ["".join(one.code) for one in find_fences(split_lines(answer))]
    fenced = "".join(block for block in blocks if _is_edit(block))
    for text in (fenced, answer):
        if _is_edit(text):
            return text
    raise RewriteRejected((NO_EDIT,))


def _is_edit(text: str) -> bool:
    """Whether it is a diff or blocks, well-formed or not."""
    try:
        return isinstance(parse_code_edit(text), UnifiedDiff | SearchReplace)
    except MalformedEdit:
        return True
