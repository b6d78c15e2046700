/** Filters, orders and columns of a list's rows. */

type Row = Readonly<Record<string, unknown>>;
type Items = readonly unknown[];

export interface Filter {
  readonly field: string;
  readonly term: string;
  readonly type: string;
}

export interface Order {
  readonly field: string;
  readonly method: string;
  readonly reverse: boolean;
}

function fieldOf(item: unknown, field: string): unknown {
  if (typeof item !== 'object' || item === null) return item;
  // Only read: a missing member is undefined.
  return (item as Row)[field];
}

function textOf(value: unknown): string {
  return value === null || value === undefined ? '' : String(value);
}

/** 'unlimited' and '*unknown*' are no numbers: `otherwise` stands for them. */
export function numberOf(value: unknown, otherwise = 0): number {
  const found = Number.parseFloat(textOf(value));
  return Number.isNaN(found) ? otherwise : found;
}

type Test = (value: unknown, term: string) => boolean;

const boundless = Number.POSITIVE_INFINITY;
const TESTS: Readonly<Record<string, Test>> = {
  contains: (v, t) => textOf(v).toLowerCase().includes(t.toLowerCase()),
  begins: (v, t) => textOf(v).toLowerCase().startsWith(t.toLowerCase()),
  eq: (v, t) => textOf(v) === t,
  '==': (v, t) => numberOf(v) === numberOf(t),
  lt: (v, t) => numberOf(v) < numberOf(t),
  lt_equal: (v, t) => numberOf(v) <= numberOf(t),
  gt: (v, t) => numberOf(v) > numberOf(t),
  gt_equal: (v, t) => numberOf(v) >= numberOf(t),
  lt_handle_unlimited: (v, t) => numberOf(v, boundless) < numberOf(t, boundless),
  gt_handle_unlimited: (v, t) => numberOf(v, boundless) > numberOf(t, boundless),
};

/** Whether a row fits a filter; the field '*' stands for any. */
export function passes(item: unknown, { field, term, type }: Filter): boolean {
  const test = TESTS[type] ?? TESTS['contains'];
  if (test === undefined) return true;
  const isRow = typeof item === 'object' && item !== null;
  const values = field === '*' && isRow ? Object.values(item) : [fieldOf(item, field)];
  return values.some((value) => test(value, term));
}

/** '192.0.2.10' as one number. */
function addressOf(value: unknown): number {
  return textOf(value)
    .split('.')
    .reduce((sum, part) => sum * 256 + Number(part), 0);
}

function compared(a: unknown, b: unknown, method: string): number {
  const zeroLast = (value: unknown): number => numberOf(value, boundless) || boundless;
  const difference = (x: number, y: number): number => (x === y ? 0 : x - y);
  if (method === 'ipv4') return difference(addressOf(a), addressOf(b));
  if (method === 'numeric_zero_as_max') return difference(zeroLast(a), zeroLast(b));
  if (method === 'numeric') return difference(numberOf(a, boundless), numberOf(b, boundless));
  const [left, right] = [textOf(a), textOf(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** The rows in the order asked for; equal ones stay as they stood. */
export function sorted(items: Items, orders: readonly Order[]): Items {
  if (orders.length === 0) return items;
  return items.toSorted((a, b) => {
    for (const { field, method, reverse } of orders) {
      const found = compared(fieldOf(a, field), fieldOf(b, field), method);
      if (found !== 0) return reverse ? -found : found;
    }
    return 0;
  });
}

/** A row with these fields alone; all of it when none is named. */
export function columnsOf(item: unknown, names: readonly string[]): unknown {
  if (names.length === 0 || typeof item !== 'object' || item === null) return item;
  return Object.fromEntries(names.map((name) => [name, fieldOf(item, name) ?? null]));
}
