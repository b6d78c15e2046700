/** UAPI DNS::swap_ip_in_zones: one address for another in the zones of an account. */
import type { AccountContext, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Zone, ZoneLine, ZoneRecord } from './zone-model.ts';
import { absolute } from './zone-model.ts';
import { domainName, writeZone, zoneForAccount } from './zone-store.ts';

const ADDRESS = /^(\d{1,3}\.){3}\d{1,3}$/u;

interface Swap {
  readonly source: string;
  readonly dest: string;
  /** What 'ftp' gets, when it is to differ. */
  readonly ftp: string;
}

function address(text: string): string {
  if (!ADDRESS.test(text)) throw new Refusal(`“${text}” is not a valid IP address.`);
  return text;
}

function swapped(line: ZoneLine, zone: Zone, swap: Swap): ZoneLine {
  if (line.kind !== 'record' || line.type !== 'A' || line.data[0] !== swap.source) return line;
  const isFtp = absolute(line.name, zone.domain) === `ftp.${zone.domain}.`;
  return { ...line, data: [isFtp ? swap.ftp : swap.dest] };
}

function rowOf(zone: Zone, { name, type, data }: ZoneRecord, source: string): Readonly<Record<string, unknown>> {
  const record_name = absolute(name, zone.domain).replace(/\.$/u, '');
  return { new_value: data[0], old_value: source, record_name, record_type: type, zone_name: zone.domain };
}

function swapIn(context: AccountContext, zone: Zone, swap: Swap): readonly Readonly<Record<string, unknown>>[] {
  const lines = zone.lines.map((line) => swapped(line, zone, swap));
  const changed = lines.filter((line, at) => line !== zone.lines[at]);
  if (changed.length === 0) return [];
  writeZone(context, zone, lines);
  return changed.flatMap((line) => (line.kind === 'record' ? [rowOf(zone, line, swap.source)] : []));
}

function swapIpInZones(context: AccountContext): Result {
  const { account, params } = context;
  const dest = address(params.require('dest_ip'));
  const source = address(params.get('source_ip') ?? account.ip);
  const swap = { source, dest, ftp: address(params.get('ftp_ip') ?? dest) };
  const wanted = params.list('domain').map(domainName);
  if (wanted.length === 0) params.require('domain');
  const zones = wanted.map((domain) => zoneForAccount(context, domain));
  return ok(zones.flatMap((zone) => swapIn(context, zone, swap)));
}

export const dnsSwap: Module = {
  uapi: { 'DNS::swap_ip_in_zones': { run: swapIpInZones, params: ['domain-#'] } },
};
