const SYMBOLS: Record<string, string> = {
  EUR: "€",
  GBP: "£",
  USD: "$",
};

export function formatMoney(cents: number, currency: string): string {
  const symbol = SYMBOLS[currency] ?? currency;
  const whole = Math.floor(cents / 100);
  const rest = String(cents % 100).padStart(2, "0");
  return `${symbol}${whole}.${rest}`;
}

export function parseMoney(text: string): number {
  const [whole, rest = "0"] = text.replace(/[^0-9.]/g, "").split(".");
  return Number(whole) * 100 + Number(rest.padEnd(2, "0").slice(0, 2));
}
