import { type Args, uapi, type WhmCall } from '../../whm/call.ts';
import type { Tables } from './deps.ts';
import { lastOf, ownArgs } from './params.ts';

/** One function that a caller wants run, out of whatever container it came in. */
export interface Wanted {
  readonly api: 'whm' | 'uapi' | 'api2';
  /** 'createacct', 'Email::add_pop'. */
  readonly fn: string;
  /** The cPanel account of a UAPI or API 2 call. */
  readonly user?: string;
  readonly args: Args;
}

/** What becomes of it. */
export type Verdict =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: string }
  /** Relayed to one master; `account` is whose thing is read, when the call names one. */
  | { readonly kind: 'read'; readonly call: WhmCall; readonly account?: string; readonly domain?: string }
  /** A read that is true only over all masters. */
  | { readonly kind: 'merge'; readonly call: WhmCall; readonly account?: string; readonly domain?: string }
  /** A read on the master that the caller named. */
  | { readonly kind: 'named'; readonly call: WhmCall; readonly master: string }
  | { readonly kind: 'write'; readonly action: string; readonly params: Readonly<Record<string, unknown>> }
  /** A change of one master: the one that is named, else the account's active one. */
  | { readonly kind: 'one'; readonly call: WhmCall; readonly master?: string; readonly account?: string }
  /** A zone is read, and what the client was shown is remembered. */
  | { readonly kind: 'zone-read'; readonly call: WhmCall; readonly zone: string; readonly account?: string }
  /** Lines that a client saw become records. */
  | { readonly kind: 'zone-write'; readonly wanted: Wanted; readonly zone: string }
  /** Files for a home. */
  | { readonly kind: 'upload' }
  /** Answered by Tandem itself. */
  | { readonly kind: 'own'; readonly fn: string }
  | { readonly kind: 'session'; readonly user: string; readonly service: string };

/** API 2 has no table of its own: these read, and current clients (certbot, acme.sh, terraform) call them. */
const api2Reads: ReadonlySet<string> = new Set([
  'AddonDomain::listaddondomains',
  'Backups::listfullbackups',
  'Cron::fetchcron',
  'Cron::get_email',
  'Cron::listcron',
  'CustInfo::displaycontactinfo',
  'DomainLookup::getbasedomains',
  'DomainLookup::getdocroot',
  'DomainLookup::getdocroots',
  'DomainLookup::getmaindomain',
  'Email::getabsbrowsedir',
  'Email::listautoresponders',
  'Email::listdefaultaddresses',
  'Email::filterlist',
  'Email::listforwards',
  'Email::listmaildomains',
  'Email::listmx',
  'Email::listmxs',
  'Email::listpops',
  'Email::listpopswithdisk',
  'Ftp::listftp',
  'Ftp::listftpwithdisk',
  'MysqlFE::getdbuserprivileges',
  'MysqlFE::listdbs',
  'MysqlFE::listusers',
  'Park::listaddondomains',
  'Park::listparkeddomains',
  'SSL::installed_hosts',
  'SSL::listcrts',
  'StatsBar::stat',
  'SubDomain::listsubdomains',
  'ZoneEdit::fetch_cpanel_generated_domains',
  'ZoneEdit::fetchzone',
  'ZoneEdit::fetchzone_records',
  'ZoneEdit::fetchzones',
]);

function callOf(wanted: Wanted): WhmCall {
  const args = ownArgs(wanted.args);
  if (wanted.api === 'whm') return { api: 'whm', fn: wanted.fn, args };
  const call = uapi(wanted.user ?? '', wanted.fn);
  return { ...call, api: wanted.api, args };
}

/** Where the active server is meant when none is named, and no harm is done by that. */
const harmless: ReadonlySet<string> = new Set([
  'restartservice',
  'start_autossl_check_for_one_user',
  'SSL::start_autossl_check',
]);

/** What concerns one server alone needs its name. */
function namedOnly(wanted: Wanted): Verdict {
  const master = lastOf(wanted.args, 'tandem.master');
  if (master !== undefined) return { kind: 'one', call: callOf(wanted), master };
  if (harmless.has(wanted.fn)) return { kind: 'one', call: callOf(wanted), ...accountOf(wanted, undefined) };
  return { kind: 'refused', reason: `“${wanted.fn}” concerns one server only; it must be named (tandem.master=ID).` };
}

function accountOf(wanted: Wanted, parameter: string | undefined): { readonly account?: string } {
  const account = wanted.user ?? (parameter === undefined ? undefined : lastOf(wanted.args, parameter));
  return account === undefined ? {} : { account };
}

function read<K extends 'read' | 'merge'>(kind: K, wanted: Wanted, accountName: string | undefined) {
  const account = wanted.user ?? (accountName === undefined ? undefined : lastOf(wanted.args, accountName));
  const domain = wanted.api === 'whm' ? lastOf(wanted.args, 'domain') : undefined;
  const names = { ...(account === undefined ? {} : { account }), ...(domain === undefined ? {} : { domain }) };
  const master = lastOf(wanted.args, 'tandem.master');
  if (master !== undefined) return { kind: 'named' as const, call: callOf(wanted), master };
  return { kind, call: callOf(wanted), ...names };
}

const zoneReads: ReadonlySet<string> = new Set([
  'whm parse_dns_zone',
  'whm dumpzone',
  'uapi DNS::parse_zone',
  'api2 ZoneEdit::fetchzone',
  'api2 ZoneEdit::fetchzone_records',
]);

const zoneWrites: ReadonlySet<string> = new Set([
  'whm mass_edit_dns_zone',
  'whm addzonerecord',
  'whm editzonerecord',
  'whm removezonerecord',
  'uapi DNS::mass_edit_zone',
  'api2 ZoneEdit::add_zone_record',
  'api2 ZoneEdit::edit_zone_record',
  'api2 ZoneEdit::remove_zone_record',
]);

/** Serials and lines belong to one server and one moment: zones have a way of their own. */
function zoneVerdict(wanted: Wanted): Verdict | undefined {
  const name = `${wanted.api} ${wanted.fn}`;
  const zone = (lastOf(wanted.args, 'zone') ?? lastOf(wanted.args, 'domain') ?? '').toLowerCase().replace(/\.$/, '');
  if (zone === '' || lastOf(wanted.args, 'tandem.master') !== undefined) return undefined;
  if (zoneWrites.has(name)) return { kind: 'zone-write', wanted, zone };
  if (!zoneReads.has(name)) return undefined;
  return { kind: 'zone-read', call: callOf(wanted), zone, ...accountOf(wanted, undefined) };
}

/** How the actions' covers learn the account of a UAPI or API 2 call. */
function withUser(wanted: Wanted): Args {
  const own = ownArgs(wanted.args);
  return wanted.user === undefined ? own : [['cpanel.user', wanted.user], ...own];
}

/** Tandem's own link, where one was asked for; what opens a page of a master's leads nowhere, since their ports are closed. */
function sessionVerdict(wanted: Wanted): Verdict {
  const { api, fn, args } = wanted;
  if (api === 'whm' && fn === 'create_user_session')
    return { kind: 'session', user: lastOf(args, 'user') ?? '', service: lastOf(args, 'service') ?? 'cpaneld' };
  const reason = `“${fn}” signs in to one server, which is closed to the outside. Use create_user_session.`;
  return { kind: 'refused', reason };
}

/**
 * Decides what becomes of one function, by its name and never by the HTTP method: WHM's own reference gives GET for
 * createacct and reboot. What an action covers is an operation; the rest follows the function table; what is in
 * neither is unknown.
 */
export function judge(tables: Tables, wanted: Wanted): Verdict {
  if (wanted.api === 'uapi' && wanted.fn === 'Fileman::upload_files') return { kind: 'upload' };
  const zone = zoneVerdict(wanted);
  if (zone !== undefined) return zone;
  const cover = tables.cover(wanted.fn, withUser(wanted));
  if (cover !== undefined) return { kind: 'write', ...cover };
  if (wanted.api === 'api2') return api2Reads.has(wanted.fn) ? read('read', wanted, undefined) : { kind: 'unknown' };
  const entry = tables.entry(wanted.api, wanted.fn);
  if (entry === undefined) return { kind: 'unknown' };
  switch (entry.treatment) {
    case 'read':
      return read('read', wanted, entry.account);
    case 'merge':
      return read('merge', wanted, entry.account);
    case 'fan-out':
      return { kind: 'write', ...tables.generic(callOf(wanted)) };
    case 'active':
      return { kind: 'one', call: callOf(wanted), ...accountOf(wanted, entry.account) };
    case 'named':
      return namedOnly(wanted);
    case 'session':
      return sessionVerdict(wanted);
    case 'tandem':
      return { kind: 'own', fn: wanted.fn };
    case 'container':
      return { kind: 'refused', reason: `“${wanted.fn}” must not stand inside another call.` };
    case 'refused':
      return {
        kind: 'refused',
        reason: entry.why ?? `Permission denied: You do not have the required privileges to run “${wanted.fn}”.`,
      };
  }
}
