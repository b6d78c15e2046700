/** Configuration → parts: what every role and command is built from. Opens in order; the lifecycle closes in reverse. */
import { mkdir } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import { actionOf, actions } from '../actions/index.ts';
import type { Archives } from '../archives/index.ts';
import { type Auth, openAuth } from '../auth/auth.ts';
import type { AuthJournal } from '../auth/journal.ts';
import { whyNot } from '../auth/may.ts';
import { newRsaKey } from '../certificates.ts';
import type { Config } from '../config.ts';
import { NotAllowed } from '../errors.ts';
import { localChanges, openChanges } from '../jobs/changes.ts';
import { openQueues, type WakeQueues } from '../jobs/queues.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { mastersOf, withOwnLabels } from '../masters.ts';
import type { Crash } from '../operations/crash-points.ts';
import type { Deps, Wake } from '../operations/deps.ts';
import { openOperations } from '../operations/index.ts';
import { journalId } from '../operations/mark.ts';
import type { Operations } from '../operations/model.ts';
import { type OpenReads, openReads } from '../operations/reads.ts';
import type { AuthTables } from '../store/auth-tables.ts';
import { type Journal, openJournal } from '../store/database.ts';
import { migrate } from '../store/migrate.ts';
import { migrations } from '../store/migrations/index.ts';
import { openSealer } from '../store/seal.ts';
import { openWhmClient, type WhmClient } from '../whm/client.ts';
import { openStore } from './archives.ts';
import { withReplication } from './databases/clients.ts';
import { watchedOf } from './filesync/start.ts';
import { filesAside } from './filesync/work.ts';

export interface Core {
  readonly config: Config;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly journal: Journal;
  readonly deps: Deps;
  readonly operations: Operations;
  readonly reads: OpenReads;
  readonly auth: Auth;
  readonly clients: ReadonlyMap<string, WhmClient>;
  readonly queues: WakeQueues;
  readonly archives: Archives;
  /** Who runs ready legs inside this process, if a worker does: returns those that it leaves to the queue. */
  onWake(take: (legs: readonly Wake[]) => readonly Wake[]): void;
}

export interface CoreOptions {
  readonly config: Config;
  readonly log: Logger;
  readonly lifecycle: Lifecycle;
  readonly crash: Crash;
  /** undefined: no Redis is to be had; the workers' sweep is the clock. */
  readonly redisUrl: string | undefined;
  /** Left out: RSA keys of 2048 bits. */
  readonly dkimKey?: () => Promise<string>;
}

/** Jobs that one process works on at once for each master; each may carry many legs. */
const JOBS_AT_ONCE = 20;

/** Opens journal, clients, queues and the core over them. Throws AppErrors that say what is missing. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { config, log, lifecycle } = options;
  await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
  const journal = await openJournal(config.journal, { log });
  lifecycle.onClose('journal', () => journal.close());
  await migrate(journal, migrations);
  const plain = new Map(config.masters.map((m) => [m.id, openWhmClient(m, { log })]));
  const clients = await withReplication(plain, config, log, lifecycle);
  lifecycle.onClose('clients', () => Promise.all([...clients.values()].map((c) => c.close())));
  // The journal's own id: two journals on one Redis must never be taken for each other.
  const prefix = `tandem:${await journalId(journal)}`;
  const changes = options.redisUrl === undefined ? undefined : openChanges(options.redisUrl, `${prefix}:changes`, log);
  if (changes !== undefined) lifecycle.onClose('changes', () => changes.close());
  const queues = queuesOf(options, prefix);
  lifecycle.onClose('queues', () => queues.close());
  let take = (legs: readonly Wake[]): readonly Wake[] => legs.slice(legs.length);
  const seal = await openSealer(config.keyFile);
  const parts: Omit<Deps, 'longJobs'> = {
    journal,
    seal,
    masters: mastersOf(config.ownNames ? withOwnLabels(config.masters) : config.masters, config.addressPairs),
    clients,
    timing: timingOf(config),
    uidRange: config.uidRange,
    dkimKey: options.dkimKey ?? newRsaKey,
    log,
    crash: options.crash,
    changes: changes ?? localChanges(),
    wake(legs) {
      const taken = new Set(take(legs));
      queues.wake(legs.filter((leg) => !taken.has(leg)));
    },
  };
  const archives = openStore(config, parts, lifecycle);
  const watched = watchedOf(config);
  const files = watched.length === 0 ? {} : { files: filesAside(watched, log) };
  const deps: Deps = { ...parts, ...files, longJobs: archives.jobs };
  const auth = openAuth({ journal: authJournal(journal), seal });
  const asked = openReads(deps, { redis: () => queues.state(), nodes: config.nodes });
  // A command that has just begun would else say that Redis is away, because it was not reached yet.
  const reads: OpenReads = { ...asked, status: () => queues.known.then(() => asked.status()) };
  return {
    config,
    log,
    lifecycle,
    journal,
    deps,
    auth,
    reads,
    clients,
    queues,
    archives,
    operations: operationsOf(deps, auth, reads),
    onWake(taker) {
      take = taker;
    },
  };
}

/** The same journal, seen as the tables of auth: Schema holds them all, but Kysely's type does not vary with it. */
export function authJournal(journal: Journal): AuthJournal {
  return {
    ...(journal.stamp === undefined ? {} : { stamp: () => journal.stamp?.() ?? Number.NaN }),
    read: (work) => journal.read((db) => work(db as unknown as Kysely<AuthTables>)),
    write: (work) => journal.write((db) => work(db as unknown as Kysely<AuthTables>)),
  };
}

function timingOf(config: Config): Deps['timing'] {
  const { longestSeconds, ...timing } = config.timing;
  return { ...timing, ...(longestSeconds === undefined ? {} : { longestSeconds }) };
}

function operationsOf(deps: Deps, auth: Auth, reads: OpenReads): Operations {
  return openOperations(
    deps,
    (actor, id, params) => {
      const action = actionOf(id);
      if (action === undefined) throw new NotAllowed(`there is no action ${id}`);
      const why = whyNot(actor, action, action.subject(params), reads.ownerOf);
      if (why !== undefined) throw new NotAllowed(why);
    },
    async (actor, what, about) => {
      await auth.audit({ actor, event: what, subject: about });
    },
  );
}

function queuesOf(options: CoreOptions, prefix: string): WakeQueues {
  const { redisUrl: url, config, log } = options;
  if (url === undefined) {
    return {
      wake: () => {},
      process: () => {},
      state: () => 'away',
      known: Promise.resolve(),
      close: () => Promise.resolve(),
    };
  }
  return openQueues({ url, prefix, masters: config.masters.map((m) => m.id), log, jobsAtOnce: JOBS_AT_ONCE });
}

/** Names of fields that hold a secret anywhere in the catalogue; the log never writes their values. */
export function secretFields(): readonly string[] {
  const always = ['password', 'token', 'authorization', 'cookie', 'secret', 'dkimKey', 'key', 'pass'];
  const fromCatalogue = actions.flatMap((a) =>
    Object.entries(a.params.shape)
      .filter(([, field]) => isSecret(field))
      .map(([name]) => name),
  );
  return [...new Set([...always, ...fromCatalogue])];
}

function isSecret(field: unknown): boolean {
  const meta = (field as { meta?: () => unknown }).meta?.();
  return typeof meta === 'object' && meta !== null && 'secret' in meta && meta.secret === true;
}
