/** WHM functions that read zones. */
import type { Context, Entry, Handler, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { isRecord, placed } from './zone-model.ts';
import { domainName, mayTouch, ownerOf, zoneForCaller, zoneHolding, zoneHost, zones } from './zone-store.ts';
import { zoneText } from './zone-text.ts';
import { dumped, dumpedZone, parsedZone } from './zone-views.ts';

function parseDnsZone(context: Context): Result {
  return ok({ payload: parsedZone(zoneForCaller(context, domainName(context.params.require('zone')))) });
}

function dumpzone(context: Context): Result {
  const zone = zoneForCaller(context, domainName(context.params.require('domain', 'zone')));
  return ok({ zone: [{ record: dumpedZone(zone) }] }, { reason: 'Zone Serialized' });
}

function dumpedV0(result: Result): unknown {
  if (!result.ok) return { result: [{ status: 0, statusmsg: result.reason, record: null }] };
  // The handler above built it.
  const { zone } = result.data as { zone: readonly [{ record: unknown }] };
  return { result: [{ status: 1, statusmsg: result.reason, record: zone[0].record }] };
}

function getzonerecord(context: Context): Result {
  const zone = zoneForCaller(context, domainName(context.params.require('domain', 'zone')));
  const line = Number(context.params.require('line', 'Line'));
  const found = placed(zone).find((p) => p.index === line - 1);
  if (found === undefined) return no('No record available on selected line.');
  return ok({ record: [dumped(zone.domain, found)] }, { reason: 'Record obtained.' });
}

/** The MX records of a zone as `listmxs` and `dumpzone` show them. */
function listmxs(context: Context): Result {
  const zone = zoneForCaller(context, domainName(context.params.require('domain')));
  const rows = placed(zone).filter(({ line }) => isRecord(line) && line.type === 'MX');
  return ok({ record: rows.map((at) => dumped(zone.domain, at)) });
}

function listzones(context: Context): Result {
  const names = context.state
    .of(zones)
    .values()
    .map((z) => z.domain);
  const seen = names.filter((name) => mayTouch(context, ownerOf(context, name)));
  return ok({ zone: seen.map((domain) => ({ domain, zonefile: `${domain}.db` })) });
}

function exportZoneFiles(context: Context): Result {
  const wanted = context.params.list('zone').map(domainName);
  const payload = wanted.map((name) => {
    const text = zoneText(zoneForCaller(context, name));
    return { zone: name, text_b64: Buffer.from(text, 'utf8').toString('base64') };
  });
  return ok({ payload });
}

/** Rows of `has_local_authority`, the same in WHM and UAPI. */
export function authorityRows(context: Context): readonly Readonly<Record<string, unknown>>[] {
  return context.params
    .list('domain')
    .map(domainName)
    .map((domain) => {
      const zone = zoneHolding(context, domain);
      if (zone === undefined) return { domain, local_authority: 0, nameservers: [] };
      const ns = zone.lines.filter(isRecord).filter((r) => r.type === 'NS' && r.name === `${zone.domain}.`);
      return {
        domain,
        local_authority: 1,
        nameservers: ns.map((r) => (r.data[0] ?? '').replace(/\.$/u, '')),
        zone: zone.domain,
      };
    });
}

function getNameserverConfig(context: Context): Result {
  return ok({ nameservers: zoneHost(context, '').nameservers });
}

export const dnsReads: Readonly<Record<string, Entry<Handler>>> = {
  parse_dns_zone: parseDnsZone,
  dumpzone: { run: dumpzone, params: ['zone'], v0: dumpedV0 },
  getzonerecord: { run: getzonerecord, params: ['zone', 'Line'] },
  listmxs,
  listzones: { run: listzones, v0: (r) => (r.ok ? r.data : { status: 0, statusmsg: r.reason }) },
  export_zone_files: { run: exportZoneFiles, params: ['zone-#'] },
  has_local_authority: { run: (c) => ok({ records: authorityRows(c) }), params: ['domain-#'] },
  get_nameserver_config: getNameserverConfig,
};
