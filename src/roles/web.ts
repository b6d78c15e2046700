/** The web role: portal, JSON API and passthrough over one core. */

import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import express, { type Express } from 'express';
import { actionOf, covered } from '../actions/index.ts';
import type { Actor } from '../auth/actor.ts';
import type { Customer } from '../auth/customers.ts';
import { actorOf } from '../auth/people.ts';
import { type AskMaster, whyHeld } from '../failover/portal/keys-held.ts';
import type { Masters } from '../masters.ts';
import { openPlacement } from '../operations/placement.ts';
import { healthRouter, metricsRouter } from '../routes/api/health.ts';
import { metricsOf } from '../routes/api/metrics.ts';
import { isForCustomers } from '../routes/customer/customer.ts';
import { otherNames, type ServicePlaces, withServiceNames } from '../routes/customer/service-names.ts';
import { webmailApp } from '../routes/customer/webmail/app.ts';
import type { Credentials, PassthroughDeps } from '../routes/passthrough/deps.ts';
import { holdsAny } from '../routes/passthrough/outside.ts';
import { openRecent } from '../routes/passthrough/recent.ts';
import { passthroughApp, passthroughServerOptions } from '../routes/passthrough/router.ts';
import { tablesOf } from '../routes/passthrough/tables.ts';
import { throttleOf } from '../routes/passthrough/throttle.ts';
import { openZoneViews } from '../routes/passthrough/zone-views.ts';
import { functions } from '../whm/functions/index.ts';
import { homeFiles } from '../whm/home-files.ts';
import type { Outcome } from '../whm/outcome.ts';
import { authJournal, type Core } from './core.ts';
import { customersOf } from './customers/index.ts';
import { withDatabases } from './dbsync.ts';
import { mayById, onOf } from './doors.ts';
import { withFiles } from './filesync/start.ts';
import { fresh } from './fresh.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Listening, listenPlain, listenTls, tlsOf } from './listen.ts';
import { portalApp } from './portal-app.ts';
import { resellerPrivileges } from './privileges.ts';
import { openWatchers } from './watchers.ts';
import { openWebmail } from './webmail.ts';

export interface Addresses {
  readonly portal: Listening;
  readonly whm: Listening;
  readonly cpanel: Listening;
  readonly metrics: Listening;
}

/** Opens all listeners. Closed with the core's lifecycle. */
export async function startWeb(core: Core, version: string): Promise<Addresses> {
  const { config, lifecycle } = core;
  const tls = await tlsOf(config);
  const desk = config.watchers === undefined ? undefined : await openWatchers(config.watchers, core);
  const webmail = await openWebmail(core);
  const seen = () =>
    (desk?.watchers() ?? [])
      .flatMap((one) => one.seen ?? [])
      .map((one) => ({ ...one, waiting: one.placement?.waiting ?? [] }));
  const placement = openPlacement({ ...core.deps, reads: core.reads }, async (actor, event, subject, detail) => {
    await core.auth.audit({ actor, event, subject, detail });
  });
  const { app: customers, parts } = customersOf(core, onOf(core), seen, placement, webmail);
  const staff = portalApp(core, version, { customers, desk, placement });
  const ports = { cpanel: config.passthrough.cpanelPort };
  const deps = {
    ...passthroughDeps(core, () => ports.cpanel),
    ...(desk === undefined
      ? {}
      : { whyKeysHeld: (zones: readonly string[], ask: AskMaster) => whyHeld(desk, zones, ask) }),
  };
  startHousekeeping(core);
  const metrics = metricsOf(core.operations, core.reads, (error) =>
    core.log.warn({ reason: String(error) }, 'a number could not be read'),
  );
  lifecycle.onClose('metrics', () => metrics.close());
  const numbers = express()
    .disable('x-powered-by')
    .use(metricsRouter(withFiles(withDatabases(metrics, config), config)))
    .use(healthRouter(core.reads));
  const { passthrough } = config;
  const { serviceNames } = config;
  const places = serviceNames === undefined ? undefined : placesOf(serviceNames.url, webmail?.port);
  const named = (app: RequestListener) => (places === undefined ? app : withServiceNames(places, app));
  if (serviceNames !== undefined) await listenPlain(lifecycle, 'serviceNames', serviceNames, named(otherNames));
  const listening = {
    portal: await listenTls(lifecycle, 'portal', config.portal, tls, named(staff)),
    whm: await listenTls(
      lifecycle,
      'passthrough.whmPort',
      { host: passthrough.host, port: passthrough.whmPort },
      tls,
      passthroughApp(deps, 'whm'),
      passthroughServerOptions,
    ),
    cpanel: await listenTls(
      lifecycle,
      'passthrough.cpanelPort',
      { host: passthrough.host, port: passthrough.cpanelPort },
      tls,
      named(withCustomers(customers, passthroughApp(deps, 'cpanel'))),
      passthroughServerOptions,
    ),
    metrics: await listenPlain(lifecycle, 'metrics', config.metrics, numbers),
  };
  ports.cpanel = listening.cpanel.port;
  if (webmail !== undefined) {
    const { host, port } = config.webmail ?? { host: passthrough.host, port: webmail.port };
    await listenTls(lifecycle, 'webmail.port', { host, port }, tls, named(webmailApp(parts, webmail)));
  }
  return listening;
}

function placesOf(selfService: string, webmailPort: number | undefined): ServicePlaces {
  const { hostname } = new URL(selfService);
  return { selfService, webmail: webmailPort === undefined ? undefined : `https://${hostname}:${webmailPort}` };
}

/** Who is reachable is known anew this often; every call wants it, and it is the same for all of them. */
const statusMs = 500;

/** Customers' pages on the port that stands in for cPanel's; whoever opens it with nothing more comes to them. */
function withCustomers(customers: Express, passthrough: RequestListener): RequestListener {
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (isForCustomers(path) || path.startsWith('/assets/')) return void customers(request, response);
    if (path !== '/' || request.method !== 'GET' || request.headers.authorization !== undefined)
      return passthrough(request, response);
    response.writeHead(303, { Location: '/my' }).end();
  };
}

function passthroughDeps(core: Core, cpanelPort: () => number): PassthroughDeps {
  const { masters } = core.deps;
  const recent = openRecent(core.journal, Date.now);
  const on = onOf(core);
  return {
    operations: core.operations,
    // Patient: two hundred reads of a program at a time must hold up neither people nor operations.
    reads: {
      call: (call, account) => core.reads.call(call, account, { patient: true, heard: recent.heard(call) }),
      order: (account) => core.reads.order(account),
      accounts: (actor) => core.reads.accounts(actor),
      status: fresh(() => core.reads.status(), statusMs, Date.now),
    },
    tables,
    recent,
    on: (master, call, options) => on(master, call, { patient: true, heard: options?.heard }),
    signIn: (credentials, address) => signIn(core, credentials, address),
    may: mayById(core),
    privileges: resellerPrivileges((reseller) => askPrivileges(core, reseller), Date.now),
    sessions: core.auth.door,
    tokens: {
      create: (input) => core.auth.tokenCreate(input),
      update: (id, change) => core.auth.tokenUpdate(id, change),
      revoke: (id) => core.auth.tokenRevoke(id),
      list: () => core.auth.tokens(),
      check: (token) => core.auth.tokenCheck(token),
    },
    views: openZoneViews(authJournal(core.journal), Date.now),
    outside: outsideOf(masters),
    mayHoldInside: holdsAny(insideOf(masters)),
    cpanelPort,
    openSelfService: async ({ account, mailbox }) => {
      const who: Customer =
        mailbox === undefined ? { account, role: 'owner', name: account } : { account, role: 'mailbox', name: mailbox };
      return `/my/enter/${await core.auth.customers.enterLink(who)}`;
    },
    uploads: uploadsOf(core),
    throttle: throttleOf(),
    log: core.log,
    now: Date.now,
    delay: (ms) => delay(ms),
    waitMs: core.config.timing.waitSeconds * 1000,
  };
}

function uploadsOf(core: Core): PassthroughDeps['uploads'] {
  const { config, auth } = core;
  const on = onOf(core);
  return {
    folder: join(config.stateDir, 'uploads'),
    async send({ kind, name, address = '' }, account, master, upload, signal) {
      const target = config.masters.find(({ id }) => id === master);
      if (target === undefined) return { kind: 'away', reason: `no master is called ${master}` };
      const detail = `${upload.folder}/${upload.name}`;
      await auth.audit({ actor: { kind, name, address }, event: 'file.upload', subject: account, detail });
      return homeFiles(target, (call) => on(master, call)).upload(account, upload, signal);
    },
  };
}

/** The masters that can be reached first, as everywhere; the others may be back. */
async function* askPrivileges(core: Core, reseller: string): AsyncGenerator<Outcome> {
  const { masters } = await core.reads.status();
  const order = [...masters].sort((a, b) => Number(b.state === 'reachable') - Number(a.state === 'reachable'));
  for (const { id } of order) {
    const client = core.clients.get(id);
    if (client !== undefined) yield await client.privileges(reseller);
  }
}

/** A master's address or name as the first one's: what clients are told, whichever of them answered. */
function outsideOf(masters: Masters): PassthroughDeps['outside'] {
  const [first] = masters.list;
  if (first === undefined) return (value) => value;
  const names = new Map(
    masters.list.flatMap((m) => [
      [m.hostname, first.hostname],
      [`${m.hostname}.`, `${first.hostname}.`],
    ]),
  );
  return (value) => names.get(value) ?? masters.translate(value, first.id);
}

/** Everything that `outsideOf` changes. */
function insideOf(masters: Masters): readonly string[] {
  const [first, ...others] = masters.list;
  if (first === undefined) return [];
  const addresses = masters.pairs.flatMap((pair) => Object.values(pair.addresses));
  const names = others.flatMap((m) => [m.hostname, `${m.hostname}.`]);
  return [...new Set([...names, ...addresses.filter((one) => masters.translate(one, first.id) !== one)])];
}

function signIn(core: Core, credentials: Credentials, address: string): Promise<Actor | 'code wanted' | undefined> {
  const { scheme, user, secret } = credentials;
  // Tokens are 64 hexadecimal digits; programs that know passwords only send one in its place.
  if (scheme !== 'basic' || /^[0-9A-F]{64}$/.test(secret)) return core.auth.tokenCheck(secret, { address, user });
  return signInPerson(core, credentials, address);
}

async function signInPerson(
  core: Core,
  { user, secret, code }: Credentials,
  address: string,
): Promise<Actor | 'code wanted' | undefined> {
  // Where a second factor is set up a password alone signs nobody in: programs use tokens.
  const result = await core.auth.signIn({
    name: user,
    password: secret,
    address,
    ...(code === undefined ? {} : { code }),
  });
  if (result.kind === 'code') return result.wrong ? undefined : 'code wanted';
  return result.kind === 'in' ? actorOf(result.person, address) : undefined;
}

const tables = tablesOf({ functions, covered, actionOf });
