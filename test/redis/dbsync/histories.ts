/** Random histories of two masters that do not hear of each other, and what must be true once they do again. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { closeGate } from '../../../src/dbsync/conflicts/gates.ts';
import type { Resolved } from '../../../src/dbsync/conflicts/look.ts';
import type { Decision } from '../../../src/dbsync/conflicts/model.ts';
import { readConflicts } from '../../../src/dbsync/conflicts/store.ts';
import { unlogged } from '../../../src/dbsync/mariadb/connect.ts';
import type { Apart } from './apart.ts';
import type { PairMember } from './pair.ts';

/** Tables of every kind that a look knows; the last three are never compared, but lie between those that are. */
const tables = {
  plain: 'id INT PRIMARY KEY, v VARCHAR(20), n INT',
  logins: `id INT PRIMARY KEY, login VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL, mail VARCHAR(20), n INT,
    UNIQUE KEY (login), UNIQUE KEY (mail)`,
  words: 'k VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, v VARCHAR(20), n INT',
  pairs: 'a INT, b INT, v VARCHAR(20), PRIMARY KEY (a, b)',
} as const;
const besides = { isam: 'MyISAM', aria: 'Aria' } as const;

type Statement = string;

/** One transaction; one that is refused is rolled back, as an application would. */
type Deed = readonly Statement[];

interface History {
  readonly writer: 'm1' | 'm2' | undefined;
  /** What each master does while neither hears of the other. */
  readonly deeds: readonly [readonly Deed[], readonly Deed[]];
  /** A second between them: then the second master wrote later. */
  readonly isApart: boolean;
  /** The look is killed there once. */
  readonly crash: string | undefined;
  /** What goes on being written while the look works. */
  readonly meanwhile: readonly [readonly Deed[], readonly Deed[]];
}

const small = fc.integer({ min: 1, max: 7 });
const word = fc.constantFrom('ann', 'Ann', 'bob', 'eve', 'EVE', 'joe', 'zoe');
const text = fc.stringMatching(/^[a-z]{1,8}$/);

function plain(): fc.Arbitrary<Statement> {
  return fc.oneof(
    fc.tuple(small, text).map(([id, v]) => `INSERT INTO bob_h.plain VALUES (${id}, '${v}', 0)`),
    fc.tuple(small, text).map(([id, v]) => `REPLACE INTO bob_h.plain VALUES (${id}, '${v}', 1)`),
    fc.tuple(small, text).map(([id, v]) => `UPDATE bob_h.plain SET v = '${v}', n = n + 1 WHERE id = ${id}`),
    fc.tuple(small, small).map(([a, b]) => `UPDATE bob_h.plain SET n = n + 1 WHERE id BETWEEN ${a} AND ${b}`),
    small.map((id) => `DELETE FROM bob_h.plain WHERE id = ${id}`),
  );
}

function logins(): fc.Arbitrary<Statement> {
  const mail = fc.option(word, { nil: undefined }).map((one) => (one === undefined ? 'NULL' : `'${one}'`));
  return fc.oneof(
    fc.tuple(small, word, mail).map(([id, w, m]) => `INSERT INTO bob_h.logins VALUES (${id}, '${w}', ${m}, 0)`),
    fc.tuple(small, word, mail).map(([id, w, m]) => `REPLACE INTO bob_h.logins VALUES (${id}, '${w}', ${m}, 1)`),
    fc.tuple(small, word).map(([id, w]) => `UPDATE bob_h.logins SET login = '${w}' WHERE id = ${id}`),
    fc.tuple(small, mail).map(([id, m]) => `UPDATE bob_h.logins SET mail = ${m} WHERE id = ${id}`),
    small.map((id) => `UPDATE bob_h.logins SET n = n + 1 WHERE id = ${id}`),
    fc.tuple(small, small).map(([id, to]) => `UPDATE bob_h.logins SET id = ${to} WHERE id = ${id}`),
    small.map((id) => `DELETE FROM bob_h.logins WHERE id = ${id}`),
  );
}

function words(): fc.Arbitrary<Statement> {
  return fc.oneof(
    fc.tuple(word, text).map(([k, v]) => `INSERT INTO bob_h.words VALUES ('${k}', '${v}', 0)`),
    fc.tuple(word, text).map(([k, v]) => `REPLACE INTO bob_h.words VALUES ('${k}', '${v}', 0)`),
    fc.tuple(word, text).map(([k, v]) => `UPDATE bob_h.words SET v = '${v}' WHERE k = '${k}'`),
    fc.tuple(word, word).map(([k, to]) => `UPDATE bob_h.words SET k = '${to}' WHERE k = '${k}'`),
    word.map((k) => `DELETE FROM bob_h.words WHERE k = '${k}'`),
  );
}

function pairs(): fc.Arbitrary<Statement> {
  return fc.oneof(
    fc.tuple(small, small, text).map(([a, b, v]) => `REPLACE INTO bob_h.pairs VALUES (${a}, ${b}, '${v}')`),
    fc.tuple(small, text).map(([a, v]) => `UPDATE bob_h.pairs SET v = '${v}' WHERE a = ${a}`),
    fc.tuple(small, small).map(([a, b]) => `DELETE FROM bob_h.pairs WHERE a = ${a} AND b = ${b}`),
  );
}

/** Two logins are exchanged. */
function swap(): fc.Arbitrary<Deed> {
  return fc.tuple(small, small).map(([a, b]) => [
    `UPDATE bob_h.logins SET login = CONCAT('tmp', login) WHERE id = ${a}`,
    `UPDATE bob_h.logins AS one, (SELECT SUBSTR(login, 4) AS was FROM bob_h.logins WHERE id = ${a}) AS other
      SET one.login = CONCAT('new', one.login), one.n = 5 WHERE one.id = ${b}`,
    `UPDATE bob_h.logins SET login = (SELECT * FROM (SELECT SUBSTR(login, 4) FROM bob_h.logins WHERE id = ${b}) AS x)
      WHERE id = ${a}`,
    `UPDATE bob_h.logins SET login = CONCAT('of', ${a}) WHERE id = ${b}`,
  ]);
}

/** One table without transactions belongs to each side, so that nothing in it is a conflict. */
function beside(side: 0 | 1): fc.Arbitrary<Deed> {
  const table = side === 0 ? 'isam' : 'aria';
  return fc.oneof(
    text.map((v) => [`INSERT INTO bob_h.${table} (v) VALUES ('${v}')`]),
    text.map((v) => [
      `INSERT INTO bob_h.${table} (v) VALUES ('${v}')`,
      `REPLACE INTO bob_h.plain VALUES (5, '${v}', 3)`,
    ]),
    fc.constant([`CREATE OR REPLACE TABLE bob_h.made_${side} (id INT PRIMARY KEY)`]),
  );
}

function deed(side: 0 | 1): fc.Arbitrary<Deed> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.array(plain(), { minLength: 1, maxLength: 3 }) },
    { weight: 5, arbitrary: fc.array(logins(), { minLength: 1, maxLength: 3 }) },
    { weight: 3, arbitrary: fc.array(words(), { minLength: 1, maxLength: 2 }) },
    { weight: 2, arbitrary: fc.array(pairs(), { minLength: 1, maxLength: 2 }) },
    { weight: 1, arbitrary: swap() },
    { weight: 2, arbitrary: beside(side) },
  );
}

const crashes = ['decided', 'carried', 'segment', 'applied'].map((one) => `dbsync.conflict-${one}`);

/** The history of a seed. */
function historyOf(seed: number): History {
  const some = (side: 0 | 1, most: number) => fc.array(deed(side), { minLength: 0, maxLength: most, size: 'max' });
  const [history] = fc.sample(
    fc.record({
      writer: fc.constantFrom('m1' as const, 'm2' as const, undefined),
      deeds: fc.tuple(some(0, 14), some(1, 14)),
      isApart: fc.boolean(),
      crash: fc.option(fc.constantFrom(...crashes), { nil: undefined, freq: 2 }),
      meanwhile: fc.oneof(
        { weight: 3, arbitrary: fc.constant<History['meanwhile']>([[], []]) },
        { weight: 2, arbitrary: fc.tuple(some(0, 6), some(1, 6)) },
      ),
    }),
    { seed, numRuns: 1 },
  );
  if (history === undefined) throw new RangeError('no history');
  return history;
}

/** Makes the tables anew, the same on both. */
async function makeTables({ pair, settled }: Apart): Promise<void> {
  const [m1] = pair.members;
  await m1.sql('CREATE DATABASE IF NOT EXISTS bob_h');
  for (const [name, columns] of Object.entries(tables))
    await m1.sql(`CREATE OR REPLACE TABLE bob_h.${name} (${columns}) ENGINE=InnoDB`);
  for (const [name, engine] of Object.entries(besides))
    await m1.sql(
      `CREATE OR REPLACE TABLE bob_h.${name} (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(20)) ENGINE=${engine}`,
    );
  await m1.sql("INSERT INTO bob_h.plain VALUES (1, 'a', 0), (2, 'b', 0), (3, 'c', 0), (4, 'd', 0)");
  await m1.sql("INSERT INTO bob_h.logins VALUES (1, 'ann', 'ann', 0), (2, 'bob', NULL, 0), (3, 'eve', 'joe', 0)");
  await m1.sql("INSERT INTO bob_h.words VALUES ('ann', 'a', 0), ('joe', 'b', 0)");
  await m1.sql("INSERT INTO bob_h.pairs VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 1, 'c')");
  await settled();
}

/** Each in a transaction of its own, on one connection. */
async function play({ server }: PairMember, deeds: readonly Deed[]): Promise<void> {
  await server.session(async (session) => {
    await session.rows("SET SESSION time_zone = '+00:00'");
    for (const one of deeds) {
      try {
        await session.rows('START TRANSACTION');
        for (const statement of one) await session.rows(statement);
        await session.rows('COMMIT');
      } catch {
        await session.rows('ROLLBACK');
      }
    }
  });
}

type Rows = ReadonlyMap<string, string>;

/** Every row by its key, as text; keys that the collation takes for the same are the same. */
async function rowsOf({ server }: PairMember): Promise<Rows> {
  const found = new Map<string, string>();
  for (const name of Object.keys(tables))
    for (const row of await server.rows(`SELECT * FROM bob_h.${name}`)) {
      const key = name === 'pairs' ? `${row['a']}/${row['b']}` : String(Object.values(row)[0]).toLowerCase();
      found.set(`${name} ${key}`, JSON.stringify(row));
    }
  return found;
}

/** The row of a decision, called as `rowsOf` calls it. */
function nameOf({ table, label }: Decision): string {
  const values = label.split(', ').map((one) => one.slice(one.indexOf('=') + 1));
  return `${table} ${values.join('/').toLowerCase()}`;
}

interface RowFate {
  readonly was: string | undefined;
  /** On each side when the cut ended. */
  readonly sides: readonly [string | undefined, string | undefined];
  readonly final: string | undefined;
}

function judgeDecided({ sides, final }: RowFate, decision: Decision, writer: string | undefined, say: string): void {
  expect(final, say).toBe(decision.winner === 'm1' ? sides[0] : sides[1]);
  const images = ['m1', 'm2'].map((id) => decision.images[id] ?? undefined);
  expect(
    images.map((one) => one && JSON.stringify(one)),
    say,
  ).toEqual([...sides]);
  const isBoth = Object.values(decision.at).every((one) => one !== null);
  if (writer !== undefined && isBoth && decision.by !== 'same') expect(decision.winner, say).toBe(writer);
}

/** Nobody decided about it, so at most one side changed it, and that change stands. */
function judgeOthers({ was, sides: [left, right], final }: RowFate, say: string): void {
  expect(left === right || left === was || right === was, `both changed it, and nobody decided: ${say}`).toBe(true);
  expect(final, say).toBe(left === was ? right : left);
}

interface Outcome {
  readonly before: Rows;
  /** When the cut ended, before anything was applied. */
  readonly sides: readonly [Rows, Rows];
  readonly after: Rows;
  readonly decisions: readonly Decision[];
  readonly writer: string | undefined;
}

/** Throws unless nothing was lost, nobody's row was invented, and what was decided is what stays. */
function judgeOutcome({ before, sides, after, decisions, writer }: Outcome): void {
  const decided = new Map(decisions.map((one) => [nameOf(one), one]));
  for (const name of new Set([before, ...sides, after].flatMap((one) => [...one.keys()]))) {
    const fate: RowFate = {
      was: before.get(name),
      sides: [sides[0].get(name), sides[1].get(name)],
      final: after.get(name),
    };
    const decision = decided.get(name);
    const say = JSON.stringify({ name, ...fate, winner: decision?.winner, by: decision?.by });
    if (decision === undefined) judgeOthers(fate, say);
    else judgeDecided(fate, decision, writer, say);
  }
}

/** How the masters are parted, and what brings them together again. */
export interface Parting {
  /** From now on neither applies what the other writes. */
  part(): Promise<void>;
  setWriter(writer: History['writer']): Promise<void>;
  /** Until both apply again; answers tables that could not be compared. */
  join(crash: string | undefined): Promise<Resolved['unjudged']>;
}

/** Gates shut by hand, and one look; the look is killed once where the history says so. */
export function byHand({ pair, writers, resolve }: Apart): Parting {
  return {
    async part() {
      for (const server of pair.servers) await closeGate(server);
    },
    async setWriter(writer) {
      writers.clear();
      if (writer !== undefined) writers.set('bob_h', writer);
    },
    async join(crash) {
      if (crash !== undefined) await resolve(crash).catch((error: unknown) => expect(String(error)).toContain('crash'));
      return (await resolve()).unjudged;
    },
  };
}

/** Plays a history of a seed on a pair and judges how it ended. */
export async function runHistory(apart: Apart, seed: number, how: Parting): Promise<void> {
  const { writer, deeds, isApart, crash, meanwhile } = historyOf(seed);
  const { pair, settled } = apart;
  const [m1, m2] = pair.members;
  await makeTables(apart);
  for (const { server } of pair.members)
    await unlogged(server, (session) => session.rows('DELETE FROM tandemsync.local_conflict'));
  await how.setWriter(writer);
  const before = await rowsOf(m1);
  await how.part();
  await play(m1, deeds[0]);
  if (isApart) await systemClock.sleep(1000);
  await play(m2, deeds[1]);
  const sides = [await rowsOf(m1), await rowsOf(m2)] as const;
  const busy = Promise.all([play(m1, meanwhile[0]), play(m2, meanwhile[1])]);
  expect(await how.join(crash)).toEqual([]);
  await busy;
  await settled();
  const [after, other] = [await rowsOf(m1), await rowsOf(m2)];
  expect(Object.fromEntries(other)).toEqual(Object.fromEntries(after));
  // What was written while the look worked has no side before the look.
  if (meanwhile.some((one) => one.length > 0)) return;
  for (const server of pair.servers) {
    const kept = await readConflicts(server, 1000, 'bob_h');
    const decisions = kept.flatMap((one) => ('decision' in one ? [one.decision] : []));
    judgeOutcome({ before, sides, after, decisions, writer });
  }
}
