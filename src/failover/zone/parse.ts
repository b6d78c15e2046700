import { type Broken, broken, type Entry, lex, type Token } from './lexer.ts';
import type { Directive, TtlSource, Zone, ZoneRecord } from './model.ts';
import { absoluteName, zoneName } from './names.ts';
import { addressSlots } from './slots.ts';
import { ttlSeconds } from './ttl-text.ts';

/**
 * Reads a zone file into records that know which bytes they are. Whatever BIND would refuse in a way that makes the
 * meaning of a line uncertain makes the whole zone broken: a broken zone is left alone and reported, never edited.
 */

export type Parsed = { readonly ok: true; readonly zone: Zone } | Broken;

const aliases: Readonly<Record<string, string>> = {
  TYPE1: 'A',
  TYPE2: 'NS',
  TYPE5: 'CNAME',
  TYPE6: 'SOA',
  TYPE12: 'PTR',
  TYPE15: 'MX',
  TYPE16: 'TXT',
  TYPE28: 'AAAA',
  TYPE33: 'SRV',
  TYPE46: 'RRSIG',
  TYPE47: 'NSEC',
  TYPE50: 'NSEC3',
  TYPE51: 'NSEC3PARAM',
  TYPE64: 'SVCB',
  TYPE65: 'HTTPS',
};
const classes = /^(IN|CH|CHAOS|HS|HESIOD|ANY|NONE|RESERVED0|CLASS\d{1,5})$/i;

/** The usual word first: a zone has one on every line. */
function isClass(text: string): boolean {
  return text === 'IN' || classes.test(text);
}

/** Capitals, and the known name of a number: 'TYPE1' is 'A'. */
function typeOf(text: string): string {
  const written = text.toUpperCase();
  return written.startsWith('TYPE') ? (aliases[written.replace(/^TYPE0+/, 'TYPE')] ?? written) : written;
}

interface Head {
  readonly ttl: Token | undefined;
  readonly foreignClass: boolean;
  readonly type: Token;
  readonly first: Token;
  readonly rdata: readonly Token[];
}

/** [class] [ttl] [class] type data: the order in which BIND tries them (lib/dns/master.c). */
function headOf(tokens: readonly Token[]): Head | undefined {
  let at = 0;
  let ttl: Token | undefined;
  let rdclass: Token | undefined;
  if (isClass(tokens[at]?.text ?? '')) rdclass = tokens[at++];
  if (ttlSeconds(tokens[at]?.text ?? '') !== undefined) ttl = tokens[at++];
  if (rdclass === undefined && isClass(tokens[at]?.text ?? '')) rdclass = tokens[at++];
  const [first] = tokens;
  const type = tokens[at];
  if (first === undefined || type === undefined || type.quoted || !/^[a-z][a-z0-9-]*$/i.test(type.text))
    return undefined;
  const foreignClass = rdclass !== undefined && rdclass.text !== 'IN' && !/^(IN|CLASS0*1)$/i.test(rdclass.text);
  return { ttl, foreignClass, type, first, rdata: tokens.slice(at + 1) };
}

class Parser {
  readonly text: string;
  readonly apex: string;
  readonly records: ZoneRecord[] = [];
  readonly directives: Directive[] = [];
  private origin: string;
  private owner: string | undefined;
  private defaultTtl: number | undefined;
  private lastTtl: number | undefined;

  constructor(text: string, apex: string) {
    this.text = text;
    this.apex = apex;
    this.origin = apex;
  }

  /** Takes one entry; answers what is wrong with it. */
  entry(entry: Entry): Broken | undefined {
    const [first] = entry.tokens;
    if (first === undefined) return undefined;
    if (!entry.blankOwner && first.text.startsWith('$')) return this.directive(first, entry.tokens[1]);
    if (!entry.blankOwner) this.owner = absoluteName(first.text, this.origin);
    if (this.owner === undefined) return broken(this.text, first.start, 'the first record has no name');
    const head = headOf(entry.blankOwner ? entry.tokens : entry.tokens.slice(1));
    if (head === undefined) return broken(this.text, first.start, 'this is no record: its type cannot be found');
    return this.record(this.owner, head);
  }

  private directive(first: Token, argument: Token | undefined): Broken | undefined {
    const name = first.text.toUpperCase();
    if (name === '$GENERATE' || name === '$INCLUDE') {
      this.directives.push({ name, at: first.start });
      return undefined;
    }
    if (name === '$ORIGIN' && argument !== undefined) {
      this.origin = absoluteName(argument.text, this.origin);
      return undefined;
    }
    const ttl = name === '$TTL' ? ttlSeconds(argument?.text ?? '') : undefined;
    if (ttl === undefined) return broken(this.text, first.start, `${first.text} is not understood`);
    this.defaultTtl = ttl;
    return undefined;
  }

  private record(owner: string, head: Head): Broken | undefined {
    const type = typeOf(head.type.text);
    const ttl = this.ttlOf(head, type);
    if (ttl === undefined) return broken(this.text, head.first.start, 'no TTL is known here');
    this.lastTtl = ttl.seconds;
    this.records.push({
      owner,
      type,
      set: `${owner} ${type}`,
      foreignClass: head.foreignClass,
      ttlToken: head.ttl,
      ttl: ttl.seconds,
      ttlFrom: ttl.from,
      head: head.first.start,
      rdata: head.rdata,
      origin: this.origin,
      addresses: head.foreignClass ? [] : addressSlots(type, head.rdata),
    });
    return undefined;
  }

  /** Without any TTL before it, a SOA's minimum becomes the default, as in BIND. */
  private ttlOf(head: Head, type: string): { seconds: number; from: TtlSource } | undefined {
    if (head.ttl !== undefined) return { seconds: ttlSeconds(head.ttl.text) ?? 0, from: 'own' };
    if (this.defaultTtl === undefined && this.lastTtl === undefined && type === 'SOA') {
      this.defaultTtl = ttlSeconds(head.rdata[6]?.text ?? '');
    }
    if (this.defaultTtl !== undefined) return { seconds: this.defaultTtl, from: 'default' };
    return this.lastTtl === undefined ? undefined : { seconds: this.lastTtl, from: 'previous' };
  }
}

/** The SOA's serial. A zone without exactly one SOA of its own name cannot be published. */
function serialOf(records: readonly ZoneRecord[], apex: string): Token | undefined {
  const soa = records.filter((record) => record.type === 'SOA' && record.owner === apex);
  const token = soa.length === 1 ? soa[0]?.rdata[2] : undefined;
  return token !== undefined && /^\d+$/.test(token.text) && Number(token.text) < 2 ** 32 ? token : undefined;
}

/** Parses a zone file (one character a byte). `name` is the zone's, from the server's configuration. */
export function parseZone(text: string, name: string): Parsed {
  const lexed = lex(text);
  if (!lexed.ok) return lexed;
  const parser = new Parser(text, zoneName(name));
  for (const entry of lexed.entries) {
    const problem = parser.entry(entry);
    if (problem !== undefined) return problem;
  }
  const { records, directives, apex } = parser;
  const serialToken = serialOf(records, apex);
  if (serialToken === undefined) return broken(text, 0, `there is not exactly one readable SOA of ${apex}`);
  return { ok: true, zone: { text, apex, records, directives, serial: Number(serialToken.text), serialToken } };
}
