/** A pair on which both masters write while neither hears of the other. */
import { join } from 'node:path';
import { expect } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { closeGate } from '../../../src/dbsync/conflicts/gates.ts';
import type { Resolved } from '../../../src/dbsync/conflicts/look.ts';
import { resolveConflicts } from '../../../src/dbsync/conflicts/resolve.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { arrives } from './arrives.ts';
import { setUp, startPair, type TestPair } from './pair.ts';

export interface Apart {
  readonly pair: TestPair;
  /** Who writes a database; empty: the later one wins. */
  readonly writers: Map<string, string>;
  /** One look. `crash`: throws when that point is reached, as a kill would end it. */
  resolve(crash?: string): Promise<Resolved>;
  both(statement: string): Promise<unknown[]>;
  /** Until each has what the other wrote. */
  settled(): Promise<void>;
  /** That both hold the same. */
  equal(): Promise<void>;
  /** Both masters write while neither applies; the second a second later. */
  apart(first: readonly string[], second: readonly string[], pauseMs?: number): Promise<void>;
}

async function bothHave(pair: TestPair): Promise<void> {
  const mark = `${Date.now()}-${Math.random()}`;
  const [m1, m2] = pair.members;
  for (const one of [m1, m2]) await one.sql('REPLACE INTO bob_shop.mails VALUES (?, 1)', [`${one.side.id}-${mark}`]);
  await arrives(m2, `SELECT COUNT(*) FROM bob_shop.mails WHERE mail = 'm1-${mark}'`, 1);
  await arrives(m1, `SELECT COUNT(*) FROM bob_shop.mails WHERE mail = 'm2-${mark}'`, 1);
}

/** Starts it, with the tables that the tests use. */
export async function startApart(): Promise<Apart> {
  const pair = await startPair({ configured: true });
  const [m1, m2] = pair.members;
  await m1.sql('CREATE DATABASE bob_shop');
  await m1.sql(`CREATE TABLE bob_shop.goods (id INT UNSIGNED PRIMARY KEY, name VARCHAR(40) CHARACTER SET utf8mb4,
    price DECIMAL(9,2), weight FLOAT, photo BLOB, flags BIT(5), kind ENUM('a','b'), at DATETIME(3),
    seen TIMESTAMP(6) NULL, code CHAR(8) CHARACTER SET latin1)`);
  await m1.sql('CREATE TABLE bob_shop.mails (mail VARCHAR(60) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT)');
  await m1.sql('CREATE TABLE bob_shop.users (id BIGINT PRIMARY KEY, login VARCHAR(30) NOT NULL, UNIQUE KEY (login))');
  await m1.sql('CREATE TABLE bob_shop.visits (who INT)');
  expect(await setUp(pair)).toMatchObject({ changed: true });
  const writers = new Map<string, string>();
  return {
    ...{ pair, writers },
    resolve: (crash) =>
      resolveConflicts({
        ...{ servers: pair.servers, folder: join(pair.stateDir, 'logs'), clock: systemClock },
        writerOf: (database) => writers.get(database),
        crash(point) {
          if (point === crash) throw new Error(`crash at ${point}`);
        },
      }),
    both: (statement) => Promise.all(pair.members.map((one) => one.sql(statement))),
    settled: () => bothHave(pair),
    async equal() {
      await bothHave(pair);
      const deps = checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell: () => {} });
      expect((await checkDatabases(deps, ['bob_shop'])).differences).toEqual([]);
    },
    async apart(first, second, pauseMs = 1100) {
      for (const server of pair.servers) await closeGate(server);
      for (const one of first) await m1.sql(one);
      await systemClock.sleep(pauseMs);
      for (const one of second) await m2.sql(one);
    },
  };
}
