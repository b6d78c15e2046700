import { z } from 'zod';
import type { Masters } from '../../masters.ts';
import { when } from '../answers.ts';
import { apply, define, type Place, type Plan, settled } from '../define.ts';
import * as f from '../fields.ts';
import {
  canonicalRecord,
  editZone,
  isStale,
  lookAtZone,
  readZone,
  saysSame,
  type Zone,
  type ZoneRecord,
} from '../zone.ts';
import { isInside, zoneFields } from './fields.ts';
import { zoneKeys, zoneSubject } from './keys.ts';

const record = z.strictObject({
  name: f.line(260),
  type: z.string().regex(/^[A-Z0-9]{1,12}$/, 'must be a record type'),
  ttl: f.ttl(),
  data: z.array(f.line(70_000)).min(1).max(300),
});

const list = z.array(record).max(2000).default([]);

const params = z
  .strictObject({
    ...zoneFields,
    add: list.meta({ label: 'Records to add', input: 'hidden' }),
    edit: z
      .array(z.strictObject({ from: record, to: record }))
      .max(2000)
      .default([])
      .meta({ label: 'Records to change', input: 'hidden' }),
    remove: list.meta({ label: 'Records to remove', input: 'hidden' }),
    counts: z.array(f.whole(0, 100_000)).max(10_000).optional().meta({
      label: 'How many there were of each',
      input: 'hidden',
      help: 'Counted before the change, so that two equal records can both be wanted.',
    }),
  })
  .refine((p) => p.add.length + p.edit.length + p.remove.length > 0, 'change at least one thing')
  .refine((p) => involved(p).every((r) => isInside(r.name, p.zone)), 'a name is not inside the zone');

type Params = z.output<typeof params>;

interface Changes {
  readonly zone: string;
  readonly add: readonly ZoneRecord[];
  readonly edit: readonly { readonly from: ZoneRecord; readonly to: ZoneRecord }[];
  readonly remove: readonly ZoneRecord[];
}

/** Every record that the edit names, each once, in the order of `counts`. */
function involved(p: Changes): readonly ZoneRecord[] {
  const all = [...p.remove, ...p.edit.flatMap(({ from, to }) => [from, to]), ...p.add].map((r) =>
    canonicalRecord(r, p.zone),
  );
  return all.filter((r, at) => all.findIndex((other) => saysSame(other, r)) === at);
}

/** How many there are of each record that the edit names, for `counts`, in a zone that was looked at before. */
export function countsIn(p: Changes, records: readonly ZoneRecord[]): readonly number[] {
  const there = records.map((r) => canonicalRecord(r, p.zone));
  return involved(p).map((r) => times(there, r));
}

/** cPanel puts the server's own name into some records (CalDAV); on another master it is that one's. */
function hostOn(master: string, masters: Masters, value: string): string {
  return masters.list.some((m) => `${m.hostname}.` === value) ? `${masters.get(master).hostname}.` : value;
}

/** The record as this master has it: a master's own address or name becomes its counterpart. */
function on(master: string, masters: Masters, zone: string, r: ZoneRecord): ZoneRecord {
  const isAddress = r.type === 'A' || r.type === 'AAAA';
  const own = (value: string) => (isAddress ? masters.translate(value, master) : hostOn(master, masters, value));
  return canonicalRecord({ ...r, data: r.data.map(own) }, zone);
}

function times(records: readonly ZoneRecord[], wanted: ZoneRecord): number {
  return records.filter((r) => saysSame(r, wanted)).length;
}

/** By how much each record's number has to change: what was there, less what goes, plus what comes, less what is there. */
function missing(p: Params, zone: Zone, here: (r: ZoneRecord) => ZoneRecord): ReadonlyMap<ZoneRecord, number> {
  const gone = [...p.remove, ...p.edit.map((e) => e.from)].map(here);
  const come = [...p.add, ...p.edit.map((e) => e.to)].map(here);
  return new Map(
    involved(p).map((neutral, at) => {
      const r = here(neutral);
      const before = p.counts?.[at] ?? times(gone, r);
      return [r, before - times(gone, r) + times(come, r) - times(zone.records, r)];
    }),
  );
}

interface Edits {
  readonly add: ZoneRecord[];
  readonly edit: { line: number; record: ZoneRecord }[];
  readonly remove: number[];
}

/** A zone while its edit is put together: what is still due of each record, and the lines that are spoken for. */
interface Work {
  readonly zone: Zone;
  readonly due: Map<ZoneRecord, number>;
  readonly used: Set<number>;
  readonly edits: Edits;
}

function count(work: Work, record: ZoneRecord, by: number): void {
  work.due.set(record, (work.due.get(record) ?? 0) + by);
}

/** Where the old record is too many and the new one too few, or only the ttl differs, the line is rewritten in place. */
function rewrite(work: Work, from: ZoneRecord, to: ZoneRecord): void {
  const { due, zone, used } = work;
  const [old, next] = [from, to].map((r) => [...due.keys()].find((known) => saysSame(known, r)));
  if (old === undefined || next === undefined) return;
  const isSame = old === next;
  if (!isSame && ((due.get(old) ?? 0) >= 0 || (due.get(next) ?? 0) <= 0)) return;
  const line = zone.records.find((r) => !used.has(r.line) && saysSame(r, old) && (!isSame || r.ttl !== to.ttl));
  if (line === undefined) return;
  used.add(line.line);
  work.edits.edit.push({ line: line.line, record: to });
  if (isSame) return;
  count(work, old, 1);
  count(work, next, -1);
}

/** Edits keep a record's place; what is then still too many goes, what is too few comes. */
function rewrites(p: Params, zone: Zone, here: (r: ZoneRecord) => ZoneRecord): Edits {
  const edits: Edits = { add: [], edit: [], remove: [] };
  const work: Work = { zone, due: new Map(missing(p, zone, here)), used: new Set(), edits };
  for (const { from, to } of p.edit) rewrite(work, here(from), here(to));
  for (const [record, number] of work.due) {
    const there = zone.records.filter((l) => saysSame(l, record) && !work.used.has(l.line));
    edits.remove.push(...there.slice(there.length + Math.min(0, number)).map((l) => l.line));
    const wanted = { ...record, ttl: ttlOf(p, here, record) };
    edits.add.push(...Array.from({ length: Math.max(0, number) }, () => wanted));
  }
  return edits;
}

function ttlOf(p: Params, here: (r: ZoneRecord) => ZoneRecord, r: ZoneRecord): number {
  return [...p.add, ...p.edit.map((e) => e.to)].map(here).findLast((one) => saysSame(one, r))?.ttl ?? r.ttl;
}

function plan(p: Params, zone: Zone, place: Place): Plan {
  const here = (r: ZoneRecord) => on(place.master.id, place.masters, p.zone, r);
  const edits = rewrites(p, zone, here);
  const isNothing = edits.add.length + edits.edit.length + edits.remove.length === 0;
  return isNothing ? settled : apply(editZone(p.zone, zone, edits));
}

/**
 * Several records of one zone at once, named by what they say: what the passthrough makes of edits by line. The number
 * of each record is what counts, so equal records may be added, and one of several equal ones removed.
 */
export const editZoneRecords = define({
  id: 'dns.edit-zone',
  title: 'Edit DNS zone',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  reversible: true,
  stale: isStale,
  subject: zoneSubject,
  keys: zoneKeys,
  // Counts that are given say what was there when somebody looked: what changed since is then not done twice.
  prepare: (p, masters) => ({
    calls: [lookAtZone(p.zone)],
    fill(answers) {
      if (p.counts !== undefined) return p;
      const read = readZone(answers, 0, p.zone);
      const first = masters.list[0]?.id;
      if (!read.ok || first === undefined) return p;
      const neutral = read.value.records.map((r) => on(first, masters, p.zone, r));
      return { ...p, counts: involved(p).map((r) => times(neutral, on(first, masters, p.zone, r))) };
    },
  }),
  observe: (p) => [lookAtZone(p.zone)],
  read: (p, answers) => readZone(answers, 0, p.zone),
  plan: (p, seen, place) => when(seen, (zone) => plan(p, zone, place)),
});
