"""The edit that the Neovim tests apply: three functions, of which the first and last change."""

from __future__ import annotations

ORIGINAL = """\
import sys


def first():
    return 1


def second():
    return 2


def third():
    return 3


def fourth():
    return 4
"""

BLOCK = """\
def first():
    return 11


# ... existing code ...


def third():
    return 33
"""

REWRITE = ORIGINAL.replace("return 1", "return 11").replace("return 3", "return 33")

# The first change is anchored in the first half, the second is in the second half only.
HALF = REWRITE.index("def third")
FIRST_HALF, SECOND_HALF = REWRITE[:HALF], REWRITE[HALF:]
HALFWAY = ORIGINAL.replace("return 1", "return 11")


def chat(*blocks: str, path: str = "app.py", language: str = "python") -> str:
    """Return a chat document with these blocks for ``path``."""
    fenced = [f"```{language} {path}\n{block}```\n" for block in blocks]
    return "\n".join(["# User\n", "Please change them.\n", "# Assistant\n", *fenced])
