/**
 * Two simulated masters whose databases are those of two real MariaDB and two real PostgreSQL servers, all replicating:
 * whatever is made, granted, used, renamed and dropped through Tandem, replication never stops.
 */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { databasesState } from '../../../src/dbsync/state-file.ts';
import { databasesStatus } from '../../../src/dbsync/status.ts';
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle.ts';
import { createLogger } from '../../../src/log.ts';
import { databasesFolder, startDbsync } from '../../../src/roles/dbsync.ts';
import { uapi } from '../../../src/whm/call.ts';
import { type TestPair as Masters, root, startPair as startMasters } from '../../support/pair.ts';
import { thorough } from '../../support/thorough.ts';
import { setUp, startPair, type TestPair } from './pair.ts';
import { arrivesOn, type PgTestPair, setUpPg, startPgPair } from './pg-pair.ts';

const seeds = thorough ? Math.max(200, Number(process.env['TANDEM_TEST_SEEDS'])) : 2;
const password = 'C0rrect-horse-battery';

let mariadb: TestPair;
let postgres: PgTestPair;
let masters: Masters;
let lifecycle: Lifecycle;

beforeAll(async () => {
  [mariadb, postgres] = await Promise.all([startPair({ configured: true }), startPgPair({ configured: 10 })]);
  await Promise.all([setUp(mariadb), setUpPg(postgres)]);
  const [my, pg] = [mariadb.members, postgres.members];
  const server = (at: 0 | 1) => ({ user: 'root', socket: my[at].side.access.socket ?? '' });
  const pgServer = (at: 0 | 1) => ({
    ...{ user: 'postgres', socket: pg[at].side.access.socket ?? '', port: pg[at].side.access.port },
  });
  const backing = (at: 0 | 1) => ({ mariadb: server(at), postgres: pgServer(at) });
  const settings = (at: 0 | 1) => {
    const { host, port } = my[at].side.access.peer;
    return { mariadb: { ...server(at), peerHost: host, peerPort: port, from: '127.0.0.1' }, postgres: pgServer(at) };
  };
  masters = await startMasters({
    databases: { m1: backing(0), m2: backing(1) },
    masters: { m1: settings(0), m2: settings(1) },
  });
  const log = createLogger({ level: process.env['TANDEM_TEST_LOG'] ?? 'silent', redact: [] });
  lifecycle = createLifecycle({ log });
  startDbsync(masters.config, log, lifecycle);
  await done('package.add', { name: 'gold', quotaMb: 500 });
  await done('account.create', { account: 'bob', domain: 'bob.example', plan: 'gold', contactEmail: 'b@mail.example' });
}, 120_000);
afterAll(async () => {
  await lifecycle?.closeAll();
  await masters?.close();
  await Promise.all([mariadb?.stop(), postgres?.stop()]);
});

/** Through Tandem, until both masters have it. */
async function done(action: string, params: Readonly<Record<string, unknown>>): Promise<void> {
  const { operations } = masters.core;
  const accepted = await operations.accept({ action, params, actor: root, door: 'api' });
  const final = await operations.wait(accepted.id, 'final', 30_000);
  const errors = final.legs.flatMap((leg) => (leg.error === undefined ? [] : [leg.error]));
  expect({ action, params, state: final.state, errors }).toEqual({ action, params, state: 'done', errors: [] });
}

/** What PostgreSQL's watch last found wrong, and whether its directions run. */
async function carrying(): Promise<readonly string[]> {
  const state = await databasesState.read(join(databasesFolder(masters.config), 'postgres'));
  const sentences = state?.directions.filter((one) => one.kind !== 'steady').map((one) => one.sentence) ?? ['no watch'];
  return [...sentences, ...(state?.warnings.map((one) => one.sentence) ?? [])];
}

/** Both engines run both ways, and what each server has is what cPanel says there. */
async function inStep(named: { readonly MySQL: ReadonlySet<string>; readonly PostgreSQL: ReadonlySet<string> }) {
  const limits = { lagWarnMs: 30_000, lagGateMs: 5000 };
  const status = await databasesStatus(mariadb.servers, { clock: systemClock, limits, measureMs: 20_000 });
  expect(status.directions.map((one) => one.verdict.kind)).toEqual(['steady', 'steady']);
  await expect.poll(carrying, { timeout: 20_000 }).toEqual([]);
  for (const id of ['m1', 'm2'])
    for (const [fn, names] of [
      ['Mysql::list_databases', named.MySQL],
      ['Postgresql::list_databases', named.PostgreSQL],
    ] as const) {
      const listed = await masters.core.clients.get(id)?.call(uapi('bob', fn));
      const rows = listed?.kind === 'done' ? (listed.data as readonly { readonly database: string }[]) : [];
      expect(rows.map((row) => row.database).sort()).toEqual([...names].sort());
    }
}

const engines = {
  MySQL: { database: 'database', user: 'database-user', names: new Set<string>(), users: new Set<string>() },
  PostgreSQL: {
    ...{ database: 'postgres-database', user: 'postgres-user', names: new Set<string>(), users: new Set<string>() },
  },
};

async function write(engine: keyof typeof engines, name: string, lead: 0 | 1, value: string): Promise<void> {
  const create = 'CREATE TABLE IF NOT EXISTS t (v VARCHAR(60) PRIMARY KEY)';
  const insert = `INSERT INTO t VALUES ('${value}')`;
  const count = `SELECT count(*) AS n FROM t WHERE v = '${value}'`;
  if (engine === 'PostgreSQL') {
    const [on, other] = [postgres.members[lead], postgres.members[lead === 0 ? 1 : 0]];
    // What is written before a database is carried is copied when it is. A copy lets nobody in before it is carried
    // itself, but this test writes as the superuser, who is never kept out.
    const limit = `SELECT datconnlimit AS n FROM pg_database WHERE datname = '${name}'`;
    await arrivesOn(on, 'postgres', limit, -1);
    await on.sql(name, `${create}; ${insert}`);
    await arrivesOn(other, name, count.replace('count(*)', 'count(*)::int'), 1);
    return;
  }
  const [on, other] = [mariadb.members[lead], mariadb.members[lead === 0 ? 1 : 0]];
  await on.sql(create.replace('t (', '??.t ('), [name]);
  await on.sql(insert.replace('t VALUES', '??.t VALUES'), [name]);
  const there = async () => (await other.sql(count.replace('FROM t', 'FROM ??.t'), [name]).catch(() => []))[0]?.['n'];
  await expect.poll(there, { timeout: 20_000 }).toBe(1);
}

it(
  'replication never stops, whatever is done through Tandem',
  async () => {
    const step = fc.record({
      what: fc.constantFrom('create', 'use', 'delete', 'user', 'grant', 'rename'),
      engine: fc.constantFrom<keyof typeof engines>('MySQL', 'PostgreSQL'),
      name: fc.constantFrom('bob_a', 'bob_b'),
      lead: fc.constantFrom<0 | 1>(0, 1),
    });
    let n = 0;
    const doing: Record<string, (engine: keyof typeof engines, name: string, lead: 0 | 1) => Promise<void>> = {
      async create(engine, name) {
        const { database, names } = engines[engine];
        if (names.has(name)) return;
        await done(`${database}.add`, { account: 'bob', name });
        names.add(name);
      },
      async use(engine, name, lead) {
        n += 1;
        if (engines[engine].names.has(name)) await write(engine, name, lead, `row ${n}`);
      },
      async delete(engine, name) {
        const { database, names } = engines[engine];
        if (names.delete(name)) await done(`${database}.delete`, { account: 'bob', name });
      },
      async user(engine, name) {
        const { user, users } = engines[engine];
        const isThere = users.delete(name);
        if (!isThere) users.add(name);
        await done(`${user}.${isThere ? 'delete' : 'add'}`, {
          ...{ account: 'bob', name },
          ...(isThere ? {} : { password }),
        });
      },
      async grant(engine, name) {
        const { user, users, names } = engines[engine];
        if (names.has(name) && users.has(name))
          await done(`${user}.grant`, { account: 'bob', user: name, database: name });
      },
      async rename(_engine, name) {
        const { names } = engines.PostgreSQL;
        const newName = name === 'bob_a' ? 'bob_b' : 'bob_a';
        if (!names.has(name) || names.has(newName)) return;
        await done('postgres-database.rename', { account: 'bob', name, newName });
        names.delete(name);
        names.add(newName);
      },
    };
    const steps = fc.array(step, { minLength: 6, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        for (const { what, engine, name, lead } of all) await doing[what]?.(engine, name, lead);
        await inStep({ MySQL: engines.MySQL.names, PostgreSQL: engines.PostgreSQL.names });
      }),
      {
        ...{ numRuns: seeds, seed: Number(process.env['TANDEM_TEST_BASE'] ?? 11), endOnFailure: true },
        // Each engine's life at least once, whatever chance brings.
        examples: [
          [
            (['MySQL', 'PostgreSQL'] as const).flatMap((engine) =>
              (['create', 'user', 'grant', 'use', 'rename', 'delete'] as const).map((what) => ({
                ...{ what, engine, name: 'bob_a' as const, lead: 0 as const },
              })),
            ),
          ],
        ],
      },
    );
  },
  60_000 + seeds * 30_000,
);
