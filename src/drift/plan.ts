/** What differs, from what was read: pure, the same for every kind. */
import type { Difference, Kind, Origin, Seen, Side, Value } from './model.ts';

/** What one reading of all masters says about one kind of one account (or of the servers). */
export interface Reading {
  readonly kind: Kind;
  readonly account: string | null;
  /** By master; a master on which the account is deliberately not kept is left out. */
  readonly seen: ReadonlyMap<string, Seen>;
  /** What the journal knows, by name of the thing. */
  readonly origins: ReadonlyMap<string, Origin>;
}

export type Compared =
  | { readonly kind: 'compared'; readonly differences: readonly Difference[] }
  /** A master did not tell: nothing is concluded, in neither direction. */
  | { readonly kind: 'unread'; readonly why: string };

/** Compares the masters with each other, and with what the journal expects where they agree. */
export function compare(reading: Reading): Compared {
  const { kind, account, seen, origins } = reading;
  const sides: { readonly master: string; readonly things: ReadonlyMap<string, Value> }[] = [];
  for (const [master, one] of seen) {
    if (!one.ok) return { kind: 'unread', why: `${kind.title} on ${master}: ${one.reason}` };
    sides.push({ master, things: one.things });
  }
  const names = new Set(sides.flatMap((s) => [...s.things.keys()]));
  for (const [name, origin] of origins) if (origin.expects === 'present') names.add(name);
  const differences = [...names].sort().flatMap((name): Difference[] => {
    const shown = sides.map((s): Side => ({ master: s.master, value: s.things.get(name) }));
    const origin = origins.get(name);
    return differs(kind, shown, origin)
      ? [{ kind: kind.id, account: accountOf(kind, account, shown), name, sides: shown, origin }]
      : [];
  });
  return { kind: 'compared', differences };
}

function accountOf(kind: Kind, account: string | null, sides: readonly Side[]): string | null {
  if (account !== null) return account;
  const value = sides.find((s) => s.value !== undefined)?.value;
  return value === undefined ? null : (kind.accountOf?.(value) ?? null);
}

function differs(kind: Kind, sides: readonly Side[], origin: Origin | undefined): boolean {
  const values = sides.flatMap((s) => (s.value === undefined ? [] : [s.value]));
  if (values.length === 0) return origin?.expects === 'present';
  if (values.length < sides.length) return true;
  if (origin?.expects === 'absent') return true;
  if (values.some((value) => kind.wrong?.(value) === true)) return true;
  const [first, ...others] = values;
  return first !== undefined && others.some((other) => differingFields(kind, first, other).length > 0);
}

/** The fields that are compared and not the same. */
export function differingFields(kind: Pick<Kind, 'shown' | 'untold'>, a: Value, b: Value): readonly string[] {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...fields].filter((field) => {
    const [left, right] = [a[field] ?? '', b[field] ?? ''];
    if (kind.shown?.includes(field) || left === right) return false;
    return kind.untold === undefined || (left !== kind.untold && right !== kind.untold);
  });
}

/** Findings that two readings a few seconds apart both have, with the same sides: the rest was only on its way. */
export function confirmed(first: readonly Difference[], again: readonly Difference[]): readonly Difference[] {
  const later = new Map(again.map((d) => [`${d.kind}\n${d.name}`, JSON.stringify(d.sides)]));
  return first.filter((d) => later.get(`${d.kind}\n${d.name}`) === JSON.stringify(d.sides));
}

/** The master that a chip marks: the one that is not as the active one, or as the journal expects. */
export function blamed(difference: Difference, active: string): string {
  const { sides, origin } = difference;
  const wrong =
    origin === undefined ? undefined : sides.find((s) => (s.value !== undefined) !== (origin.expects === 'present'));
  if (wrong !== undefined) return wrong.master;
  const right = JSON.stringify(sides.find((s) => s.master === active)?.value);
  return (sides.find((s) => s.master !== active && JSON.stringify(s.value) !== right) ?? sides[0])?.master ?? active;
}

/** One sentence on a difference; `names` gives a master's short name. */
export function sentenceOf(kind: Kind, difference: Difference, names: (master: string) => string): string {
  const { name, sides, origin } = difference;
  const having = sides.filter((s) => s.value !== undefined);
  const lacking = sides.filter((s) => s.value === undefined);
  const list = (some: readonly Side[]) => some.map((s) => names(s.master)).join(' and ');
  if (having.length === 0)
    return `${name}: no master has it any more, though ${origin?.action ?? 'an operation'} made it`;
  if (lacking.length > 0) return `${name}: only ${list(having)} has it, ${list(lacking)} does not`;
  const [first, ...others] = having;
  const fields = new Set(others.flatMap((o) => differingFields(kind, first?.value ?? {}, o.value ?? {})));
  if (fields.size === 0 && origin?.expects === 'absent')
    return `${name}: all masters have it, though ${origin.action} removed it`;
  if (fields.size === 0) return `${name}: ${kind.wrongly ?? 'not as it has to be'} on ${list(having)}`;
  const shown = [...fields].map(
    (f) => `${f} is ${having.map((s) => `${short(s.value?.[f])} on ${names(s.master)}`).join(', ')}`,
  );
  return `${name}: ${shown.join('; ')}`;
}

function short(value: string | undefined): string {
  const text = (value ?? '').replaceAll('\n', ', ');
  if (text === '') return 'empty';
  return text.length > 60 ? `“${text.slice(0, 57)}…”` : `“${text}”`;
}

/** Which master a repair should follow: what the journal expects, else the active one, unless only another has it. */
export function suggested(sides: readonly Side[], expects: 'present' | 'absent' | undefined, active: string): string {
  const first = (has: boolean) => sides.find((s) => (s.value !== undefined) === has)?.master;
  if (expects !== undefined) {
    const own = sides.find((s) => s.master === active);
    if (own !== undefined && (own.value !== undefined) === (expects === 'present')) return active;
    return first(expects === 'present') ?? active;
  }
  const own = sides.find((s) => s.master === active);
  // What only another master has is never suggested away: it may be somebody's work.
  return own?.value === undefined ? (first(true) ?? active) : active;
}
