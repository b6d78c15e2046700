import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { replicatedClient } from '../../../src/dbsync/panel-calls.ts';
import { databasesStatus } from '../../../src/dbsync/status.ts';
import type { Client } from '../../../src/operations/deps.ts';
import { uapi, type WhmCall } from '../../../src/whm/call.ts';
import type { Outcome } from '../../../src/whm/outcome.ts';
import { testLog } from '../../support/log.ts';
import { setUp, startPair, type TestPair } from './pair.ts';

const seeds = Number(process.env['TANDEM_TEST_SEEDS'] ?? 2);

/** cPanel on a real server: its map, SQL as root, and refusal of what is there unmapped or mapped and gone. */
function panelOn(pair: TestPair, n: 0 | 1): Client & { readonly map: Set<string> } {
  const member = pair.members[n];
  const map = new Set<string>();
  const ok = (data: unknown = null): Outcome => ({ kind: 'done', data, reason: 'OK', warnings: [], body: {} });
  const no = (reason: string): Outcome => ({ kind: 'refused', reason, body: {} });
  async function run(call: WhmCall): Promise<Outcome> {
    const given = Object.fromEntries(call.args);
    const { name = '', user = '', database = '', password = 'x' } = given;
    switch (call.fn) {
      case 'Mysql::list_databases':
        return ok([...map].map((one) => ({ database: one, users: [] })));
      case 'Mysql::create_database':
        await member.sql('CREATE DATABASE ??', [name]);
        map.add(name);
        return ok();
      case 'Mysql::delete_database':
        if (!map.has(name)) return no(`You do not have a MySQL database named “${name}”.`);
        await member.sql('DROP DATABASE ??', [name]);
        map.delete(name);
        return ok();
      case 'Mysql::create_user':
        await member.sql('CREATE USER ?@localhost IDENTIFIED BY ?', [name, password]);
        return ok();
      case 'Mysql::delete_user':
        await member.sql('DROP USER ?@localhost', [name]);
        return ok();
      case 'Mysql::set_privileges_on_database':
        await member.sql('GRANT ALL ON ??.* TO ?@localhost', [database, user]);
        return ok();
      default:
        throw new Error(`the panel does not know ${call.fn}`);
    }
  }
  return { map, call: (call) => run(call).catch((error: Error) => no(error.message)) };
}

describe('cPanel’s database calls while replication runs', () => {
  let pair: TestPair;
  let panels: readonly [ReturnType<typeof panelOn>, ReturnType<typeof panelOn>];
  let clients: readonly [Client, Client];
  beforeAll(async () => {
    pair = await startPair({ configured: true });
    await setUp(pair);
    panels = [panelOn(pair, 0), panelOn(pair, 1)];
    const { log } = testLog();
    const folder = join(pair.stateDir, 'aside');
    clients = [
      replicatedClient(panels[0], { server: pair.servers[0], other: panels[1], folder, log }),
      replicatedClient(panels[1], { server: pair.servers[1], other: panels[0], folder, log }),
    ];
  });
  afterAll(() => pair.stop());

  /** As an operation does it: one master leads, the other follows; before that, replication may be through. */
  async function onBoth(
    lead: 0 | 1,
    waits: boolean,
    fn: string,
    args: Record<string, string>,
  ): Promise<readonly string[]> {
    const call = uapi('bob', fn, args);
    const first = await clients[lead].call(call);
    if (waits) await inStep();
    const second = await clients[lead === 0 ? 1 : 0].call(call);
    return [first, second].map((one) =>
      one.kind === 'done' ? 'done' : `${one.kind}: ${'reason' in one ? one.reason : ''}`,
    );
  }

  async function inStep(): Promise<void> {
    const status = await databasesStatus(pair.servers, {
      clock: systemClock,
      limits: { lagWarnMs: 30_000, lagGateMs: 5000 },
      measureMs: 20_000,
    });
    expect(status.directions.map((one) => one.verdict.kind)).toEqual(['steady', 'steady']);
    expect(Object.keys(status.latencyMs)).toHaveLength(2);
  }

  it('creates what replication brought first, keeps its contents, and deletes what replication took first', async () => {
    const [m1, m2] = pair.members;
    await clients[0].call(uapi('bob', 'Mysql::create_database', { name: 'bob_app' }));
    await m1.sql('CREATE TABLE bob_app.t (id INT PRIMARY KEY AUTO_INCREMENT, f FLOAT)');
    await m1.sql('INSERT INTO bob_app.t (f) VALUES (0.5)');
    await inStep();
    expect(await clients[1].call(uapi('bob', 'Mysql::create_database', { name: 'bob_app' }))).toMatchObject({
      kind: 'done',
    });
    expect([...panels[1].map]).toEqual(['bob_app']);
    await m1.sql('INSERT INTO bob_app.t (f) VALUES (1.5)');
    await inStep();
    for (const one of [m1, m2]) expect(await one.sql('SELECT COUNT(*) AS n FROM bob_app.t')).toEqual([{ n: 2 }]);
    expect(await onBoth(1, true, 'Mysql::delete_database', { name: 'bob_app' })).toEqual(['done', 'done']);
    for (const panel of panels) expect([...panel.map]).toEqual([]);
    await inStep();
  });

  it('brings back what was set aside when the call is refused or the copy was interrupted', async () => {
    const [m1, m2] = pair.members;
    const call = uapi('bob', 'Mysql::create_database', { name: 'bob_kept' });
    await clients[0].call(call);
    await m1.sql('CREATE TABLE bob_kept.t (id INT PRIMARY KEY)');
    await m1.sql('INSERT INTO bob_kept.t VALUES (1)');
    await inStep();
    const broken: Client = {
      call: async () => {
        expect(await m2.sql("SHOW DATABASES LIKE 'bob_kept'")).toEqual([]);
        return { kind: 'refused', reason: 'quota', body: {} };
      },
    };
    const folder = join(pair.stateDir, 'aside');
    const refused = replicatedClient(broken, { server: pair.servers[1], other: panels[0], folder, log: testLog().log });
    expect(await refused.call(call)).toMatchObject({ kind: 'refused' });
    await m1.sql('INSERT INTO bob_kept.t VALUES (2)');
    await inStep();
    expect(await m2.sql('SELECT COUNT(*) AS n FROM bob_kept.t')).toEqual([{ n: 2 }]);
    const dead: Client = { call: () => Promise.reject(new Error('killed')) };
    const killed = replicatedClient(dead, { server: pair.servers[1], other: panels[0], folder, log: testLog().log });
    await expect(killed.call(call)).rejects.toThrow('killed');
    await m1.sql('INSERT INTO bob_kept.t VALUES (3)');
    expect(await clients[1].call(call)).toMatchObject({ kind: 'done' });
    await inStep();
    expect(await m2.sql('SELECT COUNT(*) AS n FROM bob_kept.t')).toEqual([{ n: 3 }]);
    expect(await onBoth(0, true, 'Mysql::delete_database', { name: 'bob_kept' })).toEqual(['done', 'done']);
  });

  it('leaves alone what the other panel does not know', async () => {
    await pair.members[0].sql('CREATE DATABASE bob_found');
    await pair.members[0].sql('CREATE TABLE bob_found.t (id INT)');
    await inStep();
    expect(await clients[1].call(uapi('bob', 'Mysql::create_database', { name: 'bob_found' }))).toMatchObject({
      kind: 'refused',
    });
    expect(await pair.members[1].sql('SHOW TABLES FROM bob_found')).toHaveLength(1);
  });

  it(
    'never stops replication, whatever is made, granted, used and dropped, led by either master',
    async () => {
      const step = fc.record({
        what: fc.constantFrom('create', 'delete', 'user', 'grant', 'write'),
        name: fc.constantFrom('bob_a', 'bob_b'),
        lead: fc.constantFrom<0 | 1>(0, 1),
        waits: fc.boolean(),
      });
      const names = new Set<string>();
      const users = new Set<string>();
      const both = ['done', 'done'];
      const doing: Record<string, (name: string, lead: 0 | 1, waits: boolean) => Promise<void>> = {
        async create(name, lead, waits) {
          if (names.has(name)) return;
          expect(await onBoth(lead, waits, 'Mysql::create_database', { name })).toEqual(both);
          names.add(name);
        },
        async delete(name, lead, waits) {
          if (names.delete(name)) expect(await onBoth(lead, waits, 'Mysql::delete_database', { name })).toEqual(both);
        },
        async user(name, lead, waits) {
          const isThere = users.delete(name);
          if (!isThere) users.add(name);
          const fn = isThere ? 'Mysql::delete_user' : 'Mysql::create_user';
          expect(await onBoth(lead, waits, fn, { name, password: 'Pass-w0rd' })).toEqual(both);
        },
        async grant(name, lead, waits) {
          if (!names.has(name) || !users.has(name)) return;
          const fn = 'Mysql::set_privileges_on_database';
          expect(await onBoth(lead, waits, fn, { user: name, database: name })).toEqual(both);
        },
        async write(name, lead) {
          if (!names.has(name)) return;
          await pair.members[lead].sql('CREATE TABLE IF NOT EXISTS ??.t (id INT PRIMARY KEY AUTO_INCREMENT)', [name]);
          await pair.members[lead].sql('INSERT INTO ??.t VALUES ()', [name]);
          await inStep();
        },
      };
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 10 }), async (steps) => {
          for (const { what, name, lead, waits } of steps) await doing[what]?.(name, lead, waits);
          await inStep();
          for (const panel of panels) expect([...panel.map].sort()).toEqual([...names].sort());
        }),
        { numRuns: seeds * 2, seed: 7, endOnFailure: true },
      );
    },
    60_000 + seeds * 10_000,
  );
});
