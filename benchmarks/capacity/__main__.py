"""``python -m benchmarks.capacity``: simulates servers under load, for docs/explanation/capacity.md.

All of it takes a quarter of an hour on one core. ``--step-cost`` puts measured times in the place
of the roofline's; then nothing is written but what is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.capacity.answers import ANSWERS, Question, answered
from benchmarks.capacity.costs import read_costs
from benchmarks.capacity.page import PAGE, tables, with_tables


def main() -> None:
    """Read the arguments, simulate, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.capacity", description=__doc__)
    parser.add_argument(
        "--step-cost",
        metavar="FILE",
        type=Path,
        help='measured passes: {"rows": [1, 65, ...], "seconds": [0.004, 0.004, ...]}; for the 7b'
        " model, or for the one that --model names",
    )
    parser.add_argument("--model", choices=("7b", "70b"), help="ask for this one only")
    parser.add_argument("--write-docs", action="store_true", help="update the page")
    arguments = parser.parse_args()
    if arguments.write_docs and (arguments.step_cost or arguments.model):
        parser.error("the documentation wants every model, by the roofline")
    cost = read_costs(arguments.step_cost) if arguments.step_cost else None
    models = (arguments.model or "7b",) if arguments.step_cost or arguments.model else None
    question = Question(cost) if models is None else Question(cost, models)
    found = answered(question, lambda what: print(what, "...", file=sys.stderr, flush=True))
    print(tables(found))
    if arguments.write_docs:
        ANSWERS.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8"), found), encoding="utf-8")


if __name__ == "__main__":
    main()
