import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../log.ts';

export type EventSource = 'inotify' | 'fanotify';

/** One thing that happened below a tree; `path` is relative to it. */
export interface TreeEvent {
  /** changed, appeared (a file that may still be written), directory appeared, gone; moved, as pairs of one cookie. */
  readonly kind: 'changed' | 'new' | 'directory' | 'gone' | 'from' | 'to' | 'directory-from' | 'directory-to';
  readonly cookie: number;
  readonly path: string;
}

export interface Watcher {
  readonly source: EventSource;
  close(): Promise<void>;
}

export interface WatchOptions {
  readonly root: string;
  readonly excludes: string;
  readonly source: EventSource | 'auto';
  readonly log: Logger;
  onEvents(events: readonly TreeEvent[]): void;
  /** Something may have been missed: the tree must be scanned. Said once for each time the watcher begins to watch. */
  onMissed(why: string): void;
  /** So many directories are not watched now, and why the last one is not. */
  onUnwatched(count: number, why: string): void;
}

const kinds: Readonly<Record<string, TreeEvent['kind']>> = {
  c: 'changed',
  n: 'new',
  d: 'directory',
  g: 'gone',
  f: 'from',
  t: 'to',
  F: 'directory-from',
  T: 'directory-to',
};

/** A helper beside this file, or in the sources when this runs from what was built. */
export function helper(name: string): string {
  const places = [`./helpers/${name}.pl`, `../../src/filesync/helpers/${name}.pl`];
  const all = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  return all.find((path) => existsSync(path)) ?? all[0] ?? '';
}

/** Cuts a byte stream into records that end with a zero byte. */
export function recordReader(onRecords: (records: readonly string[]) => void): (chunk: Buffer) => void {
  let rest = '';
  return (chunk) => {
    const records = (rest + chunk.toString('latin1')).split('\0');
    rest = records.pop() ?? '';
    if (records.length > 0) onRecords(records);
  };
}

/** One record of a helper; undefined for one that is no event. */
export function eventOf(record: string, root: string): TreeEvent | undefined {
  const found = /^([cndgftFT]) (\d+) (.*)$/s.exec(record);
  const kind = kinds[found?.[1] ?? ''];
  const path = found?.[3] ?? '';
  if (kind === undefined || !path.startsWith(`${root}/`)) return undefined;
  return { kind, cookie: Number(found?.[2]), path: path.slice(root.length + 1) };
}

/**
 * Watches a tree through a small helper process and starts it again when it dies; then, and when the kernel dropped
 * events, the owner is told to scan. Resolves when the whole tree is watched. With 'auto' fanotify is tried first.
 */
export async function watch(options: WatchOptions): Promise<Watcher> {
  const order: readonly EventSource[] = options.source === 'auto' ? ['fanotify', 'inotify'] : [options.source];
  let failure: unknown;
  for (const source of order) {
    try {
      return await watchWith(source, options);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function watchWith(source: EventSource, options: WatchOptions): Promise<Watcher> {
  let closed = false;
  let child = await started(source, options);
  const revive = (): void => {
    if (closed) return;
    options.log.warn({ source, root: options.root }, 'the event helper ended and is started again');
    setTimeout(() => {
      if (closed) return;
      started(source, options)
        .then((next) => {
          child = next;
          if (closed) child.kill();
          child.once('exit', revive);
        })
        .catch(revive);
    }, 500);
  };
  child.once('exit', revive);
  return {
    source,
    async close() {
      closed = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      await new Promise<void>((resolve) => {
        child.once('exit', () => resolve());
        child.stdin?.end();
      });
    },
  };
}

/** Resolves when the helper watches everything. */
function started(source: EventSource, options: WatchOptions): Promise<ChildProcess> {
  const { root, excludes } = options;
  const child = spawn('perl', [helper(source), root, excludes], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-1000);
  });
  // Writing to a helper that has just ended is no error of ours; its end is noticed.
  child.stdin.on('error', () => {});
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${source} does not work here: ${said.trim()}`)));
    child.stdout.on(
      'data',
      recordReader((records) => told(options, source, records, () => resolve(child))),
    );
  });
}

function told(options: WatchOptions, source: EventSource, records: readonly string[], isReady: () => void): void {
  const events: TreeEvent[] = [];
  for (const record of records) {
    const event = eventOf(record, options.root);
    if (event !== undefined) events.push(event);
    else if (record === 'R') {
      isReady();
      options.onMissed(`${source} began to watch`);
    } else trouble(options, record);
  }
  if (events.length > 0) options.onEvents(events);
}

function trouble(options: WatchOptions, record: string): void {
  const [, count, why = ''] = /^U (\d+) (.*)$/s.exec(record) ?? [];
  if (count !== undefined) options.onUnwatched(Number(count), why);
  else options.onMissed(record === 'O' ? 'the kernel dropped events' : record.slice(0, 300));
}
