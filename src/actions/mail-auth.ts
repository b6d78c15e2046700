import { z } from 'zod';
import { type WhmCall, whm } from '../whm/call.ts';
import type { Answer } from '../whm/outcome.ts';
import { type Readable, readable } from './answers.ts';
import type { Place } from './define.ts';
import { isSameKey, publicKeyOf } from './rsa.ts';
import { carries, isSpf, withAddresses } from './spf.ts';
import { editZone, lookAtZone, readZone, type Zone, type ZoneRecord } from './zone.ts';

/**
 * What makes mail of a domain equally credible from every master: one DKIM key on all of them, its record, and an SPF
 * record that names all sending addresses.
 */
export interface MailAuth {
  /** PEM; undefined: this master has no key for the domain. */
  readonly key: string | undefined;
  readonly zone: Readable<Zone>;
}

const keys = z.object({ payload: z.array(z.object({ domain: z.string(), pem: z.string().nullish() })) });

/** Two reads, in the order that `readMailAuth` expects. */
export function lookAtMailAuth(domain: string, zone = domain): readonly WhmCall[] {
  return [whm('fetch_dkim_private_keys', { domain }), lookAtZone(zone)];
}

/** Parses the two answers that begin at `first`. A refusal means that the domain has neither key nor zone here. */
export function readMailAuth(answers: readonly Answer[], first: number, domain: string, zone = domain): MailAuth {
  const fetched = readable(answers, first, keys);
  const row = fetched.ok ? fetched.value.payload.find((k) => k.domain === domain) : undefined;
  const pem = row?.pem ?? '';
  return { key: pem === '' ? undefined : pem, zone: readZone(answers, first + 1, zone) };
}

/** The SPF text that stands at a domain. */
export function spfOf(zone: Zone, domain: string): string | undefined {
  return zone.records.find((r) => r.type === 'TXT' && r.name === `${domain}.` && isSpf(r.data.join('')))?.data.join('');
}

function dkimLine(zone: Zone, domain: string) {
  return zone.records.find((r) => r.type === 'TXT' && r.name === `default._domainkey.${domain}.`);
}

function carriesKey(record: ZoneRecord, key: string): boolean {
  const published = /(?:^|;)\s*p=([^;]*)/i.exec(record.data.join(''))?.[1];
  return published?.replace(/\s+/g, '') === key;
}

/** The one call that makes the record say our key, if it does not: WHM's own record may be older than the key. */
function dkimRecord(domain: string, zoneName: string, pem: string, zone: Zone): readonly WhmCall[] {
  const key = publicKeyOf(pem);
  const line = dkimLine(zone, domain);
  if (key === undefined || (line !== undefined && carriesKey(line, key))) return [];
  const record: ZoneRecord = {
    name: `default._domainkey.${domain}.`,
    type: 'TXT',
    ttl: line?.ttl ?? 14_400,
    data: [`v=DKIM1; k=rsa; p=${key};`],
  };
  return [editZone(zoneName, zone, line === undefined ? { add: [record] } : { edit: [{ line: line.line, record }] })];
}

export function installKey(domain: string, key: string): WhmCall {
  return whm('install_dkim_private_keys', { domain, key });
}

export function installSpf(domain: string, record: string): WhmCall {
  return whm('install_spf_records', { domain, record });
}

/** What is still to be called so that key and record are ours; the record only once the key is there. */
export function dkimCalls(domain: string, pem: string, seen: MailAuth, zone = domain): readonly WhmCall[] {
  if (seen.key === undefined || !isSameKey(seen.key, pem)) return [installKey(domain, pem)];
  return seen.zone.ok ? dkimRecord(domain, zone, pem, seen.zone.value) : [];
}

/** What is still to be called so that SPF carries every sending address. Without a readable zone WHM decides. */
export function spfCalls(domain: string, seen: Readable<Zone>, place: Place, base?: string): readonly WhmCall[] {
  const addresses = place.masters.sendingAddresses;
  const current = seen.ok ? spfOf(seen.value, domain) : undefined;
  const wanted = withAddresses(base ?? current, addresses);
  const enough = current !== undefined && (base === undefined ? carries(current, addresses) : current === wanted);
  return enough ? [] : [installSpf(domain, wanted)];
}

/** Both for a domain that was just made here: nothing of it can have been seen yet. */
export function freshMailAuth(domain: string, pem: string | undefined, place: Place): readonly WhmCall[] {
  const spf = installSpf(domain, withAddresses(undefined, place.masters.sendingAddresses));
  return pem === undefined ? [spf] : [installKey(domain, pem), spf];
}

/** Both for a domain that is there: what is left to do. Zone edits come alone, since every write moves the serial. */
export function mailAuthCalls(
  domain: string,
  pem: string | undefined,
  seen: MailAuth,
  place: Place,
  zone = domain,
): readonly WhmCall[] {
  const spf = spfCalls(domain, seen.zone, place);
  if (spf.length > 0 || pem === undefined) {
    const keyMissing = pem !== undefined && (seen.key === undefined || !isSameKey(seen.key, pem));
    return keyMissing ? [installKey(domain, pem), ...spf] : spf;
  }
  return dkimCalls(domain, pem, seen, zone);
}
