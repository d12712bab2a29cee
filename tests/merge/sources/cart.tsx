import { useMemo, useState } from "react";

import { format } from "./money";

type Line = { sku: string; count: number; cents: number };

export function total(lines: Line[]): number {
  let cents = 0;
  for (const line of lines) {
    cents += line.count * line.cents;
  }
  return cents;
}

export function Cart({ lines, onPay }: { lines: Line[]; onPay: () => void }) {
  const [open, setOpen] = useState(false);
  const sum = useMemo(() => total(lines), [lines]);

  if (lines.length === 0) {
    return <p className="empty">Nothing yet.</p>;
  }

  return (
    <section className="cart">
      <h2 onClick={() => setOpen(!open)}>Cart</h2>
      {open && (
        <ul>
          {lines.map((line) => (
            <li key={line.sku}>
              {line.count} × {line.sku}
            </li>
          ))}
        </ul>
      )}
      <p>{format(sum)}</p>
      <button onClick={onPay}>Pay</button>
    </section>
  );
}

export class Basket {
  private lines: Line[] = [];

  add(line: Line): void {
    const found = this.lines.find((one) => one.sku === line.sku);
    if (found) {
      found.count += line.count;
      return;
    }
    this.lines.push(line);
  }

  remove(sku: string): void {
    this.lines = this.lines.filter((line) => line.sku !== sku);
  }

  get total(): number {
    return total(this.lines);
  }
}
