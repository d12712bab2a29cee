"""What one case came to, and what all of them come to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Score:
    """What became of one case.

    ``exact`` compares the text at the end of the apply with the expected one, character by
    character; a guess counts, a failure does not. ``certain`` and ``reasons`` are the merge's
    word. ``ms`` is the wall-clock of the apply, ``passes`` how often the model was run or asked,
    where the backend tells. ``left_out`` marks cases outside the figures; ``fell_back`` those that
    another backend wrote than the one that was asked, so that they say nothing of that one.
    """

    id: str
    style: str
    language: str
    exact: bool
    certain: bool
    reasons: tuple[str, ...]
    ms: float
    error: str | None = None
    left_out: bool = False
    passes: int | None = None
    fell_back: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of some scores: counts, and milliseconds per case.

    Laws: ``certain_and_exact <= exact <= n`` and ``certain_and_exact <= certain <= n``; the times
    are 0 where ``n`` is 0. ``passes`` are those of all cases, ``None`` where none tells.
    """

    n: int
    exact: int
    certain: int
    certain_and_exact: int
    errors: int
    ms_median: float
    ms_p95: float
    passes: int | None = None
    fell_back: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run: the figures of all, by style and by language, the cases left out counted.

    ``dialect`` is the one that the run asked for, ``None`` for that of the settings.
    """

    backend: str
    total: Tally
    by_style: dict[str, Tally]
    by_language: dict[str, Tally]
    left_out: int
    dialect: str | None = None


def report(backend: str, scores: Sequence[Score], *, dialect: str | None = None) -> Report:
    """Return the figures of a run."""
    counted = [score for score in scores if not score.left_out]
    return Report(
        backend=backend,
        total=tally(counted),
        by_style=_grouped(counted, lambda score: score.style),
        by_language=_grouped(counted, lambda score: score.language),
        left_out=len(scores) - len(counted),
        dialect=dialect,
    )


def tally(scores: Iterable[Score]) -> Tally:
    """Return the figures of these scores.

    >>> tally([Score("1", "lazy", "python", True, False, ("why",), 3.0)]).exact
    1
    """
    rows = list(scores)
    times = sorted(row.ms for row in rows)
    passes = [row.passes for row in rows if row.passes is not None]
    return Tally(
        n=len(rows),
        exact=sum(row.exact for row in rows),
        certain=sum(row.certain for row in rows),
        certain_and_exact=sum(row.certain and row.exact for row in rows),
        errors=sum(row.error is not None for row in rows),
        ms_median=percentile(times, 50),
        ms_p95=percentile(times, 95),
        passes=sum(passes) if passes else None,
        fell_back=sum(row.fell_back for row in rows),
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile of sorted values; 0 for none.

    >>> percentile([1, 2, 3, 4], 50), percentile([1, 2, 3, 4], 95), percentile([], 50)
    (2, 4, 0.0)
    """
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def _grouped(scores: Iterable[Score], key: Callable[[Score], str]) -> dict[str, Tally]:
    groups: dict[str, list[Score]] = {}
    for score in scores:
        groups.setdefault(key(score), []).append(score)
    # The largest group first; of equal ones by name, so that two runs print alike.
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return {name: tally(members) for name, members in ordered}
