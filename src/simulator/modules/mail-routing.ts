/** Mail domains, their exchangers, and whether the server takes their mail. */
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { domains } from '../tables.ts';
import { mxOf } from './dns-account.ts';
import type { Routing } from './mail-store.ts';
import { mailDomain, routings } from './mail-store.ts';
import type { Zone, ZoneLine } from './zone-model.ts';
import { absolute } from './zone-model.ts';
import { domainName, reloaded, writeZone, zones } from './zone-store.ts';
import { record } from './zone-template.ts';

type Row = Readonly<Record<string, unknown>>;

/** All domains of the account: every one can have mail. */
function mailDomains(context: AccountContext): readonly string[] {
  const rows = context.state.of(domains).by(context.user);
  return rows.map((d) => d.domain);
}

function listMailDomains(context: AccountContext): readonly Row[] {
  const { params, account } = context;
  const selected = domainName(params.get('select') ?? account.domain);
  const names = mailDomains(context);
  const all = params.flag('add_www', false) ? names.flatMap((d) => [d, `www.${d}`]) : names;
  return all.map((domain) => (domain === selected ? { domain, select: 1 } : { domain }));
}

function zoneOf(context: AccountContext, domain: string): Zone {
  const zone = context.state.of(zones).get(domain);
  if (zone === undefined) throw new Refusal(`The domain “${domain}” has no DNS zone on this server.`);
  return zone;
}

/** Where the mail of a domain belongs by its exchangers: here, elsewhere, or here as a backup. */
function detected(context: AccountContext, domain: string): 'local' | 'remote' {
  const own = new Set([domain, `mail.${domain}`, context.host.hostname]);
  return mxOf(context.state.of(zones).get(domain)).some((mx) => own.has(mx.exchange)) ? 'local' : 'remote';
}

function routing(context: AccountContext, domain: string): Row {
  const mxcheck = context.state.of(routings).get(domain)?.mxcheck ?? 'auto';
  const found = detected(context, domain);
  const used = mxcheck === 'auto' ? found : mxcheck;
  const is = (kind: string): 0 | 1 => (used === kind ? 1 : 0);
  return { detected: found, local: is('local'), mxcheck, remote: is('remote'), secondary: is('secondary') };
}

function mxRow(context: AccountContext, domain: string): Row {
  const all = mxOf(context.state.of(zones).get(domain));
  const entries = all.map(({ preference, exchange }, i) => ({
    domain,
    entrycount: i + 1,
    mx: exchange,
    priority: preference,
    row: i % 2 === 0 ? 'odd' : 'even',
  }));
  const { local, ...rest } = routing(context, domain);
  return {
    alwaysaccept: rest['mxcheck'] === 'local' ? 1 : 0,
    ...rest,
    local,
    domain,
    entries,
    mx: all[0]?.exchange ?? null,
    status: 1,
    statusmsg: 'Fetched MX List',
  };
}

function listMxs(context: AccountContext): readonly Row[] {
  const given = context.params.get('domain') ?? '';
  const wanted = given === '' ? mailDomains(context) : [mailDomain(context, given)];
  return wanted.filter((d) => context.state.of(zones).has(d)).map((d) => mxRow(context, d));
}

function checkmx(context: AccountContext, domain: string, changed: boolean): Row {
  const found = routing(context, domain);
  return {
    ...found,
    changed: changed ? 1 : 0,
    isprimary: found['local'],
    issecondary: found['secondary'],
    warnings: [],
  };
}

function answer(context: AccountContext, domain: string, statusmsg: string): Row {
  return { checkmx: checkmx(context, domain, false), results: statusmsg, status: 1, statusmsg };
}

function isMx(zone: Zone, line: ZoneLine, exchange: string, preference: string | undefined): boolean {
  if (line.kind !== 'record' || line.type !== 'MX' || absolute(line.name, zone.domain) !== `${zone.domain}.`)
    return false;
  const same = (line.data[1] ?? '').replace(/\.$/u, '') === exchange;
  return same && (preference === undefined || preference === '' || line.data[0] === preference);
}

function exchanger(context: AccountContext, ...names: readonly string[]): string {
  return domainName(context.params.require(...names));
}

function addMx(context: AccountContext): Row {
  const domain = mailDomain(context, context.params.require('domain'));
  const zone = zoneOf(context, domain);
  const [exchange, preference] = [
    exchanger(context, 'exchanger', 'exchange'),
    context.params.require('priority', 'preference'),
  ];
  if (zone.lines.some((line) => isMx(zone, line, exchange, preference))) {
    return answer(context, domain, `The MX record for ${domain} exists.\nNo dns changes are required`);
  }
  writeZone(context, zone, [...zone.lines, record(`${domain}.`, 'MX', [preference, `${exchange}.`])]);
  return answer(context, domain, reloaded(context, domain));
}

function changeMx(context: AccountContext): Row {
  const { params } = context;
  const domain = mailDomain(context, params.require('domain'));
  const zone = zoneOf(context, domain);
  const old = exchanger(context, 'oldexchanger', 'oldexchange');
  const next = record(`${domain}.`, 'MX', [
    params.require('priority', 'preference'),
    `${exchanger(context, 'exchanger', 'exchange')}.`,
  ]);
  const oldPreference = params.get('oldpriority', 'oldpreference');
  if (!zone.lines.some((line) => isMx(zone, line, old, oldPreference))) {
    throw new Refusal(`The MX record “${old}” does not exist on “${domain}”.`);
  }
  writeZone(
    context,
    zone,
    zone.lines.map((line) => (isMx(zone, line, old, oldPreference) ? next : line)),
  );
  return answer(context, domain, reloaded(context, domain));
}

function deleteMx(context: AccountContext): Row {
  const domain = mailDomain(context, context.params.require('domain'));
  const zone = zoneOf(context, domain);
  const [exchange, preference] = [
    exchanger(context, 'exchanger', 'exchange'),
    context.params.get('priority', 'preference'),
  ];
  const kept = zone.lines.filter((line) => !isMx(zone, line, exchange, preference));
  if (kept.length === zone.lines.length)
    throw new Refusal(`The MX record “${exchange}” does not exist on “${domain}”.`);
  writeZone(context, zone, kept);
  return answer(context, domain, reloaded(context, domain));
}

function routingOf(text: string): Routing['mxcheck'] {
  if (text === 'auto' || text === 'local' || text === 'secondary' || text === 'remote') return text;
  throw new Refusal(`“${text}” is not a valid mail routing.`);
}

function setAlwaysAccept(context: AccountContext): Row {
  const { params, state, user } = context;
  const domain = mailDomain(context, params.require('domain'));
  const mxcheck = routingOf(params.get('mxcheck') ?? (params.flag('alwaysaccept', false) ? 'local' : 'auto'));
  state.of(routings).set(domain, { user, domain, mxcheck });
  const results = `Set Always Accept Status to: ${mxcheck}`;
  return {
    ...routing(context, domain),
    checkmx: checkmx(context, domain, true),
    results,
    status: 1,
    statusmsg: results,
  };
}

function uapiOf(run: (context: AccountContext) => Row): AccountHandler {
  return (context): Result => ok(run(context));
}

function api2Of(run: (context: AccountContext) => Row, params: readonly string[]): Entry<AccountHandler> {
  return { params: ['domain', ...params], run: (context) => ok([run(context)]) };
}

const mxParams = ['exchange', 'preference', 'oldexchange', 'oldpreference', 'alwaysaccept'];

export const routingUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::list_mail_domains': (c) => ok(listMailDomains(c)),
  'Email::list_mxs': (c) => ok(listMxs(c)),
  'Email::add_mx': uapiOf(addMx),
  'Email::change_mx': uapiOf(changeMx),
  'Email::delete_mx': uapiOf(deleteMx),
  'Email::set_always_accept': uapiOf(setAlwaysAccept),
};
export const routingApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::listmaildomains': { run: (c) => ok(listMailDomains(c)), params: ['skipmain'] },
  'Email::listmxs': { run: (c) => ok(listMxs(c)), params: ['domain'] },
  'Email::addmx': api2Of(addMx, mxParams),
  'Email::changemx': api2Of(changeMx, mxParams),
  'Email::delmx': api2Of(deleteMx, mxParams),
  'Email::setmxcheck': api2Of(setAlwaysAccept, ['mxcheck']),
  'Email::setalwaysaccept': api2Of(setAlwaysAccept, ['mxcheck', 'alwaysaccept']),
};
