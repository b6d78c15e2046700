/** From the messages of a stream to transactions, in parts where they are large. Pure. */
import { ownName, repairOrigin } from './names.ts';
import type { Message, Relation, Tuple } from './pgoutput.ts';

export type Change =
  | { readonly kind: 'insert'; readonly relation: Relation; readonly row: Tuple }
  | { readonly kind: 'update'; readonly relation: Relation; readonly row: Tuple; readonly old: Tuple | undefined }
  | { readonly kind: 'delete'; readonly relation: Relation; readonly old: Tuple }
  | { readonly kind: 'truncate'; readonly tables: readonly Relation[]; readonly restart: boolean }
  | { readonly kind: 'define'; readonly definition: Definition };

/** A row of the table in which event triggers write down what was defined. */
export interface Definition {
  readonly role: string;
  readonly path: string;
  readonly tag: string;
  /** Which of the equal tags in one text of several statements. */
  readonly n: number;
  readonly query: string;
  readonly objects: string;
}

export interface Part {
  /** Commit time on the other master, microseconds since 2000. */
  readonly at: number;
  /** Where the other master's commit is written: it names the transaction. */
  readonly final: bigint;
  /** This master's last transaction that the other one had when it wrote. */
  readonly seen: number;
  readonly changes: readonly Change[];
  readonly first: boolean;
  /** Place behind the commit; undefined while more parts follow. */
  readonly end: bigint | undefined;
  readonly bytes: number;
}

const mostChanges = 2000;
/** About so many characters: rows may be large, and many customers' are carried by one process. */
const mostSize = 8_000_000;

interface Open {
  readonly at: number;
  readonly final: bigint;
  isEcho: boolean;
  /** An earlier connection applied it and could not confirm it any more. */
  readonly isApplied: boolean;
  changes: Change[];
  bytes: number;
  parts: number;
}

function definitionOf(relation: Relation, row: Tuple): Definition {
  const value = (name: string): string => row[relation.columns.findIndex((one) => one.name === name)] ?? '';
  return {
    ...{ role: value('role'), path: value('path'), tag: value('tag') },
    ...{ n: Number(value('n')), query: value('query'), objects: value('objects') },
  };
}

/** Of Tandem's own tables only beats and definitions cross. */
function ownChange(relation: Relation, message: Message): Change | 'ignored' | 'ordinary' {
  if (relation.schema !== ownName || relation.table === 'heartbeat') return 'ordinary';
  if (relation.table === 'ddl' && message.kind === 'insert')
    return { kind: 'define', definition: definitionOf(relation, message.row) };
  return 'ignored';
}

function bytesOf(row: Tuple): number {
  return row.reduce((sum, value) => sum + (value?.length ?? 0) + 8, 40);
}

const nothing: Open = { at: 0, final: 0n, isEcho: false, isApplied: false, changes: [], bytes: 0, parts: 0 };

function changeOf(relation: Relation, message: Message & { kind: 'insert' | 'update' | 'delete' }): Change {
  if (message.kind === 'delete') return { kind: 'delete', relation, old: message.old.row };
  if (message.kind === 'insert') return { kind: 'insert', relation, row: message.row };
  // With the whole former row at hand, a large value that did not change is known.
  const { old, row } = message;
  const filled = old?.whole === true ? row.map((value, at) => (value === undefined ? old.row[at] : value)) : row;
  return { kind: 'update', relation, row: filled, old: old?.row };
}

/** A transaction that has nothing for us. */
export interface Empty {
  readonly emptyEnd: bigint;
}

export class Assembler {
  private readonly relations = new Map<number, Relation>();
  private readonly echo: string;
  private readonly applied: bigint;
  private open: Open = nothing;
  /** What the other master had seen of this one, as far as was read. */
  seen: number;

  /**
   * Begins with what is known to have been seen, and behind the place that is applied. `echo`: the origin by which the
   * other master applies what is from here; what a repair wrote there is from here, too.
   */
  constructor(echo: string, seenBefore: number, applied: bigint) {
    this.echo = echo;
    this.seen = seenBefore;
    this.applied = applied;
  }

  /** Takes a message; answers a part that is complete. Throws RangeError for a stream that makes no sense. */
  take(message: Message): Part | Empty | undefined {
    switch (message.kind) {
      case 'begin': {
        const { at, final } = message;
        this.open = { ...nothing, at, final, isApplied: final < this.applied, changes: [] };
        return undefined;
      }
      case 'origin':
        this.open.isEcho = message.name === this.echo || message.name === repairOrigin;
        return undefined;
      case 'relation':
        this.relations.set(message.relation.id, message.relation);
        return undefined;
      case 'insert':
      case 'update':
      case 'delete':
        return this.row(message);
      case 'truncate':
        return this.truncate(message);
      case 'commit':
        return this.commit(message.end);
      case 'other':
        return undefined;
    }
  }

  private get isForOthers(): boolean {
    return this.open.isEcho || this.open.isApplied;
  }

  private relation(id: number): Relation {
    const found = this.relations.get(id);
    if (found === undefined) throw new RangeError(`the stream names table ${id} before it describes it`);
    return found;
  }

  private row(message: Message & { kind: 'insert' | 'update' | 'delete' }): Part | undefined {
    if (this.isForOthers) return undefined;
    const relation = this.relation(message.relation);
    const own = ownChange(relation, message);
    if (own === 'ignored') return undefined;
    if (own !== 'ordinary') return this.add(own, message.kind === 'insert' ? bytesOf(message.row) : 0);
    return this.add(changeOf(relation, message), bytesOf(message.kind === 'delete' ? message.old.row : message.row));
  }

  private truncate(message: Message & { kind: 'truncate' }): Part | undefined {
    if (this.isForOthers) return undefined;
    const tables = message.relations.map((id) => this.relation(id)).filter((one) => one.schema !== ownName);
    return tables.length === 0 ? undefined : this.add({ kind: 'truncate', tables, restart: message.restart }, 100);
  }

  private commit(end: bigint): Part | Empty {
    if (this.open.isEcho) this.seen = Math.max(this.seen, this.open.at);
    return this.open.changes.length === 0 && this.open.parts === 0 ? { emptyEnd: end } : this.flush(end);
  }

  private add(change: Change, bytes: number): Part | undefined {
    this.open.changes.push(change);
    this.open.bytes += bytes;
    return this.open.changes.length >= mostChanges || this.open.bytes >= mostSize ? this.flush(undefined) : undefined;
  }

  private flush(end: bigint | undefined): Part {
    const { at, final, changes, parts, bytes } = this.open;
    this.open = { ...this.open, changes: [], bytes: 0, parts: parts + 1 };
    return { at, final, seen: this.seen, changes, first: parts === 0, end, bytes };
  }
}
