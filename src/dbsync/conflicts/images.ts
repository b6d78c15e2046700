/**
 * Values in the row images of MariaDB's binary log: how long each is, what it says, and how SQL names it. The bytes of a
 * value depend on its type and on one number of the table map. Pure.
 */
import { DatabaseFailed } from '../model.ts';
import type { Column } from '../repair/columns.ts';
import type { LoggedTable } from './events.ts';

/** A column, and what its bytes in the log do not say. */
export interface LoggedColumn extends Column {
  readonly unsigned: boolean;
  /** Most bytes of a text or binary column. */
  readonly most: number;
}

const fixed: Readonly<Record<number, number>> = { 1: 1, 2: 2, 3: 4, 4: 4, 5: 8, 6: 0, 7: 4, 8: 8, 9: 3, 10: 3 };
const fixedMore: Readonly<Record<number, number>> = { 11: 3, 12: 8, 13: 1, 14: 3 };
const digitBytes = [0, 1, 1, 2, 2, 3, 3, 4, 4, 4] as const;

function decimalParts(meta: number): { readonly whole: number; readonly part: number } {
  const [precision, scale] = [meta >> 8, meta & 0xff];
  return { whole: precision - scale, part: scale };
}

function digitsLength(digits: number): number {
  return Math.floor(digits / 9) * 4 + (digitBytes[digits % 9] ?? 0);
}

/** CHAR, ENUM and SET: the real type, and the most bytes. */
export function charOf(meta: number): { readonly type: number; readonly most: number } {
  const high = meta >> 8;
  // Lengths over 255 borrow two bits of the type.
  if ((high & 0x30) !== 0x30) return { type: high | 0x30, most: (meta & 0xff) | (((high & 0x30) ^ 0x30) << 4) };
  return { type: high, most: meta & 0xff };
}

function prefixed(bytes: Buffer, at: number, prefix: number): number {
  return prefix + bytes.readUIntLE(at, prefix);
}

/** Bytes of one value that is not null. Throws DatabaseFailed for a type that is not known. */
function valueLength(type: number, meta: number, bytes: Buffer, at: number): number {
  const known = fixed[type] ?? fixedMore[type];
  if (known !== undefined) return known;
  switch (type) {
    case 15:
    case 141:
      return prefixed(bytes, at, meta > 255 ? 2 : 1);
    case 16:
      return (meta >> 8) + ((meta & 0xff) > 0 ? 1 : 0);
    case 17:
      return 4 + ((meta + 1) >> 1);
    case 18:
      return 5 + ((meta + 1) >> 1);
    case 19:
      return 3 + ((meta + 1) >> 1);
    case 246: {
      const { whole, part } = decimalParts(meta);
      return digitsLength(whole) + digitsLength(part);
    }
    case 140:
    case 249:
    case 250:
    case 251:
    case 252:
    case 255:
      return prefixed(bytes, at, meta);
    case 247:
    case 248:
    case 253:
    case 254: {
      const real = charOf(meta);
      if (real.type === 247 || real.type === 248) return real.most;
      return prefixed(bytes, at, real.most > 255 ? 2 : 1);
    }
    default:
      throw new DatabaseFailed(`The binary log has a column of type ${type}, which is not known.`);
  }
}

function isNull(image: Buffer, at: number, column: number): boolean {
  return ((image[at + (column >> 3)] ?? 0) & (1 << (column & 7))) !== 0;
}

/** Bytes of the image that begins there. */
export function imageLength(table: Pick<LoggedTable, 'types' | 'meta'>, bytes: Buffer, begin: number): number {
  let at = begin + ((table.types.length + 7) >> 3);
  for (const [column, type] of table.types.entries())
    if (!isNull(bytes, begin, column)) at += valueLength(type, table.meta[column] ?? 0, bytes, at);
  return at - begin;
}

/** The bytes of each value of an image; undefined is null. */
export function valuesOf(table: Pick<LoggedTable, 'types' | 'meta'>, image: Buffer): readonly (Buffer | undefined)[] {
  let at = (table.types.length + 7) >> 3;
  return table.types.map((type, column) => {
    if (isNull(image, 0, column)) return undefined;
    const begin = at;
    at += valueLength(type, table.meta[column] ?? 0, image, at);
    return image.subarray(begin, at);
  });
}

function integer(value: Buffer, unsigned: boolean): string {
  if (value.length === 8) return String(unsigned ? value.readBigUInt64LE(0) : value.readBigInt64LE(0));
  return String(unsigned ? value.readUIntLE(0, value.length) : value.readIntLE(0, value.length));
}

function decimal(meta: number, value: Buffer): string {
  const { whole, part } = decimalParts(meta);
  const bytes = Buffer.from(value);
  const isNegative = ((bytes[0] ?? 0) & 0x80) === 0;
  bytes[0] = (bytes[0] ?? 0) ^ 0x80;
  if (isNegative) for (const [at, one] of bytes.entries()) bytes[at] = one ^ 0xff;
  let at = 0;
  const group = (digits: number): string => {
    const size = digits === 9 ? 4 : (digitBytes[digits] ?? 0);
    if (size === 0) return '';
    at += size;
    return String(bytes.readUIntBE(at - size, size)).padStart(digits, '0');
  };
  let before = group(whole % 9);
  for (let n = Math.floor(whole / 9); n > 0; n--) before += group(9);
  let behind = '';
  for (let n = Math.floor(part / 9); n > 0; n--) behind += group(9);
  behind += group(part % 9);
  return `${isNegative ? '-' : ''}${before.replace(/^0+(?=.)/, '') || '0'}${behind === '' ? '' : `.${behind}`}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function fraction(meta: number, bytes: Buffer): string {
  if (meta === 0) return '';
  const size = (meta + 1) >> 1;
  const digits = String(bytes.readUIntBE(0, size)).padStart(size * 2, '0');
  return `.${digits.slice(0, meta)}`;
}

function dayOf(value: number): string {
  return `${String(value >> 9).padStart(4, '0')}-${two((value >> 5) & 15)}-${two(value & 31)}`;
}

/** Five bytes: 17 bits of years and months, then day, hour, minute, second. */
function datetime(meta: number, value: Buffer): string {
  const packedTime = value.readUIntBE(0, 5) - 0x8000000000;
  const ymd = Math.floor(packedTime / 0x20000);
  const hms = packedTime % 0x20000;
  const months = ymd >> 5;
  const day = `${String(Math.floor(months / 13)).padStart(4, '0')}-${two(months % 13)}-${two(ymd & 31)}`;
  return `${day} ${two(hms >> 12)}:${two((hms >> 6) & 63)}:${two(hms & 63)}${fraction(meta, value.subarray(5))}`;
}

function time(meta: number, value: Buffer): string {
  const size = (meta + 1) >> 1;
  const whole = value.readUIntBE(0, 3 + size) - 0x800000 * 256 ** size;
  const positive = Math.abs(whole);
  const seconds = Math.floor(positive / 256 ** size);
  const rest = Buffer.alloc(Math.max(1, size));
  rest.writeUIntBE(positive % 256 ** size, 0, Math.max(1, size));
  const clock = `${two((seconds >> 12) & 1023)}:${two((seconds >> 6) & 63)}:${two(seconds & 63)}`;
  return `${whole < 0 ? '-' : ''}${clock}${fraction(meta, rest)}`;
}

/** UTC, to the part of a second that the column keeps. */
function timestamp(meta: number, value: Buffer): string {
  const at = new Date(value.readUInt32BE(0) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${at}${fraction(meta, value.subarray(4))}`;
}

function temporal(type: number, meta: number, value: Buffer): string | undefined {
  switch (type) {
    case 10:
    case 14:
      return dayOf(value.readUIntLE(0, 3));
    case 13:
      return value[0] === 0 ? '0000' : String(1900 + (value[0] ?? 0));
    case 17:
      return timestamp(meta, value);
    case 18:
      return datetime(meta, value);
    case 19:
      return time(meta, value);
    default:
      return undefined;
  }
}

function number(type: number, meta: number, value: Buffer, unsigned: boolean): string | undefined {
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 8:
    case 9:
      return integer(value, unsigned);
    case 4:
      return String(Number(value.readFloatLE(0).toPrecision(7)));
    case 5:
      return String(value.readDoubleLE(0));
    case 16:
      return BigInt(`0x${value.toString('hex')}`).toString();
    case 246:
      return decimal(meta, value);
    default:
      return undefined;
  }
}

/** A text's or blob's own bytes; undefined for other types. */
function ownBytes(type: number, meta: number, value: Buffer): Buffer | undefined {
  if (type === 15) return value.subarray(meta > 255 ? 2 : 1);
  if (type >= 249 && type <= 252) return value.subarray(meta);
  if (type !== 254 && type !== 253) return undefined;
  const real = charOf(meta);
  return real.type === 247 || real.type === 248 ? undefined : value.subarray(real.most > 255 ? 2 : 1);
}

const texts = new Set(['utf8mb3', 'utf8mb4', 'utf8', 'ascii']);

function wordsOf(bytes: Buffer, column: Column | undefined): string {
  if (column?.charset === 'latin1') return bytes.toString('latin1');
  return column != null && texts.has(column.charset ?? '') ? bytes.toString('utf8') : `0x${bytes.toString('hex')}`;
}

/** The number of an ENUM's or SET's value. */
function choice(type: number, meta: number, value: Buffer): string | undefined {
  if (type !== 254 && type !== 247 && type !== 248) return undefined;
  const real = type === 254 ? charOf(meta).type : type;
  if (real !== 247 && real !== 248) return undefined;
  return value.length === 8 ? String(value.readBigUInt64LE(0)) : String(value.readUIntLE(0, value.length));
}

export interface NamedValue {
  /** What people read. */
  readonly text: string;
  /** A text's bytes, for comparing as the column's own order has it. */
  readonly bytes?: Buffer;
}

/** What one value says. */
export function namedValue(type: number, meta: number, value: Buffer, column: LoggedColumn | undefined): NamedValue {
  const plain =
    choice(type, meta, value) ?? number(type, meta, value, column?.unsigned === true) ?? temporal(type, meta, value);
  if (plain !== undefined) return { text: plain };
  const bytes = ownBytes(type, meta, value);
  return bytes === undefined ? { text: `0x${value.toString('hex')}` } : { text: wordsOf(bytes, column), bytes };
}
