import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mastersOf } from '../../../src/masters.ts';
import { shareSlots } from '../../../src/operations/slots.ts';
import { freePair, nextUid } from '../../../src/operations/values.ts';
import { type Journal, openJournal } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { startMariadb, type TestMariadb } from '../../support/mariadb.ts';
import { missing } from '../../support/processes.ts';

const log = pino({ level: 'silent' });
const absent = missing('mariadbd');

describe.skipIf(absent !== undefined)(`values chosen by two nodes at one moment ${absent ?? ''}`, () => {
  let server: TestMariadb;
  let nodes: readonly Journal[];
  beforeAll(async () => {
    server = await startMariadb();
    const { host, port, user, password, database } = server;
    const config = { kind: 'mariadb', host, port, user, password, database } as const;
    nodes = [await openJournal(config, { log }), await openJournal(config, { log })];
    for (const journal of nodes) await migrate(journal, migrations);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((journal) => journal.close()));
    await server.stop();
  });

  it('no user id is given twice, from the very first on', async () => {
    const uidRange = { from: 200_000, to: 200_100 };
    const asked = Array.from({ length: 20 }, (_, n) => nodes[n % 2]).flatMap((journal) => journal ?? []);
    const uids = await Promise.all(asked.map((journal) => nextUid({ journal, uidRange })));
    expect(new Set(uids).size).toBe(20);
    expect(Math.min(...uids)).toBe(200_000);
  });

  it('no dedicated pair is given twice', async () => {
    const master = (id: string) => ({ id, name: id, site: id, hostname: `${id}.example.net`, address: '192.0.2.1' });
    const pairs = [1, 2, 3, 4].map((n) => ({
      use: 'dedicated' as const,
      addresses: { m1: `192.0.2.1${n}`, m2: `198.51.100.1${n}` },
    }));
    const masters = mastersOf([master('m1'), master('m2')], pairs);
    const given = await Promise.all(
      [0, 1, 0, 1].flatMap((n) => nodes[n] ?? []).map((journal) => freePair({ journal, masters })),
    );
    expect(new Set(given.map((pair) => pair['m1'])).size).toBe(4);
  });

  it('workers that start at one moment share the slots of a master that nobody worked on before', async () => {
    for (const master of ['m1', 'm2', 'm3', 'm4', 'm5']) {
      const counts = await Promise.all(
        [0, 1, 0, 1].map((n, worker) => {
          const journal = nodes[n];
          if (journal === undefined) throw new Error('there are two nodes');
          return shareSlots({ journal }, `w${worker}`, master, 8, 4, 10_000, () => 0);
        }),
      );
      expect(counts).toEqual([2, 2, 2, 2]);
    }
  });
});
