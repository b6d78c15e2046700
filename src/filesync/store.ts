import { type Database, open, type RootDatabase } from 'lmdb';
import type { Known } from './model.ts';

/**
 * The embedded database: what this side knows of every path. Writes are collected and committed together; a committed
 * write is on disk. A killed process loses what was not committed, which the next look at the disk finds again.
 */
export class Store {
  private readonly root: RootDatabase<Known, Buffer>;
  private readonly meta: Database<unknown, string>;
  private fresh = new Map<string, Known | undefined>();
  private leaving = new Map<string, Known | undefined>();
  private freshMeta = new Map<string, unknown>();
  private tail: Promise<unknown> = Promise.resolve();
  /** Keys whose version the other side may not have. */
  readonly pending = new Set<string>();
  /** Told of each key that becomes pending. */
  onPending: (key: string) => void = () => {};

  constructor(path: string) {
    this.root = open<Known, Buffer>({
      path,
      keyEncoding: 'binary',
      overlappingSync: false,
      maxDbs: 2,
      mapSize: 1 << 26,
    });
    this.meta = this.root.openDB<unknown, string>({ name: 'meta', encoding: 'json' });
  }

  /** Reads every record once: pending keys are found, and `each` sees all. */
  load(each: (key: string, known: Known) => void): void {
    for (const { key, value } of this.root.getRange({ start: Buffer.from([1]), snapshot: false })) {
      const text = key.toString('latin1');
      if (!text.includes('/')) continue;
      if (value.pending) this.pending.add(text);
      each(text, value);
    }
  }

  get(key: string): Known | undefined {
    if (this.fresh.has(key)) return this.fresh.get(key);
    if (this.leaving.has(key)) return this.leaving.get(key);
    return this.root.get(Buffer.from(key, 'latin1'));
  }

  set(key: string, known: Known): void {
    this.fresh.set(key, known);
    if (known.pending) {
      this.pending.add(key);
      this.onPending(key);
    } else this.pending.delete(key);
  }

  remove(key: string): void {
    this.fresh.set(key, undefined);
    this.pending.delete(key);
  }

  /** Every live record below a directory, the directory itself not included; in order of bytes. */
  under(directory: string): [string, Known][] {
    this.commitNow();
    const start = Buffer.from(`${directory}/`, 'latin1');
    const end = Buffer.from(`${directory}0`, 'latin1');
    return [...this.root.getRange({ start, end })].map(({ key, value }) => [key.toString('latin1'), value]);
  }

  /** A value of the agent itself, such as its counter; undefined when it was never written. */
  note(name: string): unknown {
    return this.freshMeta.has(name) ? this.freshMeta.get(name) : this.meta.get(name);
  }

  setNote(name: string, value: unknown): void {
    this.freshMeta.set(name, value);
  }

  /** Inside a transaction, whose end the promises of the single writes would only repeat. */
  private write(records: ReadonlyMap<string, Known | undefined>, notes: ReadonlyMap<string, unknown>): void {
    for (const [key, known] of records) {
      const bytes = Buffer.from(key, 'latin1');
      void (known === undefined ? this.root.remove(bytes) : this.root.put(bytes, known));
    }
    for (const [name, value] of notes) void this.meta.put(name, value);
  }

  private commitNow(): void {
    const [records, notes] = [new Map([...this.leaving, ...this.fresh]), this.freshMeta];
    this.fresh = new Map();
    this.freshMeta = new Map();
    if (records.size + notes.size > 0) this.root.transactionSync(() => this.write(records, notes));
  }

  /** Resolves when everything set so far is on disk. */
  commit(): Promise<void> {
    const next = this.tail.then(async () => {
      if (this.fresh.size + this.freshMeta.size === 0) return;
      this.leaving = this.fresh;
      const notes = this.freshMeta;
      this.fresh = new Map();
      this.freshMeta = new Map();
      const records = this.leaving;
      await this.root.transaction(() => this.write(records, notes));
      this.leaving = new Map();
    });
    this.tail = next.catch(() => {});
    return next;
  }

  async close(): Promise<void> {
    await this.commit();
    await this.root.close();
  }
}
