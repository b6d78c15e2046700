import type { Token } from './lexer.ts';

/** Where a record's TTL comes from: its own token, `$TTL` (or the SOA's minimum), or the record before (RFC 1035). */
export type TtlSource = 'own' | 'default' | 'previous';

/** An address inside a record, and the bytes that spell it. */
export interface AddressSlot {
  readonly start: number;
  readonly end: number;
  /** As written. */
  readonly text: string;
  /** One form for all spellings. */
  readonly key: string;
}

export interface ZoneRecord {
  /** Absolute, small letters, closing dot. */
  readonly owner: string;
  /** Capitals; 'TYPE1' is 'A'. */
  readonly type: string;
  /** 'owner type': the name of its record set. */
  readonly set: string;
  /** Not IN: such a record is only kept. */
  readonly foreignClass: boolean;
  /** Its own TTL, when it has one. */
  readonly ttlToken: Token | undefined;
  /** Seconds that count for it. */
  readonly ttl: number;
  readonly ttlFrom: TtlSource;
  /** Where a TTL can be put in: before class and type. */
  readonly head: number;
  readonly rdata: readonly Token[];
  /** The origin where it stands, for relative names in its data. */
  readonly origin: string;
  /** A and AAAA have one, HTTPS and SVCB one for each hint. */
  readonly addresses: readonly AddressSlot[];
}

/** `$INCLUDE` or `$GENERATE`: what it makes cannot be seen in this file. */
export interface Directive {
  readonly name: '$INCLUDE' | '$GENERATE';
  readonly at: number;
}

/** A zone file that was understood. `text` has one character a byte. */
export interface Zone {
  readonly text: string;
  /** Name of the zone, absolute. */
  readonly apex: string;
  readonly records: readonly ZoneRecord[];
  readonly directives: readonly Directive[];
  readonly serial: number;
  readonly serialToken: Token;
}

/** One change of bytes. `start === end` puts something in. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Something a person should know about a zone; nothing was done about it. */
export interface Report {
  readonly kind:
    | 'include'
    | 'generate'
    | 'raw-data'
    | 'address-in-text'
    | 'spf'
    | 'glue'
    | 'names-a-master'
    | 'unreadable-address'
    | 'signed'
    | 'ttl-left'
    | 'name-taken'
    | 'changed-since'
    | 'unclear';
  /** From 1. */
  readonly line: number;
  /** The record's owner, or the zone. */
  readonly name: string;
  readonly message: string;
}

/** Writes the changed bytes and copies all others. Edits may come in any order and must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at) throw new RangeError(`two edits touch byte ${edit.start}`);
    parts.push(text.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
