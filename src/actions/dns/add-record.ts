import { z } from 'zod';
import type { Args } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { apply, define, type Place, type Plan, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import { wordedAs } from '../raw.ts';
import { editZone, isStale, lookAtZone, readZone, saysSame, type Zone } from '../zone.ts';
import { checked, desired, isInside, recordFields, spoken, types, zoneFields } from './fields.ts';
import { zoneKeys, zoneSubject } from './keys.ts';

const params = z
  .strictObject({ ...zoneFields, ...recordFields, ttl: f.ttl().default(14_400).meta({ label: 'TTL (seconds)' }) })
  .check(checked((p) => p))
  .refine((p) => isInside(p.name, p.zone), { path: ['name'], message: 'is not inside the zone' });

type Params = z.output<typeof params>;

function plan(p: Params, zone: Zone, place: Place): Plan {
  const record = desired(p, p.ttl, p.zone, place.masters, place.master.id);
  const there = zone.records.filter((r) => saysSame(r, record));
  if (there.length > 0) {
    if (!place.sent) return refused(`The record ${spoken(record)} already exists.`);
    const equal = there.some((r) => r.ttl === record.ttl);
    return equal ? settled : refused(`The record ${spoken(record)} already exists with another TTL.`);
  }
  const others = zone.records.filter((r) => r.name === record.name);
  if (others.some((r) => r.type === 'CNAME')) return refused(`${record.name} is a CNAME and can have no other record.`);
  if (record.type === 'CNAME' && others.length > 0)
    return refused(`${record.name} has other records and cannot be a CNAME.`);
  return apply(editZone(p.zone, zone, { add: [record] }));
}

/** addzonerecord's value argument, by type. */
const values: Readonly<Record<(typeof types)[number], string>> = {
  A: 'address',
  AAAA: 'address',
  CNAME: 'cname',
  MX: 'exchange',
  TXT: 'txtdata',
  SRV: 'target',
  CAA: 'value',
};

function fromAddzonerecord(raw: Args): Record<string, unknown> | undefined {
  const asked = raw.find(([name]) => name === 'type')?.[1]?.toUpperCase();
  const type = types.find((one) => one === asked);
  if (type === undefined) return undefined;
  const found = wordedAs(raw, {
    names: {
      domain: 'zone',
      zone: 'zone',
      name: 'name',
      ttl: 'ttl',
      type: 'type',
      [values[type]]: 'value',
      preference: 'priority',
      priority: 'priority',
      weight: 'weight',
      port: 'port',
      flag: 'flags',
      tag: 'tag',
    },
    implied: { class: ['IN', 'in', ''], unencoded: ['1', '0', ''], ttl: [''], flatten: ['0', ''] },
  });
  return found === undefined ? undefined : { ...found, type };
}

/** A record that is to be in the zone. addzonerecord through the passthrough becomes this. */
export const addRecord = define({
  id: 'dns.add-record',
  title: 'Add DNS record',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  reversible: true,
  covers: { addzonerecord: fromAddzonerecord },
  stale: isStale,
  subject: zoneSubject,
  keys: zoneKeys,
  observe: (p) => [lookAtZone(p.zone)],
  read: (p, answers) => readZone(answers, 0, p.zone),
  plan: (p, seen, place) => when(seen, (zone) => plan(p, zone, place)),
});
