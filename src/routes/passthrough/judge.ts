import { type Args, uapi, type WhmCall, whm } from '../../whm/call.ts';
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
  /** Answered by Tandem itself. */
  | { readonly kind: 'own'; readonly fn: string }
  | { readonly kind: 'session'; readonly user: string; readonly service: string };

/** API 2 has no table of its own: these read, and current clients (certbot, acme.sh, terraform) call them. */
const api2Reads: ReadonlySet<string> = new Set([
  'AddonDomain::listaddondomains',
  'Cron::fetchcron',
  'Cron::get_email',
  'Cron::listcron',
  'DomainLookup::getbasedomains',
  'DomainLookup::getdocroot',
  'DomainLookup::getdocroots',
  'DomainLookup::getmaindomain',
  'Email::getabsbrowsedir',
  'Email::listautoresponders',
  'Email::listdefaultaddresses',
  'Email::listforwards',
  'Email::listmx',
  'Email::listpops',
  'Email::listpopswithdisk',
  'Ftp::listftp',
  'Ftp::listftpwithdisk',
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
  if (wanted.api === 'whm') return { ...whm(wanted.fn), args };
  const call = uapi(wanted.user ?? '', wanted.fn);
  return { ...call, api: wanted.api, args };
}

/** A change of one server alone needs its name, and an operation of its own kind. */
function namedOnly(wanted: Wanted): Verdict {
  const which = lastOf(wanted.args, 'tandem.master');
  const reason =
    which === undefined
      ? `“${wanted.fn}” concerns one server only; it must be named (tandem.master=ID).`
      : `“${wanted.fn}” would change the server ${which} alone, which is not offered through this interface.`;
  return { kind: 'refused', reason };
}

function read<K extends 'read' | 'merge'>(kind: K, wanted: Wanted, accountName: string | undefined) {
  const account = wanted.user ?? (accountName === undefined ? undefined : lastOf(wanted.args, accountName));
  const domain = wanted.api === 'whm' ? lastOf(wanted.args, 'domain') : undefined;
  const names = { ...(account === undefined ? {} : { account }), ...(domain === undefined ? {} : { domain }) };
  const master = lastOf(wanted.args, 'tandem.master');
  if (master !== undefined) return { kind: 'named' as const, call: callOf(wanted), master };
  return { kind, call: callOf(wanted), ...names };
}

/** Files, mail and data follow by their own replication: doing it on all masters would do it twice. */
function activeOnly(fn: string): string {
  return `“${fn}” works on files, mail or data of the account's active server, which is not offered here.`;
}

/** How the actions' covers learn the account of a UAPI or API 2 call. */
function withUser(wanted: Wanted): Args {
  const own = ownArgs(wanted.args);
  return wanted.user === undefined ? own : [['cpanel.user', wanted.user], ...own];
}

/**
 * Decides what becomes of one function, by its name and never by the HTTP method: WHM's own reference gives GET for
 * createacct and reboot. What an action covers is an operation; the rest follows the function table; what is in
 * neither is unknown.
 */
export function judge(tables: Tables, wanted: Wanted): Verdict {
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
      return { kind: 'refused', reason: activeOnly(wanted.fn) };
    case 'named':
      return namedOnly(wanted);
    case 'session':
      return {
        kind: 'session',
        user: lastOf(wanted.args, 'user') ?? wanted.user ?? '',
        service: lastOf(wanted.args, 'service') ?? 'cpaneld',
      };
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
