/** A zone as it stands, and a change to it from what was typed. */
import { z } from 'zod';
import { lookAtZone, readZone, type ZoneRecord } from '../../../../actions/zone.ts';
import { Invalid, NotFound, Refused, Unreachable } from '../../../../errors.ts';
import { changeOf, editable, parseZone, textOf, type ZoneChange } from '../../../portal/present/zone-text.ts';
import { domainsNow } from '../../account-facts.ts';
import { newly } from '../../newly.ts';
import type { Visit } from '../../visit.ts';
import { touchedLocks, veiled } from './zone-words.ts';

/** The zone that the path names, once it is sure to be the account's. Subdomains have their records in the parent's. */
export async function zoneAt(visit: Visit): Promise<string> {
  const zone = String(visit.request.params['zone'] ?? '').toLowerCase();
  const { main_domain, addon_domains, parked_domains } = await domainsNow(visit);
  if (![main_domain, ...addon_domains, ...parked_domains].includes(zone)) throw new NotFound('problem.not-found');
  return zone;
}

/** The records as they stand now, newly read: an edit is made from what stands there. Throws as `newly` does. */
export async function recordsNow(visit: Visit, zone: string): Promise<readonly ZoneRecord[]> {
  const read = readZone([{ ok: true, data: await dataNow(visit, zone) }], 0, zone);
  if (!read.ok) throw new Refused('refused.by-server', { hint: visit.plain(read.reason) });
  return veiled(visit.parts.masters, editable(read.value.records));
}

/** A page that only shows takes what was read a moment ago. */
async function dataNow(visit: Visit, zone: string): Promise<unknown> {
  if (visit.request.method === 'GET') return await newly(visit, lookAtZone(zone), z.unknown());
  const { outcome } = await visit.parts.reads.call(lookAtZone(zone), visit.account);
  if (outcome.kind === 'refused') throw new Refused('refused.by-server', { hint: visit.plain(outcome.reason) });
  if (outcome.kind !== 'done') throw new Unreachable('problem.unreachable');
  return outcome.data;
}

/** What has to be done for what was typed. Throws Invalid for a line that is no record, for no change, for the zone's own. */
export async function changeIn(visit: Visit, zone: string, text: string): Promise<ZoneChange> {
  const { records, unread } = parseZone(text, zone);
  if (unread.length > 0) {
    const lines = unread.join(', ');
    throw new Invalid('form.again', [{ path: 'records', message: visit.say('zones.line.wrong', { lines }) }]);
  }
  const now = await recordsNow(visit, zone);
  const change = changeOf(now, records);
  if (change.add.length + change.remove.length + change.edit.length === 0)
    throw new Invalid('form.again', [{ path: 'records', message: 'zones.same' }]);
  const locks = touchedLocks(visit.parts.masters, zone, change);
  const never = locks.has('own') ? 'zones.own' : locks.has('server') ? 'zones.one-server' : undefined;
  if (never !== undefined) throw new Invalid('form.again', [{ path: 'records', message: never }]);
  return change;
}

/** The zone's lines with one taken out, and perhaps another put in its place. Throws NotFound when it is not there. */
export function withLine(records: readonly ZoneRecord[], without: string, and: string): string {
  const lines = records.map(textOf);
  if (without !== '' && !lines.includes(without)) throw new NotFound('problem.not-found');
  const kept = without === '' ? lines : lines.toSpliced(lines.indexOf(without), 1);
  return [...kept, ...(and === '' ? [] : [and])].join('\n');
}
