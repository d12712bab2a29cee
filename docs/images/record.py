"""Records docs/images/demo.svg: the demo's own code runs, and its terminal is drawn.

``make picture`` runs it. Two of the demo's blocks are drawn, and the table of all of them. Lines
appear when they appeared in the run; a viewer that shows no animation shows them all.
"""  # noqa: INP001 - a script beside its picture, in no package

from __future__ import annotations

import asyncio
import io
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.terminal_theme import MONOKAI

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
PICTURE = HERE / "demo.svg"

DRAWN = ("warehouse/inventory.py", "site/theme.css")
CHARACTER_WIDTH = 12.2
"""Width of a character in the drawing, as rich lays it out."""

_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class Recorder(Console):
    """A terminal that remembers when each of its lines was printed."""

    def __init__(self, width: int) -> None:
        super().__init__(
            record=True,
            width=width,
            file=io.StringIO(),
            force_terminal=True,
            color_system="truecolor",
            highlight=False,
        )
        self.began_s = time.perf_counter()
        self.printed_s: list[float] = []

    def print(self, *objects: Any, **how: Any) -> None:  # noqa: ANN401 - as the console's own
        """Print, and note the time for each new line."""
        super().print(*objects, **how)
        lines = self.export_text(clear=False).count("\n")
        now = time.perf_counter() - self.began_s
        self.printed_s += [now] * (lines - len(self.printed_s))


async def record() -> str:
    """Run the demo's blocks, and return the drawing."""
    sys.path.insert(0, str(EXAMPLES))
    import demo  # noqa: PLC0415 - found only now

    drawn, hidden = Recorder(demo.WIDTH), Console(file=io.StringIO())
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "examples"
        shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
        done = []
        for job in demo.jobs(folder):
            shown = job.call.target_file in DRAWN
            began_s = time.perf_counter()
            done.append(await demo.show(job, drawn if shown else hidden, demo.PACE))
            if not shown:
                drawn.began_s += time.perf_counter() - began_s
    drawn.print(demo.summary(done))
    svg = drawn.export_svg(title="make demo", theme=MONOKAI, code_format=_FORMAT, unique_id="demo")
    return animated(svg, drawn.printed_s)


def animated(svg: str, printed_s: list[float]) -> str:
    """Let each line appear at its time."""
    rules = [
        ".line { animation: appear 1ms backwards; } @keyframes appear { from { opacity: 0; } }"
    ]
    rules += [f".l{n} {{ animation-delay: {at:.2f}s; }}" for n, at in enumerate(printed_s)]
    svg = svg.replace("</style>", "\n".join(rules) + "\n</style>", 1)
    return _TEXT.sub(_line, svg)


_TEXT = re.compile(
    r'<text class="(?P<kind>[\w-]+)" x="(?P<x>[\d.]+)" (?P<y>y="[\d.]+") '
    r'textLength="(?P<length>[\d.]+)" clip-path="url\(#demo-line-(?P<line>\d+)\)">'
    r"(?P<indent>(?:&#160;)*)"
)


def _line(match: re.Match[str]) -> str:
    """Name the line, and turn its indent into a place: not every viewer draws leading blanks."""
    indent = CHARACTER_WIDTH * match["indent"].count("&#160;")
    x, length = float(match["x"]) + indent, float(match["length"]) - indent
    return (
        f'<text class="{match["kind"]} line l{match["line"]}" x="{x:g}" {match["y"]}'
        f' textLength="{max(length, 0):g}">'
    )


if __name__ == "__main__":
    PICTURE.write_text(asyncio.run(record()), encoding="utf-8")
