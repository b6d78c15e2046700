import { type Database, open, type RootDatabase } from 'lmdb';
import type { Known } from './model.ts';

/**
 * The embedded database: what this side knows of every path. Writes are collected and committed together; a committed
 * write is on disk. A killed process loses what was not committed, which the next look at the disk finds again.
 */
export class Store {
  private readonly whole: RootDatabase;
  private readonly root: Database<Known, Buffer>;
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
    this.whole = open({ path, overlappingSync: false, maxDbs: 3 });
    this.root = this.whole.openDB<Known, Buffer>({ name: 'paths', keyEncoding: 'binary' });
    this.meta = this.whole.openDB<unknown, string>({ name: 'notes', encoding: 'json' });
  }

  /** Reads every record once: pending keys are found, and `each` sees all. */
  load(each: (key: string, known: Known) => void): void {
    for (const { key, value } of this.root.getRange({ snapshot: false })) {
      const text = key.toString('latin1');
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

  /** Every record below a directory, itself not included, in order of bytes; what changes meanwhile is seen or not. */
  *under(directory: string): Generator<[string, Known]> {
    const end = Buffer.from(`${directory}0`, 'latin1');
    let start = Buffer.from(`${directory}/`, 'latin1');
    for (;;) {
      this.commitNow();
      const some = [...this.root.getRange({ start, end, limit: 500 })];
      for (const { key, value } of some) yield [key.toString('latin1'), value];
      const last = some.at(-1)?.key;
      if (last === undefined) return;
      start = Buffer.concat([last, Buffer.from([0])]);
    }
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
    if (records.size + notes.size > 0) this.whole.transactionSync(() => this.write(records, notes));
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
      await this.whole.transaction(() => this.write(records, notes));
      this.leaving = new Map();
    });
    this.tail = next.catch(() => {});
    return next;
  }

  async close(): Promise<void> {
    await this.commit();
    await this.whole.close();
  }
}
