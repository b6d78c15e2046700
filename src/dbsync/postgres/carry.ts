/** Bringing one database into replication, whatever is there; see link.ts for the order and why it is safe. */

import { Refused } from '../../errors.ts';
import { DatabaseFailed } from '../model.ts';
import { oneValue, type PgServer, type Session } from './connect.ts';
import { dropLeftover, isEmptyDatabase, makeEmpty, open, replaceDatabase } from './copy.ts';
import {
  alignSequences,
  type Beginning,
  changedIn,
  inSnapshot,
  type LinkDeps,
  otherOf,
  type PgPair,
  prepareDatabase,
  receive,
  refuseBeyond,
  unlinkOn,
  withSlot,
} from './link.ts';
import { isLeaving, noteNames, type PgDatabase, type PgGlance } from './model.ts';
import { fillingName, ownName, slotName } from './names.ts';
import { hasOwnNotes, noViews } from './own-sql.ts';
import { isCarried } from './plan.ts';
import { pgShape, pgSum, tablesIn } from './rows.ts';
import { pgGlance, pgNote } from './watch.ts';

export interface CarryWishes {
  /** Whose contents are right where they differ. */
  readonly from?: string;
  /** Copy although both could be equal. */
  readonly anew?: boolean;
  /** Only what both masters have and neither lets go of; nothing is made. */
  readonly existing?: boolean;
}

export type Carried = 'already' | 'joined' | 'copied' | 'different' | 'gone';

/** Where a server begins to apply what the other writes, and what the other has seen of it. */
interface Start {
  readonly lsn: string;
  readonly seen: string;
}

async function startOf(server: PgServer, database: string): Promise<Start | undefined> {
  return await server.in(database, async (session) => {
    if (!(await hasOwnNotes(session))) return undefined;
    const [lsn = '', seen = ''] = (
      await oneValue(session, `SELECT value FROM ${ownName}.local_mark WHERE name = 'begin'`)
    ).split(' ');
    return seen === '' ? undefined : { lsn, seen };
  });
}

async function noteStart(server: PgServer, database: string, start: Start): Promise<void> {
  await server.in(database, (session) =>
    session.rows(
      `INSERT INTO ${ownName}.local_mark (name, value) VALUES ('begin', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
      [`${start.lsn} ${start.seen}`],
    ),
  );
}

/** A kill after both beginnings were noted: what is missing is only that applying begins there. */
async function finish(deps: LinkDeps, glances: readonly [PgGlance, PgGlance], database: string): Promise<boolean> {
  const [a, b] = deps.servers;
  const has = (glance: PgGlance, to: PgServer): boolean =>
    glance.slots.some((one) => one.name === slotName(to.side.id, database) && one.walStatus !== 'lost');
  if (!has(glances[0], b) || !has(glances[1], a)) return false;
  const [atA, atB] = [await startOf(a, database), await startOf(b, database)];
  if (atA === undefined || atB === undefined) return false;
  await receive(a, database, atA.lsn, atA.seen);
  await receive(b, database, atB.lsn, atB.seen);
  return true;
}

/** Notes both beginnings, then lets both apply. `atA`: in the second master's log, where the first begins. */
async function begin(deps: LinkDeps, database: string, atA: Start, atB: Start): Promise<void> {
  const [a, b] = deps.servers;
  await noteStart(a, database, atA);
  await noteStart(b, database, atB);
  deps.crash('dbsync.pg-begun');
  await receive(a, database, atA.lsn, atA.seen);
  deps.crash('dbsync.pg-half-begun');
  await receive(b, database, atB.lsn, atB.seen);
}

interface Contents {
  readonly empty: boolean;
  /** Each table with its columns, number of rows and their sum. */
  readonly tables: ReadonlyMap<string, string>;
}

async function contentsAt(server: PgServer, database: string, snapshot: string): Promise<Contents> {
  const read = async (session: Session): Promise<ReadonlyMap<string, string>> => {
    const found = new Map<string, string>();
    for (const table of await tablesIn(session)) {
      const shape = await pgShape(session, database, table);
      const columns = shape.columns.map((one) => `${one.name} ${one.type}`).join(',');
      found.set(table, `${columns} ${(await pgSum(session, shape, { after: undefined, upTo: undefined })).sum}`);
    }
    return found;
  };
  const tables = await server.in(database, async (session) => {
    await session.rows(`BEGIN; ${inSnapshot(snapshot)}; ${noViews}`);
    return await read(session);
  });
  return { empty: tables.size === 0 && (await isEmptyDatabase(server, database)), tables };
}

/** Whose contents are taken. Pure. */
export function sourceOf(
  sides: readonly [
    { readonly id: string; readonly contents: Contents },
    { readonly id: string; readonly contents: Contents },
  ],
  wishes: CarryWishes,
): string | 'equal' | 'undecided' {
  const [a, b] = sides;
  if (wishes.anew === true && wishes.from !== undefined) return wishes.from;
  if (a.contents.empty && b.contents.empty) return 'equal';
  if (b.contents.empty) return a.id;
  if (a.contents.empty) return b.id;
  const names = [...new Set([...a.contents.tables.keys(), ...b.contents.tables.keys()])];
  if (names.every((name) => a.contents.tables.get(name) === b.contents.tables.get(name))) return 'equal';
  return wishes.from ?? 'undecided';
}

/** Makes the database where it is missing, like the other master's. */
async function makeMissing(
  servers: PgPair,
  glances: readonly [PgGlance, PgGlance],
  database: string,
): Promise<PgDatabase> {
  const [left, right] = glances.map((glance) => glance.databases.find((one) => one.name === database));
  const like = left ?? right;
  if (like === undefined) throw new Refused(`Neither master has a database ${database}.`);
  if (left !== undefined && right !== undefined) {
    const differs = (['encoding', 'collate', 'ctype'] as const).filter((name) => left[name] !== right[name]);
    if (differs.length > 0)
      throw new Refused(
        `${database} has another ${differs.join(' and ')} on each master: the same text would be sorted in two ways.`,
      );
    return like;
  }
  const to = left === undefined ? servers[0] : servers[1];
  await makeEmpty(to, like);
  return like;
}

async function copyOver(deps: LinkDeps, source: PgServer, like: PgDatabase, from: Beginning): Promise<void> {
  const target = otherOf(deps.servers, source);
  const { name } = like;
  await pgNote(target, noteNames.filling(name), source.side.id);
  await unlinkOn(target, source, name, deps.clock);
  await replaceDatabase(deps, source, target, like, from.snapshot);
  await prepareDatabase(target, name, await changedIn(source, name));
  await withSlot(target, source, name, deps.clock, async (back) => {
    // Nobody could write to the copy yet, so the other way begins with this moment.
    const there = { lsn: from.lsn, seen: back.at };
    const here = { lsn: back.lsn, seen: from.at };
    await (source === deps.servers[0] ? begin(deps, name, here, there) : begin(deps, name, there, here));
  });
  await alignSequences(deps.servers, name);
  await open(target, name);
  await pgNote(target, noteNames.filling(name), undefined);
}

function keeps(glance: PgGlance, database: string): boolean {
  return glance.databases.some((one) => one.name === database) && !isLeaving(glance, database);
}

function interrupted(glances: readonly [PgGlance, PgGlance], database: string): string | undefined {
  return glances[0].notes[noteNames.filling(database)] ?? glances[1].notes[noteNames.filling(database)];
}

interface Begun {
  /** Where the first master's receiving begins in the second's log, and the second's in the first's. */
  readonly atA: Beginning;
  readonly atB: Beginning;
}

async function decide(deps: LinkDeps, name: string, begun: Begun, wishes: CarryWishes): Promise<string> {
  if (wishes.anew === true && wishes.from !== undefined) return wishes.from;
  const [a, b] = deps.servers;
  return sourceOf(
    [
      { id: a.side.id, contents: await contentsAt(a, name, begun.atB.snapshot) },
      { id: b.side.id, contents: await contentsAt(b, name, begun.atA.snapshot) },
    ],
    wishes,
  );
}

async function join(deps: LinkDeps, like: PgDatabase, wishes: CarryWishes, begun: Begun): Promise<Carried> {
  const [a, b] = deps.servers;
  const { name } = like;
  const source = await decide(deps, name, begun, wishes);
  if (source === 'undecided') return 'different';
  if (source !== 'equal') {
    await copyOver(deps, source === a.side.id ? a : b, like, source === a.side.id ? begun.atB : begun.atA);
    return 'copied';
  }
  await alignSequences(deps.servers, name);
  const atA = { lsn: begun.atA.lsn, seen: begun.atB.at };
  await begin(deps, name, atA, { lsn: begun.atB.lsn, seen: begun.atA.at });
  return 'joined';
}

/** Slots on both, compared in their snapshots; copies within the snapshot where one is to be filled. */
async function compareAndJoin(deps: LinkDeps, like: PgDatabase, wishes: CarryWishes): Promise<Carried> {
  const [a, b] = deps.servers;
  const { clock } = deps;
  return await withSlot(a, b, like.name, clock, (atB) =>
    withSlot(b, a, like.name, clock, (atA) => join(deps, like, wishes, { atA, atB })),
  );
}

/**
 * Carries a database both ways. Answers 'different' and changes nothing where both masters hold different contents and
 * nobody said whose are right. Throws Refused beyond a server's limit.
 */
export async function carryDatabase(deps: LinkDeps, database: string, wishes: CarryWishes = {}): Promise<Carried> {
  const [a, b] = deps.servers;
  const glances = [await pgGlance(a), await pgGlance(b)] as const;
  if (wishes.existing === true && !glances.every((one) => keeps(one, database))) return 'gone';
  const left = interrupted(glances, database);
  if (left === undefined && wishes.anew !== true) {
    const done = await alreadyOrFinished(deps, glances, database);
    if (done !== undefined) return done;
  }
  await recoverName(deps, database, left);
  const like = await makeMissing(deps.servers, [await pgGlance(a), await pgGlance(b)], database);
  await unlinkOn(a, b, database, deps.clock);
  await unlinkOn(b, a, database, deps.clock);
  for (const server of deps.servers) await prepareDatabase(server, database);
  deps.crash('dbsync.pg-prepared');
  const result = await compareAndJoin(deps, like, left === undefined ? wishes : { from: left, anew: true });
  if (result === 'different')
    for (const server of deps.servers) await unlinkOn(server, otherOf(deps.servers, server), database, deps.clock);
  return result;
}

async function alreadyOrFinished(
  deps: LinkDeps,
  glances: readonly [PgGlance, PgGlance],
  database: string,
): Promise<Carried | undefined> {
  const isThere = glances.every((glance) => glance.databases.some((one) => one.name === database));
  if (isThere && isCarried(...glances, database)) return 'already';
  if (database !== ownName) refuseBeyond(glances, database);
  return isThere && (await finish(deps, glances, database)) ? 'joined' : undefined;
}

/** After a kill a half-filled database may lie about; it is thrown away, the source has everything. */
async function recoverName(deps: LinkDeps, database: string, from: string | undefined): Promise<void> {
  if (from === undefined) return;
  const source = deps.servers.find((one) => one.side.id === from);
  if (source === undefined)
    throw new DatabaseFailed(`${database} was being filled from ${from}, which is no master any more.`);
  await dropLeftover(otherOf(deps.servers, source), fillingName(database));
}
