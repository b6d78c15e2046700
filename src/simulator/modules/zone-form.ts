/** Records from the form fields of addzonerecord, editzonerecord and ZoneEdit. */
import type { Params } from '../params.ts';
import { Refusal } from '../params.ts';
import { checkRecord } from './zone-edit.ts';
import type { ZoneRecord } from './zone-model.ts';
import { txtStrings } from './zone-template.ts';
import { fieldNames } from './zone-views.ts';

/** Every field that the forms know. */
export const formFields: readonly string[] = [
  ...new Set([
    ...Object.values(fieldNames).flat(),
    'txtdata',
    'unencoded',
    'flatten',
    'flatten_to',
    'class',
    'ttl',
    'type',
    'name',
    'zone',
  ]),
];

const hostValued = new Set(['CNAME', 'DNAME', 'MX', 'NS', 'PTR', 'SRV']);
const unserializable = 'Failed to serialize record: unknown error';

/** Names inside values are absolute in the file; a caller may leave out the last dot. */
function withDot(type: string, field: string, value: string): string {
  const isName = hostValued.has(type) && !/^(preference|priority|weight|port)$/u.test(field);
  return isName && value.includes('.') && !value.endsWith('.') ? `${value}.` : value;
}

function valuesOf(params: Params, type: string, before: ZoneRecord | undefined): readonly string[] {
  const same = before?.type === type ? before.data : undefined;
  if (type === 'TXT') {
    const text = params.get('txtdata') ?? same?.join('');
    if (text === undefined) throw new Refusal(unserializable);
    return txtStrings(text);
  }
  const names = fieldNames[type];
  if (names === undefined) throw new Refusal(unserializable);
  return names.map((field, i) => {
    const given = params.get(field) ?? same?.[i];
    if (given === undefined || given === '') throw new Refusal(unserializable);
    return withDot(type, field, given);
  });
}

/** The record that the form describes; what it leaves out comes from `before`. Refuses as cPanel does. */
export function formRecord(params: Params, before?: ZoneRecord): ZoneRecord {
  const type = (params.get('type') ?? before?.type ?? '').toUpperCase();
  const ttl = params.number('ttl') ?? before?.ttl ?? 86400;
  if (!Number.isInteger(ttl) || ttl < 0) throw new Refusal(unserializable);
  const record: ZoneRecord = {
    kind: 'record',
    name: params.get('name') ?? before?.name ?? '',
    ttl,
    type,
    data: valuesOf(params, type, before),
  };
  checkRecord(record);
  return record;
}
