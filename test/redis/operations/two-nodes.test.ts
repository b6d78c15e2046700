/** Requests that two nodes accept at one moment: each knows the other only by what the journal holds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mastersOf } from '../../../src/masters.ts';
import { accept } from '../../../src/operations/accept.ts';
import type { Deps } from '../../../src/operations/deps.ts';
import type { Request } from '../../../src/operations/model.ts';
import { makeRsaKey } from '../../../src/simulator/modules/rsa-keys.ts';
import { type Journal, openJournal } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { sealerOf } from '../../../src/store/seal.ts';
import { onBothDatabases, quiet } from '../store/databases.ts';

const master = (id: string) => ({ id, name: id, site: id, hostname: `${id}.example.net`, address: '192.0.2.1' });
const common: Omit<Deps, 'journal'> = {
  seal: sealerOf(Buffer.alloc(32, 7)),
  masters: mastersOf([master('m1'), master('m2')], []),
  clients: new Map(),
  timing: {
    leaseMs: 3000,
    sweepMs: 500,
    pollMs: 50,
    leadDoubtSeconds: 10,
    verifyAfterMs: 60_000,
    maxDoubts: 3,
    backoffMs: { first: 100, most: 1000 },
  },
  uidRange: { from: 200_000, to: 200_100 },
  dkimKey: async () => makeRsaKey(),
  log: quiet,
  crash: () => {},
  changes: { tell: () => {}, watch: () => () => {} },
  wake: () => {},
};

onBothDatabases('accepting on two nodes', (config) => {
  let nodes: readonly Journal[];
  beforeAll(async () => {
    nodes = [await openJournal(config(), { log: quiet }), await openJournal(config(), { log: quiet })];
    for (const journal of nodes) await migrate(journal, migrations);
  });
  afterAll(() => Promise.all(nodes.map((journal) => journal.close())));

  function ask(n: number, action: string, params: Record<string, unknown>): Promise<string> {
    const journal = nodes[n % nodes.length];
    if (journal === undefined) throw new Error('there are two nodes');
    const request: Request = { action, params, actor: { kind: 'system', name: 'test', scope: 'all' }, door: 'api' };
    return accept({ ...common, journal }, request).then(({ id }) => id);
  }

  const legsOn = async (account: string) =>
    (nodes[0] as Journal).read((db) =>
      db
        .selectFrom('legs')
        .innerJoin('operations', 'operations.id', 'legs.operation_id')
        .select(['legs.master', 'legs.seq', 'legs.waits', 'operations.id'])
        .where('operations.account', '=', account)
        .orderBy('legs.seq')
        .execute(),
    );

  test('no number comes twice for an account, and all but its first wait', async () => {
    const accounts = ['ann', 'bob', 'eve'];
    await Promise.all(
      Array.from({ length: 36 }, (_, n) =>
        ask(n, 'account.suspend', { account: accounts[n % 3], reason: `reason ${n}` }),
      ),
    );
    for (const account of accounts) {
      for (const id of ['m1', 'm2']) {
        const legs = (await legsOn(account)).filter((leg) => leg.master === id);
        expect(new Set(legs.map((leg) => leg.seq)).size).toBe(12);
        expect(legs.map((leg) => leg.waits)).toEqual([0, ...Array.from({ length: 11 }, () => 1)]);
      }
    }
  });

  test('equal requests of one moment become one, and not past what another node accepted in between', async () => {
    for (let round = 0; round < 5; round += 1) {
      const suspend = () => [0, 1, 0, 1].map((n) => ask(n, 'account.suspend', { account: `joe${round}` }));
      const first = new Set(await Promise.all(suspend()));
      expect(first.size).toBe(1);
      const lift = await ask(round, 'account.unsuspend', { account: `joe${round}` });
      const second = new Set(await Promise.all(suspend()));
      expect(second.size).toBe(1);
      expect(new Set([...first, lift, ...second]).size).toBe(3);
    }
  });
});
