"""What of an edit belongs to a part of a file?

A file that a model cannot take whole is sent in windows (`prompt/parts`), each with the whole edit
and a word that only a part is shown. What of the edit stands elsewhere would be merged into the
window as if it were new. So only those pieces between markers count that know a line of the part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.prompt.parts import IN_PART
from fastapply_lsp.syntax.markers import markers_in
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAID = IN_PART.partition("{")[0]
_TELLING = 4
"""Characters of a line that says where it belongs; a bracket stands everywhere."""


def says_part(words: str) -> bool:
    """Whether a prompt says that only a part of the file is shown."""
    return _SAID in words


def edit_of_part(edit: str, shown: str) -> str:
    r"""Return the pieces of an edit that belong to a part of a file, its markers between them.

    >>> edit = "import os\n# ...\ndef f():\n    return 2\n# ...\ndef g():\n    return 3\n"
    >>> edit_of_part(edit, "def f():\n    return 1\n")
    '# ...\ndef f():\n    return 2\n# ...\n'
    """
    lines = split_lines(edit)
    markers = {marker.line for marker in markers_in(edit) if marker.alone}
    known = set(_telling(split_lines(shown)))
    kept: list[str] = []
    piece: list[str] = []
    for number, line in enumerate([*lines, ""]):
        if number < len(lines) and number not in markers:
            piece.append(line)
            continue
        if known.intersection(_telling(piece)):
            kept += piece
        piece = []
        if line and (not kept or kept[-1] != line):
            kept.append(line)
    return "".join(kept)


def _telling(lines: Iterable[str]) -> Iterable[str]:
    return (line.strip() for line in lines if len(line.strip()) >= _TELLING)
