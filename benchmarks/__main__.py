"""`make bench`: measures everything and prints it beside the limits."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import (
    accuracy,
    conducting,
    drafting,
    edits,
    embedded,
    guarding,
    merging,
    pipeline,
    process,
    rewriting,
)
from benchmarks.machine import this_machine
from benchmarks.model import Grid, Section
from benchmarks.samples import cases
from benchmarks.table import as_json, inserted, markdown, terminal, terminal_grid

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
WIDTH = 100
PARTS: dict[str, Callable[[], Section | Grid | None]] = {
    "pipeline.overhead": pipeline.overhead,
    "pipeline.speed": pipeline.speed,
    "conducting.conducting": conducting.conducting,
    "rewriting.rewriting": rewriting.rewriting,
    "edits.edited_lines": edits.edited_lines,
    "accuracy.by_form": accuracy.by_form,
    "accuracy.forms": accuracy.forms,
    "accuracy.misses": accuracy.misses,
    "merging.merging": merging.merging,
    "merging.patching": merging.patching,
    "guarding.limits": guarding.limits,
    "guarding.by_fault": guarding.by_fault,
    "guarding.by_language": guarding.by_language,
    "guarding.by_both": guarding.by_both,
    "guarding.alarms": guarding.alarms,
    "guarding.speed": guarding.speed,
    "drafting.proposals": drafting.proposals,
    "drafting.shares": drafting.shares,
    "drafting.methods": drafting.methods,
    "drafting.lengths": drafting.lengths,
    "drafting.trees": drafting.trees,
    "embedded.applying": embedded.applying,
    "process.process": process.process,
}


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures as JSON")
    parser.add_argument("--write-docs", action="store_true", help="update docs/benchmarks.md")
    parser.add_argument("--only", metavar="PART", nargs="*", help=f"of {', '.join(PARTS)}")
    arguments = parser.parse_args()
    if arguments.only and arguments.write_docs:
        parser.error("the documentation wants every part")
    console = Console(highlight=False)
    console.width = min(WIDTH, console.width) if console.is_terminal else WIDTH
    machine = this_machine()
    console.print(machine.words, style="bold")
    notes: list[str] = []
    if not cases():
        notes.append(
            "The evaluation cases are not here ($FASTAPPLY_CASES names their folder), so all is"
            " measured on generated files."
        )
    for note in notes:
        console.print(note, style="yellow")
    found: list[Section | Grid] = []
    for name, part in PARTS.items():
        if arguments.only and not name.startswith(tuple(arguments.only)):
            continue
        told = part()
        if told is not None:
            found.append(told)
            console.print()
            console.print(terminal_grid(told) if isinstance(told, Grid) else terminal(told))
    sections = [part for part in found if isinstance(part, Section)]
    short = [one.what for section in sections for one in section.figures if one.met is False]
    console.print()
    console.print(f"Short of its limit: {', '.join(short)}." if short else "Every limit is kept.")
    if arguments.json is not None:
        text = json.dumps(as_json(machine, found), indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")
    if arguments.write_docs:
        page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
        PAGE.write_text(inserted(page, markdown(machine, found, notes)), encoding="utf-8")


if __name__ == "__main__":
    main()
