import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { lettingGoClient } from '../../../src/dbsync/postgres/panel-calls.ts';
import { messageOf } from '../../../src/errors.ts';
import type { Client } from '../../../src/operations/deps.ts';
import { uapi } from '../../../src/whm/call.ts';
import { testLog } from '../../support/log.ts';
import { openPgDesk, type PgDesk, turnMs } from './pg-desk.ts';
import { arrivesOn, type PgTestPair, startPgPair } from './pg-pair.ts';

describe('tandem db postgres, and the role that carries', () => {
  let pair: PgTestPair;
  let desk: PgDesk;
  const tandem = (...words: readonly string[]) => desk.tandem(...words);

  beforeAll(async () => {
    pair = await startPgPair({ delayMs: 1, configured: 3 });
    desk = await openPgDesk(pair, 3);
  });
  afterAll(async () => {
    await desk.close();
    await pair.stop();
  });

  it('says that both are in step', async () => {
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 20_000, interval: turnMs }).toBe(0);
    const nagios = await tandem('status', '--nagios');
    expect(nagios).toMatchObject({
      exit: 0,
      text: expect.stringMatching(/^POSTGRESQL OK: .*\| 'pg_lag_m1_m2'=0\.\d+s/),
    });
  });

  it('a database that a customer gets later on both masters is carried by itself', async () => {
    const [m1, m2] = pair.members;
    for (const one of pair.members) await one.sql('postgres', 'CREATE DATABASE bob_shop OWNER bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000, interval: turnMs })
      .toContain('Carried both ways: bob_shop');
    await m1.sql('bob_shop', "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) VALUES ('a')", 'bob');
    await arrivesOn(m2, 'bob_shop', 'SELECT count(*)::int FROM t', 1);
    await m2.sql('bob_shop', "INSERT INTO t (v) VALUES ('b')", 'bob');
    await arrivesOn(m1, 'bob_shop', 'SELECT count(*)::int FROM t', 2);
    expect(await tandem('check', '--all')).toMatchObject({ exit: 0, text: '1 tables, 2 rows: equal.\n' });
  });

  /** cPanel on one master: it does what the call says as the server's superuser, and refuses in the server's words. */
  function panelOn(member: PgTestPair['members'][number]): Client {
    const panel: Client = {
      async call({ fn, args }) {
        const { name, oldname, newname } = Object.fromEntries(args);
        const sql = fn.endsWith('delete_database')
          ? `DROP DATABASE ${name}`
          : `ALTER DATABASE ${oldname} RENAME TO ${newname}`;
        try {
          await member.sql('postgres', sql);
          return { kind: 'done', data: null, reason: 'OK', warnings: [], body: {} };
        } catch (error) {
          return { kind: 'refused', reason: messageOf(error), body: {} };
        }
      },
    };
    const { log } = testLog();
    return lettingGoClient(panel, { server: member.server, clock: systemClock, log });
  }

  it('a database is renamed and dropped on one master after the other: nothing is lost, nothing is left', async () => {
    const [m1, m2] = pair.members;
    const [first, second] = [panelOn(m1), panelOn(m2)];
    const rename = uapi('bob', 'Postgresql::rename_database', { oldname: 'bob_pad', newname: 'bob_new' });
    const drop = uapi('bob', 'Postgresql::delete_database', { name: 'bob_new' });
    for (const one of pair.members) await one.sql('postgres', 'CREATE DATABASE bob_pad OWNER bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000, interval: turnMs })
      .toContain('bob_pad, bob_shop');
    await m1.sql('bob_pad', 'CREATE TABLE t (v text PRIMARY KEY)', 'bob');
    await arrivesOn(m2, 'bob_pad', "SELECT to_regclass('t')::text", 't');
    expect(await first.call(rename)).toMatchObject({ kind: 'done' });
    await m1.sql('bob_new', "INSERT INTO t VALUES ('m1')", 'bob');
    await m2.sql('bob_pad', "INSERT INTO t VALUES ('m2')", 'bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 20_000, interval: turnMs })
      .toContain('bob_new is on M1 only');
    expect(await second.call(rename)).toMatchObject({ kind: 'done' });
    for (const one of pair.members) await arrivesOn(one, 'bob_new', 'SELECT count(*)::int FROM t', 2);
    // What is refused leaves it carried.
    const taken = uapi('bob', 'Postgresql::rename_database', { oldname: 'bob_new', newname: 'bob_shop' });
    expect(await first.call(taken)).toMatchObject({ kind: 'refused', reason: expect.stringContaining('exists') });
    await m2.sql('bob_new', "INSERT INTO t VALUES ('after')", 'bob');
    await arrivesOn(m1, 'bob_new', 'SELECT count(*)::int FROM t', 3);
    expect(await second.call(drop)).toMatchObject({ kind: 'done' });
    const slots = "SELECT count(*)::int FROM pg_replication_slots WHERE slot_name LIKE '%bob\\_%'";
    await arrivesOn(m1, 'postgres', `${slots} AND database = 'bob_new'`, 0);
    expect(await m1.sql('bob_new', 'SELECT count(*)::int AS n FROM t', 'bob')).toEqual([{ n: 3 }]);
    expect(await first.call(drop)).toMatchObject({ kind: 'done' });
    for (const one of pair.members) {
      await arrivesOn(
        one,
        'tandemsync',
        "SELECT count(*)::int FROM tandemsync.local_mark WHERE name LIKE '%bob\\_%'",
        0,
      );
      await arrivesOn(one, 'postgres', slots, 1);
      await arrivesOn(one, 'postgres', "SELECT count(*)::int FROM pg_replication_origin WHERE roname LIKE '%bob%'", 1);
    }
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 20_000, interval: turnMs }).toBe(0);
  });

  it('rows that differ are found, and reseed makes them equal with a backup', async () => {
    const [, m2] = pair.members;
    await tandem('pause', 'm1');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 20_000, interval: turnMs })
      .toContain('paused');
    // The role looks once a second whether it is to pause.
    await expect
      .poll(
        async () =>
          Object.values(
            (
              await m2.sql(
                'postgres',
                "SELECT count(*)::int FROM pg_replication_slots WHERE slot_name LIKE 'tandem_m1_%' AND active",
              )
            )[0] ?? {},
          )[0],
        { timeout: 20_000 },
      )
      .toBe(0);
    await m2.sql('bob_shop', "UPDATE t SET v = 'strange' WHERE id = (SELECT min(id) FROM t)");
    expect((await tandem('reseed', 'bob_shop', '--from', 'm1', '--yes')).text).toContain('is now what M1 has');
    await tandem('resume', 'm1');
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 30_000, interval: turnMs }).toBe(0);
    expect((await tandem('check', 'bob_shop')).exit).toBe(0);
    expect(await m2.sql('bob_shop', "SELECT count(*)::int AS n FROM t WHERE v = 'strange'")).toEqual([{ n: 0 }]);
  });

  it('a definition that cannot be carried stops its database alone, and is told', async () => {
    const [m1] = pair.members;
    await m1.sql('bob_shop', "DO $$ BEGIN EXECUTE 'CREATE TABLE inside (id int)'; END $$", 'bob');
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 30_000, interval: turnMs })
      .toMatch(/STOPPED: bob_shop: .*CREATE TABLE of public\.inside/);
    expect((await tandem('status', '--nagios')).exit).toBe(2);
    await tandem('reseed', 'bob_shop', '--from', 'm1', '--yes');
    await expect.poll(async () => (await tandem('status')).exit, { timeout: 30_000, interval: turnMs }).toBe(0);
  });

  it('more databases than there is room for are refused with the reason', async () => {
    for (const name of ['bob_two', 'bob_three', 'carol_four'])
      for (const one of pair.members) await one.sql('postgres', `CREATE DATABASE ${name} OWNER bob`);
    await expect
      .poll(async () => (await tandem('status')).text, { timeout: 40_000, interval: turnMs })
      .toMatch(
        /carol_four is not carried: M1 has slots and connections for 3 databases, and 3 are carried|bob_\w+ is not carried: M1 has slots/,
      );
  });

  it('after detach nothing of the account is carried, and its databases can be dropped on one master', async () => {
    const [m1, m2] = pair.members;
    const done = await tandem('detach', 'bob');
    expect(done.text).toContain('Backup: ');
    await m2.sql('postgres', 'DROP DATABASE bob_shop');
    expect(await m1.sql('bob_shop', 'SELECT count(*)::int AS n FROM t', 'bob')).toEqual([{ n: 2 }]);
    expect(
      await m1.sql(
        'bob_shop',
        "SELECT to_regnamespace('tandemsync') AS n, (SELECT seqincrement::int FROM pg_sequence) AS step",
      ),
    ).toEqual([{ n: null, step: 1 }]);
  });

  it('a fence makes a master read-only for customers until the other has all', async () => {
    const [m1] = pair.members;
    await m1.sql('postgres', 'ALTER DATABASE carol_four OWNER TO carol');
    expect((await tandem('fence', 'm1', '--wait')).text).toContain('has all that it wrote');
    await expect(m1.sql('carol_four', 'CREATE TABLE x (id int)', 'carol')).rejects.toThrow(/read-only/);
    await tandem('unfence', 'm1');
    await m1.sql('carol_four', 'CREATE TABLE x (id int)', 'carol');
  });
});
