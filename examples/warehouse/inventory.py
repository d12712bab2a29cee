"""Keeps count of what lies on the shelves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


class OutOfStock(Exception):
    """Somebody asked for more than there is."""


@dataclass
class Item:
    """One kind of thing on a shelf."""

    sku: str
    name: str
    count: int = 0
    price_cents: int = 0
    best_before: date | None = None

    def value_cents(self) -> int:
        return self.count * self.price_cents


@dataclass
class Inventory:
    """All items, by their number."""

    items: dict[str, Item] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        known = self.items.get(item.sku)
        if known is None:
            self.items[item.sku] = item
        else:
            known.count += item.count

    def take(self, sku: str, count: int) -> Item:
        item = self.items[sku]
        if item.count < count:
            raise OutOfStock(f"only {item.count} of {item.name} left")
        item.count -= count
        return item

    def find(self, text: str) -> list[Item]:
        wanted = text.lower()
        found = []
        for item in self.items.values():
            if wanted in item.name.lower():
                found.append(item)
        return found

    def expired(self, today: date) -> list[Item]:
        return [
            item
            for item in self.items.values()
            if item.best_before is not None and item.best_before < today
        ]

    def total_cents(self) -> int:
        total = 0
        for item in self.items.values():
            total += item.value_cents()
        return total

    def report(self) -> str:
        lines = []
        for item in sorted(self.items.values(), key=lambda item: item.name):
            lines.append(f"{item.sku:<10} {item.name:<24} {item.count:>6}")
        return "\n".join(lines)
