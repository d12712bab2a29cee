"""Can a block be a file that does not exist yet?"""

from __future__ import annotations

from fastapply_lsp.request.code_edit import parse_code_edit
from fastapply_lsp.request.code_edit_model import Snippet, UnifiedDiff
from fastapply_lsp.syntax.languages import language_of


def is_whole_file(code_edit: str, path: str) -> bool:
    r"""Whether a block leaves nothing out and finds nothing to replace.

    >>> is_whole_file("x = 1\n", "a.py"), is_whole_file("# ... existing code ...\nx = 1\n", "a.py")
    (True, False)
    """
    match parse_code_edit(code_edit, language=language_of(path, code_edit)):
        case Snippet(markers=markers):
            return not markers
        case UnifiedDiff(files=(file,)):
            return file.old_path is None
        case _:
            return False
