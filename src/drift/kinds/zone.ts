import { countsIn } from '../../actions/dns/edit-zone.ts';
import { isOwnName } from '../../actions/own-names/names.ts';
import { isSpf } from '../../actions/spf.ts';
import { lookAtZone, readZone, type ZoneRecord } from '../../actions/zone.ts';
import { type Kind, noRepair, type Place, type RepairInput, type Repairs, type Value } from '../model.ts';
import { askDomains, zonesOf } from './domains-of.ts';
import { neutral, oneStep, seen, text, unread } from './reading.ts';

/** Between zone and record set in a finding's name: 'bob.example: www A'. */
const colon = ': ';

/** Serials are each server's own; DKIM, SPF and the names of one server are kinds of their own. */
function isCompared(zone: string, record: ZoneRecord, { masters }: Place): boolean {
  if (record.type === 'SOA' || isOwnName(masters, zone, record.name)) return false;
  if (record.type !== 'TXT') return true;
  const data = record.data.join('');
  return !isSpf(data) && !/^default\._domainkey\./.test(record.name);
}

function neutralData(record: ZoneRecord, place: Place): string {
  if (record.type === 'TXT' || record.type === 'CAA') return record.data.join(' ');
  return record.data.map((value) => neutral(value, place)).join(' ');
}

/** One record set: its data sorted, since a set has no order (RFC 2181 section 5), one line each, and its time to live. */
function setsOf(zone: string, records: readonly ZoneRecord[], place: Place): readonly [string, Value][] {
  const sets = new Map<string, { data: string[]; ttl: number }>();
  for (const record of records.filter((one) => isCompared(zone, one, place))) {
    const name = `${zone}${colon}${record.name.replace(/\.$/, '')} ${record.type}`;
    const set = sets.get(name) ?? { data: [], ttl: record.ttl };
    set.data.push(neutralData(record, place));
    sets.set(name, set);
  }
  return [...sets].map(([name, { data, ttl }]) => [name, { data: data.sort().join('\n'), ttl: String(ttl) }]);
}

interface Set {
  readonly name: string;
  readonly type: string;
}

function parts(name: string): Set & { readonly zone: string } {
  const [zone = '', rest = ''] = name.split(colon);
  const [owner = '', type = ''] = rest.split(' ');
  return { zone, name: `${owner}.`, type };
}

/** How many data fields a record of the type has; the last one takes the rest. */
const width: Readonly<Record<string, number>> = { MX: 2, SRV: 4, CAA: 3 };

function recordsOf({ name, type }: Set, value: Value | undefined): readonly ZoneRecord[] {
  if (value === undefined) return [];
  return (value['data'] ?? '').split('\n').map((line) => {
    const fields = line.split(' ');
    const most = width[type] ?? 1;
    const data = [...fields.slice(0, most - 1), fields.slice(most - 1).join(' ')];
    return { name, type, ttl: Number(value['ttl'] ?? '14400'), data };
  });
}

function same(a: ZoneRecord, b: ZoneRecord): boolean {
  return a.data.join(' ') === b.data.join(' ');
}

function repair(input: RepairInput): Repairs {
  const { account, name, from, to } = input;
  const set = parts(name);
  if (set.type === 'NS')
    return noRepair(
      'Name servers are published by Tandem and set by the master’s own configuration; the zone editor refuses them.',
    );
  const [wanted, there] = [recordsOf(set, from.value), recordsOf(set, to.value)];
  const gone = there.filter((r) => !wanted.some((w) => same(w, r)));
  const come = wanted.filter((r) => !there.some((t) => same(t, r)));
  const kept = wanted.filter((r) => there.some((t) => same(t, r) && t.ttl !== r.ttl));
  const pairs = Math.min(gone.length, come.length);
  const changes = {
    zone: set.zone,
    edit: [
      ...come.slice(0, pairs).flatMap((to, at) => gone.slice(at, at + 1).map((from) => ({ from, to }))),
      ...kept.map((r) => ({ from: r, to: r })),
    ],
    add: come.slice(pairs),
    remove: gone.slice(pairs),
  };
  const params = { account, ...changes, counts: countsIn(changes, there) };
  // Fewer records than before is a removal; as many or more is a change of what they say.
  const removes = wanted.length < there.length;
  return oneStep(input, 'dns.edit-zone', params, sentenceOf(set, from.value, removes), removes);
}

function sentenceOf(set: Set, value: Value | undefined, removes: boolean): string {
  const owner = set.name.replace(/\.$/, '');
  if (value === undefined) return `Remove the ${set.type} records of ${owner}`;
  return `${removes ? 'Leave only' : 'Set'} ${owner} ${set.type} ${(value['data'] ?? '').replaceAll('\n', ', ')}`;
}

/** Zone data as record sets, addresses and host names of masters translated; serials and line numbers do not count. */
export const zoneKind: Kind = {
  id: 'zone',
  title: 'DNS records',
  scope: 'account',
  rank: 40,
  rounds: [(account) => [askDomains(account)], (account, answers) => zonesOf(account, answers).map(lookAtZone)],
  read(account, answers, place) {
    const things: [string, Value][] = [];
    for (const zone of zonesOf(account, answers)) {
      const answer = answers(lookAtZone(zone));
      if (answer.ok !== true) return unread(answer.reason);
      const read = readZone([answer], 0, zone);
      if (!read.ok) return unread(read.reason);
      things.push(...setsOf(zone, read.value.records, place));
    }
    return seen(things);
  },
  touched(action, p) {
    if (!/^dns\.(add|edit|remove)-record$/.test(action)) return undefined;
    const zone = text(p['zone']);
    const name = text(p['name']).replace(/\.$/, '');
    const owner =
      name === '@' || name === '' ? zone : name === zone || name.endsWith(`.${zone}`) ? name : `${name}.${zone}`;
    return `${zone}${colon}${owner} ${text(p['type']).toUpperCase()}`;
  },
  repair,
};
