/**
 * What the server's own plug-in `pgoutput` says, protocol version 1: PostgreSQL manual, "Logical Replication Message
 * Formats". Values stay the text that the server wrote. Pure.
 */
import { isUtf8 } from 'node:buffer';

/** A column's value: text, null, or undefined where a large value did not change and was not sent. */
export type Value = string | null | undefined;
export type Tuple = readonly Value[];

export interface RelationColumn {
  readonly name: string;
  /** Part of what tells rows apart. */
  readonly isKey: boolean;
}

export interface Relation {
  readonly id: number;
  readonly schema: string;
  readonly table: string;
  /** 'd' primary key, 'i' another unique index, 'f' all columns, 'n' none. */
  readonly identity: string;
  readonly columns: readonly RelationColumn[];
}

/** LSNs are numbers of 64 bits; times are microseconds since 2000-01-01 UTC. */
export type Message =
  /** `final`: where the commit is written. */
  | { readonly kind: 'begin'; readonly final: bigint; readonly at: number }
  | { readonly kind: 'commit'; readonly end: bigint }
  | { readonly kind: 'origin'; readonly name: string }
  | { readonly kind: 'relation'; readonly relation: Relation }
  | { readonly kind: 'insert'; readonly relation: number; readonly row: Tuple }
  | {
      readonly kind: 'update';
      readonly relation: number;
      readonly row: Tuple;
      /** The former key ('K') or the whole former row ('O'); absent when the key stayed. */
      readonly old: { readonly whole: boolean; readonly row: Tuple } | undefined;
    }
  | {
      readonly kind: 'delete';
      readonly relation: number;
      readonly old: { readonly whole: boolean; readonly row: Tuple };
    }
  | {
      readonly kind: 'truncate';
      readonly relations: readonly number[];
      readonly cascade: boolean;
      readonly restart: boolean;
    }
  | { readonly kind: 'other' };

class Reader {
  private at = 0;
  private readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
  byte(): number {
    this.at += 1;
    return this.bytes.readUInt8(this.at - 1);
  }
  letter(): string {
    return String.fromCharCode(this.byte());
  }
  int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }
  int32(): number {
    this.at += 4;
    return this.bytes.readUInt32BE(this.at - 4);
  }
  int64(): bigint {
    this.at += 8;
    return this.bytes.readBigUInt64BE(this.at - 8);
  }
  /** Text up to a zero byte. */
  string(): string {
    const end = this.bytes.indexOf(0, this.at);
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }
  text(length: number): string {
    this.at += length;
    const text = this.bytes.toString('utf8', this.at - length, this.at);
    // A database in SQL_ASCII keeps any bytes: what would become other text is not carried.
    if (text.includes('\uFFFD') && !isUtf8(this.bytes.subarray(this.at - length, this.at)))
      throw new RangeError('a value holds bytes that are no text in UTF-8');
    return text;
  }
  tuple(): Tuple {
    return Array.from({ length: this.int16() }, (): Value => {
      const kind = this.letter();
      if (kind === 'n') return null;
      if (kind === 'u') return undefined;
      if (kind !== 't') throw new RangeError(`a value of the unknown kind ${kind}`);
      return this.text(this.int32());
    });
  }
}

function relationOf(reader: Reader): Message {
  const [id, schema, table, identity] = [reader.int32(), reader.string(), reader.string(), reader.letter()];
  const columns = Array.from({ length: reader.int16() }, () => {
    const isKey = (reader.byte() & 1) === 1;
    const name = reader.string();
    reader.int32();
    reader.int32();
    return { name, isKey };
  });
  // pg_catalog is sent as an empty name.
  return {
    kind: 'relation',
    relation: { id, schema: schema === '' ? 'pg_catalog' : schema, table, identity, columns },
  };
}

function updateOf(reader: Reader): Message {
  const relation = reader.int32();
  const first = reader.letter();
  if (first === 'N') return { kind: 'update', relation, old: undefined, row: reader.tuple() };
  const old = { whole: first === 'O', row: reader.tuple() };
  reader.letter();
  return { kind: 'update', relation, old, row: reader.tuple() };
}

function truncateOf(reader: Reader): Message {
  const count = reader.int32();
  const bits = reader.byte();
  const relations = Array.from({ length: count }, () => reader.int32());
  return { kind: 'truncate', relations, cascade: (bits & 1) === 1, restart: (bits & 2) === 2 };
}

/** One message. Throws RangeError for bytes that are none. */
export function parseMessage(bytes: Buffer): Message {
  const reader = new Reader(bytes);
  switch (reader.letter()) {
    case 'B':
      return { kind: 'begin', final: reader.int64(), at: Number(reader.int64()) };
    case 'C':
      reader.byte();
      reader.int64();
      return { kind: 'commit', end: reader.int64() };
    case 'O':
      reader.int64();
      return { kind: 'origin', name: reader.string() };
    case 'R':
      return relationOf(reader);
    case 'I': {
      const relation = reader.int32();
      reader.letter();
      return { kind: 'insert', relation, row: reader.tuple() };
    }
    case 'U':
      return updateOf(reader);
    case 'D': {
      const relation = reader.int32();
      return { kind: 'delete', relation, old: { whole: reader.letter() === 'O', row: reader.tuple() } };
    }
    case 'T':
      return truncateOf(reader);
    default:
      return { kind: 'other' };
  }
}

/** '0/16B3748' as a number. Throws RangeError for anything else. */
export function parseLsn(text: string): bigint {
  const found = text.match(/^([0-9A-Fa-f]{1,8})\/([0-9A-Fa-f]{1,8})$/);
  if (found === null) throw new RangeError(`${text.slice(0, 40)} is no place in a log`);
  return (BigInt(`0x${found[1]}`) << 32n) | BigInt(`0x${found[2]}`);
}

/** The server's own form. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`;
}
