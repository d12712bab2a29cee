"""Draws docs/images/capacity.svg: how long an apply takes, by the users that share a GPU.

``make picture`` runs it. The figures are those of ``benchmarks/capacity/answers.json``, which
``python -m benchmarks.capacity --write-docs`` makes.
"""  # noqa: INP001 - a script beside its picture, in no package

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.capacity.answers import CURVE_MOST_S, CURVE_USERS, TARGET_S, read_answers
from benchmarks.capacity.policies import FIXED, PLAIN, SHARED, SURE
from docs.images.figure import AMBER, BLUE, DIM, EDGE, FAINT, GREEN, PANEL, RED, TEXT, Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

PICTURE = Path(__file__).parent / "capacity.svg"
TITLE = "How long an apply takes, by the users that share one GPU"

COLOURS = {PLAIN.name: RED, FIXED.name: AMBER, SHARED.name: BLUE, SURE.name: GREEN}
HEADINGS = {
    "clean": "every line as the merge predicted",
    "40": "one line in 40 is not",
    "10": "one line in 10 is not",
}
LEAST_S = 0.3
TIMES_S = (0.5, 1, 2, 5, 10, 20, 50, 100)
USERS = (10, 30, 100, 300, 1_000)
_TOP, _WIDTH, _HEIGHT, _LEFT, _GAP = 108.0, 300.0, 260.0, 64.0, 24.0


@dataclass(frozen=True)
class Axes:
    """One panel; both of its axes are logarithmic."""

    x: float

    def across(self, users: float) -> float:
        """Where so many users are."""
        first, last = math.log(CURVE_USERS[0] * 0.85), math.log(CURVE_USERS[-1] * 1.1)
        return self.x + _WIDTH * (math.log(users) - first) / (last - first)

    def up(self, seconds: float) -> float:
        """Where so many seconds are."""
        first, last = math.log(LEAST_S), math.log(CURVE_MOST_S)
        return _TOP + _HEIGHT * (1 - (math.log(seconds) - first) / (last - first))

    def draw(self, figure: Figure, heading: str) -> None:
        """Draw what lies below the curves."""
        figure.words(self.x + 4, _TOP - 18, heading, DIM, look="strong")
        figure.box(self.x, _TOP, _WIDTH, _HEIGHT, fill=PANEL, stroke=EDGE, line=1, radius=6)
        for seconds in TIMES_S[:-1]:
            y = self.up(seconds)
            figure.path(f"M{self.x:g},{y:.1f} h{_WIDTH:g}", stroke=EDGE, line=1)
        for users in USERS:
            x = self.across(users)
            figure.path(f"M{x:.1f},{_TOP + _HEIGHT:g} v5", stroke=FAINT, line=1)
            figure.words(x, _TOP + _HEIGHT + 17, f"{users:,}", FAINT, look="small", anchor="middle")

    def curve(self, figure: Figure, points: Sequence[Sequence[float]], colour: str) -> None:
        """Draw one rule; a last point outside the panel is cut off at its edge."""
        inside = [(users, seconds) for users, seconds in points if seconds <= CURVE_MOST_S]
        places = [(self.across(users), self.up(seconds)) for users, seconds in inside]
        line = list(places)
        if len(inside) < len(points) and inside:
            line.append(self._leaving(inside[-1], points[len(inside)]))
        drawn = " L".join(f"{x:.1f},{y:.1f}" for x, y in line)
        figure.path(f"M{drawn}", stroke=colour, line=2)
        for x, y in places:
            figure.dot(round(x, 1), round(y, 1), colour)

    def _leaving(
        self, inside: tuple[float, float], outside: Sequence[float]
    ) -> tuple[float, float]:
        """Where the line to a point above the panel crosses its upper edge."""
        (x1, y1), x2 = (self.across(inside[0]), self.up(inside[1])), self.across(outside[0])
        y2 = self.up(outside[1])
        return x1 + (x2 - x1) * (y1 - _TOP) / (y1 - y2), _TOP


def drawn() -> str:
    """Return the drawing."""
    curves = read_answers()["curves"]
    figure = Figure(0, 0, TITLE)
    x = _LEFT + 4
    for name, colour in COLOURS.items():
        figure.path(f"M{x:g},34 h22", stroke=colour, line=2.5)
        figure.words(x + 30, 34, name, TEXT)
        x += 70 + 7 * len(name)
    for at, (condition, heading) in enumerate(HEADINGS.items()):
        axes = Axes(_LEFT + at * (_WIDTH + _GAP))
        axes.draw(figure, heading)
        for name, colour in COLOURS.items():
            axes.curve(figure, curves[condition][name], colour)
        y = axes.up(TARGET_S["7b"])
        figure.path(
            " ".join(f"M{axes.x + 10 * step:g},{y:.1f} h5" for step in range(int(_WIDTH / 10))),
            stroke=TEXT,
        )
    first = Axes(_LEFT)
    for seconds in TIMES_S:
        figure.words(
            _LEFT - 8,
            round(first.up(seconds), 1),
            f"{seconds:g} s",
            FAINT,
            look="small",
            anchor="end",
        )
    figure.width = _LEFT + 3 * _WIDTH + 2 * _GAP + 28
    bottom = _TOP + _HEIGHT
    figure.words(
        _LEFT + 4,
        bottom + 46,
        "p95 of an apply, by the users that share one H200 with a 7B model; both axes logarithmic;"
        " dashed: the target. Where drafts are right,",
        DIM,
    )
    figure.words(
        _LEFT + 4,
        bottom + 68,
        "the lines of 128 tokens and of sure tokens are one. From a roofline, not measured on a GPU.",
        DIM,
    )
    figure.height = bottom + 92
    return figure.svg()


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
