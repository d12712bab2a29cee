"""Where do the hunks of a diff go?"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.find import Index, Nearness
from fastapply_lsp.merge.model import Form, Merge
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.merge.reindent import reindented
from fastapply_lsp.merge.result import Placement, answer
from fastapply_lsp.merge.sparse_hunk import place_sparse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.request.code_edit import FileDiff, Hunk, UnifiedDiff


@dataclass(frozen=True, slots=True)
class _Placed:
    """One hunk and the places it could have: changes, first line of each."""

    hunk: Hunk
    options: tuple[Change, ...]
    reasons: tuple[str, ...]
    done: bool = False


def merge_diff(page: Page, diff: UnifiedDiff, path: str | None) -> Merge:
    """Place every hunk of the file that is meant; one that has no place makes it uncertain.

    Each hunk must stand after the one before it where that settles a doubt. Declared numbers are
    believed where the old lines stand exactly there; else they decide between equals.
    """
    file, reasons = _file_meant(diff, path)
    if not len(page):
        texts = tuple(text for hunk in file.hunks for text in hunk.new)
        if any(hunk.old for hunk in file.hunks):
            reasons = (*reasons, "the diff changes lines, and the file is empty")
        return answer(page, Form.UNIFIED_DIFF, (Placement((Change(0, 0, texts),), ""),), reasons)
    index = Index(page.texts)
    placed = [_options(index, page, hunk) for hunk in file.hunks]
    chosen: list[Change] = []
    told = list(reasons)
    others: list[Placement] = []
    shift = 0
    floor = 0
    for number, one in enumerate(placed):
        told += one.reasons
        if not one.options:
            continue
        ceiling = _next_certain(placed, number, len(page))
        pick = _pick(one, floor, ceiling, shift, page)
        told += pick.reasons
        if pick.change is None:
            continue
        chosen.append(pick.change)
        others += [Placement((other,), "another place of the same lines") for other in pick.others]
        floor = pick.change.end
        if one.hunk.old_start is not None:
            shift = pick.change.start - one.hunk.old_start
    found = [one for one in placed if one.options or one.done]
    if not found:
        return answer(page, Form.UNIFIED_DIFF, (), told)
    if all(one.done for one in placed):
        told.append("the edit is already in the file")
    best = Placement(tuple(chosen), "where the old lines stand")
    rest = [Placement(_with(chosen, other.changes[0]), other.why) for other in others]
    return answer(page, Form.UNIFIED_DIFF, (best, *rest), told)


def _with(chosen: Sequence[Change], other: Change) -> tuple[Change, ...]:
    """Swap the change that says the same for its other place."""
    kept = [one for one in chosen if one.why != other.why]
    if any(one.start < other.end and other.start < one.end for one in kept):
        return (other,)
    return (*kept, other)


def _file_meant(diff: UnifiedDiff, path: str | None) -> tuple[FileDiff, tuple[str, ...]]:
    """Choose the file of the diff whose path ends like ours; several are joined if equal."""
    if len(diff.files) == 1:
        return diff.files[0], ()
    ours = (path or "").replace("\\", "/").split("/")
    scores = [
        max(_common_tail(ours, name) for name in (one.old_path, one.new_path)) for one in diff.files
    ]
    best = max(scores)
    meant = [one for one, score in zip(diff.files, scores, strict=True) if score == best]
    joined = type(meant[0])(
        meant[0].old_path, meant[0].new_path, tuple(hunk for one in meant for hunk in one.hunks)
    )
    same = len({one.path for one in meant}) == 1
    reasons = (
        () if same and best > 0 else ("the diff changes several files, and none has this path",)
    )
    return joined, reasons


def _common_tail(ours: Sequence[str], name: str | None) -> int:
    theirs = (name or "").replace("\\", "/").split("/")
    count = 0
    for mine, other in zip(reversed(ours), reversed(theirs), strict=False):
        if not mine or mine != other:
            break
        count += 1
    return count


def _options(index: Index, page: Page, hunk: Hunk) -> _Placed:
    """Find every place of a hunk, most faithful reading first."""
    old, new = hunk.old, hunk.new
    why = f"hunk at line {hunk.at + 1} of the diff"
    if not any(text.strip() for text in old):
        return _bare_insertion(index, page, hunk, why)
    found = index.run(old)
    if found.starts:
        starts = found.few(hunk.old_start)
        done = index.starts(new, found.nearness) if len(new) > len(old) else ()
        already = [start for start in starts if _stands(done, len(new), start)]
        if already and len(already) == len(starts):
            return _Placed(hunk, (), ("a hunk is already in the file",), done=True)
        reasons: tuple[str, ...] = ()
        if found.nearness > Nearness.TRAILING:
            reasons = ("a hunk's old lines differ from the file in their white space",)
        if already or (hunk.old_start not in found.starts and index.may_hold(new, old, found)):
            reasons = (*reasons, "a hunk may already be in the file")
        options = tuple(_change(page, hunk, start, why) for start in starts if start not in already)
        return _Placed(hunk, options, reasons)
    if any(text.strip() for text in new) and index.run(new, Nearness.TRAILING).starts:
        return _Placed(hunk, (), ("a hunk is already in the file",), done=True)
    return _Placed(hunk, *place_sparse(index, page, hunk, why))


def _stands(done: Sequence[int], size: int, start: int) -> bool:
    """Whether the new lines stand around a place, of all the places where they do."""
    # They may begin before the old ones, where the hunk inserts at its top.
    at = bisect_left(done, start - size)
    return at < len(done) and done[at] <= start


def _change(page: Page, hunk: Hunk, start: int, why: str) -> Change:
    """Take the hunk's added lines, and the file's own version of the lines that stay."""
    texts: list[str] = []
    at = start
    shifted = reindented(hunk.old, page.texts[start : start + len(hunk.old)])
    for line in hunk.lines:
        if line.sign == "+":
            texts.append(shifted(line.text))
            continue
        if line.sign == " ":
            texts.append(page.texts[at])
        at += 1
    return Change(start, at, tuple(texts), why)


def _bare_insertion(index: Index, page: Page, hunk: Hunk, why: str) -> _Placed:
    """Place a hunk that only adds: at its number, or at the end where it says so."""
    added = tuple(line.text for line in hunk.lines if line.sign == "+")
    if index.run(added, Nearness.TRAILING).starts and any(text.strip() for text in added):
        return _Placed(hunk, (), ("a hunk is already in the file",), done=True)
    blanks = len(hunk.old)
    if hunk.old_start is not None and not blanks and hunk.old_start <= len(page):
        start = hunk.old_start
        return _Placed(
            hunk, (Change(start, start, added, why),), ("a hunk has no context, only a number",)
        )
    if hunk.old_start is not None and blanks:
        found = index.run(hunk.old)
        if hunk.old_start in found.starts:
            return _Placed(hunk, (_change(page, hunk, hunk.old_start, why),), ())
    end = len(page)
    reason = "a hunk has no context that says where it goes"
    return _Placed(hunk, (Change(end, end, added, why),), (reason,))


@dataclass(frozen=True, slots=True)
class _Pick:
    change: Change | None
    others: tuple[Change, ...]
    reasons: tuple[str, ...]


def _next_certain(placed: Sequence[_Placed], number: int, size: int) -> int:
    """Where the next hunk that has one place begins: this one ends before it."""
    for later in placed[number + 1 :]:
        if len(later.options) == 1:
            return later.options[0].start
    return size


def _pick(one: _Placed, floor: int, ceiling: int, shift: int, page: Page) -> _Pick:
    """Choose among the places of a hunk: by its number, by order, by its hint."""
    hunk, options = one.hunk, one.options
    if len(options) == 1:
        change = options[0]
        if change.start < floor:
            return (
                _Pick(change, (), ("the hunks are not in the order of the file",))
                if (change.end <= floor)
                else _Pick(None, (), ("two hunks change the same lines",))
            )
        return _Pick(change, (), ())
    exact = [one for one in options if one.start == hunk.old_start]
    if exact and exact[0].start >= floor and shift == 0:
        return _Pick(exact[0], (), ())
    within = [one for one in options if floor <= one.start and one.end <= ceiling]
    if len(within) == 1:
        return _Pick(within[0], (), ())
    reasons = ("a hunk's old lines stand at several places",)
    pool = within or list(options)
    if hunk.hint:
        hinted = _after_hint(page, hunk.hint, pool)
        if hinted is not None:
            others = tuple(one for one in pool if one is not hinted)
            return _Pick(hinted, others, reasons)
    if hunk.old_start is not None:
        wanted = hunk.old_start + shift
        near = min(pool, key=lambda change: abs(change.start - wanted))
    elif hunk.to_end:
        near = pool[-1]
    else:
        near = pool[0]
    return _Pick(near, tuple(one for one in pool if one is not near), reasons)


def _after_hint(page: Page, hint: str, pool: Sequence[Change]) -> Change | None:
    """The first place under the line that the hint quotes, if the hint stands only once."""
    wanted = hint.strip()
    lines = [at for at, text in enumerate(page.texts) if text.strip().startswith(wanted)]
    if len(lines) != 1:
        return None
    return next((change for change in pool if change.end > lines[0]), None)
