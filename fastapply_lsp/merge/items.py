"""What is each line of a snippet: code, a place where code is left out, a note of removal?"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from fastapply_lsp.merge.reindent import reindented
from fastapply_lsp.syntax.markers import Certainty, MarkerKind
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.merge.page import Page
    from fastapply_lsp.request.code_edit import Snippet
    from fastapply_lsp.syntax.markers import Marker


class Kind(Enum):
    """What a snippet's line is."""

    LINE = "line"
    GAP = "gap"
    """A marker: any number of the file's lines stand here."""
    REMOVED = "removed"
    """A comment which says that lines were taken away here."""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the snippet. ``key`` is the content that counts when lines are compared."""

    kind: Kind
    text: str
    key: str
    new: bool = False
    """Whether it is known to be no line of the file."""
    elided: bool = False
    """Whether a marker inside the line stands for a part of it."""

    @property
    def blank(self) -> bool:
        """Whether it is an empty line."""
        return self.kind is Kind.LINE and not self.key

    @property
    def depth(self) -> int:
        """How many characters of indentation it has."""
        return len(indent_of(self.text))


_REMOVED = re.compile(
    r"\s*(?://|#|--|;|%|/\*|<!--|\{/\*)+\s*(?:\(|\[)?(?:removed|deleted)\b(?!\s+in\b)",
    re.IGNORECASE,
)
_COMMENTED_PATH = re.compile(
    r"(?://|#|--|;|%|/\*|<!--)\s*(?:file(?:name)?:\s*)?(\S+?)\s*(?:\*/|-->)?$"
)


def items_of(page: Page, snippet: Snippet, path: str | None) -> tuple[Item, ...]:
    """Read a snippet's lines."""
    keys = {text.strip() for text in page.texts}
    marked: dict[int, Marker] = {}
    for marker in snippet.markers:
        literal = (
            marker.certainty < Certainty.EXPLICIT or marker.kind is MarkerKind.REMOVAL
        ) and snippet.lines[marker.line].strip() in keys
        if not literal and (marker.alone or marker.line not in marked):
            marked[marker.line] = marker
    items: list[Item] = []
    known = set(page.texts)
    ends = {text.rstrip(): text for text in page.texts if text.strip()}
    for at, text in enumerate(snippet.lines):
        # White space at the end of a quoted line is the file's affair.
        own = text if text in known else ends.get(text.rstrip(), text)
        items += _read(own, marked.get(at), keys)
    _drop_path_comment(items, keys, path)
    while items and items[0].blank:
        del items[0]
    return tuple(items)


def _read(text: str, marker: Marker | None, keys: set[str]) -> list[Item]:
    if marker is None:
        if _REMOVED.match(text) and text.strip() not in keys:
            return [Item(Kind.REMOVED, text, "")]
        return [Item(Kind.LINE, text, text.strip())]
    if marker.alone:
        kind = Kind.GAP if marker.kind is MarkerKind.ELISION else Kind.REMOVED
        return [Item(kind, text, "")]
    before, after = text[: marker.start].rstrip(), text[marker.end :].strip()
    if after or not before or text[marker.start] == "{":
        return [Item(Kind.LINE, text, text.strip(), elided=True)]
    return [Item(Kind.LINE, before, before.strip()), Item(Kind.GAP, text, "")]


def _drop_path_comment(items: list[Item], keys: set[str], path: str | None) -> None:
    """Models head a snippet with the file's name in a comment; it is no code."""
    first = next((at for at, item in enumerate(items) if not item.blank), None)
    if first is None or path is None or items[first].key in keys:
        return
    found = _COMMENTED_PATH.match(items[first].key)
    if found and path.replace("\\", "/").endswith(found[1].strip("`'\"").lstrip("./")):
        del items[first]


def fitted(page: Page, items: Sequence[Item]) -> Sequence[Item]:
    """Move a snippet that is indented or dedented as a whole to where the file has it.

    Returns the same ``items`` where there is nothing to move.
    """
    ours: dict[str, str | None] = {}
    for text in page.texts:
        key = text.strip()
        ours[key] = None if key in ours else text
    pairs = [
        (item.text, our)
        for item in items
        if item.kind is Kind.LINE
        and len(item.key) > 3  # noqa: PLR2004 - shorter lines stand anywhere
        and (our := ours.get(item.key)) is not None
    ]
    if not any(indent_of(their) or indent_of(our) for their, our in pairs):
        return _retabbed(page, items)
    moved = Counter(len(indent_of(our)) - len(indent_of(their)) for their, our in pairs)
    if _tabs(their for their, _ in pairs) != _tabs(our for _, our in pairs):
        # Lines at the outermost depth say nothing of tabs.
        stays, moves = 0, sum(bool(indent_of(their)) for their, _ in pairs)
    else:
        stays = sum(indent_of(our) == indent_of(their) for their, our in pairs)
        moves = len(pairs) - stays
    if stays * 3 > moves or not moves:
        return items
    tabs = any("\t" in indent_of(text) for pair in pairs for text in pair)
    usual = moved.most_common(1)[0][0]
    if not tabs:
        # A line that moved otherwise stands in the file by chance, or is edited.
        pairs = [
            (their, our)
            for their, our in pairs
            if len(indent_of(our)) - len(indent_of(their)) == usual
        ]
    shift = reindented([their for their, _ in pairs], [our for _, our in pairs])
    return [replace(item, text=shift(item.text)) for item in items]


def _retabbed(page: Page, items: Sequence[Item]) -> Sequence[Item]:
    """Write spaces as tabs where the file is indented with tabs alone; no line tells how many."""
    if not _tabs(page.texts) or any(text.startswith(" ") for text in page.texts if text.strip()):
        return items
    widths = [item.depth for item in items if item.key and item.depth]
    if not widths or any("\t" in indent_of(item.text) for item in items):
        return items
    width = min(widths)
    return [
        replace(
            item,
            text="\t" * (item.depth // width)
            + " " * (item.depth % width)
            + item.text[item.depth :],
        )
        for item in items
    ]


def _tabs(texts: Iterable[str]) -> bool:
    return any("\t" in indent_of(text) for text in texts)
