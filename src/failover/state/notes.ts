import { z } from 'zod';
import type { Hold, Maintenance } from '../model.ts';

/**
 * What people have said, kept the same on both watchers without a clock: each note has a version that grows with every
 * change, and of two the higher one counts. Of two equal ones that say different things the one that says something
 * wins over the one that takes it back, so that a hold is never lost; then the name of the watcher decides.
 */

const hold = z.object({ kind: z.literal('hold'), by: z.string().max(64), reason: z.string().max(300), at: z.number() });
const downtime = z.object({
  kind: z.literal('downtime'),
  by: z.string().max(64),
  master: z.string().max(32),
  from: z.number(),
  until: z.number(),
  reason: z.string().max(300),
});
const acknowledged = z.object({
  kind: z.literal('ack'),
  by: z.string().max(64),
  check: z.string().max(80),
  at: z.number(),
});

/** TTLs of all zones, or of one; `until`: raised again then. */
const care = z.object({
  kind: z.literal('care'),
  by: z.string().max(64),
  care: z.enum(['lower', 'raise']),
  zone: z.string().max(255).optional(),
  at: z.number(),
  until: z.number().optional(),
});

/** A person has seen the change brake's numbers on one watcher and goes on with an order. */
const brake = z.object({
  kind: z.literal('brake'),
  by: z.string().max(64),
  at: z.number(),
  order: z.string().max(80),
  /** What the order would do there. */
  zones: z.int(),
  changed: z.int(),
  values: z.int(),
});

export const noteSchema = z.object({
  /** 'hold', 'downtime/ID', 'ack/CHECK', 'ttl', 'ttl/ZONE', 'brake'. */
  key: z.string().max(260),
  version: z.int().min(1),
  node: z.string().max(32),
  /** null: taken back. */
  value: z.discriminatedUnion('kind', [hold, downtime, acknowledged, care, brake]).nullable(),
});

export type Note = z.output<typeof noteSchema>;
export type NoteValue = NonNullable<Note['value']>;

function isNewer(a: Note, b: Note): boolean {
  if (a.version !== b.version) return a.version > b.version;
  if ((a.value === null) !== (b.value === null)) return a.value !== null;
  return a.node < b.node;
}

/** All notes that either knows, the newer of each. */
export function mergeNotes(mine: readonly Note[], theirs: readonly Note[]): readonly Note[] {
  const all = new Map(mine.map((note) => [note.key, note]));
  for (const note of theirs) {
    const known = all.get(note.key);
    if (known === undefined || isNewer(note, known)) all.set(note.key, note);
  }
  return [...all.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The notes with one more word in them. */
export function withNote(notes: readonly Note[], node: string, key: string, value: NoteValue | null): readonly Note[] {
  const version = (notes.find((note) => note.key === key)?.version ?? 0) + 1;
  return mergeNotes(notes, [{ key, version, node, value }]);
}

/** Notes of downtime long over and answered problems are not kept for ever. */
export function withoutOld(notes: readonly Note[], now: number): readonly Note[] {
  const month = 30 * 86_400_000;
  return notes.filter(({ value }) => {
    if (value?.kind === 'downtime') return value.until + month > now;
    return value?.kind !== 'ack' || value.at + month > now;
  });
}

export function holdOf(notes: readonly Note[]): Hold | undefined {
  const value = notes.find(({ key }) => key === 'hold')?.value;
  return value?.kind === 'hold' ? { by: value.by, reason: value.reason } : undefined;
}

export function downtimesOf(
  notes: readonly Note[],
): readonly (Maintenance & { readonly id: string; readonly by: string })[] {
  return notes.flatMap(({ key, value }) => (value?.kind === 'downtime' ? [{ ...value, id: key.slice(9) }] : []));
}

/** The newest word about the change brake. */
export function brakeWordOf(notes: readonly Note[]): z.output<typeof brake> | undefined {
  const value = notes.find(({ key }) => key === 'brake')?.value;
  return value?.kind === 'brake' ? value : undefined;
}
