import { formatMoney } from "./money";

export interface Product {
  id: string;
  title: string;
  priceCents: number;
}

export interface CartLine {
  product: Product;
  quantity: number;
}

export type CartListener = (lines: readonly CartLine[]) => void;

const MAX_QUANTITY = 99;

export class Cart {
  private lines: CartLine[] = [];
  private listeners: CartListener[] = [];

  constructor(private readonly currency: string = "EUR") {}

  get isEmpty(): boolean {
    return this.lines.length === 0;
  }

  add(product: Product, quantity = 1): void {
    const line = this.lines.find((each) => each.product.id === product.id);
    if (line) {
      line.quantity = line.quantity + quantity;
    } else {
      this.lines.push({ product, quantity });
    }
    this.changed();
  }

  remove(productId: string): void {
    this.lines = this.lines.filter((line) => line.product.id !== productId);
    this.changed();
  }

  subtotalCents(): number {
    return this.lines.reduce((sum, line) => sum + line.product.priceCents * line.quantity, 0);
  }

  totalCents(): number {
    return this.subtotalCents();
  }

  summary(): string {
    const count = this.lines.reduce((sum, line) => sum + line.quantity, 0);
    return `${count} items, ${formatMoney(this.totalCents(), this.currency)}`;
  }

  subscribe(listener: CartListener): () => void {
    this.listeners.push(listener);
    return () => {
      this.listeners = this.listeners.filter((each) => each !== listener);
    };
  }

  private changed(): void {
    for (const listener of this.listeners) {
      listener(this.lines);
    }
  }
}
