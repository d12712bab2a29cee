"""How often does the guard catch a fault, and how often does it stop what has none?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from fastapply_lsp.evaluation.clean import CLEAN_GROUPS
from fastapply_lsp.evaluation.faults import FAULT_GROUPS
from fastapply_lsp.evaluation.guarding import CAUGHT, REPAIRED, Fate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fastapply_lsp.evaluation.deviations import Deviations
    from fastapply_lsp.evaluation.guarding import Judged

_Key = TypeVar("_Key", str, tuple[str, str])
_Count = TypeVar("_Count")


@dataclass(frozen=True, slots=True)
class Caught:
    """The fates of some rewrites with faults, counted.

    Laws: ``at_once <= repaired <= caught <= n``; ``caught + silent == n``.
    """

    n: int
    caught: int
    repaired: int
    at_once: int
    marked: int
    refused: int
    told: int
    silent: int


@dataclass(frozen=True, slots=True)
class Let:
    """The fates of some clean rewrites, counted; ``alarms`` are the ids of the stopped ones."""

    n: int
    alarms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Altered:
    """What became of the lines that written rewrites altered outside the licence, counted."""

    rewrites: int
    inside: int
    outside: int
    reverted: int
    marked: int
    refused: int
    silent: int


@dataclass(frozen=True, slots=True)
class GuardReport:
    """A whole run. ``cells`` has a row for each fault and language; ``altered`` may be absent."""

    cases: int
    total: Caught
    by_fault: dict[str, Caught]
    by_language: dict[str, Caught]
    cells: dict[tuple[str, str], Caught]
    clean_total: Let
    clean: dict[str, Let]
    altered: Altered | None


def guard_report(
    rows: Sequence[Judged], written: Sequence[Deviations] | None = None
) -> GuardReport:
    """Return the figures of a run."""
    faulty = [row for row in rows if not row.is_clean]
    clean = [row for row in rows if row.is_clean]
    cells = _grouped(faulty, lambda row: (row.group, row.language), caught_of)
    return GuardReport(
        cases=len({row.case for row in rows}),
        total=caught_of(faulty),
        by_fault=_ordered(_grouped(faulty, lambda row: row.group, caught_of), FAULT_GROUPS),
        by_language=dict(sorted(_grouped(faulty, lambda row: row.language, caught_of).items())),
        cells={
            (fault, language): cells[fault, language]
            for fault, language in sorted(
                cells, key=lambda cell: (FAULT_GROUPS.index(cell[0]), cell[1])
            )
        },
        clean_total=let_of(clean),
        clean=_ordered(_grouped(clean, lambda row: row.group, let_of), CLEAN_GROUPS),
        altered=None if written is None else altered_of(written),
    )


def caught_of(rows: Iterable[Judged]) -> Caught:
    """Count the fates of rewrites with faults."""
    fates = [row.fate for row in rows]
    return Caught(
        n=len(fates),
        caught=sum(fate in CAUGHT for fate in fates),
        repaired=sum(fate in REPAIRED for fate in fates),
        at_once=fates.count(Fate.AT_ONCE),
        marked=fates.count(Fate.FLAGGED),
        refused=fates.count(Fate.REFUSED),
        told=fates.count(Fate.TOLD),
        silent=fates.count(Fate.SILENT),
    )


def let_of(rows: Iterable[Judged]) -> Let:
    """Count the fates of clean rewrites."""
    every = list(rows)
    return Let(len(every), tuple(row.case for row in every if row.fate is Fate.ALARM))


def altered_of(written: Sequence[Deviations]) -> Altered:
    """Add up what became of altered lines."""
    return Altered(
        rewrites=len(written),
        inside=sum(one.inside for one in written),
        outside=sum(one.outside for one in written),
        reverted=sum(one.reverted for one in written),
        marked=sum(one.marked for one in written),
        refused=sum(one.refused for one in written),
        silent=sum(len(one.silent) for one in written),
    )


def _ordered(found: dict[str, _Count], names: Iterable[str]) -> dict[str, _Count]:
    return {name: found[name] for name in names if name in found}


def _grouped(
    rows: Iterable[Judged], key: Callable[[Judged], _Key], count: Callable[[list[Judged]], _Count]
) -> dict[_Key, _Count]:
    groups: dict[_Key, list[Judged]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: count(members) for name, members in groups.items()}
