/** A pair with two customers, for what an owner of databases tries against Tandem. */
import { mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Connection, createConnection } from 'mysql2/promise';
import { systemClock } from '../../../src/clock.ts';
import { folderIn } from '../../../src/dbsync/mariadb/folder.ts';
import { checkDepsOf } from '../../../src/dbsync/mariadb/rows.ts';
import { type CheckResult, checkDatabases } from '../../../src/dbsync/repair/check.ts';
import { repairRows } from '../../../src/dbsync/repair/repair-rows.ts';
import { reseedDatabase } from '../../../src/dbsync/repair/reseed.ts';
import { type PairMember, setUp, startPair } from './pair.ts';

const tell = (): void => {};

/** Alice has a secret in alice_shop; bob owns what begins with bob_, on both masters. */
export async function startOwners() {
  const pair = await startPair({ configured: true });
  for (const member of pair.members) {
    await member.sql("CREATE USER bob@localhost IDENTIFIED BY 'pw'");
    await member.sql('GRANT ALL ON `bob\\_%`.* TO bob@localhost');
  }
  const [m1] = pair.members;
  await m1.sql('CREATE DATABASE alice_shop');
  await m1.sql('CREATE TABLE alice_shop.secret (what TEXT)');
  await m1.sql("INSERT INTO alice_shop.secret VALUES ('hers')");
  await m1.sql('CREATE DATABASE bob_shop');
  await setUp(pair);

  const member = (n: 0 | 1): PairMember => pair.members[n];

  async function asBob<T>(n: 0 | 1, work: (connection: Connection) => Promise<T>): Promise<T> {
    const bob = await createConnection({ socketPath: join(member(n).dir, 'sock'), user: 'bob', password: 'pw' });
    try {
      return await work(bob);
    } finally {
      bob.destroy();
    }
  }

  async function byBob(n: 0 | 1, ...statements: string[]): Promise<void> {
    await asBob(n, async (bob) => {
      for (const one of statements) await bob.query(one);
    });
  }

  function check(...databases: string[]) {
    return checkDatabases(checkDepsOf(pair.servers, { clock: systemClock, share: 1, tell }), databases);
  }

  function reseed(database: string, from: 0 | 1 = 0): Promise<void> {
    const [source, target] = [pair.servers[from], pair.servers[from === 0 ? 1 : 0]];
    const folder = folderIn(pair.stateDir, Date.now);
    const more = { folder, clock: systemClock, tell, crash: () => {}, evenIfSmaller: true, asFiles: false };
    return reseedDatabase({ source, target, ...more }, database);
  }

  /** A statement that the other master never hears of. */
  async function secretly(n: 0 | 1, ...statements: string[]): Promise<void> {
    await pair.servers[n].session(async (session) => {
      await session.rows('SET SESSION sql_log_bin = 0');
      for (const one of statements) await session.rows(one);
    });
  }

  async function names(n: 0 | 1, sql: string): Promise<unknown[]> {
    return (await member(n).sql(sql)).map((row) => Object.values(row)[0]);
  }

  /** A new file's place, gone with the pair. */
  function newFile(name: string): string {
    return join(mkdtempSync(join(dirname(pair.stateDir), 'file-')), name);
  }

  function repair(differences: CheckResult['differences']) {
    const [source, target] = pair.servers;
    return repairRows({ source, target, kept: newFile('rows.jsonl'), dryRun: false, tell }, differences);
  }

  /** Bob's only database anew, with what the statements make. */
  async function anew(...statements: string[]): Promise<void> {
    await byBob(0, 'DROP DATABASE IF EXISTS bob_shop', 'CREATE DATABASE bob_shop', 'USE bob_shop', ...statements);
  }

  return { pair, member, asBob, byBob, check, reseed, secretly, names, repair, anew, newFile };
}

export type Owners = Awaited<ReturnType<typeof startOwners>>;
