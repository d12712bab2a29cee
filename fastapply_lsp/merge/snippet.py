"""What does code that stands for itself make of a file?

Lazy snippets, whole definitions, whole files, fragments: all but diffs and search/replace blocks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.asked import asked_away
from fastapply_lsp.merge.doubts import bulk_lost, doubts, moved, vanished
from fastapply_lsp.merge.extents import Extent
from fastapply_lsp.merge.items import Item, Kind, fitted, items_of
from fastapply_lsp.merge.keeping import keeping
from fastapply_lsp.merge.licence import (
    Placed,
    beyond,
    comments_shown,
    last_blanks,
    quoted_twice,
    removed,
)
from fastapply_lsp.merge.model import Form, Merge, Region
from fastapply_lsp.merge.moves import moves
from fastapply_lsp.merge.removal import removal, removal_words
from fastapply_lsp.merge.renames import rename_asked
from fastapply_lsp.merge.result import Placement, answer
from fastapply_lsp.merge.shown import shown_definitions
from fastapply_lsp.merge.sides import only_places
from fastapply_lsp.merge.solve import Solver
from fastapply_lsp.merge.telling import may_go, told
from fastapply_lsp.merge.unshown import missing
from fastapply_lsp.merge.whole import only_definitions, spans_file, take_whole_file, with_gaps
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.text.lines import has_line_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastapply_lsp.merge.page import Change, Page
    from fastapply_lsp.request.code_edit import Snippet
    from fastapply_lsp.syntax.definitions import Definition
    from fastapply_lsp.syntax.languages import Language


def merge_snippet(
    page: Page,
    snippet: Snippet,
    language: Language | None,
    path: str | None,
    instructions: str,
) -> Merge:
    """Place a snippet by its definitions and its lines."""
    shown = items_of(page, snippet, path)
    items = fitted(page, shown)
    merged = _merged(page, snippet, items, language, instructions)
    if merged.candidates or items == shown:
        return merged
    # What moved it may be lines that the file has by chance: it stands where it shows itself.
    return _merged(page, snippet, shown, language, instructions)


def _merged(
    page: Page,
    snippet: Snippet,
    items: Sequence[Item],
    language: Language | None,
    instructions: str,
) -> Merge:
    lazy = any(item.kind is Kind.GAP for item in items)
    keys = [text.strip() for text in page.texts]
    if not any(item.key for item in items):
        return answer(page, Form.FRAGMENT, (), ("the snippet holds no code",))
    if not any(keys):
        empty = () if not lazy else ("the snippet leaves code out, and the file is empty",)
        return take_whole_file(page, snippet, items, empty)
    ours = definitions(_source(page), language)
    theirs = shown_definitions("\n".join(item.text for item in items), language, ours)
    if not lazy and spans_file(items, keys):
        mine = [inner for one in ours for inner in one.walk()]
        lost = missing([inner for one in theirs for inner in one.walk()], mine)
        if len(lost) * 5 <= len(mine):
            reasons = [f"the new file has no {one.name}" for one in lost]
            whole = take_whole_file(page, snippet, items, reasons)
            bulk = bulk_lost(page, whole, removal(instructions))
            return replace(whole, reasons=told((*whole.reasons, *bulk)))
    form = Form.LAZY if lazy else Form.FRAGMENT
    if not lazy and only_definitions(theirs, items):
        form = Form.DEFINITIONS
        items = with_gaps(items, theirs)
        theirs = shown_definitions("\n".join(item.text for item in items), language, ours)
    case = _Case(page, items, keys, only_places(keys), theirs, ours, language, instructions)
    return _placed(case, form)


def _source(page: Page) -> str:
    """Return the file's text without byte order mark and carriage returns.

    For most files that is the file itself, to the last character: then who parses it next finds it
    parsed.
    """
    text = "\n".join(page.texts)
    return f"{text}\n" if page.lines and has_line_end(page.lines[-1]) else text


@dataclass(frozen=True, slots=True)
class _Case:
    """A snippet and a file, both read."""

    page: Page
    items: Sequence[Item]
    keys: Sequence[str]
    only: Mapping[str, int]
    theirs: Sequence[Definition]
    ours: Sequence[Definition]
    language: Language | None
    instructions: str

    def solved(
        self,
        doubted: frozenset[tuple[int, int]] = frozenset(),
        sought: frozenset[str] = frozenset(),
    ) -> Solver:
        """Align the two; ``doubted`` pairs of lines are believed less, ``sought`` lines more."""
        solver = Solver(
            self.page,
            list(self.items),
            self.keys,
            self.only,
            doubted=doubted,
            sought=sought,
            asked=removal(self.instructions),
            renames=rename_asked(self.instructions),
        )
        extent = Extent(0, len(self.items), 0, len(self.keys))
        solver.solve(extent, self.theirs, self.ours, closed=False)
        return solver

    def placed(self, solver: Solver) -> Placed:
        """Return what was found."""
        return Placed(self.keys, solver.items, self.ours, solver.changes, frozenset(solver.matches))

    def licences(self, solver: Solver, *, sure: bool) -> list[Region]:
        """Return what may change besides."""
        placed = self.placed(solver)
        found = list(comments_shown(placed))
        if not sure or not solver.changes:
            found += solver.licences
            found += removed(placed, removal_words(self.instructions))
            found += quoted_twice(placed, moved(self.page, solver.changes))
            found += beyond(placed)
            found += last_blanks(self.keys)
        return found


def _placed(case: _Case, form: Form) -> Merge:
    """Align once, and once more believing the first alignment less: if it stands, it is sure."""
    page, solver = case.page, case.solved()
    if not solver.shared and not _all_new(solver.items):
        return answer(page, form, (), ("no line of the snippet is in the file",))
    other = case.solved(frozenset(solver.matches))
    placements = (
        *_once(case, solver),
        Placement(tuple(solver.changes), "by its definitions and lines"),
        Placement(tuple(other.changes), "nearly as good a place"),
    )
    asked = asked_away(case.placed(solver), case.theirs, case.instructions)
    if asked:
        best = Placement((*solver.changes, *asked), "what is asked to go, goes")
        placements = (best, *placements)
    reasons = [
        *solver.reasons,
        *doubts(page, solver.changes, case.language, to_end=solver.reaches_end),
    ]
    reasons += [f"{change.why}, and the snippet does not show where" for change in asked]
    if not solver.shared:
        reasons.append("all of the snippet is new")
    if solver.depths and not any(solver.depths):
        reasons.append("all that the snippet quotes stands at another depth")
    gone = list(vanished(solver.changes, case.ours, removal(case.instructions)))
    reasons += gone
    merged = answer(page, form, placements, reasons, case.licences(solver, sure=not reasons))
    if not merged.replacements:
        reasons.append("the edit is already in the file")
    elif len(merged.candidates) > 1:
        reasons.append("the snippet fits at several places")
    if reasons:
        best = placements[0]
        kept = keeping(page, best.changes, case.ours, removal(case.instructions))
        if kept != best.changes:
            whole = Placement(kept, "what the snippet does not show stays")
            licences = case.licences(solver, sure=False)
            merged = answer(page, form, (whole, *placements), reasons, licences)
            lost = set(vanished(kept, case.ours, removal(case.instructions)))
            reasons = [one for one in reasons if one not in gone or one in lost]
            reasons += [may_go(one) for one in gone if one not in lost]
    return replace(merged, reasons=told(reasons))


def _all_new(items: Sequence[Item]) -> bool:
    """Whether a snippet holds whole new definitions of the outermost level, and no more."""
    filled = [item for item in items if item.key]
    outermost = bool(filled) and not filled[0].depth
    return outermost and all(item.new for item in filled)


def _once(case: _Case, solver: Solver) -> Iterator[Placement]:
    """Yield a placement that puts in no line a second time, if only a deletion stands between.

    Nobody quotes a line to have it twice: what stands between it and the next quoted one went.
    """
    twice = moved(case.page, solver.changes)
    if not twice:
        return
    other = case.solved(sought=twice)
    known = set(solver.changes)
    if not moved(case.page, other.changes) and all(
        _loses(case.page, change) for change in other.changes if change not in known
    ):
        yield Placement(tuple(other.changes), "each quoted line stays where it is")
    elif went := moves(case.page, case.keys, solver.changes, case.ours):
        yield Placement((*solver.changes, *went), "the new lines were moved")


def _loses(page: Page, change: Change) -> bool:
    """Whether a change takes lines away, and adds none."""
    old = iter(page.texts[change.start : change.end])
    return all(any(text.strip() == one.strip() for one in old) for text in change.texts)
