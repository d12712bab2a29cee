"""Does a snippet without markers show the whole file, or whole definitions?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.lines import weak
from fastapply_lsp.merge.model import Form, Merge
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.merge.result import Placement, answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.request.code_edit import Snippet
    from fastapply_lsp.syntax.definitions import Definition

_HEAD = 20
"""A whole file may have so many new lines above the one that was its first."""
_TAIL = 3
"""Lines that may go from a file's end, for it to be the whole file still."""


def take_whole_file(
    page: Page, snippet: Snippet, items: Sequence[Item], reasons: Sequence[str]
) -> Merge:
    """Take the snippet as it is."""
    texts = snippet.lines
    if _tabbed(texts) != _tabbed(page.texts):
        texts = tuple(item.text for item in items)
    change = Change(0, len(page), texts, "the whole file")
    return answer(page, Form.WHOLE_FILE, (Placement((change,), "the whole file"),), reasons)


def _tabbed(texts: Sequence[str]) -> bool | None:
    """Whether tabs indent; ``None`` where nothing is indented."""
    indents = [text[0] for text in texts if text[:1].isspace() and text.strip()]
    return None if not indents else indents.count("\t") * 2 > len(indents)


def spans_file(items: Sequence[Item], keys: Sequence[str]) -> bool:
    """Whether a snippet without markers begins as the file does, and shows most of its lines."""
    theirs = [item.key for item in items if item.key]
    ours = [key for key in keys if key]
    shown = set(theirs)
    common = sum(key in shown for key in ours)
    first = next((key for key in ours if not weak(key)), ours[0])
    return (
        common * 2 >= len(ours)
        and first in theirs[:_HEAD]
        and _unknown_end(ours, shown) <= _unknown_end(theirs, set(ours)) + _TAIL
    )


def _unknown_end(keys: Sequence[str], known: set[str]) -> int:
    """Count the lines at the end that the other side does not have."""
    return next((at for at, key in enumerate(reversed(keys)) if key in known), len(keys))


def only_definitions(theirs: Sequence[Definition], items: Sequence[Item]) -> bool:
    """Whether nothing but definitions, their comments and blank lines is in the snippet."""
    covered = {at for one in theirs for at in range(one.leading, one.span.end)}
    return bool(theirs) and all(at in covered or item.blank for at, item in enumerate(items))


def with_gaps(items: Sequence[Item], theirs: Sequence[Definition]) -> list[Item]:
    """Put a gap after each definition: others may stand there in the file."""
    ends = {one.span.end for one in theirs}
    spread: list[Item] = []
    for at, item in enumerate(items):
        if at in ends:
            spread.append(Item(Kind.GAP, "", ""))
        spread.append(item)
    spread.append(Item(Kind.GAP, "", ""))
    return spread
