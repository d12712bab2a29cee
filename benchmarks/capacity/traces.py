"""Where do drafts miss? A table of real files, so that no model and no merge need run again.

For a file that a model writes, ``Trace.point(at)`` says of the draft that begins after ``at``
tokens how far it comes true. It was recorded with the real drafter, which sees what was written and
not how long its drafts were; so any length of draft can be played from one recording.
"""

from __future__ import annotations

import gzip
import json
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapply_lsp.draft.drafter import Drafter

TABLE = Path(__file__).parent / "traces.jsonl"
CONDITIONS = {"clean": "as the merge says", "40": "one line in 40", "10": "one line in 10"}
"""How much a model's file differs from the expected one, which is what the commit made of it."""
EVERY = 3
"""Of the cases, every third is recorded."""
UNLIMITED = 1 << 30


@dataclass(frozen=True, slots=True)
class Point:
    """The draft from token ``at`` on: it comes true up to ``until`` and ends at ``reach``.

    It stays so for the tokens after ``at``, up to the next point. ``lost`` is what the drafter says.
    """

    at: int
    until: int
    reach: int
    lost: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """One file: tokens to read, tokens to write, and how drafts fare."""

    prompt: int
    tokens: int
    points: tuple[Point, ...]
    places: tuple[int, ...]

    @classmethod
    def of(cls, prompt: int, tokens: int, points: Iterable[Point]) -> Trace:
        """Return a trace; the points are in order, the first at 0."""
        held = tuple(points)
        return cls(prompt, tokens, held, tuple(point.at for point in held))

    def point(self, at: int) -> Point:
        """Return the point that holds after ``at`` tokens."""
        return self.points[bisect_right(self.places, at) - 1]


def record(drafter: Drafter, written: Sequence[int]) -> Iterator[Point]:
    """Yield the points of a file that is written token by token where the drafter is lost."""
    at, last = 0, None
    while at < len(written):
        draft = drafter.propose(UNLIMITED)
        true = common_prefix(draft, written[at : at + len(draft)])
        point = Point(at, at + true, at + len(draft), drafter.lost)
        if last is None or (point.until, point.reach, point.lost) != last:
            yield point
        last = point.until, point.reach, point.lost
        seen = 1 if drafter.lost else true + 1
        drafter.observe(written[at : at + seen])
        at += seen


@cache
def traces(condition: str, path: Path = TABLE) -> tuple[Trace, ...]:
    """Return the files of the table in one of the `CONDITIONS`."""
    with path.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return tuple(_read(row["prompt"], *row[condition]) for row in rows)


def _read(prompt: int, tokens: int, flat: Sequence[int]) -> Trace:
    points, at = [], 0
    for first in range(0, len(flat), 4):
        ahead, true, more, lost = flat[first : first + 4]
        at += ahead
        points.append(Point(at, at + true, at + true + more, bool(lost)))
    return Trace.of(prompt, tokens, points)


def flat(points: Iterable[Point]) -> list[int]:
    """Return points as the table has them: four small numbers each."""
    numbers, before = [], 0
    for point in points:
        numbers += [
            point.at - before,
            point.until - point.at,
            point.reach - point.until,
            int(point.lost),
        ]
        before = point.at
    return numbers


def written_files(path: Path) -> dict[str, str]:
    """Return the files of a table of deviations, by the case's id."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return {row["id"]: row["written"] for row in map(json.loads, file)}
