import { z } from 'zod';
import type { Masters } from '../../masters.ts';
import { canonicalAddress, isIpv4, isIpv6 } from '../addresses.ts';
import * as f from '../fields.ts';
import { absolute, canonicalRecord, type ZoneRecord } from '../zone.ts';

/** DNS records as people write them: a type, a value, and the few numbers that some types have. */

export const types = ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'SRV', 'CAA'] as const;

/** An owner name: 'www', '_dmarc', '*', '@', or absolute with a closing dot. */
function ownerName(): z.ZodString {
  return f
    .line(255)
    .toLowerCase()
    .regex(
      /^(@|(\*|[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?)$/,
      'must be a record name such as www, or @ for the domain',
    );
}

const value = () => f.line(4000).min(1, 'must not be empty');

export const zoneFields = {
  account: f.account().optional().meta({ label: 'Account', help: 'Whose zone it is. Left empty: only for root.' }),
  zone: f.domain().meta({ label: 'Zone' }),
} as const;

export const recordFields = {
  name: ownerName().meta({ label: 'Name', placeholder: 'www' }),
  type: z.enum(types).meta({ label: 'Type' }),
  value: value().meta({
    label: 'Value',
    help: 'Address, host name, text; for a master’s address each master gets its own.',
  }),
  priority: f.whole(0, 65_535).optional().meta({ label: 'Priority', help: 'MX and SRV', input: 'number' }),
  weight: f.whole(0, 65_535).optional().meta({ label: 'Weight', help: 'SRV', input: 'number' }),
  port: f.whole(0, 65_535).optional().meta({ label: 'Port', help: 'SRV', input: 'number' }),
  flags: f.whole(0, 255).optional().meta({ label: 'Flags', help: 'CAA', input: 'number' }),
  tag: z.enum(['issue', 'issuewild', 'iodef', 'issuemail']).optional().meta({ label: 'Tag', help: 'CAA' }),
} as const;

const record = z.object(recordFields);
export type RecordFields = z.output<typeof record>;

function isHost(text: string): boolean {
  const bare = text.replace(/\.$/, '');
  return (
    bare.length <= 253 &&
    /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/i.test(bare)
  );
}

/** What is wrong with the value for its type, or undefined. */
function wrongValue(r: RecordFields): string | undefined {
  switch (r.type) {
    case 'A':
      return isIpv4(r.value) ? undefined : 'must be an IPv4 address such as 192.0.2.10';
    case 'AAAA':
      return isIpv6(r.value) ? undefined : 'must be an IPv6 address such as 2001:db8::10';
    case 'CNAME':
    case 'MX':
    case 'SRV':
      return isHost(r.value) || r.value === '.' ? undefined : 'must be a host name';
    case 'TXT':
    case 'CAA':
      return undefined;
  }
}

const extras: Readonly<Record<RecordFields['type'], readonly (keyof RecordFields)[]>> = {
  A: [],
  AAAA: [],
  CNAME: [],
  TXT: [],
  MX: ['priority'],
  SRV: ['priority', 'weight', 'port'],
  CAA: ['flags', 'tag'],
};

const optional = ['priority', 'weight', 'port', 'flags', 'tag'] as const;

export interface FieldIssue {
  readonly path: string;
  readonly message: string;
}

/** Everything that a record needs and lacks, or has and does not know. */
export function issuesOf(r: RecordFields): readonly FieldIssue[] {
  const wrong = wrongValue(r);
  const needed = extras[r.type];
  return [
    ...(wrong === undefined ? [] : [{ path: 'value', message: wrong }]),
    ...optional.flatMap((path) => {
      if (needed.includes(path)) return r[path] === undefined ? [{ path, message: `is needed for ${r.type}` }] : [];
      return r[path] === undefined ? [] : [{ path, message: `is not part of ${r.type}` }];
    }),
  ];
}

/** A schema check that reports them; `prefix` finds the field of each ('value' → 'newValue'). */
export function checked<P>(pick: (p: P) => RecordFields, named: (field: string) => string = (field) => field) {
  return (context: z.core.ParsePayload<P>) => {
    for (const { path, message } of issuesOf(pick(context.value))) {
      context.issues.push({ code: 'custom', path: [named(path)], message, input: context.value });
    }
  };
}

/** A host name as typed means itself, also without the closing dot: relative targets surprise people. */
function host(text: string, zone: string): string {
  if (text === '.' || text.endsWith('.')) return text.toLowerCase();
  return text.includes('.') ? `${text.toLowerCase()}.` : absolute(text, zone);
}

function dataOf(r: RecordFields, zone: string): readonly string[] {
  switch (r.type) {
    case 'A':
    case 'AAAA':
      return [canonicalAddress(r.value)];
    case 'CNAME':
      return [host(r.value, zone)];
    case 'MX':
      return [String(r.priority ?? 0), host(r.value, zone)];
    case 'SRV':
      return [String(r.priority ?? 0), String(r.weight ?? 0), String(r.port ?? 0), host(r.value, zone)];
    case 'TXT':
      return [r.value];
    case 'CAA':
      return [String(r.flags ?? 0), r.tag ?? 'issue', r.value];
  }
}

/** The name inside the zone: 'www', 'www.example.com' and 'www.example.com.' are one record of example.com. */
function owner(name: string, zone: string): string {
  const bare = name.replace(/\.$/, '');
  return bare === zone || bare.endsWith(`.${zone}`) ? `${bare}.` : absolute(name, zone);
}

/** The record that this master is to have: a master's address becomes its own counterpart. */
export function desired(r: RecordFields, ttl: number, zone: string, masters: Masters, master: string): ZoneRecord {
  const data = dataOf(r, zone);
  const own = r.type === 'A' || r.type === 'AAAA' ? data.map((address) => masters.translate(address, master)) : data;
  return canonicalRecord({ name: owner(r.name, zone), type: r.type, ttl, data: own }, zone);
}

/** A record outside the zone can never stand in it. */
export function isInside(name: string, zone: string): boolean {
  const bare = name.endsWith('.') ? name.slice(0, -1) : undefined;
  return bare === undefined || bare === zone || bare.endsWith(`.${zone}`);
}

/** A readable name of a record for reasons. */
export function spoken(record: ZoneRecord): string {
  return `${record.name} ${record.type} ${record.data.join(' ')}`;
}
