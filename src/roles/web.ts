/** The web role: portal, JSON API and passthrough over one core. */
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';
import { actionOf, actions, covered, fieldsOf } from '../actions/index.ts';
import type { Actor } from '../auth/actor.ts';
import { may } from '../auth/may.ts';
import { actorOf } from '../auth/people.ts';
import { Invalid } from '../errors.ts';
import type { Masters } from '../masters.ts';
import { openActive } from '../operations/move-active.ts';
import { healthRouter, metricsRouter } from '../routes/api/health.ts';
import { metricsOf } from '../routes/api/metrics.ts';
import { apiRouter } from '../routes/api/router.ts';
import type { Credentials, PassthroughDeps } from '../routes/passthrough/deps.ts';
import { passthroughApp, passthroughServerOptions } from '../routes/passthrough/router.ts';
import { tablesOf } from '../routes/passthrough/tables.ts';
import { throttleOf } from '../routes/passthrough/throttle.ts';
import { openZoneViews } from '../routes/passthrough/zone-views.ts';
import { driftPage } from '../routes/portal/drift/page.ts';
import { portal } from '../routes/portal/portal.ts';
import { functions } from '../whm/functions/index.ts';
import type { Outcome } from '../whm/outcome.ts';
import { authJournal, type Core } from './core.ts';
import { databasePages } from './databases/page.ts';
import { withDatabases } from './dbsync.ts';
import { driftOf } from './drift.ts';
import { fresh } from './fresh.ts';
import { startHousekeeping } from './housekeeping.ts';
import { type Listening, listenPlain, listenTls, tlsOf } from './listen.ts';
import { resellerPrivileges } from './privileges.ts';
import { settingsOf } from './settings.ts';

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
  const staff = await portalApp(core, version);
  const ports = { cpanel: config.passthrough.cpanelPort };
  const deps = passthroughDeps(core, () => ports.cpanel);
  startHousekeeping(core);
  const metrics = metricsOf(core.operations, core.reads, (error) =>
    core.log.warn({ reason: String(error) }, 'a number could not be read'),
  );
  lifecycle.onClose('metrics', () => metrics.close());
  const numbers = express()
    .disable('x-powered-by')
    .use(metricsRouter(withDatabases(metrics, config)))
    .use(healthRouter(core.reads));
  const { passthrough } = config;
  const listening = {
    portal: await listenTls(lifecycle, 'portal', config.portal, tls, staff),
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
      passthroughApp(deps, 'cpanel'),
      passthroughServerOptions,
    ),
    metrics: await listenPlain(lifecycle, 'metrics', config.metrics, numbers),
  };
  ports.cpanel = listening.cpanel.port;
  return listening;
}

/** Who is reachable is known anew this often; every call wants it, and it is the same for all of them. */
const statusMs = 500;
const ownerOf = (core: Core) => (account: string) => core.reads.ownerOf(account);

async function portalApp(core: Core, version: string) {
  const app = express().disable('x-powered-by');
  app.use(healthRouter(core.reads));
  app.use(
    apiRouter({
      operations: core.operations,
      reads: core.reads,
      active: openActive(core.deps, async (actor, event, subject) => {
        await core.auth.audit({ actor, event, subject });
      }),
      catalogue: { all: actions, get: actionOf },
      tokenCheck: (token, from) => core.auth.tokenCheck(token, from),
      may: mayById(core),
      log: core.log,
      now: Date.now,
      delay: (ms) => delay(ms),
      version,
    }),
  );
  app.use(
    portal({
      operations: core.operations,
      reads: core.reads,
      auth: core.auth,
      masters: core.deps.masters,
      catalogue: { actions, actionOf, fieldsOf },
      secret: core.deps.seal.hmac('portal session cookies'),
      log: core.log,
      clock: Date.now,
      signal: core.lifecycle.signal,
      functions: functions.all,
      on: onOf(core),
      settings: settingsOf(core.config),
      pages: [driftPage(driftOf(core)), ...databasePages(core.config, Date.now)],
    }),
  );
  return app;
}

/** Asks one master. Throws Invalid for a master that is not configured. */
function onOf(core: Core): PassthroughDeps['on'] {
  return async (master, call) => {
    const client = core.clients.get(master);
    if (client === undefined)
      throw new Invalid(`there is no master ${master}`, [
        { path: 'tandem.master', message: 'name one of the configured masters' },
      ]);
    return client.call(call);
  };
}

function mayById(core: Core): PassthroughDeps['may'] {
  return (actor, id, subject) => {
    const action = actionOf(id);
    return action !== undefined && may(actor, action, subject, ownerOf(core));
  };
}

function passthroughDeps(core: Core, cpanelPort: () => number): PassthroughDeps {
  const { masters } = core.deps;
  return {
    operations: core.operations,
    reads: {
      call: (call, account) => core.reads.call(call, account),
      accounts: (actor) => core.reads.accounts(actor),
      status: fresh(() => core.reads.status(), statusMs, Date.now),
    },
    tables,
    on: onOf(core),
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
    cpanelPort,
    throttle: throttleOf(),
    log: core.log,
    now: Date.now,
    delay: (ms) => delay(ms),
    waitMs: core.config.timing.waitSeconds * 1000,
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

async function signIn(
  core: Core,
  credentials: Credentials,
  address: string,
): Promise<Actor | 'code wanted' | undefined> {
  const { scheme, user, secret, code } = credentials;
  // Tokens are 64 hexadecimal digits; programs that know passwords only send one in its place.
  if (scheme !== 'basic' || /^[0-9A-F]{64}$/.test(secret)) return core.auth.tokenCheck(secret, { address, user });
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
