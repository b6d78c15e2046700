/** Writing row events as MariaDB's statement BINLOG takes them. Pure. */
import { crc32 } from 'node:zlib';
import type { LogFormat, LoggedTable, RowChange, RowsEvent } from './events.ts';

const headerBytes = 19;
const kinds = { insert: 23, update: 24, delete: 25 } as const;
/** The last event of a statement; foreign keys were checked where the row was written first. */
const flags = { end: 1, noForeignKeys: 2 } as const;

function eventOf(kind: number, body: Buffer, format: LogFormat): Buffer {
  const size = headerBytes + body.length + (format.hasChecksums ? 4 : 0);
  const header = Buffer.alloc(headerBytes);
  header.writeUInt8(kind, 4);
  header.writeUInt32LE(1, 5);
  header.writeUInt32LE(size, 9);
  const event = Buffer.concat([header, body]);
  if (!format.hasChecksums) return event;
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(event));
  return Buffer.concat([event, sum]);
}

/** What a session must be told before any row. */
export function formatText(format: LogFormat): string {
  // This event has its sum whatever it says of the others'.
  return eventOf(15, format.body, { ...format, hasChecksums: true }).toString('base64');
}

function width(columns: number): Buffer {
  if (columns < 251) return Buffer.from([columns]);
  const long = Buffer.alloc(3);
  long.writeUInt8(252);
  long.writeUInt16LE(columns, 1);
  return long;
}

/** Some rows of one table, all changed in the same way, as one statement. */
export function rowsText(
  format: LogFormat,
  table: LoggedTable,
  kind: RowsEvent['kind'],
  rows: readonly RowChange[],
): string {
  const columns = table.types.length;
  const all = Buffer.alloc((columns + 7) >> 3, 0xff);
  const front = Buffer.alloc(8);
  table.body.copy(front, 0, 0, 6);
  front.writeUInt16LE(flags.end | flags.noForeignKeys, 6);
  const images = rows.flatMap(({ before, after }) => [
    ...(kind === 'insert' || before === undefined ? [] : [before]),
    ...(kind === 'delete' || after === undefined ? [] : [after]),
  ]);
  const bits = kind === 'update' ? [all, all] : [all];
  const body = Buffer.concat([front, width(columns), ...bits, ...images]);
  return Buffer.concat([eventOf(19, table.body, format), eventOf(kinds[kind], body, format)]).toString('base64');
}
