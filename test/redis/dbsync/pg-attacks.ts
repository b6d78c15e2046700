/** What attacks of customers have in common: bob, who owns his databases, and what shows that he became more. */
import pg from 'pg';
import { afterAll, beforeAll, expect } from 'vitest';
import { openPgDesk, type PgDesk, turnMs } from './pg-desk.ts';
import { arrivesOn, type PgMember, type PgTestPair, startPgPair } from './pg-pair.ts';

/** Leaves a trace on the server when it runs as a superuser. */
export const evil = `CREATE FUNCTION public.evil(what text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
    AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = 'got_' || what) THEN
    EXECUTE pg_catalog.format('CREATE ROLE %I', 'got_' || what); END IF;
  RETURN 1; END $$`;

/** A check's function that does something only where Tandem applies the row. */
export function inTandems(name: string, statements: readonly string[]): string {
  const run = statements.map((one) => `EXECUTE $x$${one}$x$;`).join(' ');
  return `CREATE FUNCTION ${name}(v text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF session_user <> current_user THEN ${run} END IF; RETURN true; END $$`;
}

/** There while the tests of a block run. */
export interface Attacks {
  readonly pair: PgTestPair;
  readonly tandem: PgDesk['tandem'];
  /** The traces on both servers. */
  gained(): Promise<readonly unknown[]>;
  /** Makes a database of bob's that is carried, with the function in it. */
  carried(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A transaction of bob's that stays open. */
export async function openAs(one: PgMember, database: string, statement: string): Promise<pg.Client> {
  const { socket = '', port } = one.side.access;
  const client = new pg.Client({ host: socket, port, user: 'bob', database });
  client.on('error', () => {});
  await client.connect();
  await client.query(`BEGIN; ${statement}`);
  return client;
}

/** For a block of tests: opens a pair with the role that carries before them, and closes it behind them. */
export function attacksOnPair(): Omit<Attacks, 'close'> {
  let open: Attacks;
  beforeAll(async () => {
    open = await openAttacks();
  });
  afterAll(() => open.close());
  return {
    get pair() {
      return open.pair;
    },
    tandem: (...words) => open.tandem(...words),
    gained: () => open.gained(),
    carried: (name) => open.carried(name),
  };
}

async function openAttacks(): Promise<Attacks> {
  const pair = await startPgPair({ delayMs: 1, configured: 20 });
  const desk = await openPgDesk(pair, 20);
  return {
    pair,
    tandem: (...words) => desk.tandem(...words),
    async gained() {
      const all = await Promise.all(
        pair.members.map((one) => one.sql('postgres', "SELECT rolname FROM pg_roles WHERE rolname LIKE 'got\\_%'")),
      );
      return all.flat().map((row) => row['rolname']);
    },
    async carried(name) {
      for (const one of pair.members) await one.sql('postgres', `CREATE DATABASE ${name} OWNER bob`);
      await expect
        .poll(async () => (await desk.tandem('status')).text, { timeout: 30_000, interval: turnMs })
        .toMatch(new RegExp(`Carried both ways: .*${name}`));
      await pair.members[0].sql(name, evil, 'bob');
      await arrivesOn(pair.members[1], name, "SELECT count(*)::int FROM pg_proc WHERE proname = 'evil'", 1);
    },
    async close() {
      await desk.close();
      await pair.stop();
    },
  };
}
