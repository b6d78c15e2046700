import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { actionOf, actions, fieldsOf } from '../../src/actions/index.ts';
import { type Auth, openAuth } from '../../src/auth/auth.ts';
import type { AuthJournal } from '../../src/auth/journal.ts';
import { passkeySite } from '../../src/auth/passkeys.ts';
import { selfSigned } from '../../src/certificates.ts';
import { type Master, mastersOf } from '../../src/masters.ts';
import type { AccountRow } from '../../src/operations/model.ts';
import { placed } from '../../src/operations/placement.ts';
import type { PortalDeps } from '../../src/routes/portal/deps.ts';
import { routesOf } from '../../src/routes/portal/guard.ts';
import type { PortalPage } from '../../src/routes/portal/page.ts';
import { portal } from '../../src/routes/portal/portal.ts';
import type { AuthTables } from '../../src/store/auth-tables.ts';
import { type JournalConfig, openJournal } from '../../src/store/database.ts';
import { migrate } from '../../src/store/migrate.ts';
import { migrations } from '../../src/store/migrations/index.ts';
import { sealerOf } from '../../src/store/seal.ts';
import { functions } from '../../src/whm/functions/index.ts';
import { type Visitor, visitor } from './browser-less.ts';
import { type FakeOperations, fakeOperations } from './fake-operations.ts';
import { testLog } from './log.ts';

export const twoMasters: readonly Master[] = [
  { id: 'm1', name: 'M1', site: 'London', hostname: 'm1.example.com', address: '192.0.2.1' },
  { id: 'm2', name: 'M2', site: 'Amsterdam', hostname: 'm2.example.com', address: '198.51.100.1' },
];

export interface OpenAuthForTests {
  readonly auth: Auth;
  close(): Promise<void>;
}

/** Auth over a journal with all its tables: a fresh SQLite file unless told otherwise. */
export async function openTestAuth(clock: () => number, config?: JournalConfig): Promise<OpenAuthForTests> {
  const folder = await mkdtemp(join(tmpdir(), 'tandem-auth-'));
  const sqlite = { kind: 'sqlite', file: join(folder, 'journal.db') } as const;
  const journal = await openJournal(config ?? sqlite, { log: testLog().log });
  await migrate(journal, migrations);
  // Casts: Schema holds the tables of auth, but Kysely's type does not vary with it.
  const tables: AuthJournal = {
    read: (work) => journal.read((db) => work(db as unknown as Kysely<AuthTables>)),
    write: (work) => journal.write((db) => work(db as unknown as Kysely<AuthTables>)),
  };
  return {
    auth: openAuth({ journal: tables, clock, seal: sealerOf(randomBytes(32)) }),
    async close() {
      await journal.close();
      await rm(folder, { recursive: true });
    },
  };
}

export interface RunningPortal {
  readonly url: string;
  /** The certificate to trust, PEM. */
  readonly ca: string;
  readonly auth: Auth;
  readonly fake: FakeOperations;
  readonly logged: () => string;
  /** Every route that the portal has, out of the router itself. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  close(): Promise<void>;
}

/** What a comparison has seen in bob's account. */
const bobsThings = [
  { account: 'bob', kind: 'mailbox', name: 'post@bob.example' },
  { account: 'bob', kind: 'database', name: 'bob_shop' },
];

/** The real portal over TLS on loopback, with operations held in memory. `pages`: those that other parts bring. */
export async function startPortal(
  clock: () => number = Date.now,
  pages: readonly PortalPage[] = [],
  more: Pick<
    PortalDeps,
    'mail' | 'requireSecondFactor' | 'undoSeconds' | 'namesLight' | 'rates' | 'archives' | 'standing' | 'downtime'
  > & { readonly passkeys?: boolean } = {},
): Promise<RunningPortal> {
  const { auth, close } = await openTestAuth(clock);
  const fake = fakeOperations(twoMasters, clock);
  const { log, text } = testLog();
  const stopping = new AbortController();
  const { cert, key } = await selfSigned({ names: ['127.0.0.1', 'localhost'], days: 1 });
  const server = createServer({ cert, key }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const at = server.address();
  if (at === null || typeof at === 'string') throw new Error('the portal has no port');
  const app = portal({
    operations: fake.operations,
    reads: fake.reads,
    auth,
    masters: mastersOf(twoMasters),
    placement: {
      of: async () => placed({}, {}, 'm1'),
      ofPackages: async (plans) => new Map(plans.map((plan) => [plan, placed({}, {}, 'm1')] as const)),
    },
    catalogue: { actions, actionOf, fieldsOf },
    secret: 'only for this run',
    log,
    clock,
    signal: stopping.signal,
    functions: functions.all,
    pages,
    ...more,
    // Browsers bind passkeys to a name: the same listener, called otherwise.
    passkeySite: more.passkeys === true ? passkeySite(`https://localhost:${at.port}`) : undefined,
    differences: async (account) => (account === 'bob' ? 2 : 0),
    findThings: async (text) => bobsThings.filter(({ name }) => name.includes(text)),
    on: async () => ({ kind: 'not-sent', reason: 'nothing is connected' }),
  });
  server.on('request', app);
  return {
    url: `https://127.0.0.1:${at.port}`,
    ca: cert,
    auth,
    fake,
    logged: text,
    routes: routesOf(app.router),
    async close() {
      stopping.abort();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      await close();
    },
  };
}

export const password = 'correct horse battery';

/** A person who is there and signed in, with a page seen, so that the next form carries the session's token. */
export async function signedIn(portal: RunningPortal, name: string): Promise<Visitor> {
  const person = visitor(portal.url, portal.ca);
  await person.get('/sign-in');
  const page = await person.post('/sign-in', { name, password });
  if (page.status !== 303) throw new Error(`${name} could not sign in: ${page.status}`);
  await person.get('/accounts');
  return person;
}

/** An account that M2 does not have yet. */
export const bob: AccountRow = {
  user: 'bob',
  domain: 'bob.example',
  owner: 'root',
  plan: 'gold',
  email: 'bob@mail.test',
  suspended: false,
  diskused: '12M',
  active: 'm1',
  chips: [
    { master: 'm1', state: 'in-step', sentence: 'in step' },
    { master: 'm2', state: 'retrying', sentence: 'M2 unreachable since 13:41', operation: '01LATE' },
  ],
};
