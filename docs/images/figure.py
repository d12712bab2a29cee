"""Draws two texts side by side, with ribbons between the lines that belong together.

A picture has a background of its own, so that it reads the same on light and dark pages. Text is
set character by character in a fixed grid: it fits its column in whatever font the viewer has.
"""  # noqa: INP001 - a script beside its picture, in no package

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CHARACTER = 7.8
ROW = 20.0
_NUMBERS = 36.0
_PADDING = 12.0

BACKGROUND, PANEL, EDGE = "#12161d", "#1a2029", "#303948"
TEXT, DIM, FAINT = "#e8ebf0", "#a3adbb", "#8793a5"
BLUE, TEAL, PURPLE = "#6cb6ff", "#45d0c1", "#c9a2ff"
GREEN, RED, AMBER, ORANGE = "#7ee2a8", "#ff9a9d", "#f5d36b", "#ffab66"

_FONTS = """\
.code { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
.label { font: 13px system-ui, "DejaVu Sans", "Segoe UI", Helvetica, Arial, sans-serif; }
.small { font-size: 12px; }
.strong { font-weight: 600; }"""


@dataclass
class Figure:
    """An SVG drawing; what is drawn later lies above what was drawn before."""

    width: float
    height: float
    title: str
    parts: list[str] = field(default_factory=list)

    def box(  # noqa: PLR0913 - a box has a place, a size and its looks
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: str = "none",
        stroke: str = "none",
        opacity: float = 1,
        radius: float = 4,
        line: float = 1.5,
    ) -> None:
        """Draw a rectangle with round corners."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}"'
            f' fill="{fill}" fill-opacity="{opacity:g}" stroke="{stroke}"'
            f' stroke-width="{line:g}"/>'
        )

    def path(
        self,
        d: str,
        *,
        stroke: str = "none",
        fill: str = "none",
        opacity: float = 1,
        line: float = 1.5,
    ) -> None:
        """Draw a path."""
        self.parts.append(
            f'<path d="{d}" fill="{fill}" fill-opacity="{opacity:g}" stroke="{stroke}"'
            f' stroke-width="{line:g}" stroke-linejoin="round" stroke-linecap="round"/>'
        )

    def dot(self, x: float, y: float, colour: str, radius: float = 2.6) -> None:
        """Draw a filled circle."""
        self.parts.append(f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}"/>')

    def words(  # noqa: PLR0913 - as a box
        self,
        x: float,
        y: float,
        text: str,
        colour: str = TEXT,
        *,
        look: str = "",
        anchor: str = "start",
    ) -> None:
        """Write a label in the page's usual letters; ``y`` is the middle of the line."""
        self.parts.append(
            f'<text class="{f"label {look}".strip()}" x="{x:g}" y="{y + 4.5:g}" fill="{colour}"'
            f' text-anchor="{anchor}">{escape(text)}</text>'
        )

    def code(self, x: float, y: float, text: str, colour: str = TEXT) -> None:
        """Write a line of code; leading blanks become room, for not every viewer draws them."""
        shown = text.lstrip(" ")
        if not shown:
            return
        left = x + CHARACTER * (len(text) - len(shown))
        self.parts.append(
            f'<text class="code" x="{left:g}" y="{y + 4.5:g}" fill="{colour}"'
            f' textLength="{CHARACTER * len(shown):g}">{escape(shown)}</text>'
        )

    def badge(self, x: float, y: float, text: str, colour: str) -> None:
        """Draw a number in a disc."""
        self.dot(x, y, colour, 9)
        self.words(x, y, text, BACKGROUND, look="small strong", anchor="middle")

    def ribbon(
        self,
        left: tuple[float, float, float],
        right: tuple[float, float, float],
        colour: str,
        *,
        opacity: float = 0.16,
        line: float = 0,
    ) -> None:
        """Fill what lies between two upright edges, each ``(x, top, bottom)``, with soft bends."""
        (x1, top1, bottom1), (x2, top2, bottom2) = left, right
        middle = (x1 + x2) / 2
        self.path(
            f"M{x1:g},{top1:g} C{middle:g},{top1:g} {middle:g},{top2:g} {x2:g},{top2:g}"
            f" L{x2:g},{bottom2:g}"
            f" C{middle:g},{bottom2:g} {middle:g},{bottom1:g} {x1:g},{bottom1:g} Z",
            fill=colour,
            opacity=opacity,
            stroke=colour if line else "none",
            line=line,
        )

    def thread(
        self, left: tuple[float, float], right: tuple[float, float], colour: str, line: float = 1.3
    ) -> None:
        """Draw a line with soft bends between two points, and a dot at each end."""
        (x1, y1), (x2, y2) = left, right
        middle = (x1 + x2) / 2
        self.path(
            f"M{x1:g},{y1:g} C{middle:g},{y1:g} {middle:g},{y2:g} {x2:g},{y2:g}",
            stroke=colour,
            line=line,
        )
        self.dot(x1, y1, colour)
        self.dot(x2, y2, colour)

    def svg(self) -> str:
        """Return the drawing."""
        body = "\n".join(self.parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}"'
            f' width="{self.width:g}" role="img">\n<title>{escape(self.title)}</title>\n'
            f"<style>\n{_FONTS}\n</style>\n"
            f'<rect width="{self.width:g}" height="{self.height:g}" rx="10" fill="{BACKGROUND}"/>\n'
            f"{body}\n</svg>\n"
        )


@dataclass(frozen=True)
class Panel:
    """A text on the drawing: its lines in rows, with their numbers where ``numbered``."""

    x: float
    top: float
    lines: Sequence[str]
    columns: int
    numbered: bool = True

    @property
    def text_x(self) -> float:
        """Where the lines begin."""
        return self.x + (_NUMBERS if self.numbered else _PADDING)

    @property
    def right(self) -> float:
        """The panel's right edge."""
        return self.text_x + self.columns * CHARACTER + _PADDING

    @property
    def bottom(self) -> float:
        """The panel's lower edge."""
        return self.edge(len(self.lines)) + 8

    def edge(self, line: int) -> float:
        """The upper edge of a line's row."""
        return self.top + ROW * line

    def middle(self, line: int) -> float:
        """The middle of a line's row."""
        return self.edge(line) + ROW / 2

    def draw(self, figure: Figure, heading: str) -> None:
        """Draw the panel and what stands above it."""
        figure.words(self.x + 4, self.top - 24, heading, DIM, look="strong")
        figure.box(
            self.x,
            self.top - 8,
            self.right - self.x,
            self.bottom - self.top + 8,
            fill=PANEL,
            stroke=EDGE,
            line=1,
            radius=6,
        )

    def tint(self, figure: Figure, lines: Iterable[int], colour: str) -> None:
        """Colour the rows of some lines."""
        for line in lines:
            figure.box(
                self.x + 1,
                self.edge(line),
                self.right - self.x - 2,
                ROW,
                fill=colour,
                opacity=0.17,
                radius=0,
            )

    def write(self, figure: Figure, colours: dict[int, str]) -> None:
        """Write the lines, each in its colour."""
        for number, text in enumerate(self.lines):
            if self.numbered:
                figure.words(
                    self.x + _NUMBERS - 12,
                    self.middle(number),
                    str(number + 1),
                    FAINT,
                    look="small",
                    anchor="end",
                )
            figure.code(self.text_x, self.middle(number), text, colours.get(number, TEXT))

    def frame(self, figure: Figure, start: int, end: int, colour: str) -> None:
        """Frame lines ``start`` to ``end``; where there is none between them, mark the place."""
        x, width = self.x + 3, self.right - self.x - 6
        if start < end:
            figure.box(
                x,
                self.edge(start),
                width,
                self.edge(end) - self.edge(start),
                stroke=colour,
                radius=4,
                line=1.6,
            )
            return
        y = self.edge(start)
        figure.path(
            f"M{x:g},{y - 4:g} v8 M{x:g},{y:g} h{width:g} M{x + width:g},{y - 4:g} v8",
            stroke=colour,
            line=1.6,
        )


def legend(
    figure: Figure, x: float, y: float, width: float, entries: Sequence[tuple[str, str]]
) -> None:
    """Explain the colours, in columns of equal width; a colour that begins with ``[`` is a frame."""
    for at, (colour, meaning) in enumerate(entries):
        left = x + at % 3 * width
        top = y + at // 3 * 24
        if colour.startswith("["):
            figure.box(left, top - 6, 18, 12, stroke=colour[1:], radius=3)
        else:
            figure.box(
                left, top - 6, 18, 12, fill=colour, opacity=0.55, stroke=colour, radius=3, line=1
            )
        figure.words(left + 28, top, meaning, DIM)
