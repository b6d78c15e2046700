import { z } from 'zod';
import type { Change } from '../zone/journal.ts';

/** What is remembered of one zone. One line of the ledger. */
export interface ZoneState {
  readonly zone: string;
  /** The master whose addresses the text had before `changes`. */
  readonly home: string;
  /** The master that it points at; equal to `home` when nothing is changed. */
  readonly to: string;
  /** Serial of the file before and after this state was written: tells whether the write took place. */
  readonly before: number;
  readonly after: number;
  /** What a return puts back. */
  readonly changes: readonly Change[];
  /** What TTL care lowered, to be raised again. */
  readonly care: readonly Change[];
}

const row = z.tuple([
  /** Owner, without '.' and the zone's name where it ends with it. */
  z.string(),
  z.string(),
  z.int(),
  z.int(),
  z.int(),
  /** Place in the list of values: before and after. */
  z.int(),
]);
const line = z.object({
  z: z.string().min(1),
  h: z.string(),
  t: z.string(),
  b: z.number(),
  a: z.number(),
  /** Pairs of texts, each once: a zone holds one address in many records. */
  v: z.array(z.tuple([z.string(), z.string()])).default([]),
  c: z.array(row).default([]),
  l: z.array(row).default([]),
  /** The care's rows, of kind ttl; a row of `c` is a TTL when its number is in here. */
  n: z.array(z.int()).default([]),
});
type Line = z.infer<typeof line>;

function shorten(owner: string, apex: string): string {
  if (owner === apex) return '';
  return owner.endsWith(`.${apex}`) ? owner.slice(0, -apex.length - 1) : owner;
}

function lengthen(owner: string, apex: string): string {
  if (owner === '') return apex;
  return owner.endsWith('.') && !owner.endsWith('\\.') ? owner : `${owner}.${apex}`;
}

/** One line without its end; short, because a switch writes one for every zone before the first file is touched. */
export function lineOfState(state: ZoneState): string {
  const apex = `${state.zone}.`;
  const values: [string, string][] = [];
  const places = new Map<string, number>();
  const rowOf = (change: Change): Line['c'][number] => {
    const key = `${change.was}\n${change.now}`;
    const at = places.get(key) ?? values.push([change.was, change.now]) - 1;
    places.set(key, at);
    return [shorten(change.owner, apex), change.type, change.nth, change.of, change.alike, at];
  };
  const c = state.changes.map(rowOf);
  const l = state.care.map(rowOf);
  const n = state.changes.flatMap((change, at) => (change.kind === 'ttl' ? [at] : []));
  return JSON.stringify({
    z: state.zone,
    h: state.home,
    t: state.to,
    b: state.before,
    a: state.after,
    ...(values.length === 0 ? {} : { v: values }),
    ...(c.length === 0 ? {} : { c }),
    ...(n.length === 0 ? {} : { n }),
    ...(l.length === 0 ? {} : { l }),
  });
}

/** Reads a line back. Throws ZodError or SyntaxError for one that is none. */
export function stateOfLine(text: string): ZoneState {
  const { z: zone, h: home, t: to, b: before, a: after, v, c, l, n } = line.parse(JSON.parse(text));
  const apex = `${zone}.`;
  const ttls = new Set(n);
  const changeOf = (kind: Change['kind'], [owner, type, nth, of, alike, at]: Line['c'][number]): Change => {
    const [was = '', now = ''] = v[at] ?? [];
    return { kind, owner: lengthen(owner, apex), type, nth, of, alike, was, now };
  };
  return {
    zone,
    home,
    to,
    before,
    after,
    changes: c.map((one, at) => changeOf(ttls.has(at) ? 'ttl' : 'address', one)),
    care: l.map((one) => changeOf('ttl', one)),
  };
}

/** The zone that a line is about, without reading the rest of it. */
export function zoneOfLine(text: string): string {
  const end = text.indexOf('","h":');
  return text.startsWith('{"z":"') && end > 0 ? text.slice(6, end) : stateOfLine(text).zone;
}
