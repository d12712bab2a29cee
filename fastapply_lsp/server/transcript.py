"""Is a block of a chat something to type into a terminal, and so no edit of a file?

Such a block gets no lens of its own: most replies have one ("then run …"), and a lens above it
would only ever lead to an error. The code action stays, for whoever means it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.errors import CannotApply, UnknownTarget
from fastapply_lsp.request.target import Level

if TYPE_CHECKING:
    from fastapply_lsp.request.chat import Block
    from fastapply_lsp.request.target import Target

_PROMPT = re.compile(
    r"\s*(?:\$ +\w|>>> |In \[\d+\]: |PS [A-Z]:\\|[A-Z]:\\[^>\n]*> ?\w|[\w.-]+@[\w.-]+[:\s][^$#\n]*[$#] +\w)"
)
_SESSIONS = frozenset(
    ["console", "shell-session", "shellsession", "sh-session", "terminal", "pycon", "doscon"]
)


def is_for_a_terminal(block: Block, target: Target | CannotApply) -> bool:
    """Whether nothing speaks for a file, and the block is a transcript or a few commands.

    A name in the fence, on the line before it, in the block's first line or in a diff speaks for a
    file, whatever the block looks like.
    """
    if not isinstance(target, CannotApply):
        return target.level > Level.DIFF_HEADER and is_transcript(block.info, block.code)
    of_shell = block.language is not None and block.language.id in {"bash", "powershell"}
    no_file = isinstance(target, UnknownTarget) and target.target is None
    return (of_shell and no_file) or is_transcript(block.info, block.code)


def is_transcript(info: str, code: str) -> bool:
    r"""Whether a block shows a session: its fence says so, or its first line has a prompt.

    >>> is_transcript("", "$ pip install x\n"), is_transcript("python", "price = '$ 5'\n")
    (True, False)
    """
    words = info.strip("{}. ").split()
    if words and words[0].lower() in _SESSIONS:
        return True
    first = next((line for line in code.splitlines() if line.strip()), "")
    return _PROMPT.match(first) is not None
