import { type Database, open, type RootDatabase } from 'lmdb';
import { oneByOne } from '../one-by-one.ts';
import type { Known, State } from './model.ts';
import { isPacked, outline, type Packed, pack, unpack } from './record.ts';
import { order } from './version.ts';

/** A path's characters are bytes, which go straight to where lmdb reads keys; its types do not know of that way. */
const byBytes = {
  keyEncoder: {
    writeKey: (key: string, target: Buffer, start: number): number => start + target.write(key, start, 'latin1'),
    readKey: (target: Buffer, start: number, end: number): string => target.toString('latin1', start, end),
  },
};

/** A value of its own for each time it was set, so that one set meanwhile is told from the one that was written. */
interface Unsaved<T> {
  readonly value: T;
}

/** Forgets what has been written, unless it was set again since. */
function forget<T>(unsaved: Map<string, Unsaved<T>>, written: readonly [string, Unsaved<T>][]): void {
  for (const [key, one] of written) if (unsaved.get(key) === one) unsaved.delete(key);
}

const mostWaiting = 20_000;
const mostRecent = 500;

/** Whether nobody but this side has spoken of what lies here: the next look at the disk would find it again. */
function isNew(known: Known | undefined): boolean {
  if (known?.pending !== true || known.state.kind === 'absent') return false;
  return known.agreed === undefined && known.conflict !== true && known.version.includes(0);
}

/**
 * The embedded database: what this side knows of every path. Writes are collected and committed together; a committed
 * write is on disk. A killed process loses what was not committed, which the next look at the disk finds again.
 */
export class Store {
  private readonly whole: RootDatabase;
  private readonly root: Database<Packed | Known, string>;
  private readonly meta: Database<unknown, string>;
  /** What was set and is perhaps not on disk; it is read before what is. */
  private readonly unsaved = new Map<string, Unsaved<Known | undefined>>();
  /** What was asked for lately, as it is on disk: a letter is asked for a dozen times within a second. */
  private readonly recent = new Map<string, Known | undefined>();
  private readonly unsavedNotes = new Map<string, Unsaved<unknown>>();
  private readonly inTurn = oneByOne();
  /** Keys whose version the other side may not have. */
  readonly pending = new Set<string>();
  /**
   * While the two sides have never been equal, what is new here is written when the other side has it, not before as well:
   * a kill loses no more than that it was read.
   */
  isPatient = false;
  /** Told of each key whose version is one that the other side has not been told. */
  onPending: (key: string) => void = () => {};

  constructor(path: string) {
    this.whole = open({ path, overlappingSync: false, maxDbs: 3 });
    this.root = this.whole.openDB<Packed | Known, string>({ name: 'paths', ...byBytes });
    this.meta = this.whole.openDB<unknown, string>({ name: 'notes', encoding: 'json' });
  }

  /** Reads every record once: pending keys are found, and `each` sees all. */
  load(each: (key: string, kind: State['kind']) => void): void {
    for (const { key, value } of this.root.getRange({ start: '', snapshot: false })) {
      const { kind, isPending } = outline(value);
      if (isPending) this.pending.add(key);
      each(key, kind);
    }
  }

  get(key: string): Known | undefined {
    const unsaved = this.unsaved.get(key);
    if (unsaved !== undefined) return unsaved.value;
    const recent = this.recent.get(key);
    if (recent !== undefined || this.recent.has(key)) return recent;
    const record = this.root.get(key);
    const known = record === undefined ? undefined : unpack(record);
    this.keep(key, known);
    return known;
  }

  private keep(key: string, known: Known | undefined): void {
    // In a first sync each path is asked for but once or twice.
    if (this.isPatient) return;
    if (this.recent.size >= mostRecent) this.recent.clear();
    this.recent.set(key, known);
  }

  /** What is known to lie at a key: quicker than all of it. */
  kind(key: string): State['kind'] {
    const unsaved = this.unsaved.get(key);
    if (unsaved !== undefined) return unsaved.value?.state.kind ?? 'absent';
    if (this.recent.has(key)) return this.recent.get(key)?.state.kind ?? 'absent';
    const record = this.root.get(key);
    return record === undefined ? 'absent' : outline(record).kind;
  }

  set(key: string, known: Known): void {
    const before = known.pending && this.pending.has(key) ? this.get(key)?.version : undefined;
    this.recent.delete(key);
    this.unsaved.set(key, { value: known });
    if (!known.pending) {
      this.pending.delete(key);
      return;
    }
    this.pending.add(key);
    if (before === undefined || order(before, known.version) !== 'equal') this.onPending(key);
  }

  remove(key: string): void {
    this.recent.delete(key);
    this.unsaved.set(key, { value: undefined });
    this.pending.delete(key);
  }

  /** Every record below a directory, itself not included, in order of bytes; what changes meanwhile is seen or not. */
  *under(directory: string): Generator<[string, Known]> {
    const end = `${directory}0`;
    let start = `${directory}/`;
    for (;;) {
      this.commitBelow(directory);
      const some = [...this.root.getRange({ start, end, limit: 500 })];
      for (const { key, value } of some) yield [key, unpack(value)];
      const last = some.at(-1)?.key;
      if (last === undefined) return;
      start = `${last}\0`;
    }
  }

  /**
   * What `under` answers from the end: what is in a directory comes before the directory. A record comes as it is written;
   * undefined when it is set anew meanwhile, or was written by an agent from before.
   */
  *upwards(directory: string): Generator<readonly [string, Packed | undefined]> {
    const end = `${directory}/`;
    let start = `${directory}0`;
    for (;;) {
      this.commitBelow(directory);
      // The range holds its start, which is none of ours.
      const some = [...this.root.getRange({ start, end, reverse: true, limit: 500 })];
      const fresh = some.filter(({ key }) => key !== start);
      for (const { key, value } of fresh) {
        yield [key, this.unsaved.has(key) || !isPacked(value) ? undefined : value];
      }
      const last = fresh.at(-1)?.key;
      if (last === undefined) return;
      start = last;
    }
  }

  /** A value of the agent itself, such as its counter; undefined when it was never written. */
  note(name: string): unknown {
    const unsaved = this.unsavedNotes.get(name);
    return unsaved === undefined ? this.meta.get(name) : unsaved.value;
  }

  setNote(name: string, value: unknown): void {
    this.unsavedNotes.set(name, { value });
  }

  /**
   * Inside a transaction, whose end the promises of the single writes would only repeat. What is written is what is set
   * when the transaction begins, not when it was asked for: another may have come before it. Answers how to forget it.
   */
  private write(isAll: boolean): () => void {
    const records = [...this.unsaved].filter(([, { value }]) => isAll || !isNew(value));
    const notes = [...this.unsavedNotes];
    for (const [key, { value }] of records) {
      void (value === undefined ? this.root.remove(key) : this.root.put(key, pack(value)));
    }
    for (const [name, { value }] of notes) void this.meta.put(name, value);
    return () => {
      const areFew = records.length <= mostRecent / 2;
      for (const [key, one] of areFew ? records : []) if (this.unsaved.get(key) === one) this.keep(key, one.value);
      forget(this.unsaved, records);
      forget(this.unsavedNotes, notes);
    };
  }

  private get isSaved(): boolean {
    return this.unsaved.size + this.unsavedNotes.size === 0;
  }

  /** What was set below a directory is to be found where it is read. */
  private commitBelow(directory: string): void {
    const start = `${directory}/`;
    for (const key of this.unsaved.keys()) {
      if (!key.startsWith(start)) continue;
      this.whole.transactionSync(() => this.write(true))();
      return;
    }
  }

  /** Resolves when everything set so far is on disk, but for what may wait. */
  commit(isAll = !this.isPatient || this.unsaved.size > mostWaiting): Promise<void> {
    return this.inTurn(async () => {
      if (this.isSaved) return;
      const forgetWritten = await this.whole.transaction(() => this.write(isAll));
      forgetWritten();
    });
  }

  async close(): Promise<void> {
    await this.commit(true);
    await this.whole.close();
  }
}
