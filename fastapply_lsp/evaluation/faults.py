"""Which faults do models make in a file that they write anew, and what does each look like?

Each *planter* takes a right rewrite and returns it with one fault, or ``None`` where it has nothing
to plant (a file without imports loses none). What it chooses depends on nothing but the case's id
and the fault's name, so that every run plants the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from fastapply_lsp.evaluation.faults_around import AROUND
from fastapply_lsp.evaluation.faults_bytes import BYTES
from fastapply_lsp.evaluation.faults_code import CODE
from fastapply_lsp.evaluation.faults_end import END

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapply_lsp.evaluation.ground import Ground

    Planter = Callable[[Ground, Random], str | None]

FAULTS: dict[str, Planter] = {**CODE, **END, **BYTES, **AROUND}
"""Every fault by its name, in the order in which several are planted: the wrapper comes last."""

SEVERAL = (2, 2, 3, 4)
"""How many faults each of a case's mixed rewrites has."""

MIXED = "several at a time"
FAULT_GROUPS = (*FAULTS, MIXED)
"""The rows of a table, in their order."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A rewrite with faults: ``group`` is its row in a table, ``faults`` are what was planted."""

    group: str
    faults: tuple[str, ...]
    text: str


def planted(case_id: str, ground: Ground) -> Iterator[Planted]:
    """Yield the rewrites of a case: one for each fault, and then some with several.

    ``ground`` holds the right rewrite. Laws: no text equals it; the same arguments give the same
    rewrites; every fault that is named changed the text.
    """
    for name, plant in FAULTS.items():
        text = plant(ground, _dice(case_id, name))
        if text is not None and text != ground.text:
            yield Planted(name, (name,), text)
    for number, count in enumerate(SEVERAL):
        dice = _dice(case_id, f"several {number}")
        mixed = _mixed(ground, dice, count)
        if len(mixed.faults) > 1 and mixed.text != ground.text:
            yield mixed


def _mixed(ground: Ground, dice: Random, count: int) -> Planted:
    """Plant several faults, one into what the other left."""
    chosen = dice.sample(list(FAULTS), k=len(FAULTS))
    done: list[str] = []
    wanted = sorted(chosen[: 2 * count], key=list(FAULTS).index)
    for name in wanted:
        text = FAULTS[name](ground, dice) if len(done) < count else None
        if text is not None and text != ground.text:
            ground = ground.after(text)
            done.append(name)
    return Planted(MIXED, tuple(done), ground.text)


def _dice(*seed: str) -> Random:
    return Random(":".join(seed))  # noqa: S311 - the same for every run, and no secret
