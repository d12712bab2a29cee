"""Signs that a placement, though found, may not be what was meant."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.page import Change, Page

_LONG = 16
"""Characters from which a line is unlikely to stand twice by chance."""


def doubts(page: Page, changes: Sequence[Change]) -> Iterator[str]:
    """Yield the reasons for which the changes are not certain."""
    if _moves(page, changes):
        yield "lines that are added stand elsewhere in the file and stay there"


def _moves(page: Page, changes: Sequence[Change]) -> bool:
    """Whether new lines repeat a line that the file has once, and keeps."""
    gone: Counter[str] = Counter()
    new: list[str] = []
    for change in changes:
        old = Counter(text.strip() for text in page.texts[change.start : change.end])
        gone += old
        new += (Counter(text.strip() for text in change.texts) - old).elements()
    long = {text for text in new if len(text) >= _LONG}
    if not long:
        return False
    counts = Counter(key for text in page.texts if (key := text.strip()) in long)
    return any(counts[text] == 1 and not gone[text] for text in long)
