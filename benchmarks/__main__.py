"""`make bench`: measures everything and prints it beside the limits."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from benchmarks import conducting, edits, embedded, pipeline, process, rewriting
from benchmarks.machine import this_machine
from benchmarks.samples import cases
from benchmarks.table import as_json, inserted, markdown, terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.model import Section

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
WIDTH = 100
PARTS: tuple[Callable[[], Section | None], ...] = (
    pipeline.overhead,
    pipeline.speed,
    conducting.conducting,
    rewriting.rewriting,
    edits.edited_lines,
    embedded.merging,
    embedded.applying,
    process.process,
)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures as JSON")
    parser.add_argument("--write-docs", action="store_true", help="update docs/benchmarks.md")
    arguments = parser.parse_args()
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
    sections: list[Section] = []
    for part in PARTS:
        section = part()
        if section is not None:
            sections.append(section)
            console.print()
            console.print(terminal(section))
    short = [one.what for section in sections for one in section.figures if one.met is False]
    console.print()
    console.print(f"Short of its limit: {', '.join(short)}." if short else "Every limit is kept.")
    if arguments.json is not None:
        text = json.dumps(as_json(machine, sections), indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")
    if arguments.write_docs:
        page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else "# Benchmarks\n"
        PAGE.write_text(inserted(page, markdown(machine, sections, notes)), encoding="utf-8")


if __name__ == "__main__":
    main()
