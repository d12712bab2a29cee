"""Where do search/replace blocks go?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.merge.find import Index
from fastapply_lsp.merge.model import Form, Merge
from fastapply_lsp.merge.page import Change, Page, page_of
from fastapply_lsp.merge.result import Placement, answer
from fastapply_lsp.merge.search_places import Option, PlacedBlock, places_of
from fastapply_lsp.request.code_edit import SearchReplace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.request.code_edit import Block


def merge_blocks(page: Page, edit: SearchReplace, path: str | None) -> Merge:
    """Place every block; where its search lines stand more than once, the first free place.

    A block may quote the file as it was, or as an earlier block left it.
    """
    blocks, reasons = _blocks_meant(edit, path)
    index = Index(page.texts)
    taken: list[Change] = []
    rest: list[tuple[Option, Option]] = []
    told = list(reasons)
    placed = [places_of(index, page, block, number) for number, block in enumerate(blocks, 1)]
    for block, one in zip(blocks, placed, strict=True):
        told += one.reasons
        free = [option for option in one.options if not _collides(option, taken)]
        if not free:
            if one.options:
                told.append("two blocks change the same lines")
            continue
        pick = free[0]
        if len(one.options) > 1:
            if block.start is not None:
                wanted = block.start
                pick = min(free, key=lambda option: abs(option.start - wanted))
            if block.start != pick.start:
                told.append("a block's search lines stand at several places")
                rest += [(pick, option) for option in free if option is not pick]
        taken += pick.changes
    if _builds_on(blocks, placed):
        return _one_by_one(page, blocks, path)
    if not any(one.options or one.done for one in placed):
        return answer(page, Form.SEARCH_REPLACE, (), told)
    if all(one.done for one in placed):
        told.append("the edit is already in the file")
    best = Placement(tuple(taken), "where the search lines stand")
    others = [
        Placement(
            (*(one for one in taken if one not in pick.changes), *other.changes),
            "another place of the same lines",
        )
        for pick, other in rest
    ]
    return answer(page, Form.SEARCH_REPLACE, (best, *others), told)


def _builds_on(blocks: Sequence[Block], placed: Sequence[PlacedBlock]) -> bool:
    """Whether a block that has no place quotes a line that an earlier one puts in."""
    added: set[str] = set()
    for block, one in zip(blocks, placed, strict=True):
        search = {text.strip() for text in block.readings[-1].search if text.strip()}
        if not one.options and not one.done and added & search:
            return True
        added.update(text.strip() for text in block.readings[-1].replace if text.strip())
    return False


def _one_by_one(page: Page, blocks: Sequence[Block], path: str | None) -> Merge:
    """Place each block in what the earlier ones left."""
    text = "".join(page.lines)
    told: list[str] = []
    for block in blocks:
        step = merge_blocks(page_of(text), SearchReplace((block,)), path)
        told += step.reasons
        text = step.predicted
    whole = Change(0, len(page), page_of(text).texts, "search/replace blocks, one after the other")
    return answer(page, Form.SEARCH_REPLACE, (Placement((whole,), whole.why),), told)


def _blocks_meant(edit: SearchReplace, path: str | None) -> tuple[list[Block], tuple[str, ...]]:
    """Leave out the blocks of other files, where the blocks name several."""
    names = {block.path for block in edit.blocks if block.path is not None}
    if len(names) < 2 or path is None:  # noqa: PLR2004 - one file needs no choice
        return list(edit.blocks), ()
    ours = path.replace("\\", "/")
    mine = [
        block
        for block in edit.blocks
        if block.path is None or f"/{ours}".endswith(f"/{block.path.replace(chr(92), '/')}")
    ]
    if not mine:
        return list(edit.blocks), ("the blocks name several files, and none has this path",)
    return mine, ()


def _collides(option: Option, taken: Sequence[Change]) -> bool:
    return any(
        mine.start < other.end and other.start < mine.end
        for mine in option.changes
        for other in taken
    )
