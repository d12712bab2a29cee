"""Prefix maxima: what is the best value at or before a place? A Fenwick tree."""

from __future__ import annotations

NOTHING = -(10**12)
"""Less than every value."""

Owner = tuple[int, int]


class Maxima:
    """Prefix maxima: the best value at or before a place, and whose it is."""

    __slots__ = ("owners", "size", "values")

    def __init__(self, size: int) -> None:
        self.size = size
        self.values = [NOTHING] * (size + 1)
        self.owners: list[tuple[int, int] | None] = [None] * (size + 1)

    def raise_to(self, at: int, value: int, owner: tuple[int, int] | None) -> None:
        """Offer a value at a place (0-based)."""
        at += 1
        values, owners = self.values, self.owners
        while at <= self.size:
            if value > values[at]:
                values[at] = value
                owners[at] = owner
            at += at & -at

    def up_to(self, at: int) -> tuple[int, Owner | None]:
        """Return the best value at or before a place."""
        at += 1
        best, owner = NOTHING, None
        values = self.values
        while at > 0:
            if values[at] > best:
                best, owner = values[at], self.owners[at]
            at -= at & -at
        return best, owner
