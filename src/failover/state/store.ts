import { appendFile, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { oneByOne } from '../../one-by-one.ts';
import { newerPlacement, noPlacement, type Placement, placementSchema } from '../placement/model.ts';
import { mergeOrders, type Order, orderId } from '../verdict/orders.ts';
import { openAppendLog, readAppendLog } from './append-log.ts';
import { writeDurably } from './durable.ts';
import { mergeNotes, type Note, type NoteValue, noteSchema, withNote } from './notes.ts';
import { shortenLog } from './shorten.ts';

/** Everything that a watcher keeps, in one folder, as local files. */

/** Accounts that one order moves at most. */
export const mostAtOnce = 100;

export const orderSchema = z.object({
  epoch: z.int().min(1),
  node: z.string().min(1).max(32),
  parents: z.array(z.string().max(64)).max(16),
  kind: z.enum(['switch', 'return']),
  from: z.string().min(1).max(32),
  to: z.string().min(1).max(32),
  account: z.string().min(1).max(64).optional(),
  accounts: z.array(z.string().min(1).max(64)).max(mostAtOnce).optional(),
  at: z.number(),
  by: z.string().max(64),
  evidence: z.array(z.string().max(400)).max(100),
});

const stored = z.object({ order: orderSchema, heardAt: z.number() });

/** An order and when this watcher first had it, by its own clock. */
export interface Stored {
  readonly order: Order;
  readonly heardAt: number;
}

/** One line of the history: what was said, when, and why. */
export const historySchema = z.object({
  at: z.number(),
  kind: z.enum(['verdict', 'order', 'check', 'command', 'publish', 'fence', 'peer', 'start', 'report']),
  subject: z.string().max(120),
  sentence: z.string().max(1000),
  /** Of a verdict: its name. */
  state: z.string().max(40).optional(),
  evidence: z.array(z.string().max(400)).max(100),
});

export type HistoryEntry = z.output<typeof historySchema>;

export interface Store {
  stored(): readonly Stored[];
  /** Oldest first, in an order that is the same on both watchers. */
  orders(): readonly Order[];
  /** Takes in orders that are new; durable when it resolves. Throws CannotRecord. Answers those that were new. */
  add(orders: readonly Order[], now: number): Promise<readonly Order[]>;
  notes(): readonly Note[];
  /** Takes in notes, the newer of each; durable when it resolves. */
  addNotes(notes: readonly Note[]): Promise<void>;
  /** One more word on something, newer than all that was said of it; null takes it back. Durable when it resolves. */
  say(key: string, value: NoteValue | null): Promise<void>;
  /** What belongs where, as it was told last. */
  placement(): Placement;
  /** Takes in a list, the newer one; durable when it resolves. */
  setPlacement(placement: Placement): Promise<void>;
  /** For people. A line that cannot be written is reported and lost: it must not keep a switch from being made. */
  tell(entry: HistoryEntry): Promise<void>;
  history(most: number): Promise<readonly HistoryEntry[]>;
  /** Lines of the order log that are damaged. */
  readonly damaged: number;
  close(): Promise<void>;
}

function parsed<T>(
  values: readonly unknown[],
  schema: z.ZodType<T>,
): { readonly good: readonly T[]; readonly bad: number } {
  const read = values.map((value) => schema.safeParse(value));
  const good = read.flatMap((one) => (one.success ? [one.data] : []));
  return { good, bad: read.length - good.length };
}

async function readOr(path: string, otherwise: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

async function readNotes(path: string): Promise<readonly Note[]> {
  return z.array(noteSchema).parse(JSON.parse(await readOr(path, '[]')));
}

/** What belongs where; nothing special while nobody has told. */
async function readPlacement(path: string): Promise<Placement> {
  const text = await readOr(path, '');
  return text === '' ? noPlacement : placementSchema.parse(JSON.parse(text));
}

const historyBytes = 4 * 1024 * 1024;

async function rotate(path: string): Promise<void> {
  try {
    const { size } = await stat(path);
    if (size > historyBytes) await rename(path, `${path}.1`);
  } catch {
    // Not there yet.
  }
}

async function readHistory(path: string, most: number): Promise<readonly HistoryEntry[]> {
  const texts = await Promise.all([`${path}.1`, path].map((file) => readFile(file, 'utf8').catch(() => '')));
  const lines = texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .slice(-most);
  return lines.flatMap((line) => {
    try {
      const entry = historySchema.safeParse(JSON.parse(line));
      return entry.success ? [entry.data] : [];
    } catch {
      // A line that a crash left half written.
      return [];
    }
  });
}

function cut(entry: HistoryEntry): HistoryEntry {
  const evidence = entry.evidence.slice(0, 100).map((line) => line.slice(0, 400));
  return { ...entry, subject: entry.subject.slice(0, 120), sentence: entry.sentence.slice(0, 1000), evidence };
}

/** Files of a watcher's folder. */
export function filesOf(dir: string) {
  return {
    orders: join(dir, 'orders.log'),
    notes: join(dir, 'notes.json'),
    history: join(dir, 'history.log'),
    placement: join(dir, 'placement.json'),
  } as const;
}

export interface StoreOptions {
  readonly dir: string;
  /** The watcher whose words are written. */
  readonly self: string;
  /** Told when a line of the history was lost. */
  readonly onLost: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Every line as an order, or undefined when one is none. */
function ordersOf(values: readonly unknown[]): readonly Stored[] | undefined {
  const { good, bad } = parsed(values, stored);
  return bad === 0 ? good : undefined;
}

/** Opens the folder for the one process that works on it. */
export async function openStore({ dir, self, onLost, now: opened }: StoreOptions): Promise<Store> {
  const files = filesOf(dir);
  // A log that cannot be shortened is as good as before.
  await shortenLog(files.orders, opened, ordersOf).catch(onLost);
  const { log, values, damaged } = await openAppendLog(files.orders);
  const { good, bad } = parsed(values, stored);
  let kept: readonly Stored[] = good;
  let notes = await readNotes(files.notes);
  let placement = await readPlacement(files.placement);
  const run = oneByOne();
  async function setNotes(next: readonly Note[]): Promise<void> {
    if (JSON.stringify(next) === JSON.stringify(notes)) return;
    await writeDurably(files.notes, `${JSON.stringify(next, null, 1)}\n`);
    notes = next;
  }
  return {
    damaged: damaged + bad,
    stored: () => kept,
    orders: () =>
      mergeOrders(
        [],
        kept.map(({ order }) => order),
      ),
    add: (orders, now) =>
      run(async () => {
        const known = new Set(kept.map(({ order }) => orderId(order)));
        const fresh = mergeOrders([], orders).filter((order) => !known.has(orderId(order)));
        const added = fresh.map((order) => ({ order, heardAt: now }));
        await log.append(added);
        kept = [...kept, ...added];
        return fresh;
      }),
    notes: () => notes,
    addNotes: (theirs) => run(() => setNotes(mergeNotes(notes, theirs))),
    say: (key, value) => run(() => setNotes(withNote(notes, self, key, value))),
    placement: () => placement,
    setPlacement: (theirs) =>
      run(async () => {
        const next = newerPlacement(placement, theirs);
        if (next === placement) return;
        await writeDurably(files.placement, `${JSON.stringify(next)}\n`);
        placement = next;
      }),
    async tell(entry) {
      try {
        await rotate(files.history);
        await appendFile(files.history, `${JSON.stringify(cut(entry))}\n`, { mode: 0o600 });
      } catch (error) {
        onLost(error);
      }
    },
    history: (most) => readHistory(files.history, most),
    close: () => log.close(),
  };
}

/** What lies in the folder, for a command while nobody may write: orders, notes and history. */
export async function readStore(
  dir: string,
  most: number,
): Promise<{
  readonly stored: readonly Stored[];
  readonly notes: readonly Note[];
  readonly history: readonly HistoryEntry[];
}> {
  const files = filesOf(dir);
  return {
    stored: parsed((await readAppendLog(files.orders)).values, stored).good,
    notes: await readNotes(files.notes),
    history: await readHistory(files.history, most),
  };
}
