/** Certificates through WHM, and the module of all of them. */
import type { Context, Entry, Handler, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { domains } from '../tables.ts';
import { ownAccount, visibleAccounts } from './access.ts';
import { sslApi2, sslUapi } from './ssl-account.ts';
import { covers, readCertificate } from './ssl-parse.ts';
import { certificateFields, certificateRow, hostFields, installedFields } from './ssl-rows.ts';
import {
  hostsOf,
  install,
  namesOfHost,
  type SslHost,
  sslCertificates,
  sslHooks,
  sslHosts,
  sslKeys,
} from './ssl-store.ts';
import { domainName } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

function visibleHosts(context: Context): readonly SslHost[] {
  return visibleAccounts(context).flatMap((account) => hostsOf(context, account.user));
}

function installssl(context: Context): Result {
  const { params, state } = context;
  const domain = domainName(params.require('domain'));
  const owner = state.of(domains).get(domain)?.user ?? '';
  ownAccount(context, owner, `The domain “${domain}” does not exist on this server.`);
  const wanted = {
    domain,
    crt: params.require('crt'),
    key: params.require('key'),
    cab: params.get('cab', 'cabundle') ?? '',
  };
  const done = install(context, wanted);
  const aliases = namesOfHost(context, domain).filter((name) => name !== domain);
  const data = { ...installedFields(done), aliases, servername: domain, status: 1 };
  return ok(data, { reason: String(installedFields(done)['statusmsg']) });
}

interface Best {
  readonly user: string;
  readonly crt: string;
  readonly key: string | null;
  readonly cab: string | null;
}

function bestOf(context: Context, domain: string): Best | undefined {
  const host = visibleHosts(context).find((h) => namesOfHost(context, h.domain).includes(domain));
  if (host !== undefined) return { ...host, cab: host.cab === '' ? null : host.cab };
  const [stored] = visibleAccounts(context)
    .flatMap((a) => context.state.of(sslCertificates).by(a.user))
    .map((c) => ({ ...c, facts: readCertificate(c.crt) }))
    .filter(({ facts }) => covers(facts, domain))
    .sort((a, b) => b.facts.notAfter - a.facts.notAfter);
  if (stored === undefined) return undefined;
  return { user: stored.user, crt: stored.crt, key: keyFor(context, stored.user, stored.facts.key.id), cab: null };
}

function keyFor(context: Context, user: string, id: string): string | null {
  return context.state.of(sslKeys).get(`${user}/${id}`)?.key ?? null;
}

interface Searched {
  readonly domain: string;
  readonly crt: string | null;
  readonly key: string | null;
  readonly cab: string | null;
  /** Whose certificate was found; null: nobody's. */
  readonly origin: string | null;
}

function sslInfo(context: Context, { domain, origin, ...found }: Searched): Result {
  const row = context.state.of(domains).get(domain);
  const from = origin === null ? null : `user (${origin})`;
  return ok({
    ...found,
    crt_origin: from,
    domain,
    ip: row === undefined ? null : ownAccount(context, row.user).ip,
    key_origin: from,
    searched_users: visibleAccounts(context).map((a) => a.user),
    user: row?.user ?? origin,
  });
}

/** The key, and perhaps the chain, that belong to a certificate. */
function infoOfCertificate(context: Context, crt: string): Result {
  const facts = readCertificate(crt);
  const domain = facts.domains[0] ?? '';
  const owner = visibleAccounts(context).find((a) => keyFor(context, a.user, facts.key.id) !== null)?.user;
  const key = owner === undefined ? null : keyFor(context, owner, facts.key.id);
  return sslInfo(context, { domain, crt, key, cab: bestOf(context, domain)?.cab ?? null, origin: owner ?? null });
}

/** By domain, or by a certificate whose key is looked for. */
function fetchsslinfo(context: Context): Result {
  const crt = context.params.get('crtdata') ?? '';
  if (crt !== '') return infoOfCertificate(context, crt);
  const domain = domainName(context.params.require('domain'));
  const found = bestOf(context, domain);
  if (found === undefined) return no(`No certificate for the domain “${domain}” could be found.`);
  return sslInfo(context, { domain, crt: found.crt, key: found.key, cab: found.cab, origin: found.user });
}

function vhost(context: Context, host: SslHost): Row {
  const account = ownAccount(context, host.user);
  return {
    crt: certificateFields(readCertificate(host.crt)),
    ...hostFields(context, host),
    iptype: account.dedicated ? 'dedicated' : 'shared',
    ipv6: null,
    type: context.state.of(domains).get(host.domain)?.type ?? 'main',
    user: host.user,
  };
}

function listcrts(context: Context): Result {
  const { params, state } = context;
  const user = params.get('user') ?? '';
  const owners = user === '' ? visibleAccounts(context) : [ownAccount(context, user)];
  const crt = owners.flatMap((account) =>
    state
      .of(sslCertificates)
      .by(account.user)
      .map((row) => {
        const fields = certificateRow(context, row);
        const registered = hostsOf(context, account.user).some((host) => host.crt === row.crt) ? 1 : 0;
        return {
          ...fields,
          domain: readCertificate(row.crt).domains[0] ?? '',
          domain_owners: [account.user],
          registered,
        };
      }),
  );
  return ok({ crt });
}

function components(context: Context): Result {
  const rows = visibleHosts(context).map((host) => {
    const facts = readCertificate(host.crt);
    return {
      cabundle: host.cab === '' ? null : host.cab,
      cabundle_id: null,
      certificate: host.crt,
      certificate_id: facts.id,
      key: host.key,
      key_id: facts.key.id,
      servername: host.domain,
    };
  });
  return ok({ components: rows });
}

function deleteVhost(context: Context): Result {
  const domain = domainName(context.params.require('host'));
  const host = visibleHosts(context).find((h) => h.domain === domain);
  if (host === undefined) return no(`The SSL virtual host “${domain}” does not exist.`);
  context.state.of(sslHosts).delete(`${host.user}/${domain}`);
  return ok({
    output: [`Removed the SSL virtual host “${domain}”.`],
    removed_vhost_data: [{ is_ssl: 1, servername: domain }],
  });
}

/** API 0 has it in `result`, like other functions that change something. */
function zero(result: Result): unknown {
  if (!result.ok) return { result: [{ status: 0, statusmsg: result.reason }] };
  return { result: [result.data] };
}

const whm: Readonly<Record<string, Entry<Handler>>> = {
  installssl: { run: installssl, params: ['cabundle', 'user'], v0: zero },
  fetchsslinfo: { run: fetchsslinfo },
  fetch_ssl_vhosts: { run: (c) => ok({ vhosts: visibleHosts(c).map((host) => vhost(c, host)) }) },
  fetch_vhost_ssl_components: { run: components },
  listcrts: { run: listcrts },
  delete_ssl_vhost: { run: deleteVhost },
};

export const ssl: Module = { whm, uapi: sslUapi, api2: sslApi2, hooks: sslHooks };
