/** Answers of several masters to one read, made one. Pure. */
import { isRecord } from './answer.ts';

export type Combination = 'union' | 'sum' | 'larger' | 'smaller';

type Row = Readonly<Record<string, unknown>>;

/** Names of numbers that count what each master did itself; everything else is the first master's word. */
const counted =
  /^(?:totalbytes|bandwidthused|total_bytes|bytes|usage|totalused|count|messages|success(?:count)?|fail(?:count)?|defer(?:count)?|sendcount|total_size|size)$/i;

/** What tells one row of a list from another. */
const identities = [
  'user',
  'acct',
  'domain',
  'deptype',
  'msgid',
  'name',
  'protocol',
  'month',
  'day',
  'time',
  'timestamp',
];

function identityOf(value: unknown): string {
  if (!isRecord(value)) return JSON.stringify(value) ?? '';
  const named = identities.filter((name) => name in value).map((name) => [name, value[name]]);
  return JSON.stringify(named.length === 0 ? value : named);
}

function number(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

function same(first: unknown, value: number): unknown {
  return typeof first === 'string' ? String(value) : value;
}

function union(first: unknown, other: unknown): unknown {
  if (Array.isArray(first) && Array.isArray(other)) {
    const have = new Set(first.map(identityOf));
    return [...first, ...other.filter((item: unknown) => !have.has(identityOf(item)))];
  }
  if (!isRecord(first) || !isRecord(other)) return first;
  return mapped(first, other, union);
}

function mapped(first: Row, other: Row, merge: (a: unknown, b: unknown, name: string) => unknown): Row {
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => [name, name in other ? merge(value, other[name], name) : value]),
  );
}

function sum(first: unknown, other: unknown, name = ''): unknown {
  if (Array.isArray(first) && Array.isArray(other)) {
    const byIdentity = new Map(other.map((item: unknown) => [identityOf(item), item] as const));
    return first.map((item: unknown) => sum(item, byIdentity.get(identityOf(item))));
  }
  if (isRecord(first) && isRecord(other)) return mapped(first, other, sum);
  const [a, b] = [number(first), number(other)];
  return a !== undefined && b !== undefined && counted.test(name) ? same(first, a + b) : first;
}

function extreme(pick: (a: number, b: number) => number) {
  return function merge(first: unknown, other: unknown): unknown {
    if (isRecord(first) && isRecord(other)) return mapped(first, other, merge);
    if (Array.isArray(first) && Array.isArray(other)) {
      const byIdentity = new Map(other.map((item: unknown) => [identityOf(item), item] as const));
      return first.map((item: unknown) => merge(item, byIdentity.get(identityOf(item))));
    }
    const [a, b] = [number(first), number(other)];
    return a === undefined || b === undefined ? first : same(first, pick(a, b));
  };
}

const ways: Readonly<Record<Combination, (first: unknown, other: unknown) => unknown>> = {
  union,
  sum: (first, other) => sum(first, other),
  larger: extreme(Math.max),
  smaller: extreme(Math.min),
};

/** The first master's data with the others' in it. */
export function combined(how: Combination, first: unknown, others: readonly unknown[]): unknown {
  return others.reduce<unknown>((all, other) => ways[how](all, other), first);
}
