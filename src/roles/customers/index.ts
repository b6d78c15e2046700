/** The self-service of customers over the core: who may sign in, where an account lives, and the pages of other parts. */
import { join } from 'node:path';
import type { Express } from 'express';
import { actionOf, actions, fieldsOf } from '../../actions/index.ts';
import type { Actor } from '../../auth/actor.ts';
import { actorOf } from '../../auth/people.ts';
import { has } from '../../auth/roles.ts';
import { hasPostgres } from '../../dbsync/postgres/pair.ts';
import { type DatabasesState, databasesState } from '../../dbsync/state-file.ts';
import { type FilesState, filesState } from '../../filesync/watch.ts';
import { activeMaster } from '../../operations/active.ts';
import type { PlacementDesk } from '../../operations/placement.ts';
import { customerApp, customerParts } from '../../routes/customer/customer.ts';
import type { Copies, CustomerDeps, CustomerParts, WebmailDoor } from '../../routes/customer/deps.ts';
import { postgresPages } from '../../routes/customer/pages.ts';
import { checkAccount } from '../../whm/account-sign-in.ts';
import type { WhmCall } from '../../whm/call.ts';
import { homeFiles } from '../../whm/home-files.ts';
import type { HomeFiles, Outcome } from '../../whm/outcome.ts';
import type { Core } from '../core.ts';
import { crontabsOf } from '../crontabs.ts';
import { databasesFolder } from '../dbsync.ts';
import { filesFolder } from '../filesync/start.ts';
import { fresh } from '../fresh.ts';
import { behindOf } from './behind.ts';
import { drillOf, movesOf, type Watched } from './moves.ts';
import { passwordCheck } from './passwords.ts';
import { openSiteCheck } from './site-check.ts';

/**
 * The self-service, to be mounted on the listeners of the web role. `on` asks one master, `watchers` tells what each of
 * them said last.
 */
export function customersOf(
  core: Core,
  on: (master: string, call: WhmCall) => Promise<Outcome>,
  watchers: () => readonly Watched[],
  placement: PlacementDesk,
  webmail?: WebmailDoor,
): { readonly app: Express; readonly parts: CustomerParts } {
  const { config, operations, reads, auth } = core;
  const behind = openBehind(core);
  const deps: CustomerDeps = {
    operations,
    reads,
    auth,
    masters: core.deps.masters,
    catalogue: { actions, actionOf, fieldsOf },
    secret: core.deps.seal.hmac('self-service session cookies'),
    log: core.log,
    clock: Date.now,
    signal: core.lifecycle.signal,
    on,
    passwords: passwordCheck({
      operations,
      reads,
      call: on,
      async signIn(master, account, password) {
        const target = config.masters.find((one) => one.id === master);
        return target === undefined ? 'unknown' : checkAccount(target, account, password);
      },
    }),
    copies: (account) => copiesOf(core, behind, watchers(), account),
    staffActor: (name, address) => staffActor(core, name, address),
    home: (master) => homeOn(core, master, on),
    spool: join(config.stateDir, 'uploads'),
    crontabs: crontabsOf(core),
    placement: { ...placement, waits: (account) => watchers().some((one) => one.waiting?.includes(account) === true) },
    siteCheck: openSiteCheck({ clock: Date.now, signal: core.lifecycle.signal }),
    pages: hasPostgres(config) ? postgresPages : [],
    ...(webmail === undefined ? {} : { webmail }),
  };
  const parts = customerParts(deps);
  return { app: customerApp(parts), parts };
}

function homeOn(core: Core, master: string, on: (master: string, call: WhmCall) => Promise<Outcome>): HomeFiles {
  const target = core.config.masters.find((one) => one.id === master);
  if (target === undefined) throw new RangeError(`no master is called ${master}`);
  return homeFiles(target, (call) => on(master, call));
}

/** Staff who may look at an account as its customer does; undefined once they no longer may. */
async function staffActor(core: Core, name: string, address: string): Promise<Actor | undefined> {
  const person = await core.auth.person(name);
  return person === undefined || !has(person.role, 'log-in-as') ? undefined : actorOf(person, address);
}

/** What the watches of files and databases wrote down is read at most this often, milliseconds. */
const behindMs = 3000;

function openBehind({
  config,
  log,
}: Core): () => Promise<readonly [FilesState | undefined, DatabasesState | undefined]> {
  const missed = (error: unknown): undefined => {
    log.warn({ reason: String(error) }, 'how far copies are behind could not be read');
    return undefined;
  };
  return fresh(
    () =>
      Promise.all([
        filesState.read(filesFolder(config)).catch(missed),
        databasesState.read(databasesFolder(config)).catch(missed),
      ]),
    behindMs,
    Date.now,
  );
}

function copiedOf({ masters }: Core['config']): NonNullable<Copies['copied']> {
  return [
    ...(masters.some(({ filesync }) => filesync !== undefined) ? (['files'] as const) : []),
    ...(masters.some(({ mariadb }) => mariadb !== undefined) ? (['databases'] as const) : []),
  ];
}

async function copiesOf(
  core: Core,
  behind: ReturnType<typeof openBehind>,
  watchers: readonly Watched[],
  account: string,
): Promise<Copies> {
  const [{ master }, [files, databases]] = await Promise.all([
    core.journal.read((db) => activeMaster(core.deps, db, account)),
    behind(),
  ]);
  return {
    active: master,
    copied: copiedOf(core.config),
    ...movesOf(watchers, account, master),
    ...drillOf(watchers),
    ...behindOf(files, databases, master, Date.now()),
  };
}
