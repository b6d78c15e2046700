import { z } from 'zod';
import { when } from '../answers.ts';
import { apply, define, type Place, type Plan, refused, settled } from '../define.ts';
import { editZone, isStale, lookAtZone, readZone, saysSame, type Zone } from '../zone.ts';
import { checked, desired, isInside, recordFields, spoken, zoneFields } from './fields.ts';
import { zoneKeys, zoneSubject } from './keys.ts';

const params = z
  .strictObject({ ...zoneFields, ...recordFields })
  .check(checked((p) => p))
  .refine((p) => isInside(p.name, p.zone), { path: ['name'], message: 'is not inside the zone' });

function plan(p: z.output<typeof params>, zone: Zone, place: Place): Plan {
  const record = desired(p, 0, p.zone, place.masters, place.master.id);
  const lines = zone.records.filter((r) => saysSame(r, record)).map((r) => r.line);
  if (lines.length > 0) return apply(editZone(p.zone, zone, { remove: lines }));
  return place.sent ? settled : refused(`There is no record ${spoken(record)}.`);
}

/** A record that is not to be in the zone, named by what it says, never by its line. */
export const removeRecord = define({
  id: 'dns.remove-record',
  title: 'Remove DNS record',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'read back',
  reversible: true,
  stale: isStale,
  subject: zoneSubject,
  keys: zoneKeys,
  observe: (p) => [lookAtZone(p.zone)],
  read: (p, answers) => readZone(answers, 0, p.zone),
  plan: (p, seen, place) => when(seen, (zone) => plan(p, zone, place)),
});
