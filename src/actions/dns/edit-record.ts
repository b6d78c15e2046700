import { z } from 'zod';
import { when } from '../answers.ts';
import { apply, define, type Place, type Plan, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import { editZone, isStale, lookAtZone, readZone, saysSame, type Zone } from '../zone.ts';
import { checked, desired, isInside, type RecordFields, recordFields, spoken, zoneFields } from './fields.ts';
import { zoneKeys, zoneSubject } from './keys.ts';

const { name, value, priority, weight, port, flags, tag } = recordFields;

const newFields = {
  newName: name.optional().meta({ label: 'New name' }),
  newValue: value.optional().meta({ label: 'New value' }),
  newPriority: priority.meta({ label: 'New priority', input: 'number' }),
  newWeight: weight.meta({ label: 'New weight', input: 'number' }),
  newPort: port.meta({ label: 'New port', input: 'number' }),
  newFlags: flags.meta({ label: 'New flags', input: 'number' }),
  newTag: tag.meta({ label: 'New tag' }),
  newTtl: f.ttl().optional().meta({ label: 'New TTL (seconds)' }),
} as const;

const shape = z.strictObject({ ...zoneFields, ...recordFields, ...newFields });

/** What is not given stays as it is. */
function renewed(p: z.output<typeof shape>): RecordFields {
  return {
    name: p.newName ?? p.name,
    type: p.type,
    value: p.newValue ?? p.value,
    priority: p.newPriority ?? p.priority,
    weight: p.newWeight ?? p.weight,
    port: p.newPort ?? p.port,
    flags: p.newFlags ?? p.flags,
    tag: p.newTag ?? p.tag,
  };
}

const params = shape
  .check(checked((p) => p))
  .check(checked(renewed, (field) => `new${field.charAt(0).toUpperCase()}${field.slice(1)}`))
  .refine((p) => isInside(p.name, p.zone) && isInside(renewed(p).name, p.zone), {
    path: ['name'],
    message: 'is not inside the zone',
  })
  .refine(
    (p) => Object.keys(newFields).some((key) => Object.entries(p).some(([k, v]) => k === key && v !== undefined)),
    {
      path: [],
      message: 'change at least one thing',
    },
  );

type Params = z.output<typeof params>;

function plan(p: Params, zone: Zone, place: Place): Plan {
  const { masters, master } = place;
  const from = desired(p, 0, p.zone, masters, master.id);
  const old = zone.records.find((r) => saysSame(r, from));
  const to = desired(renewed(p), p.newTtl ?? old?.ttl ?? 0, p.zone, masters, master.id);
  const there = zone.records.find((r) => saysSame(r, to));
  if (old !== undefined && there === old) {
    return old.ttl === to.ttl ? settled : apply(editZone(p.zone, zone, { edit: [{ line: old.line, record: to }] }));
  }
  if (old === undefined) {
    const hasTtl = p.newTtl === undefined || there?.ttl === p.newTtl;
    return there !== undefined && place.sent && hasTtl ? settled : refused(`There is no record ${spoken(from)}.`);
  }
  if (there !== undefined) return refused(`The record ${spoken(to)} already exists.`);
  return apply(editZone(p.zone, zone, { edit: [{ line: old.line, record: to }] }));
}

/** One record becomes another, named by what it says, never by its line. Its type stays. */
export const editRecord = define({
  id: 'dns.edit-record',
  title: 'Edit DNS record',
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
