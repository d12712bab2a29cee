"""Verdicts of every kind, chosen by a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from fastapply_lsp.guard.model import Change, Fault, FaultKind, Repair, Verdict
from fastapply_lsp.session.events import AskVerdict, Judged, Refusal
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements
from fastapply_lsp.text.series import compose

Judge = Callable[[AskVerdict], Judged]

FAULT = Fault(FaultKind.TRUNCATED, "the end is missing", None, fatal=True)


def agrees(asked: AskVerdict) -> Judged:
    """The rewrite is what was asked for, as it was streamed."""
    changes = tuple(Change(each) for each in asked.replacements)
    return Judged(Verdict(asked.rewrite, changes, (), ()), Refusal.RESTORE)


def refuses(refusal: Refusal, judge: Judge = agrees) -> Judge:
    """The same verdict, but the rewrite is wrong all the same."""

    def refused(asked: AskVerdict) -> Judged:
        found = judge(asked).verdict
        return Judged(Verdict(found.text, found.changes, found.repairs, (FAULT,)), refusal)

    return refused


def repairs(base: str, seed: int) -> Judge:
    """Something is put right: changes go, shrink, grow, come, and are not asked for."""
    pick = random.Random(seed)
    lines = split_lines(base)

    def repaired(asked: AskVerdict) -> Judged:
        series = [part for each in asked.replacements for part in _changed(each, lines, pick)]
        if pick.random() < 0.3:
            series += _new(series, len(lines), pick)
        text = "".join(apply_replacements(lines, sorted(series, key=lambda r: (r.start, r.end))))
        found = diff_lines(lines, split_lines(text))
        if pick.random() < 0.5:  # as the guard does it: longer, and parts of it say nothing
            repair = diff_lines(split_lines(asked.rewrite), split_lines(text))
            found = compose(lines, asked.replacements, repair)
        changes = tuple(
            Change(each, pick.choice(["", "", "nobody asked for it"])) for each in found
        )
        told = Repair(FaultKind.LOST, "something was put right")
        return Judged(Verdict(text, changes, (told,), ()), Refusal.RESTORE)

    return repaired


def any_kind(base: str, seed: int) -> Judge:
    """Agree, repair or refuse."""
    pick = random.Random(seed)
    mends = repairs(base, seed)
    return pick.choice(
        [
            agrees,
            mends,
            mends,
            mends,
            refuses(Refusal.RESTORE),
            refuses(Refusal.LEAVE),
            refuses(Refusal.LEAVE, mends),
        ]
    )


def _changed(each: Replacement, lines: Sequence[str], pick: random.Random) -> list[Replacement]:
    """Return what a repair may leave of a replacement."""
    match pick.choice(["keep", "keep", "drop", "shorter", "longer", "narrower", "wider"]):
        case "drop":
            return []
        case "shorter":
            return [Replacement(each.start, each.end, each.lines[:-1])]
        case "longer":
            return [Replacement(each.start, each.end, ("put right\n", *each.lines))]
        case "narrower" if each.end > each.start:
            return [Replacement(each.start, each.end - 1, each.lines)]
        case "wider" if each.end < len(lines) - 1:
            return [Replacement(each.start, each.end + 1, each.lines)]
        case _:
            return [each]


def _new(series: Sequence[Replacement], count: int, pick: random.Random) -> list[Replacement]:
    """Return a change where there was none."""
    free = [
        at
        for at in range(count)
        if all(at + 1 < each.start or each.end + 1 < at for each in series)
    ]
    if not free:
        return []
    at = pick.choice(free)
    return [Replacement(at, at + pick.randint(0, 1), ("brought back\n",))]
