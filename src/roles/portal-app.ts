import { setTimeout as delay } from 'node:timers/promises';
import express, { type Express } from 'express';
import { actionOf, actions, fieldsOf } from '../actions/index.ts';
import { passkeySite } from '../auth/passkeys.ts';
import type { CertificateState } from '../drift/certificates.ts';
import type { Drift } from '../drift/index.ts';
import { kinds } from '../drift/kinds/index.ts';
import { findThings } from '../drift/things.ts';
import { Invalid } from '../errors.ts';
import type { CommandInput } from '../failover/control/schema.ts';
import type { WatchDesk } from '../failover/portal/desk.ts';
import { openMailer } from '../notify/mailer.ts';
import { notifyFolders } from '../notify/open.ts';
import { takeReport, takesReports } from '../notify/reports.ts';
import { openActive } from '../operations/move-active.ts';
import type { PlacementDesk } from '../operations/placement.ts';
import { healthRouter } from '../routes/api/health.ts';
import { apiRouter } from '../routes/api/router.ts';
import { smsReportsRouter } from '../routes/api/sms-reports.ts';
import { isForCustomers } from '../routes/customer/customer.ts';
import type { Backups, Downtime, PortalDeps, Standing } from '../routes/portal/deps.ts';
import { driftPage } from '../routes/portal/drift/page.ts';
import { type PlacementWaits, placementPage } from '../routes/portal/pages/placement.ts';
import { portal } from '../routes/portal/portal.ts';
import { namesLight } from '../routes/portal/present/names-light.ts';
import type { Reader } from '../routes/portal/present/reader.ts';
import { switchoverPage } from '../routes/portal/switchover/page.ts';
import { functions } from '../whm/functions/index.ts';
import type { Core } from './core.ts';
import { databasePages } from './databases/page.ts';
import { mayById, onOf } from './doors.ts';
import { driftOf } from './drift.ts';
import { filesPages } from './filesync/page.ts';
import { settingsOf } from './settings.ts';

/** The page of the watchers and their light, where there are watchers. */
function switchoverOf(desk: WatchDesk | undefined) {
  if (desk === undefined) return { pages: [], namesLight: () => undefined };
  const begun = Date.now();
  return {
    pages: [switchoverPage(desk)],
    namesLight: (reader: Reader) => namesLight(desk.watchers(), begun, reader),
  };
}

/** What was compared three rounds ago says nothing any more. */
function certificatesEqual(
  { at, inStep }: CertificateState,
  { drift }: Core['config'],
  now: number,
): boolean | 'unknown' {
  return at === undefined || now - at > 3 * drift.certificatesEveryMs ? 'unknown' : inStep;
}

export interface PortalUses {
  /** Serves what is below /my. */
  readonly customers: Express;
  /** Knows the watchers. */
  readonly desk: WatchDesk | undefined;
  readonly placement: PlacementDesk;
}

/** Accounts that are not where they belong, as the watchers say it; who orders nothing knows no reason. */
function waitsOf(desk: WatchDesk | undefined): PlacementWaits {
  const told = (desk?.watchers() ?? []).flatMap(({ seen }) => seen?.placement ?? []);
  const accounts = [...new Set(told.flatMap(({ waiting }) => waiting))];
  return { accounts, why: told.find(({ why }) => why !== undefined)?.why };
}

/** Pages that other parts bring. */
function pagesOf(
  core: Core,
  drift: Drift,
  desk: WatchDesk | undefined,
  placement: PlacementDesk,
): NonNullable<PortalDeps['pages']> {
  return [
    driftPage(drift),
    ...switchoverOf(desk).pages,
    placementPage(placement, () => waitsOf(desk)),
    ...databasePages(core.config, Date.now),
    ...filesPages(core.config),
  ];
}

/** Everything that the portal's listener serves. */
export function portalApp(core: Core, version: string, { customers, desk, placement }: PortalUses): Express {
  const switchover = switchoverOf(desk);
  const drift = driftOf(core);
  const app = express().disable('x-powered-by');
  app.use(healthRouter(core.reads));
  app.use((request, response, next) => (isForCustomers(request.path) ? customers(request, response) : next()));
  const { notify, stateDir } = core.config;
  if (takesReports(notify)) {
    const folders = notifyFolders(stateDir);
    app.use(smsReportsRouter((signature, form) => takeReport(notify, folders, signature, form)));
  }
  app.use(
    apiRouter({
      operations: core.operations,
      reads: core.reads,
      active: openActive(core.deps, async (actor, event, subject) => {
        await core.auth.audit({ actor, event, subject });
      }),
      certificatesEqual: async () => certificatesEqual(await drift.certificates(), core.config, Date.now()),
      placement: () => placement.wish(),
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
      requireSecondFactor: core.config.portal.requireSecondFactor,
      undoSeconds: core.config.portal.undoSeconds,
      passkeySite: passkeySite(core.config.portal.url),
      ...mailOf(core),
      differences: async (account) => (await drift.list({ account, state: 'open', limit: 1000 })).length,
      standing: () => standing(drift),
      placement,
      archives: archivesOf(core),
      ...(desk === undefined ? {} : { downtime: downtimeOf(desk) }),
      findThings: (text, most) => findThings(core.deps, text, most),
      settings: settingsOf(core.config),
      namesLight: switchover.namesLight,
      pages: pagesOf(core, drift, desk, placement),
      openAsCustomer: async (account, actor, reason) => {
        const customer = { account, role: 'owner', name: account, staff: { name: actor.name, reason } } as const;
        return `/my/enter/${await core.auth.customers.enterLink(customer)}`;
      },
    }),
  );
  return app;
}

const perServer = ['server', 'certificate'] as const;

/** What differs of the servers themselves, the oldest first. */
async function standing(drift: Drift): Promise<readonly Standing[]> {
  const lists = await Promise.all(perServer.map((kind) => drift.list({ kind, state: 'open', limit: 200 })));
  return lists
    .flat()
    .map(({ id, kind, name, sentence, firstSeen }) => ({
      ...{ id, name, sentence, since: firstSeen },
      kind: kinds.find((one) => one.id === kind)?.title ?? kind,
    }))
    .toSorted((a, b) => a.since - b.since);
}

function archivesOf({ archives, config }: Core): Backups {
  return {
    possible: config.masters.every((master) => master.archives !== undefined),
    async newest(account) {
      const found = (await archives.list()).find((one) => one.account === account && one.state === 'verified');
      return found === undefined ? undefined : { id: found.id, at: found.verifiedAt ?? found.begunAt };
    },
  };
}

/** Maintenance is planned downtime: checks warn nobody, and nothing switches away by itself meanwhile. */
function downtimeOf(desk: WatchDesk): Downtime {
  const told = async (command: CommandInput): Promise<void> => {
    const { exit, sentence } = await desk.tell(command);
    if (exit !== 'done') throw new Invalid(sentence);
  };
  return {
    planned: () => {
      const all = desk.watchers().flatMap(({ seen }) => seen?.downtime ?? []);
      return [...new Map(all.map((one) => [one.id, one])).values()];
    },
    plan: (window) => told({ command: 'downtime', ...window, reason: window.reason.slice(0, 300) }),
    async end({ master, from, by }) {
      const known = desk.watchers().flatMap(({ seen }) => seen?.downtime ?? []);
      const planned = known.find((one) => one.master === master && one.from === from);
      if (planned !== undefined) await told({ command: 'end-downtime', by, id: planned.id });
    },
  };
}

/** Letters need a mail server, and an address of the portal that no visitor can choose. */
function mailOf({ config }: Core): Pick<PortalDeps, 'mail'> {
  const { url } = config.portal;
  const smtp = config.notify?.smtp;
  return url === undefined || smtp === undefined ? {} : { mail: { url, send: openMailer(smtp) } };
}
