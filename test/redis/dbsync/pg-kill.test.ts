import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { type Build, buildScript } from '../../support/process-node.ts';
import { type Running, run } from '../../support/processes.ts';
import { arrivesOn, type PgMember, type PgTestPair, setUpPg, startPgPair } from './pg-pair.ts';

const db = 'bob_app';

describe('killed at any moment while both masters write', () => {
  let pair: PgTestPair;
  let carrier: Running | undefined;
  let build: Build;

  function start(): void {
    const sides = pair.members.map((one) => one.side);
    carrier = run(process.execPath, [build.script, JSON.stringify({ sides, databases: [db] })]);
  }

  beforeAll(async () => {
    build = await buildScript('pg-carrier');
    pair = await startPgPair({ delayMs: 1, configured: 5 });
    for (const one of pair.members) {
      await one.sql('postgres', 'CREATE ROLE bob LOGIN');
      await one.sql('postgres', `CREATE DATABASE ${db} OWNER bob`);
      // No key: a row that came twice would stay twice.
      await one.sql(db, 'CREATE TABLE w (who text, n int); CREATE TABLE sum (id int PRIMARY KEY, n int)', 'bob');
      await one.sql(db, 'INSERT INTO sum VALUES (1, 0), (2, 0)', 'bob');
    }
    await setUpPg(pair);
  });
  afterAll(async () => {
    await carrier?.end('SIGKILL');
    await pair.stop();
  });

  /** Asks and writes until the server has said that it is there; while it is being killed it is asked again. */
  async function put(on: PgMember, who: number, n: number): Promise<void> {
    const name = on.side.id;
    const rows = n % 10 === 0 ? 2500 : 1;
    const missing = `NOT EXISTS (SELECT 1 FROM w WHERE who = '${name}' AND n = ${n})`;
    const insert = `INSERT INTO w SELECT '${name}', ${n} FROM generate_series(1, ${rows})`;
    const count = `UPDATE sum SET n = n + 1 WHERE id = ${who}`;
    for (;;)
      try {
        await on.sql(db, `DO $$ BEGIN IF ${missing} THEN ${insert}; ${count}; END IF; END $$`);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
  }

  function writer(on: PgMember, who: number): { stop(): Promise<number> } {
    let going = true;
    async function write(): Promise<number> {
      let n = 0;
      while (going) {
        n += 1;
        await put(on, who, n);
        // Each transaction takes a connection, which is a process of the server.
        await systemClock.sleep(20);
      }
      return n;
    }
    const writing = write();
    return {
      stop() {
        going = false;
        return writing;
      },
    };
  }

  it('each transaction arrives once: Tandem killed three times, each server once', async () => {
    const [m1, m2] = pair.members;
    start();
    const writers = [writer(m1, 1), writer(m2, 2)];
    for (let n = 0; n < 3; n++) {
      await arrivesOn(m2, db, `SELECT max(n) > ${n * 8} FROM w WHERE who = 'm1'`, true);
      await arrivesOn(m1, db, `SELECT max(n) > ${n * 8} FROM w WHERE who = 'm2'`, true);
      await carrier?.end('SIGKILL');
      const member = pair.members[n - 1];
      if (member !== undefined) {
        await member.kill();
        await member.start();
      }
      start();
    }
    const written = await Promise.all(writers.map((one) => one.stop()));
    const rows = written.reduce((sum, n) => sum + n + Math.floor(n / 10) * 2499, 0);
    for (const one of pair.members) {
      await arrivesOn(one, db, 'SELECT count(*)::int FROM w', rows);
      await arrivesOn(one, db, "SELECT string_agg(n::text, ' ' ORDER BY id) FROM sum", written.join(' '));
      expect(await one.sql(db, 'SELECT * FROM tandemsync.conflict')).toEqual([]);
    }
  });
});
