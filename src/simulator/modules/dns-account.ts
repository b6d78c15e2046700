/** DNS as a cPanel account sees it: UAPI `DNS`, API 2 `ZoneEdit`. */
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { authorityRows } from './dns-read.ts';
import { addFormRecord, editFormRecord, massEdit, removeLine } from './dns-write.ts';
import { formFields } from './zone-form.ts';
import { resetToTemplate, zonesOfAccount } from './zone-life.ts';
import type { Zone } from './zone-model.ts';
import { isRecord, serialOf } from './zone-model.ts';
import { domainName, reloaded, zoneForAccount } from './zone-store.ts';
import { zoneText } from './zone-text.ts';
import { fetchedZone, parsedZone } from './zone-views.ts';

type Row = Readonly<Record<string, unknown>>;

function zoneOf(context: AccountContext, parameter: string): Zone {
  return zoneForAccount(context, domainName(context.params.require(parameter)));
}

function massEditZone(context: AccountContext): Result {
  const zone = zoneOf(context, 'zone');
  const done = massEdit(context, zone, (reason) => no(reason, { data: { type: 'Stale' } }));
  return 'serial' in done ? ok({ new_serial: done.serial }) : done;
}

/** Names that cPanel made in the zone by itself. */
function generatedDomains(context: AccountContext): Result {
  const zone = zoneOf(context, 'domain');
  const made = [
    'www',
    'ftp',
    'mail',
    'cpanel',
    'webmail',
    'webdisk',
    'whm',
    'cpcontacts',
    'cpcalendars',
    'autodiscover',
    'autoconfig',
  ];
  return ok([`${zone.domain}.`, ...made.map((label) => `${label}.${zone.domain}.`)].map((domain) => ({ domain })));
}

function localOnly(context: AccountContext): Result {
  const far = authorityRows(context).filter((row) => row['local_authority'] !== 1);
  return far.length === 0 ? ok([]) : no(`The domain “${String(far[0]?.['domain'])}” is not local.`);
}

export const accountDns: Readonly<Record<string, Entry<AccountHandler>>> = {
  'DNS::parse_zone': (c) => ok(parsedZone(zoneOf(c, 'zone'))),
  'DNS::mass_edit_zone': { run: massEditZone, params: ['add-#', 'edit-#', 'remove-#'] },
  'DNS::has_local_authority': { run: (c) => ok(authorityRows(c)), params: ['domain-#'] },
  'DNS::fetch_cpanel_generated_domains': generatedDomains,
  'DNS::ensure_domains_reside_only_locally': { run: localOnly, params: ['domain-#'] },
  'ZoneEdit::resetzone': { run: resetZone, since: '11.138' },
};

function resetZone(context: AccountContext): Result {
  const zone = zoneOf(context, 'domain');
  resetToTemplate(context, zone, context.account.ip);
  return ok([{ result: { checkmx: null, status: 1, statusmsg: reloaded(context, zone.domain) } }]);
}

const filters = [
  'line',
  'ttl',
  'name',
  'class',
  'address',
  'type',
  'txtdata',
  'preference',
  'exchange',
  'cname',
  'target',
  'port',
];

function matching(context: AccountContext, rows: readonly Row[]): readonly Row[] {
  const asked = filters.flatMap((name) => {
    const value = context.params.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return rows.filter((row) => asked.every(([name, value]) => String(row[name] ?? '') === value));
}

function fetchRecords(context: AccountContext): readonly Row[] {
  const rows = fetchedZone(zoneOf(context, 'domain'));
  const custom = context.params.flag('customonly', false) || context.params.flag('get_custom_entries', false);
  const own = (row: Row): boolean =>
    ['A', 'CNAME'].includes(String(row['type'])) && !/^(www|ftp|mail|localhost)\./u.test(String(row['name']));
  return matching(context, custom ? rows.filter(own) : rows);
}

function fetchzone(context: AccountContext): Result {
  const serialnum = String(serialOf(zoneOf(context, 'domain')));
  return ok([{ record: fetchRecords(context), serialnum, status: 1, statusmsg: 'Zone Serialized' }]);
}

function fetchzones(context: AccountContext): Result {
  const all = zonesOfAccount(context, context.user).map((z) => [z.domain, zoneText(z).trimEnd().split('\n')] as const);
  return ok([{ zones: Object.fromEntries(all), status: 1, statusmsg: 'Zones fetched' }]);
}

/** ZoneEdit's writers answer one level deeper than others, and a refusal is no error of the envelope. */
function writer(write: (context: AccountContext, zone: Zone) => Zone): AccountHandler {
  return (context) => {
    try {
      const newserial = String(serialOf(write(context, zoneOf(context, 'domain'))));
      return ok([{ result: { status: 1, statusmsg: '', newserial } }]);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return no(error.message, {
        data: [{ result: { status: 0, statusmsg: error.message, newserial: null } }],
        quiet: true,
      });
    }
  };
}

function lineIndex(context: AccountContext): number {
  return Number(context.params.require('line', 'Line')) - 1;
}

const recordParams = ['domain', 'line', 'Line', ...formFields];

export const zoneEdit: Readonly<Record<string, Entry<AccountHandler>>> = {
  'ZoneEdit::fetchzone': { run: fetchzone, params: ['domain', 'get_custom_entries', ...filters] },
  'ZoneEdit::fetchzone_records': { run: (c) => ok(fetchRecords(c)), params: ['domain', 'customonly', ...filters] },
  'ZoneEdit::fetchzones': { run: fetchzones, params: [] },
  'ZoneEdit::fetch_cpanel_generated_domains': { run: generatedDomains, params: ['domain'] },
  'ZoneEdit::add_zone_record': { run: writer(addFormRecord), params: recordParams },
  'ZoneEdit::edit_zone_record': { run: writer((c, z) => editFormRecord(c, z, lineIndex(c))), params: recordParams },
  'ZoneEdit::remove_zone_record': {
    run: writer((c, z) => removeLine(c, z, lineIndex(c))),
    params: ['domain', 'line', 'Line'],
  },
  'ZoneEdit::resetzone': { run: resetZone, params: ['domain'] },
};

/** MX rows of a zone: preference and exchanger, in the order of the file. */
export function mxOf(zone: Zone | undefined): readonly { readonly preference: number; readonly exchange: string }[] {
  const rows = zone?.lines.filter(isRecord).filter((r) => r.type === 'MX') ?? [];
  return rows.map((r) => ({ preference: Number(r.data[0]), exchange: (r.data[1] ?? '').replace(/\.$/u, '') }));
}
