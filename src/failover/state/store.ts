import { appendFile, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { mergeOrders, type Order, orderId } from '../verdict/orders.ts';
import { openAppendLog, readAppendLog } from './append-log.ts';
import { writeDurably } from './durable.ts';
import { mergeNotes, type Note, type NoteValue, noteSchema, withNote } from './notes.ts';

/** Everything that a watcher keeps, in one folder, as local files. */

export const orderSchema = z.object({
  epoch: z.int().min(1),
  node: z.string().min(1).max(32),
  parents: z.array(z.string().max(64)).max(16),
  kind: z.enum(['switch', 'return']),
  from: z.string().min(1).max(32),
  to: z.string().min(1).max(32),
  account: z.string().min(1).max(64).optional(),
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

async function readNotes(path: string): Promise<readonly Note[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return z.array(noteSchema).parse(JSON.parse(text));
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
  } as const;
}

/** One after the other, in the order in which they were asked for. */
function inTurn(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
}

export interface StoreOptions {
  readonly dir: string;
  /** The watcher whose words are written. */
  readonly self: string;
  /** Told when a line of the history was lost. */
  readonly onLost: (error: unknown) => void;
}

/** Opens the folder for the one process that works on it. */
export async function openStore({ dir, self, onLost }: StoreOptions): Promise<Store> {
  const files = filesOf(dir);
  const { log, values, damaged } = await openAppendLog(files.orders);
  const { good, bad } = parsed(values, stored);
  let kept: readonly Stored[] = good;
  let notes = await readNotes(files.notes);
  const oneByOne = inTurn();
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
      oneByOne(async () => {
        const known = new Set(kept.map(({ order }) => orderId(order)));
        const fresh = mergeOrders([], orders).filter((order) => !known.has(orderId(order)));
        const added = fresh.map((order) => ({ order, heardAt: now }));
        await log.append(added);
        kept = [...kept, ...added];
        return fresh;
      }),
    notes: () => notes,
    addNotes: (theirs) => oneByOne(() => setNotes(mergeNotes(notes, theirs))),
    say: (key, value) => oneByOne(() => setNotes(withNote(notes, self, key, value))),
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
    stored: parsed(await readAppendLog(files.orders), stored).good,
    notes: await readNotes(files.notes),
    history: await readHistory(files.history, most),
  };
}
