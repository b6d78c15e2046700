/**
 * What is the case and what was told: a file of JSON lines, each durable before the call returns, so that a node that is
 * killed tells nothing twice and forgets nothing. No SQL and no Redis: a watcher has neither.
 */
import { type FileHandle, mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { oneByOne } from '../one-by-one.ts';
import { type DeliveryState, type Event, type OpenEvent, severities } from './model.ts';

const event = z.object({
  key: z.string(),
  severity: z.enum(severities),
  at: z.number(),
  sentence: z.string(),
  evidence: z.string().optional(),
  did: z.string().optional(),
  willNot: z.string().optional(),
  command: z.string().optional(),
});

const line = z.discriminatedUnion('line', [
  z.object({ line: z.literal('begun'), event, heardAt: z.number() }),
  z.object({ line: z.literal('over'), key: z.string(), at: z.number(), sentence: z.string() }),
  z.object({ line: z.literal('acknowledged'), key: z.string(), at: z.number(), by: z.string() }),
  z.object({
    line: z.literal('sent'),
    id: z.string(),
    state: z.object({
      state: z.enum(['delivered', 'failed']),
      at: z.number(),
      tries: z.number(),
      by: z.string(),
      providerId: z.string().optional(),
      reason: z.string().optional(),
      notBefore: z.number().optional(),
    }),
  }),
]);

type Line = z.input<typeof line>;

/** So long what is over stays known, for the peer and for people who look back. */
const KEPT_MS = 7 * 86_400_000;

export interface Outbox {
  /** Oldest first; those that are over stay for a week. */
  events(): readonly OpenEvent[];
  sent(): ReadonlyMap<string, DeliveryState>;
  /** A new event. One that is open already stays as it is, and false is answered. */
  begin(event: Event, now: number): Promise<boolean>;
  /** Ends an open event; false where there is none. */
  end(key: string, at: number, sentence: string): Promise<boolean>;
  acknowledge(key: string, at: number, by: string): Promise<boolean>;
  record(id: string, state: DeliveryState): Promise<void>;
  close(): Promise<void>;
}

interface Known {
  readonly events: Map<string, OpenEvent>;
  readonly sent: Map<string, DeliveryState>;
}

function take(known: Known, one: z.output<typeof line>): void {
  if (one.line === 'sent') return void known.sent.set(one.id, one.state as DeliveryState);
  if (one.line === 'begun') {
    // The same may begin again after it was over: then what was told of it before counts no more.
    for (const id of known.sent.keys()) if (id.startsWith(`${one.event.key}|`)) known.sent.delete(id);
    return void known.events.set(one.event.key, { ...(one.event as Event), heardAt: one.heardAt });
  }
  const found = known.events.get(one.key);
  if (found === undefined) return;
  if (one.line === 'over') known.events.set(one.key, { ...found, over: { at: one.at, sentence: one.sentence } });
  else known.events.set(one.key, { ...found, acknowledged: { at: one.at, by: one.by } });
}

/** The lines that are whole; a last one that a power cut tore is left out. Throws where a line in the middle is not ours. */
async function readLines(file: string): Promise<readonly z.output<typeof line>[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => line.parse(JSON.parse(one)));
}

/** What is worth keeping, as lines. */
function linesOf({ events, sent }: Known, now: number): readonly Line[] {
  const kept = [...events.values()].filter((one) => one.over === undefined || one.over.at > now - KEPT_MS);
  return kept.flatMap((one): Line[] => {
    const { heardAt, acknowledged, over, ...begun } = one;
    return [
      { line: 'begun', event: begun, heardAt },
      ...(acknowledged === undefined ? [] : [{ line: 'acknowledged' as const, key: one.key, ...acknowledged }]),
      ...(over === undefined ? [] : [{ line: 'over' as const, key: one.key, ...over }]),
      ...[...sent]
        .filter(([id]) => id.startsWith(`${one.key}|`))
        .map(([id, state]) => ({ line: 'sent' as const, id, state })),
    ];
  });
}

const FILE = 'outbox.jsonl';

/** What stands in a folder's outbox, for a look from another process. */
export async function readOutbox(
  folder: string,
): Promise<{ readonly events: readonly OpenEvent[]; readonly sent: ReadonlyMap<string, DeliveryState> }> {
  const known: Known = { events: new Map(), sent: new Map() };
  for (const one of await readLines(join(folder, FILE))) take(known, one);
  return { events: [...known.events.values()], sent: known.sent };
}

/** Opens `outbox.jsonl` in the folder, made when it is absent, and drops what is older than a week. */
export async function openOutbox(folder: string, now: number): Promise<Outbox> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, FILE);
  const known: Known = { events: new Map(), sent: new Map() };
  for (const one of await readLines(file)) take(known, one);
  await rewrite(file, linesOf(known, now));
  const handle = await open(file, 'a', 0o600);
  const run = oneByOne();
  /** One at a time, in order, on the disk before it counts. */
  function write(one: Line): Promise<void> {
    return run(async () => {
      await handle.appendFile(`${JSON.stringify(one)}\n`);
      await handle.datasync();
      take(known, line.parse(one));
    });
  }
  const openOne = (key: string): OpenEvent | undefined => {
    const found = known.events.get(key);
    return found?.over === undefined ? found : undefined;
  };
  return {
    events: () => [...known.events.values()],
    sent: () => known.sent,
    async begin(begun, at) {
      if (openOne(begun.key) !== undefined) return false;
      await write({ line: 'begun', event: begun, heardAt: at });
      return true;
    },
    async end(key, at, sentence) {
      if (openOne(key) === undefined) return false;
      await write({ line: 'over', key, at, sentence });
      return true;
    },
    async acknowledge(key, at, by) {
      if (openOne(key) === undefined) return false;
      await write({ line: 'acknowledged', key, at, by });
      return true;
    },
    record: (id, state) => write({ line: 'sent', id, state }),
    close: () => run(() => handle.close()),
  };
}

async function rewrite(file: string, lines: readonly Line[]): Promise<void> {
  const beside = `${file}.new`;
  await synced(beside, (handle) => handle.writeFile(lines.map((one) => `${JSON.stringify(one)}\n`).join('')));
  await rename(beside, file);
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function synced(file: string, work: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await work(handle);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
