/** WHM functions that change records. */
import type { Context, Entry, Handler, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import type { Params } from '../params.ts';
import { Refusal } from '../params.ts';
import type { ZoneEdits } from './zone-edit.ts';
import { checkRecord, edited, parseItem, refuseClash, staleReason } from './zone-edit.ts';
import { formFields, formRecord } from './zone-form.ts';
import type { Zone, ZoneLine } from './zone-model.ts';
import { heightOf, placed, recordAt, serialOf } from './zone-model.ts';
import { domainName, reloaded, writeZone, zoneForCaller } from './zone-store.ts';

/** The edits of a mass edit, from `add`, `edit` and `remove`, repeated or numbered. */
function editsOf(params: Params): ZoneEdits {
  const edit = params.list('edit').map(parseItem);
  return {
    add: params.list('add').map((text) => parseItem(text).record),
    edit: edit.map(({ index, record }) => {
      if (index === undefined || !Number.isInteger(index)) throw new Refusal('The “line_index” value is missing.');
      return { index, record };
    }),
    remove: params.list('remove').map((text) => {
      if (!/^\d+$/u.test(text)) throw new Refusal(`“${text}” is not a valid line index.`);
      return Number(text);
    }),
  };
}

/** Compare-and-set of a zone. `stale` makes the answer for a serial that is no longer the zone's. */
export function massEdit(
  context: Context,
  zone: Zone,
  stale: (reason: string) => Result,
): Result | { readonly serial: number } {
  const reason = staleReason(zone, context.params.require('serial'));
  if (reason !== undefined) return stale(reason);
  return { serial: serialOf(writeZone(context, zone, edited(zone, editsOf(context.params)))) };
}

function massEditDnsZone(context: Context): Result {
  const zone = zoneForCaller(context, domainName(context.params.require('zone')));
  const done = massEdit(context, zone, no);
  return 'serial' in done ? ok({ new_serial: String(done.serial) }) : done;
}

/** Adds the record of a form at the end of the zone. Twice the same makes two. */
export function addFormRecord(context: Context, zone: Zone): Zone {
  const record = formRecord(context.params);
  const lines = [...zone.lines, record];
  refuseClash(zone.domain, lines, record);
  return writeZone(context, zone, lines);
}

/** Changes the record that begins at `index`, counted from 0. */
export function editFormRecord(context: Context, zone: Zone, index: number): Zone {
  const before = recordAt(zone, index);
  if (before === undefined) throw new Refusal('Failed to serialize record: unknown error');
  const record = formRecord(context.params, before);
  const lines = placed(zone).map((p) => (p.index === index ? record : p.line));
  refuseClash(zone.domain, lines, record);
  return writeZone(context, zone, lines);
}

/** Takes the record away that covers the physical line `index`, counted from 0. */
export function removeLine(context: Context, zone: Zone, index: number): Zone {
  const covers = (at: number, line: ZoneLine): boolean => index >= at && index < at + heightOf(line);
  const found = placed(zone).find((p) => covers(p.index, p.line));
  if (found === undefined || found.line.kind !== 'record' || found.line.type === 'SOA') {
    throw new Refusal(`Unable to find a record on specified line: ${index + 1}`);
  }
  return writeZone(
    context,
    zone,
    zone.lines.filter((line) => line !== found.line),
  );
}

function written(context: Context, zone: Zone): Result {
  return ok(undefined, { reason: reloaded(context, zone.domain) });
}

function addzonerecord(context: Context): Result {
  const zone = zoneForCaller(context, domainName(context.params.require('zone', 'domain')));
  return written(context, addFormRecord(context, zone));
}

function editzonerecord(context: Context): Result {
  const zone = zoneForCaller(context, domainName(context.params.require('zone', 'domain')));
  return written(context, editFormRecord(context, zone, Number(context.params.require('line', 'Line')) - 1));
}

function removezonerecord(context: Context): Result {
  const { params } = context;
  const zone = zoneForCaller(context, domainName(params.require('zone', 'domain')));
  const given = params.get('serialnum');
  const reason = given === undefined || given === '' ? undefined : staleReason(zone, given);
  if (reason !== undefined) return no(reason);
  return written(context, removeLine(context, zone, Number(params.require('line', 'Line')) - 1));
}

function savemxs(context: Context): Result {
  const { params } = context;
  const zone = zoneForCaller(context, domainName(params.require('domain')));
  const name = `${domainName(params.require('name'))}.`;
  const exchange = `${domainName(params.require('exchange'))}.`;
  const ttl = params.number('ttl') ?? 14400;
  const record = { kind: 'record', name, ttl, type: 'MX', data: [params.require('preference'), exchange] } as const;
  checkRecord(record);
  return written(context, writeZone(context, zone, [...zone.lines, record]));
}

export const dnsWrites: Readonly<Record<string, Entry<Handler>>> = {
  mass_edit_dns_zone: { run: massEditDnsZone, params: ['add-#', 'edit-#', 'remove-#'] },
  addzonerecord: { run: addzonerecord, params: ['domain', ...formFields] },
  editzonerecord: { run: editzonerecord, params: ['domain', 'line', 'Line', 'lines', ...formFields] },
  removezonerecord: { run: removezonerecord, params: ['domain', 'Line'] },
  savemxs,
};
