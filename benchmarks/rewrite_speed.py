"""How fast is ``rewrite/``, and how many lines more than the fewest does it edit?

``python -m benchmarks.rewrite_speed`` prints the tables; ``measure()`` returns them.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.text.lcs import longest_common
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Lines = list[str]
_REPEATS = 7


@dataclass(frozen=True, slots=True)
class Table:
    """A table to print: each row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def __str__(self) -> str:
        widths = [max(map(len, cells)) for cells in zip(self.columns, *self.rows, strict=True)]
        return "\n".join(
            [
                self.title,
                *(
                    "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                    for row in (self.columns, *self.rows)
                ),
            ]
        )


def measure() -> list[Table]:
    return [speed(), *edited_lines()]


def speed() -> Table:
    rows = []
    for name, make in _STREAMS.items():
        for count in (400, 2_500, 20_000):
            old, new = make(count)
            cells = [name, f"{count:,}"]
            cells += [f"{_lines_per_second(old, new, size):,.0f}" for size in (4, 40, 4096)]
            rows.append(tuple(cells))
    columns = ("stream", "lines", "lines/s, chunks of 4", "of 40", "of 4096 characters")
    return Table("Speed of rewrite/ (unwrap, lines, line ends, alignment)", columns, tuple(rows))


def _lines_per_second(old: Lines, new: Lines, size: int) -> float:
    original, answer = "".join(old), "```python\n" + "".join(new) + "```\n"
    chunks = [answer[at : at + size] for at in range(0, len(answer), size)]
    best = float("inf")
    for _ in range(_REPEATS):
        start = time.process_time()
        rewriter = Rewriter(original)
        released = [one for chunk in chunks for one in rewriter.push(chunk)]
        released += rewriter.finish()
        best = min(best, time.process_time() - start)
    assert apply_replacements(old, released) == new
    return len(new) / best


def _file(count: int) -> Lines:
    """Return lines as real files have them: some stand once, many stand everywhere."""
    rng = random.Random(count)
    everywhere = ("    }\n", "\n", "    return None\n", "        pass\n", "    else:\n")
    return [
        rng.choice(everywhere)
        if rng.random() < 0.3
        else f"    value_{index} = compute(first, second, {rng.randrange(10_000)})\n"
        for index in range(count)
    ]


def _few_edits(count: int) -> tuple[Lines, Lines]:
    old = _file(count)
    new = list(old)
    for index in range(30, count, 100):
        new[index] = f"    changed = {index}\n"
    return old, new


def _many_edits(count: int) -> tuple[Lines, Lines]:
    old = _file(count)
    return old, [f"    new = {i}\n" if i % 10 == 3 else line for i, line in enumerate(old)]


def _all_indented(count: int) -> tuple[Lines, Lines]:
    old = _file(count)
    return old, ["    " + line if line.strip() else line for line in old]


def _repeated(count: int) -> tuple[Lines, Lines]:
    rng = random.Random(count)
    letters = [f"    line {letter}\n" for letter in "abcdefgh"]
    return rng.choices(letters, k=count), rng.choices(letters, k=count)


def _shuffled(count: int) -> tuple[Lines, Lines]:
    old = _file(count)
    new = list(old)
    random.Random(count).shuffle(new)
    return old, new


_STREAMS: dict[str, Callable[[int], tuple[Lines, Lines]]] = {
    "one line in 100 edited": _few_edits,
    "one line in 10 edited": _many_edits,
    "all lines indented": _all_indented,
    "eight lines, repeated at random": _repeated,
    "lines shuffled": _shuffled,
}


def edited_lines() -> Iterator[Table]:
    """Yield the ratio to the minimal line diff over the shared cases, where they are."""
    cases = list(_cases())
    if not cases:
        return
    groups: dict[str, list[tuple[Lines, Lines]]] = {"commits": cases}
    groups["commits, backwards"] = [(new, old) for old, new in cases]
    for name, change in _HARDER.items():
        rng = random.Random(name)
        groups[name] = [(old, change(old, rng)) for old, _ in cases if len(old) > 120]
    rows = tuple((name, *_ratio_cells(pairs)) for name, pairs in groups.items())
    columns = ("rewrite", "files", "median", "p95", "max")
    yield Table("Edited lines, as a multiple of the minimal line diff", columns, rows)


def _ratio_cells(pairs: list[tuple[Lines, Lines]]) -> tuple[str, ...]:
    ratios = []
    for old, new in pairs:
        rewriter = Rewriter("".join(old))
        released: list[Replacement] = []
        for line in new:
            released += rewriter.push(line)
        released += rewriter.finish()
        changed = sum(one.end - one.start + len(one.lines) for one in released)
        least = len(old) + len(rewriter.lines) - 2 * len(longest_common(old, rewriter.lines))
        if least:
            ratios.append(changed / least)
    p95 = statistics.quantiles(ratios, n=20)[-1]
    return (
        str(len(ratios)),
        f"{statistics.median(ratios):.3f}",
        f"{p95:.3f}",
        f"{max(ratios):.2f}",
    )


def _moved(old: Lines, rng: random.Random) -> Lines:
    start = rng.randrange(len(old) - 20)
    rest = old[:start] + old[start + 20 :]
    to = rng.randrange(len(rest))
    return rest[:to] + old[start : start + 20] + rest[to:]


def _copied(old: Lines, rng: random.Random) -> Lines:
    start = rng.randrange(len(old) - 20)
    to = rng.randrange(start + 1)
    return old[:to] + old[start : start + 20] + old[to:]


def _removed(old: Lines, rng: random.Random) -> Lines:
    length = min(300, len(old) // 2)
    start = rng.randrange(len(old) - length)
    return old[:start] + old[start + length :]


def _sprinkled(old: Lines, rng: random.Random) -> Lines:
    """Insert new lines, every second one a copy of some distant line."""
    start = rng.randrange(len(old))
    inserted = [rng.choice(old) if i % 2 else f"new {rng.random()}\n" for i in range(20)]
    return old[:start] + inserted + old[start:]


def _indented(old: Lines, rng: random.Random) -> Lines:
    start = rng.randrange(len(old) - 60)
    return [
        "    " + line if start <= index < start + 60 and line.strip() else line
        for index, line in enumerate(old)
    ]


def _topped(old: Lines, rng: random.Random) -> Lines:
    return [
        *(rng.choice(old) if rng.random() < 0.3 else f"new {rng.random()}\n" for _ in range(300)),
        *old,
    ]


_HARDER: dict[str, Callable[[Lines, random.Random], Lines]] = {
    "20 lines moved": _moved,
    "20 lines copied upwards": _copied,
    "300 lines removed": _removed,
    "20 lines inserted, half of them copies": _sprinkled,
    "60 lines indented": _indented,
    "300 lines on top, a third of them copies": _topped,
}


def _cases() -> Iterator[tuple[Lines, Lines]]:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("FASTAPPLY_CASES", beside))
    for path in sorted(folder.glob("apply-dev*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                case = json.loads(line)
                yield split_lines(case["original"]), split_lines(case["expected"])


if __name__ == "__main__":
    for table in measure():
        print(table, end="\n\n")
