"""What do models say around a file, and in the place of code that they leave out?

Written down from what chat models answer when they are asked for a whole file. Data only, and the
function that writes a marker as the file's language writes a comment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from fastapply_lsp.syntax.languages import Language

BEFORE = (
    "Here is the updated file:\n\n",
    "Here's the complete updated code:\n\n",
    "Sure! I've applied the requested edit. Here is the full file:\n\n",
    "Certainly! Below is the file with the changes applied.\n\n",
    "I'll merge the update into the original code.\n\n",
    "Updated code:\n",
)
AFTER = (
    "\nI've applied the requested changes and left the rest of the file as it was.\n",
    "\nLet me know if you need anything else!\n",
    "\nThe rest of the file is unchanged.\n",
    "\n### Changes made\n\n- Updated the code as requested\n- Kept everything else the same\n",
    "\nNote that this assumes the helper is defined elsewhere in the project.\n",
    "\n**Explanation:** the edit was merged at the place that its context names.\n",
)
THOUGHTS = (
    "<think>\nThe user wants the edit merged into the file. I keep everything else.\n</think>\n\n",
    "<think>\nThe original comes first.\n\nThen the change; everything else stays.\n</think>\n",
    "<thinking>\nFirst find the place, then write the whole file.\n</thinking>\n\n",
    "Okay, the edit replaces one part of the file. I need to write out all of it.\n</think>\n\n",
)
BETWEEN = (
    "",
    "",
    "\nThe file goes on:\n\n",
    "\nContinuing with the rest of the file:\n\n",
)
_HIDDEN = (
    "... existing code ...",
    "... existing code ...",
    "... rest of the code remains the same ...",
    "... (unchanged) ...",
    "... rest of the implementation ...",
    "... existing code unchanged ...",
    "[... existing code ...]",
    "rest of the code unchanged",
)
_REST = (
    "... rest of the file ...",
    "... rest of the code remains unchanged ...",
    "The rest of the file remains the same",
    "... remaining code ...",
)


def marker(language: Language | None, dice: Random, *, rest: bool) -> str:
    """Return a marker as a comment of the language; ``rest`` says that the file ends with it.

    >>> from random import Random
    >>> from fastapply_lsp.syntax.languages import language_named
    >>> marker(language_named("css"), Random("any"), rest=True)[:2]
    '/*'
    """
    words = dice.choice(_REST if rest else _HIDDEN)
    if language is not None and language.line_comments:
        return f"{language.line_comments[0]} {words}"
    if language is not None and language.block_comments:
        comment = language.block_comments[-1]
        return f"{comment.opening} {words} {comment.closing}"
    return words
