/** What befalls a pair while it is being made, and in its first second. */
import { afterEach, expect, it } from 'vitest';
import { arrives } from './arrives.ts';
import { type PairMember, setUp, startPair, type TestPair } from './pair.ts';

let pair: TestPair;
afterEach(() => pair?.stop());

async function fullPair(): Promise<TestPair> {
  pair = await startPair({ configured: true });
  const [m1] = pair.members;
  await m1.sql('CREATE DATABASE bob_shop');
  await m1.sql('CREATE TABLE bob_shop.orders (id INT AUTO_INCREMENT PRIMARY KEY, what VARCHAR(40))');
  await m1.sql("INSERT INTO bob_shop.orders (what) VALUES ('tea')");
  return pair;
}

/** Both halves run, and a row of either reaches the other. */
async function carries([m1, m2]: readonly [PairMember, PairMember]): Promise<void> {
  for (const one of [m1, m2])
    await expect
      .poll(async () => (await one.sql('SHOW SLAVE STATUS'))[0], { timeout: 30_000 })
      .toMatchObject({ Slave_IO_Running: 'Yes', Slave_SQL_Running: 'Yes' });
  await m1.sql("INSERT INTO bob_shop.orders (what) VALUES ('from one')");
  await m2.sql("INSERT INTO bob_shop.orders (what) VALUES ('from two')");
  for (const [one, what] of [
    [m2, 'from one'],
    [m1, 'from two'],
  ] as const)
    await arrives(one, `SELECT COUNT(*) FROM bob_shop.orders WHERE what = '${what}'`, 1);
}

it('a cut right after setup, before anything of its own came home, costs no master its place', async () => {
  const { members } = await fullPair();
  const [m1, m2] = members;
  await setUp(pair);
  m2.proxy.cut();
  await m1.sql("INSERT INTO bob_shop.orders (what) VALUES ('in the cut')");
  await arrives(m2, "SELECT COUNT(*) FROM bob_shop.orders WHERE what = 'in the cut'", 1);
  m2.proxy.heal();
  await carries(members);
});

it('so does a server that crashes then', async () => {
  const { members } = await fullPair();
  const [m1, m2] = members;
  await setUp(pair);
  m2.proxy.cut();
  await m1.sql("INSERT INTO bob_shop.orders (what) VALUES ('before the crash')");
  await arrives(m2, "SELECT COUNT(*) FROM bob_shop.orders WHERE what = 'before the crash'", 1);
  await m1.kill();
  m2.proxy.heal();
  await m1.start();
  // M2 may still try to connect.
  expect((await setUp(pair)).steps.filter((one) => !/receiv/.test(one))).toEqual([]);
  await carries(members);
});

it('a pair is made while customers write on both masters, each in a database that is copied to the other', async () => {
  const { members } = await fullPair();
  const [m1, m2] = members;
  await m2.sql('CREATE DATABASE eve_blog');
  await m2.sql('CREATE TABLE eve_blog.posts (id INT PRIMARY KEY)');
  const written: [number, number] = [1, 0];
  let going = true;
  const write = async (side: 0 | 1, statement: string): Promise<void> => {
    for (; going; written[side]++) await members[side].sql(statement, [written[side]]);
  };
  const customers = Promise.all([
    write(0, "INSERT INTO bob_shop.orders (what) VALUES (CONCAT('number ', ?))"),
    write(1, 'INSERT INTO eve_blog.posts VALUES (?)'),
  ]);
  try {
    await setUp(pair);
  } finally {
    going = false;
    await customers;
  }
  expect(written[0]).toBeGreaterThan(1);
  await arrives(m2, 'SELECT COUNT(*) FROM bob_shop.orders', written[0]);
  await arrives(m1, 'SELECT COUNT(*) FROM eve_blog.posts', written[1]);
  await carries(members);
});
