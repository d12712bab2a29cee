"""The edits that the tiny model knows by heart: file, code block, and what it writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Example:
    """``written`` is the model's rewrite: the right one, not always the predicted one."""

    path: str
    original: str
    code_edit: str
    written: str


_STOCK = '''\
"""What lies in the warehouse, and what must be ordered."""

from dataclasses import dataclass


@dataclass
class Item:
    name: str
    count: int
    price: float


class Stock:
    def __init__(self):
        self.items = {}

    def add(self, item):
        self.items[item.name] = item

    def take(self, name, count):
        item = self.items[name]
        item.count -= count
        return item

    def total(self):
        result = 0
        for item in self.items.values():
            result += item.count * item.price
        return result

    def names(self):
        return sorted(self.items)


def low(stock, limit):
    return [item for item in stock.items.values() if item.count < limit]
'''

_CART = """\
import { round } from "./money";

export interface Line {
  name: string;
  price: number;
  count: number;
}

export class Cart {
  private lines: Line[] = [];

  add(line: Line): void {
    this.lines.push(line);
  }

  remove(name: string): void {
    this.lines = this.lines.filter((line) => line.name !== name);
  }

  total(): number {
    let sum = 0;
    for (const line of this.lines) {
      sum += line.price * line.count;
    }
    return round(sum);
  }
}
"""

_LIMITER = """\
package gateway

import "time"

type Limiter struct {
	rate  int
	last  time.Time
	spent int
}

func New(rate int) *Limiter {
	return &Limiter{rate: rate, last: time.Now()}
}

func (l *Limiter) Allow() bool {
	now := time.Now()
	if now.Sub(l.last) > time.Second {
		l.last = now
		l.spent = 0
	}
	l.spent++
	return l.spent <= l.rate
}
"""

RIGHT = Example(
    "stock.py",
    _STOCK,
    """\
# ... existing code ...
    def take(self, name, count):
        item = self.items[name]
        if item.count < count:
            raise ValueError(f"only {item.count} of {name} are left")
        item.count -= count
        return item
# ... existing code ...
""",
    _STOCK.replace(
        "        item.count -= count\n",
        "        if item.count < count:\n"
        '            raise ValueError(f"only {item.count} of {name} are left")\n'
        "        item.count -= count\n",
    ),
)
"""The model writes what the merge predicts."""

DEVIATING = Example(
    "cart.ts",
    _CART,
    """\
  // ... existing code ...
  total(): number {
    let sum = 0;
    for (const line of this.lines) {
      sum += line.price * line.count * (1 - line.discount);
    }
    return round(sum);
  }
  // ... existing code ...
""",
    _CART.replace(
        "sum += line.price * line.count;", "sum += (1 - line.discount) * line.price * line.count;"
    ),
)
"""The model writes the changed line in its own words."""

GOING_ON = Example(
    "limiter.go",
    _LIMITER,
    """\
// ... existing code ...

func (l *Limiter) Reset() {
	l.last = time.Now()
	l.spent = 0
}
""",
    _LIMITER + "\nfunc (l *Limiter) Reset() {\n\tl.last = time.Now()\n\tl.spent = 0\n}\n",
)
"""A new definition at the end of the file."""

EXAMPLES = (RIGHT, DEVIATING, GOING_ON)
