/**
 * Cutting off one account's databases on both masters, so that what is removed on one is not removed on the other.
 *
 *   filter noted and set on both → proved: both filters are live and neither has work of before → both copies backed up
 */
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { Refused } from '../../errors.ts';
import { isHeld } from '../conflicts/gates.ts';
import { start } from '../mariadb/apply-link.ts';
import { isEqual } from '../mariadb/compare.ts';
import type { Server } from '../mariadb/connect.ts';
import { keepFilter } from '../mariadb/filter.ts';
import type { Folder } from '../mariadb/folder.ts';
import { readDatabaseNames, readReplicas } from '../mariadb/observe.ts';
import { dumpDatabases } from '../mariadb/programs.ts';
import { note } from '../mariadb/watch.ts';
import { DatabaseFailed } from '../model.ts';
import { caughtUp } from './caught-up.ts';

export interface DetachDeps {
  readonly servers: readonly [Server, Server];
  readonly folder: Folder;
  readonly clock: Clock;
  readonly tell: (line: string) => void;
}

/** What moves data between the masters by itself. What destroys cuts it for the account first, on proof. */
export interface DataMover {
  readonly name: string;
  /** Stops carrying for the account for a time; nothing is forgotten. */
  pause(account: string): Promise<void>;
  /** Carries nothing of the account any more, until `resume`. */
  cut(account: string): Promise<void>;
  /** Throws unless both masters show that nothing of the account is carried. */
  proveCut(account: string): Promise<void>;
  /** Carries again. Throws Refused while the masters hold different things. */
  resume(account: string): Promise<void>;
}

function noteOf(account: string): string {
  return `detached:${account}`;
}

/** cPanel prefixes an account's databases by its name; `more` names those that are called otherwise. */
function schemasOf(account: string, more: readonly string[]): readonly string[] {
  return [`${account}_%`, ...more];
}

/** The databases of an account on one server. */
export async function databasesOf(
  server: Server,
  account: string,
  more: readonly string[] = [],
): Promise<readonly string[]> {
  const names = await readDatabaseNames(server);
  return names.filter((name) => name.startsWith(`${account}_`) || more.includes(name));
}

async function setFilter(server: Server, clock: Clock): Promise<void> {
  const { replica } = await readReplicas(server);
  if (!(await keepFilter(server))) return;
  // What applies nothing on purpose, by a person's word or until both logs were looked at, goes on doing so.
  if (!(await isHeld(server))) await start({ clock }, server);
  else if (replica !== undefined && replica.io !== 'No') await server.rows('START SLAVE IO_THREAD');
}

/** Cuts, after what was written so far has arrived. May be run again. */
export async function cutAccount(deps: DetachDeps, account: string, more: readonly string[] = []): Promise<void> {
  await caughtUp(deps.servers);
  for (const server of deps.servers) {
    await note(server, noteOf(account), JSON.stringify(schemasOf(account, more)));
    await setFilter(server, deps.clock);
  }
  // What was written before the second filter stood has passed or was filtered; either way it is behind us now.
  await caughtUp(deps.servers);
}

/** Throws DatabaseFailed unless both servers' live filters name the account. */
export async function proveCut(servers: readonly Server[], account: string): Promise<void> {
  for (const server of servers) {
    const [row] = await server.rows('SHOW SLAVE STATUS');
    const filter = (row?.['Replicate_Wild_Ignore_Table'] ?? '').split(',');
    if (!filter.includes(`${account.replaceAll('_', '\\_')}\\_%.%`))
      throw new DatabaseFailed(`${server.side.name} still receives the databases of ${account}.`, {
        hint: `Run tandem db detach ${account} again.`,
      });
  }
}

/** `tandem db detach ACCOUNT`: cut, proof, backup of both copies. Answers where the backups lie. */
export async function detachAccount(
  deps: DetachDeps,
  account: string,
  more: readonly string[] = [],
): Promise<readonly string[]> {
  await cutAccount(deps, account, more);
  await proveCut(deps.servers, account);
  const places: string[] = [];
  for (const server of deps.servers) {
    const databases = await databasesOf(server, account, more);
    if (databases.length === 0) continue;
    const place = join(await deps.folder.backup(server.side.id), `${account}.sql.gz`);
    await dumpDatabases(server, databases, place, { position: false, wanted: 'itself' });
    deps.tell(`${server.side.name}: backup of ${databases.length} databases of ${account}: ${place}`);
    places.push(place);
  }
  return places;
}

/** Carries an account again. Throws Refused while its databases are not the same on both. */
export async function attachAccount(deps: DetachDeps, account: string): Promise<void> {
  const [a, b] = deps.servers;
  const [left, right] = await Promise.all([databasesOf(a, account), databasesOf(b, account)]);
  const alone = [...left.filter((one) => !right.includes(one)), ...right.filter((one) => !left.includes(one))];
  const differing: string[] = [];
  for (const name of left.filter((one) => right.includes(one))) if (!(await isEqual(a, b, name))) differing.push(name);
  if (alone.length + differing.length > 0)
    throw new Refused(`The masters hold different databases of ${account}: ${[...alone, ...differing].join(', ')}.`, {
      hint: 'tandem db reseed DATABASE --from MASTER makes each equal first.',
    });
  for (const server of deps.servers) {
    await note(server, noteOf(account), undefined);
    await setFilter(server, deps.clock);
  }
}

/** The pair of databases as a mover of data. */
export function databaseMover(deps: DetachDeps): DataMover {
  return {
    name: 'databases',
    // Replication has no smaller stop for one account than its filter.
    pause: (account) => cutAccount(deps, account),
    cut: async (account) => void (await detachAccount(deps, account)),
    proveCut: (account) => proveCut(deps.servers, account),
    resume: (account) => attachAccount(deps, account),
  };
}
