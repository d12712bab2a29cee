"""How long does the merge take for a file, by the form of the edit? And GNU patch beside it?"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.model import Figure, Section, milliseconds, percentile
from benchmarks.samples import sample
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.tree import forget_trees

REPEATS = {400: 20, 2_500: 20, 20_000: 5}
STRUCTURE_MS = {400: 15.0, 2_500: 60.0}
"""Limits for what is placed by structure."""
QUOTED_MS = {400: 2.0, 2_500: 10.0}
"""Limits for what quotes the lines that it replaces."""
LIMITS = {
    "lazy snippet": STRUCTURE_MS,
    "whole definition": STRUCTURE_MS,
    "unified diff": QUOTED_MS,
    "diff without numbers": QUOTED_MS,
    "search/replace": QUOTED_MS,
}


def merging() -> Section:
    """Measure the merge alone, on generated files."""
    figures: list[Figure] = []
    costs: dict[str, dict[int, float]] = {}
    for lines, repeats in REPEATS.items():
        made = sample(lines)
        for form, edit in made.edits.items():
            call = EditFile("parts.py", "", edit)
            if merge(made.original, call).predicted != made.expected:
                message = f"{form}: the merge does not give the expected file"
                raise AssertionError(message)
            work = partial(_merge_cold, made.original, call)
            times = milliseconds(work, repeats, clock=time.process_time)
            limit = LIMITS.get(form, {}).get(lines)
            what = f"{form}, {lines:,} lines, p95"
            figures.append(Figure(what, percentile(times, 95), "ms", limit))
            costs.setdefault(form, {})[lines] = percentile(times, 50) / lines
    few, _, most = REPEATS
    figures += (
        Figure(
            f"{form}, cost per line, {most:,} against {few:,} lines", by[most] / by[few], "times"
        )
        for form, by in costs.items()
    )
    how = (
        "One method of a generated Python file changed; processor time of the merge alone, nothing"
        f" parsed before, {REPEATS[few]} times each ({REPEATS[most]} times at {most:,} lines)."
    )
    return Section("Embedded merge by form", how, tuple(figures))


def patching() -> Section | None:
    """Measure GNU patch on the same diffs; ``None`` where there is no such program."""
    program = shutil.which("patch")
    if program is None:
        return None
    idle = milliseconds(
        lambda: subprocess.run([program, "-v"], capture_output=True, check=True), 20
    )
    figures = [Figure("starting the program and nothing else, median", percentile(idle, 50), "ms")]
    for lines, repeats in REPEATS.items():
        made = sample(lines)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "parts.py"
            path.write_text(made.original, encoding="utf-8")
            arguments = [program, "--quiet", "--output=-", str(path)]
            work = partial(_patch, arguments, made.edits["unified diff"])
            if work() != made.expected:
                raise AssertionError("GNU patch does not give the expected file")
            times = milliseconds(work, repeats)
        figures.append(
            Figure(f"unified diff, {lines:,} lines, median", percentile(times, 50), "ms")
        )
    how = "The unified diffs of the table above, each in a process of its own, file to stdout."
    return Section("GNU patch on the same diffs", how, tuple(figures))


def _merge_cold(original: str, call: EditFile) -> None:
    """Merge as for a file that was just changed: nothing of it was parsed before."""
    forget_trees()
    merge(original, call)


def _patch(arguments: list[str], diff: str) -> str:
    done = subprocess.run(arguments, input=diff, capture_output=True, text=True, check=True)
    return done.stdout
