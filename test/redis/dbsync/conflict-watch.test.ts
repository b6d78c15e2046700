import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { databasesState } from '../../../src/dbsync/state-file.ts';
import { newMemory, turn } from '../../../src/dbsync/turn.ts';
import { setWriter } from '../../../src/dbsync/writers.ts';
import { testLog } from '../../support/log.ts';
import { arrives } from './arrives.ts';
import { type PairMember, setUp, startPair, type TestPair } from './pair.ts';

describe('the watch and conflicts', () => {
  let pair: TestPair;
  const events: string[] = [];
  const told = testLog();
  const memory = newMemory();
  let clockAhead = 0;
  let watching = true;
  let ended: Promise<void> = Promise.resolve();
  beforeAll(async () => {
    pair = await startPair({ configured: true });
    const [m1] = pair.members;
    await m1.sql('CREATE DATABASE bob_shop');
    await m1.sql('CREATE TABLE bob_shop.goods (id INT PRIMARY KEY, name VARCHAR(40), n INT)');
    await m1.sql('CREATE TABLE bob_shop.more (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(10))');
    await m1.sql('CREATE TABLE bob_shop.visits (who INT)');
    await setUp(pair);
    const deps = {
      ...{ servers: pair.servers, folder: join(pair.stateDir, 'watch'), log: told.log },
      clock: { ...systemClock, now: () => systemClock.now() + clockAhead },
      limits: { lagWarnMs: 30_000, lagGateMs: 5000 },
      decides: true,
      active: () => ({ pair: 'm1', accounts: { eve: 'm2' } }),
      warn: (one: { code: string }, state: string) => void events.push(`${one.code} ${state}`),
    };
    const asked = async () => String((await m1.sql('SHOW SLAVE STATUS'))[0]?.['Gtid_IO_Pos']);
    const before = await asked();
    ended = (async () => {
      while (watching) {
        await turn(deps, memory);
        await systemClock.sleep(300);
      }
      await memory.conflicts.working;
      await memory.strangers.working;
    })();
    // A cut before anything of its own came back loses a master its place (docs/decisions/databases-conflicts.md).
    await vi.waitFor(async () => expect(await asked()).not.toBe(before), { timeout: 30_000, interval: 100 });
  });
  afterAll(async () => {
    watching = false;
    await ended;
    await pair.stop();
  });

  async function equal(): Promise<void> {
    const deps = checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell: () => {} });
    expect((await checkDatabases(deps, ['bob_shop'])).differences).toEqual([]);
  }

  function event(wanted: string): Promise<void> {
    return expect.poll(() => events, { timeout: 40_000, interval: 100 }).toContain(wanted);
  }

  async function fill(on: PairMember, rows: number): Promise<void> {
    for (let n = 0; n < rows; n++) await on.sql('INSERT INTO bob_shop.more (what) VALUES (?)', [on.side.id]);
  }

  async function applying(on: PairMember, answer: string): Promise<void> {
    await expect
      .poll(async () => (await on.sql('SHOW SLAVE STATUS'))[0]?.['Slave_SQL_Running'], { timeout: 30_000 })
      .toBe(answer);
  }

  it('a cut with writes on both: nothing is applied before both logs were looked at; the writer’s rows stay, no other is lost', async () => {
    const [m1, m2] = pair.members;
    await m1.sql("INSERT INTO bob_shop.goods VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0)");
    await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.goods', 3);
    for (const one of [m1, m2]) one.proxy.cut();
    await m1.sql("UPDATE bob_shop.goods SET name = 'of the writer' WHERE id = 1");
    await m2.sql("UPDATE bob_shop.goods SET name = 'of a straggler' WHERE id IN (1, 2)");
    await event('db.cut.m1.m2 begins');
    await Promise.all([m1, m2].map((one) => fill(one, 150)));
    await m1.sql("INSERT INTO bob_shop.goods VALUES (9, 'one', 1)");
    await m2.sql("INSERT INTO bob_shop.goods VALUES (9, 'two', 2)");
    await applying(m2, 'No');
    const healed = Date.now();
    for (const one of [m1, m2]) one.proxy.heal();
    for (const one of [m1, m2]) await arrives(one, 'SELECT COUNT(*) FROM bob_shop.more', 300);
    for (const one of [m1, m2]) await applying(one, 'Yes');
    expect(Date.now() - healed).toBeLessThan(20_000);
    await equal();
    expect(await m2.sql('SELECT id, name FROM bob_shop.goods ORDER BY id')).toEqual([
      { id: 1, name: 'of the writer' },
      { id: 2, name: 'of a straggler' },
      { id: 3, name: 'c' },
      { id: 9, name: 'one' },
    ]);
    await expect
      .poll(async () => (await databasesState.read(join(pair.stateDir, 'watch')))?.newest, { timeout: 40_000 })
      .toMatchObject([
        { where: 'bob_shop.goods id=1', by: 'writer', images: { m2: expect.stringContaining('of a straggler') } },
        { where: 'bob_shop.goods id=9', kind: 'insert/insert', winner: 'm1' },
      ]);
  });

  it('a stop over one key on both is ended by the same look', async () => {
    const [m1, m2] = pair.members;
    await m2.server.session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      await session.rows("INSERT INTO bob_shop.goods VALUES (50, 'unheard of', 0)");
    });
    await m1.sql("INSERT INTO bob_shop.goods VALUES (50, 'one', 0)");
    // The row is in no log, so nothing can be judged: it stays a person's, and is tried once.
    await event('db.stopped.m1.m2 begins');
    await m2.sql('SET SESSION sql_log_bin = 0');
    await m2.server.session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      await session.rows('DELETE FROM bob_shop.goods WHERE id = 50');
    });
    await m2.sql('START SLAVE');
    await event('db.stopped.m1.m2 ends');
    await arrives(m2, 'SELECT name FROM bob_shop.goods WHERE id = 50', 'one');
    await m2.sql('STOP SLAVE SQL_THREAD');
    await m1.sql("INSERT INTO bob_shop.goods VALUES (51, 'one', 0)");
    await m2.sql("INSERT INTO bob_shop.goods VALUES (51, 'two', 0)");
    await m2.sql('START SLAVE SQL_THREAD');
    await arrives(m2, 'SELECT name FROM bob_shop.goods WHERE id = 51', 'one');
    for (const one of [m1, m2]) await applying(one, 'Yes');
    await equal();
  });

  it('who writes where the account is not to be written is named, until it is allowed', async () => {
    const [, m2] = pair.members;
    await m2.sql('INSERT INTO bob_shop.visits VALUES (1)');
    await m2.sql('CREATE DATABASE eve_blog');
    await m2.sql('CREATE TABLE eve_blog.posts (id INT PRIMARY KEY)');
    await m2.sql('INSERT INTO eve_blog.posts VALUES (1)');
    clockAhead += 61_000;
    await event('db.writer.bob.m2 begins');
    expect(events.filter((one) => one.startsWith('db.writer.'))).toEqual(['db.writer.bob.m2 begins']);
    await setWriter(pair.servers, 'bob', 'both');
    clockAhead += 16 * 60_000;
    await event('db.writer.bob.m2 ends');
    await m2.sql('INSERT INTO bob_shop.visits VALUES (2)');
    clockAhead += 61_000;
    await systemClock.sleep(3000);
    expect(events.filter((one) => one === 'db.writer.bob.m2 begins')).toHaveLength(1);
    // What Tandem applied bears the numbers of the master that wrote it.
    expect(events.filter((one) => one.startsWith('db.errant'))).toEqual([]);
  });
});
