"""`make bench-engine`: every method on every file, and the tables."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from rich.console import Console
from transformers.utils import logging as transformers_logging

from benchmarks.engine import on_vllm
from benchmarks.engine.model import PLAIN_MOST, SHORT_MOST, Missing, grid
from benchmarks.engine.on_transformers import Bench
from benchmarks.engine.one_pass import one_pass
from benchmarks.engine.oracle import LARGER, SMALL
from benchmarks.engine.rewrites import DEVIATING, LENGTHS, rewrites
from benchmarks.engine.vocabulary import SIZE
from benchmarks.machine import this_machine
from benchmarks.table import as_json, inserted, markdown, terminal_grid

if TYPE_CHECKING:
    from benchmarks.engine.model import Rewrite, Run
    from benchmarks.engine.oracle import Shape
    from benchmarks.model import Grid

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
COMMAND = "make bench-engine"
WIDTH = 120


@dataclass(slots=True)
class Found:
    """What was measured so far."""

    tables: list[Grid]
    vllm: str = ""


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the figures as JSON")
    parser.add_argument("--write-docs", action="store_true", help="update docs/benchmarks.md")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="default: cores")
    parser.add_argument("--without-vllm", action="store_true", help="transformers alone")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    transformers_logging.set_verbosity_error()
    console = Console(highlight=False)
    console.width = min(WIDTH, console.width) if console.is_terminal else WIDTH
    machine = this_machine()
    console.print(machine.words, style="bold")
    found = measured(console, arguments.threads, vllm=not arguments.without_vllm)
    notes = [_software(arguments.threads, found.vllm)]
    console.print(notes[0])
    if arguments.json is not None:
        text = json.dumps(as_json(machine, found.tables), indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")
    if arguments.write_docs:
        # The page has a heading of its own for them.
        table = markdown(machine, found.tables, notes, COMMAND).replace("\n## ", "\n### ")
        page = inserted(PAGE.read_text(encoding="utf-8"), table, COMMAND)
        PAGE.write_text(page, encoding="utf-8")


def measured(console: Console, threads: int, *, vllm: bool) -> Found:
    """Measure everything, and print each table as it is there."""
    files = rewrites()
    found = Found([])
    rows: dict[str, list[Run | Missing]] = {one.name: [] for one in files}
    if vllm:
        for told in on_vllm.measured(files, SMALL, threads):
            found.vllm = found.vllm or told.version
            console.print(f"{told.rows[0].method} is done", style="dim")
            for one, row in zip(files, told.rows, strict=True):
                rows[one.name].append(row)
    bench = Bench(SMALL)
    for one in files:
        rows[one.name][:0] = bench.runs(one)
        _show(console, found, one, SMALL, rows[one.name])
    found.tables.append(one_pass((SMALL, LARGER)))
    console.print()
    console.print(terminal_grid(found.tables[-1]))
    middle = files[LENGTHS.index(DEVIATING)]
    _show(console, found, middle, LARGER, list(Bench(LARGER).runs(middle)))
    return found


def _show(
    console: Console, found: Found, one: Rewrite, shape: Shape, runs: list[Run | Missing]
) -> None:
    how = f"A model with {shape.name}, {SIZE:,} tokens, 32 bit."
    if any(not isinstance(run, Missing) and run.tokens < run.of for run in runs):
        how += f" Without a draft only {PLAIN_MOST:,} tokens are written, with a short one {SHORT_MOST:,}."
    table = grid(f"{one.name}, {shape.name}", how, runs)
    found.tables.append(table)
    console.print()
    console.print(terminal_grid(table))


def _software(threads: int, vllm: str) -> str:
    names = [f"{name} {version(name)}" for name in ("torch", "transformers")]
    names += [f"vLLM {vllm}"] if vllm else []
    return f"With {', '.join(names)}, on {threads} threads."


if __name__ == "__main__":
    main()
