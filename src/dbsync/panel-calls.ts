/**
 * cPanel's database calls on a master whose server replicates. What the other master's panel did arrives by
 * replication before the call does (55 ms at 100 ms round trip), and cPanel has no API to take an existing database
 * into its map or to forget one that is gone. So the call is made possible instead, and done is what it always was:
 *
 *   this server's applying pauses, so that nothing comes or goes between look and call
 *   create, and the twin is there already, mapped on the other master
 *     → the twin is set aside (dropped if empty, else copied first), unlogged
 *     → cPanel creates and maps it → its contents come back, unlogged
 *   delete, and the twin is gone already
 *     → an empty one is made, unlogged → cPanel drops and unmaps it
 *   applying goes on; a database made or dropped twice is no error to it
 *
 * A database that the other master's panel does not know is somebody else's: it is left alone and cPanel refuses.
 * A note in the server says what is set aside and where; the next try after a kill brings it back first.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError, messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Client } from '../operations/deps.ts';
import { uapi, type WhmCall } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';
import { alone } from './mariadb/alone.ts';
import { oneValue } from './mariadb/apply-context.ts';
import { type Server, type Session, unlogged } from './mariadb/connect.ts';
import { keepFilter } from './mariadb/filter.ts';
import { dumpDatabases, loadDump } from './mariadb/programs.ts';
import { note } from './mariadb/watch.ts';
import { ownSchema } from './model.ts';

export interface PanelDeps {
  readonly server: Server;
  /** The panel of the other master. */
  readonly other: Client;
  /** Folder for what is set aside. */
  readonly folder: string;
  readonly log: Logger;
}

interface DatabaseCall {
  readonly kind: 'create' | 'delete';
  readonly user: string;
  readonly name: string;
}

const functions: Readonly<Record<string, readonly [DatabaseCall['kind'], string]>> = {
  'Mysql::create_database': ['create', 'name'],
  'Mysql::delete_database': ['delete', 'name'],
  'MysqlFE::createdb': ['create', 'db'],
  'MysqlFE::deletedb': ['delete', 'db'],
};

/** What the call does to a database, if it does. */
export function databaseCall(call: WhmCall): DatabaseCall | undefined {
  const found = Object.hasOwn(functions, call.fn) ? functions[call.fn] : undefined;
  const name = call.args.find(([key]) => key === found?.[1])?.[1];
  if (found === undefined || name === undefined || call.user === undefined) return undefined;
  return { kind: found[0], user: call.user, name };
}

const list = z.array(z.object({ database: z.string() }));

async function isMappedThere(deps: PanelDeps, { user, name }: DatabaseCall): Promise<boolean> {
  const outcome = await deps.other.call(uapi(user, 'Mysql::list_databases'), { deadlineMs: 20_000 });
  const rows = outcome.kind === 'done' ? list.safeParse(outcome.data) : undefined;
  return rows?.success === true && rows.data.some((row) => row.database === name);
}

async function exists(session: Session, name: string): Promise<boolean> {
  return (await oneValue(session, 'SELECT 1 FROM information_schema.schemata WHERE schema_name = ?', [name])) === '1';
}

/** Anything that a CREATE DATABASE would not bring back. */
async function isEmpty(session: Session, name: string): Promise<boolean> {
  const count = await oneValue(
    session,
    `SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ?)
      + (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = ?)
      + (SELECT COUNT(*) FROM information_schema.events WHERE event_schema = ?)`,
    [name, name, name],
  );
  return count === '0';
}

const noteOf = (name: string): string => `aside:${name}`;

async function asideOf(server: Server, name: string): Promise<string | undefined> {
  const place = await oneValue(server, 'SELECT value FROM ??.local_mark WHERE name = ?', [ownSchema, noteOf(name)]);
  return place === '' ? undefined : place;
}

/** Brings back what is set aside. The file outlives everything but its own success. */
async function bringBack(server: Server, name: string, place: string): Promise<void> {
  if (place !== 'empty' && existsSync(place)) {
    await loadDump(server.side, place);
  } else {
    await unlogged(server, (session) => session.rows('CREATE DATABASE IF NOT EXISTS ??', [name]));
  }
}

async function setAside(deps: PanelDeps, name: string): Promise<string> {
  const { server } = deps;
  let place = 'empty';
  if (!(await isEmpty(server, name))) {
    place = join(deps.folder, `${server.side.id}-${name}.sql.gz`);
    await dumpDatabases(server, [name], place, { position: false, wanted: 'itself' });
  }
  await note(server, noteOf(name), place);
  await unlogged(server, (session) => session.rows('DROP DATABASE ??', [name]));
  return place;
}

const ours = JSON.stringify({ reason: 'a database is mapped' });

/**
 * Runs `work` while this server applies nothing; the watch leaves it alone meanwhile. What a person paused stays
 * paused. After a failure applying goes on only if nothing is set aside: else what replication brings would miss it.
 */
async function whilePaused(server: Server, name: string, work: () => Promise<Outcome>): Promise<Outcome> {
  const paused = async (): Promise<Outcome> => {
    const goOn = await pauseApplying(server);
    try {
      return await work();
    } finally {
      if ((await asideOf(server, name)) === undefined) await goOn();
    }
  };
  return await alone([server], paused, { lock: 'panel', waitSeconds: 60 });
}

/** Stops applying and answers how to go on as it was. */
async function pauseApplying(server: Server): Promise<() => Promise<void>> {
  const held = await oneValue(server, "SELECT value FROM ??.local_mark WHERE name = 'hold'", [ownSchema]);
  const isFree = held === '' || held === ours;
  const running = (await server.rows('SHOW SLAVE STATUS'))[0]?.['Slave_SQL_Running'] === 'Yes';
  if (isFree) await note(server, 'hold', ours);
  if (running) await server.rows('STOP SLAVE SQL_THREAD');
  return async () => {
    if (isFree) await note(server, 'hold', undefined);
    // Our own note was there: an earlier call that was killed had paused it.
    // A filter that had to be set again has stopped both halves.
    if (running || held === ours)
      await server.rows((await keepFilter(server)) ? 'START SLAVE' : 'START SLAVE SQL_THREAD');
  };
}

async function create(deps: PanelDeps, wanted: DatabaseCall, send: () => Promise<Outcome>): Promise<Outcome> {
  const { server } = deps;
  const { name } = wanted;
  const left = await asideOf(server, name);
  if (left === undefined && !((await exists(server, name)) && (await isMappedThere(deps, wanted)))) return await send();
  if (left !== undefined) await bringBack(server, name, left);
  const place = await setAside(deps, name);
  const outcome = await send();
  await bringBack(server, name, place);
  await note(server, noteOf(name), undefined);
  return outcome;
}

async function remove(deps: PanelDeps, wanted: DatabaseCall, send: () => Promise<Outcome>): Promise<Outcome> {
  const { server } = deps;
  if (!(await exists(server, wanted.name)))
    await unlogged(server, (session) => session.rows('CREATE DATABASE IF NOT EXISTS ??', [wanted.name]));
  return await send();
}

async function isPaired(server: Server): Promise<boolean> {
  const own = await oneValue(
    server,
    "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = 'local_mark'",
    [ownSchema],
  );
  return own === '1' && (await oneValue(server, 'SHOW SLAVE STATUS')) !== '';
}

type Send = () => Promise<Outcome>;

async function aware(deps: PanelDeps, wanted: DatabaseCall, send: Send): Promise<Outcome> {
  if (!(await isPaired(deps.server))) return await send();
  const make = wanted.kind === 'create' ? create : remove;
  // Paused in every case: the twin may else come or go between the look and the call.
  return await whilePaused(deps.server, wanted.name, () => make(deps, wanted, send));
}

/** The same client, whose database calls know of replication. Other calls pass untouched. */
export function replicatedClient<C extends Client>(client: C, deps: PanelDeps): C {
  async function call(one: WhmCall, options?: Parameters<Client['call']>[1]): Promise<Outcome> {
    const wanted = databaseCall(one);
    if (wanted === undefined) return await client.call(one, options);
    let sent = false;
    const send: Send = () => {
      sent = true;
      return client.call(one, options);
    };
    try {
      return await aware(deps, wanted, send);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      deps.log.warn({ master: deps.server.side.id, reason: messageOf(error) }, 'a database call met a database fault');
      // Before the call nothing of it was read; after it, only a look tells what is there.
      return { kind: sent ? 'in-doubt' : 'not-sent', reason: messageOf(error) };
    }
  }
  return { ...client, call };
}
