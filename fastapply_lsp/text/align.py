"""Which lines of one text are lines of another?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.replacement import Replacement

if TYPE_CHECKING:
    from collections.abc import Sequence


def diff_lines(old: Sequence[str], new: Sequence[str]) -> list[Replacement]:
    """Return the replacements that make ``new`` of ``old``."""
    prefix = 0
    most = min(len(old), len(new))
    while prefix < most and old[prefix] == new[prefix]:
        prefix += 1
    suffix = 0
    while suffix < most - prefix and old[-1 - suffix] == new[-1 - suffix]:
        suffix += 1
    if len(old) == len(new) == prefix:
        return []
    lines = tuple(new[prefix : len(new) - suffix])
    return [Replacement(prefix, len(old) - suffix, lines)]
