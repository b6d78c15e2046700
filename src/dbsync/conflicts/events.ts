/**
 * MariaDB's binary log, event by event: MariaDB manual, "Replication Protocol". Only what is needed to know which rows a
 * transaction changed, with their images byte for byte. Pure but for the stream that it reads.
 */
import type { Gtid } from '../mariadb/gtid.ts';
import { DatabaseFailed } from '../model.ts';
import { imageLength } from './images.ts';

/** Numbers of the kinds of events that are looked at. */
const kinds = {
  query: 2,
  format: 15,
  xid: 16,
  tableMap: 19,
  write: 23,
  update: 24,
  remove: 25,
  annotate: 160,
  gtid: 162,
} as const;

/** Events that say nothing about rows: rotation, user variables, checkpoints, GTID lists and the like. */
const silent = new Set([3, 4, 5, 13, 14, 27, 160, 161, 163]);

const gtidFlags = { alone: 1, isWhole: 4 } as const;
const headerBytes = 19;
const checksumBytes = 4;

/** A table as a row event knows it: columns have types, but no names. */
export interface LoggedTable {
  readonly database: string;
  readonly table: string;
  readonly types: readonly number[];
  /** A number for each column, as its type wants it. */
  readonly meta: readonly number[];
  /** The event itself, without header and checksum, to be written again. */
  readonly body: Buffer;
}

/** One changed row. Images are a bitmap of nulls and the values behind it. */
export interface RowChange {
  readonly before?: Buffer;
  readonly after?: Buffer;
}

/** Rows of one table that one event changes in the same way. */
export interface RowsEvent {
  readonly table: LoggedTable;
  readonly kind: 'insert' | 'update' | 'delete';
  readonly flags: number;
  readonly rows: readonly RowChange[];
}

/** Which transactions of a log are read. */
export type Wanted = (gtid: Gtid) => boolean;

/** One transaction of the log. */
export interface Transaction {
  readonly gtid: Gtid;
  /** Seconds since 1970, by the clock of the master that it began on. */
  readonly at: number;
  readonly rows: readonly RowsEvent[];
  /** It can be undone as a whole: no table without transactions is in it. */
  readonly isWhole: boolean;
  /** A statement that is no row change, such as CREATE TABLE. */
  readonly statement?: string;
  /** What cannot be read row by row, and why. */
  readonly unreadable?: string;
}

/** The log's own description of its format, without header and checksum; what is written again needs it first. */
export interface LogFormat {
  readonly body: Buffer;
  readonly hasChecksums: boolean;
}

interface Event {
  readonly at: number;
  readonly kind: number;
  readonly server: number;
  readonly body: Buffer;
}

/** Reads a number of 1, 3, 4 or 9 bytes. */
function packed(bytes: Buffer, at: number): { readonly value: number; readonly next: number } {
  const first = bytes.readUInt8(at);
  if (first < 251) return { value: first, next: at + 1 };
  if (first === 252) return { value: bytes.readUInt16LE(at + 1), next: at + 3 };
  if (first === 253) return { value: bytes.readUIntLE(at + 1, 3), next: at + 4 };
  return { value: Number(bytes.readBigUInt64LE(at + 1)), next: at + 9 };
}

const twoBytes = new Set([15, 16, 141, 246]);
const oneByte = new Set([4, 5, 17, 18, 19, 140, 249, 250, 251, 252, 255]);
/** ENUM, SET and CHAR hide the real type and the length in two bytes, the larger end first. */
const hiding = new Set([247, 248, 253, 254]);

function metaOf(types: readonly number[], bytes: Buffer): readonly number[] {
  let at = 0;
  return types.map((type) => {
    if (hiding.has(type)) {
      at += 2;
      return bytes.readUInt16BE(at - 2);
    }
    if (twoBytes.has(type)) {
      at += 2;
      return type === 246 ? bytes.readUInt16BE(at - 2) : bytes.readUInt16LE(at - 2);
    }
    if (!oneByte.has(type)) return 0;
    at += 1;
    return bytes.readUInt8(at - 1);
  });
}

/** A table map: number, flags, two names with their lengths, the types, what the types want to know. */
export function tableOf(body: Buffer): LoggedTable {
  const nameEnd = 9 + body.readUInt8(8);
  const tableEnd = nameEnd + 2 + body.readUInt8(nameEnd + 1);
  const count = packed(body, tableEnd + 1);
  const types = [...body.subarray(count.next, count.next + count.value)];
  const meta = packed(body, count.next + count.value);
  return {
    database: body.toString('utf8', 9, nameEnd),
    table: body.toString('utf8', nameEnd + 2, tableEnd),
    types,
    meta: metaOf(types, body.subarray(meta.next, meta.next + meta.value)),
    body: Buffer.from(body),
  };
}

/** True when every column is in the image: binlog_row_image FULL. */
function isFull(bits: Buffer, columns: number): boolean {
  for (let at = 0; at < columns; at++) if (((bits[at >> 3] ?? 0) & (1 << (at & 7))) === 0) return false;
  return true;
}

function rowsOf(kind: number, body: Buffer, table: LoggedTable, withRows: boolean): RowsEvent | undefined {
  const words = { [kinds.write]: 'insert', [kinds.update]: 'update', [kinds.remove]: 'delete' } as const;
  const head = { table, kind: words[kind as 23 | 24 | 25], flags: body.readUInt16LE(6) };
  if (!withRows) return { ...head, rows: [] };
  const width = packed(body, 8);
  const bytes = (width.value + 7) >> 3;
  let at = width.next;
  for (let n = kind === kinds.update ? 2 : 1; n > 0; n--) {
    if (!isFull(body.subarray(at, at + bytes), width.value)) return undefined;
    at += bytes;
  }
  const take = (): Buffer => {
    const length = imageLength(table, body, at);
    at += length;
    // A copy: a slice would keep the whole piece of the log in memory.
    return Buffer.from(body.subarray(at - length, at));
  };
  const rows: RowChange[] = [];
  while (at < body.length) {
    if (kind === kinds.write) rows.push({ after: take() });
    else if (kind === kinds.remove) rows.push({ before: take() });
    else rows.push({ before: take(), after: take() });
  }
  return { ...head, rows };
}

/** Cuts pieces of a log into events. */
class Cutter {
  private left: Buffer = Buffer.alloc(0);
  private begun = false;
  private hasChecksums = false;
  private readonly format: (found: LogFormat) => void;
  constructor(format: (found: LogFormat) => void) {
    this.format = format;
  }

  /** The events that are whole now. Throws DatabaseFailed on what is no binary log. */
  *take(piece: Buffer): Generator<Event> {
    this.left = this.left.length === 0 ? piece : Buffer.concat([this.left, piece]);
    let at = this.begin();
    for (let size = this.sizeAt(at); size > 0; size = this.sizeAt(at)) {
      yield this.event(at, at + size);
      at += size;
    }
    this.left = this.left.subarray(at);
  }

  private begin(): number {
    if (this.begun || this.left.length < 4) return 0;
    if (this.left.readUInt32LE(0) !== 0x6e6962fe) throw new DatabaseFailed('This is no binary log.');
    this.begun = true;
    return 4;
  }

  /** Bytes of the event that begins there; 0 while it is not whole. */
  private sizeAt(at: number): number {
    if (!this.begun || this.left.length - at < headerBytes) return 0;
    const size = this.left.readUInt32LE(at + 9);
    if (size < headerBytes) throw new DatabaseFailed('The binary log holds an event of no size.');
    return this.left.length - at < size ? 0 : size;
  }

  /** What a checksum adds is taken off. */
  private event(at: number, end: number): Event {
    const { left } = this;
    const kind = left.readUInt8(at + 4);
    if (kind === kinds.format) {
      this.hasChecksums = left.readUInt8(end - checksumBytes - 1) === 1;
      const body = Buffer.from(left.subarray(at + headerBytes, end - checksumBytes));
      this.format({ body, hasChecksums: this.hasChecksums });
    }
    const body = left.subarray(at + headerBytes, this.hasChecksums ? end - checksumBytes : end);
    return { at: left.readUInt32LE(at), kind, server: left.readUInt32LE(at + 5), body };
  }
}

interface Building {
  gtid: Gtid;
  at: number;
  /** One statement without BEGIN, such as CREATE TABLE. */
  alone: boolean;
  isWhole: boolean;
  rows: RowsEvent[];
  tables: Map<string, LoggedTable>;
  statement?: string;
  unreadable?: string;
}

function begin({ body, server, at }: Event, wanted: Wanted): Building | undefined {
  const gtid = { domain: body.readUInt32LE(8), server, seq: body.readBigUInt64LE(0) };
  if (!wanted(gtid)) return undefined;
  return {
    ...{ gtid, at },
    alone: (body.readUInt8(12) & gtidFlags.alone) !== 0,
    isWhole: (body.readUInt8(12) & gtidFlags.isWhole) !== 0,
    rows: [],
    tables: new Map(),
  };
}

function queryOf(body: Buffer): string {
  const names = 13 + body.readUInt16LE(11);
  return body.toString('utf8', names + body.readUInt8(8) + 1);
}

function takeRows(into: Building, { kind, body }: Event, withRows: boolean): void {
  const table = into.tables.get(body.toString('hex', 0, 6));
  const found = table === undefined ? undefined : rowsOf(kind, body, table, withRows);
  if (found === undefined) into.unreadable = 'its rows are not logged in full';
  else into.rows.push(found);
}

/** True when the statement ends the transaction. */
function takeQuery(into: Building, body: Buffer): boolean {
  const text = queryOf(body);
  if (/^(COMMIT|ROLLBACK)\b/i.test(text)) return true;
  if (!/^(BEGIN|SAVEPOINT|START TRANSACTION)\b/i.test(text)) into.statement = text;
  return into.alone;
}

/** Takes an event into the transaction; true at its end. */
function take(into: Building, event: Event, withRows: boolean): boolean {
  const { kind, body } = event;
  switch (kind) {
    case kinds.tableMap:
      into.tables.set(body.toString('hex', 0, 6), tableOf(body));
      return false;
    case kinds.write:
    case kinds.update:
    case kinds.remove:
      takeRows(into, event, withRows);
      return false;
    case kinds.query:
      return takeQuery(into, body);
    case kinds.xid:
      return true;
    default:
      if (!silent.has(kind)) into.unreadable = `its log has events of kind ${kind}`;
      return false;
  }
}

/**
 * The transactions of one log file that are `wanted`, in their order. `format` is told the log's own description. Without
 * `rows` only the tables are told, which costs much less.
 */
export async function* transactionsOf(
  stream: AsyncIterable<Buffer>,
  format: (found: LogFormat) => void,
  options: { readonly rows?: boolean; readonly wanted?: Wanted } = {},
): AsyncGenerator<Transaction> {
  const { rows = true, wanted = () => true } = options;
  const cutter = new Cutter(format);
  let open: Building | undefined;
  for await (const piece of stream)
    for (const event of cutter.take(piece)) {
      if (event.kind === kinds.gtid) open = begin(event, wanted);
      else if (open !== undefined && take(open, event, rows)) {
        const { tables: _tables, alone: _alone, ...transaction } = open;
        yield transaction;
        open = undefined;
      }
    }
}
