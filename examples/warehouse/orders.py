"""Turns orders into parcels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inventory import Inventory

PARCEL_LIMIT_GRAMS = 20_000


@dataclass(frozen=True)
class Line:
    """So many of one item."""

    sku: str
    count: int
    grams_each: int


@dataclass(frozen=True)
class Parcel:
    """What goes into one box."""

    lines: tuple[Line, ...]

    @property
    def grams(self) -> int:
        return sum(line.count * line.grams_each for line in self.lines)


def reserve(inventory: Inventory, lines: Iterable[Line]) -> None:
    """Take everything off the shelves."""
    for line in lines:
        inventory.take(line.sku, line.count)


def pack(lines: Iterable[Line]) -> list[Parcel]:
    """Fill parcels in the given order."""
    parcels: list[Parcel] = []
    current: list[Line] = []
    grams = 0
    for line in lines:
        weight = line.count * line.grams_each
        if current and grams + weight > PARCEL_LIMIT_GRAMS:
            parcels.append(Parcel(tuple(current)))
            current = []
            grams = 0
        current.append(line)
        grams += weight
    parcels.append(Parcel(tuple(current)))
    return parcels


def label(parcel: Parcel, number: int) -> str:
    """Return the text on the box."""
    return f"parcel {number}: {parcel.grams} g"
