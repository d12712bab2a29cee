"""``python -m benchmarks.gpu``: tokens per second of models in given shapes, with drafts.

Needs torch and numpy, a file of cases (`making.py`; without one, invented ones) and a GPU; on a CPU
it runs with ``--shape tiny``. Checks first, measures what is right, and writes the results after
every cell, so that a run that is cut off has what it measured.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from benchmarks.gpu import reporting
from benchmarks.gpu.running import Order, run
from benchmarks.gpu.shapes import SHAPES

_DEFAULT = ("qwen2.5-coder-7b", "llama-3-8b")
_EIGHT = ("llama-3-70b", "qwen2.5-coder-7b")


def main() -> None:
    """Read the arguments, run, print the section for the documentation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--traces", metavar="FILE", type=Path, help="cases, from making.py")
    parser.add_argument(
        "--shape", nargs="*", choices=tuple(SHAPES), default=_DEFAULT, help="measured in 16 bit"
    )
    parser.add_argument(
        "--engine", nargs="*", choices=("graphs", "transformers"), default=("graphs", "transformers"),
        help="transformers takes what is measured in 16 bit, after all others",
    )  # fmt: skip
    parser.add_argument(
        "--json", metavar="FILE", type=Path, help="write the figures; added to those it holds"
    )
    parser.add_argument(
        "--eight", nargs="*", choices=tuple(SHAPES), default=_EIGHT, help="measured in 8 bit"
    )
    parser.add_argument("--minutes", type=float, default=9.0, help="begin nothing after so many")
    parser.add_argument("--device", default="auto", help="cuda, cpu")
    parser.add_argument("--cases", type=int, default=8, help="of each size, at most")
    parser.add_argument("--plain", action="store_true", help="without Triton's kernels")
    parser.add_argument(
        "--write-docs", metavar="FILE", nargs="*", type=Path,
        help="take these results, else the last ones, into the documentation; run nothing",
    )  # fmt: skip
    arguments = parser.parse_args()
    if arguments.write_docs is not None:
        if arguments.write_docs:
            reporting.take(arguments.write_docs)
        reporting.write_docs()
        return
    order = Order(
        shapes=tuple(SHAPES[name] for name in dict.fromkeys(arguments.shape)),
        eight=tuple(SHAPES[name] for name in dict.fromkeys(arguments.eight)),
        engines=tuple(dict.fromkeys(arguments.engine)),
        traces=arguments.traces,
        results=arguments.json,
        seconds=60 * arguments.minutes,
        device=arguments.device,
        cases=arguments.cases,
        plain=arguments.plain,
    )
    results = run(order, python=platform.python_version())
    print(reporting.section(results))
    # A kernel that fails may take the whole process with it: then whoever calls asks for --plain.
    sys.exit(not results["cells"])


if __name__ == "__main__":
    main()
