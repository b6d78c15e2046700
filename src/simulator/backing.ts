/**
 * A simulated server whose databases are those of a real MariaDB or PostgreSQL server, as on a master:
 *
 *   what the real server holds is read into the state → the call is rehearsed and taken back
 *   → what it would change is done on the real server, in SQL → the call runs
 *
 * So cPanel's rules and words stay where they are, and the real server has the last word: what it refuses, the call
 * refuses. Calls go one after the other.
 */
import { oneByOne } from '../one-by-one.ts';
import type { Call, Engine } from './engine.ts';
import { type DatabaseStore, type Grant, prefixOf, type ServerUser } from './modules/database-store.ts';
import type { Change, Rows } from './state.ts';
import { accounts } from './tables.ts';

/** Where a real server is, and its administrator. */
export interface RealServer {
  /** Socket file of MariaDB, folder of PostgreSQL's socket; or a host. */
  readonly socket?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user: string;
  readonly password?: string;
}

export interface BackingOptions {
  readonly mariadb?: RealServer;
  readonly postgres?: RealServer;
}

/** One real server, as far as cPanel uses it. Statements throw what the server says. */
export interface Real {
  readonly store: DatabaseStore;
  /** Names of databases and users, the server's own too. */
  names(): Promise<{ readonly databases: readonly string[]; readonly users: readonly string[] }>;
  createDatabase(name: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
  renameDatabase(from: string, to: string): Promise<void>;
  createUser(name: string, password: string): Promise<void>;
  setPassword(name: string, password: string): Promise<void>;
  dropUser(name: string): Promise<void>;
  grant(grant: Grant): Promise<void>;
  revoke(database: string, user: string): Promise<void>;
}

export interface Backing {
  /** Does on the real server what the call is about to do; answers the server's words when it refuses. */
  before(call: Call): Promise<string | undefined>;
}

const concerned = /^(Mysql|MysqlFE|Postgresql)::|^(removeacct|(rename|set)_(mysql|postgresql)_\w+)$/u;

/** Makes a table hold the names that are there, of those that are an account's. */
function align<T>(rows: Rows<T>, there: readonly string[], fresh: (name: string) => T): void {
  for (const name of there) if (!rows.has(name)) rows.set(name, fresh(name));
  for (const [name] of rows.entries()) if (!there.includes(name)) rows.delete(name);
}

/** Reads into the state what the server has of the accounts' names; their own users, without a prefix, are left alone. */
async function refresh(engine: Engine, { store, names }: Real): Promise<void> {
  const { state } = engine;
  const prefixes = state
    .of(accounts)
    .values()
    .map((account) => prefixOf(account.user));
  const isAnAccounts = (name: string): boolean => prefixes.some((prefix) => name.startsWith(prefix));
  const { databases, users } = await names();
  engine.change(() => {
    const own = state
      .of(store.users)
      .entries()
      .map(([name]) => name)
      .filter((name) => !isAnAccounts(name));
    align(state.of(store.databases), databases.filter(isAnAccounts), (name) => ({ name, bytes: 0 }));
    align(state.of(store.users), [...own, ...users.filter(isAnAccounts)], (name) => ({ name, password: '' }));
  });
}

interface Wanted {
  readonly gone: readonly string[];
  /** What is there afterwards, by its key. */
  readonly set: ReadonlyMap<string, unknown>;
}

function wantedOf(changes: readonly Change[], table: string): Wanted {
  const last = new Map(changes.filter(([name]) => name === table).map(([, key, row]) => [key, row]));
  return {
    gone: [...last].filter(([, row]) => row === null).map(([key]) => key),
    set: new Map([...last].filter(([, row]) => row !== null)),
  };
}

/** One database less and one more is a database with another name. */
async function databasesOf(real: Real, { gone, set }: Wanted, had: ReadonlySet<string>): Promise<void> {
  const made = [...set.keys()].filter((name) => !had.has(name));
  const lost = gone.filter((name) => had.has(name));
  const [from, to] = [lost[0], made[0]];
  if (from !== undefined && to !== undefined) return await real.renameDatabase(from, to);
  for (const name of lost) await real.dropDatabase(name);
  for (const name of made) await real.createDatabase(name);
}

/** What a call changed, in an order in which the server takes it. */
async function carryOut(real: Real, engine: Engine, changes: readonly Change[]): Promise<void> {
  const { store } = real;
  const of = (table: { readonly name: string }): Wanted => wantedOf(changes, table.name);
  const [databases, users, grants] = [of(store.databases), of(store.users), of(store.grants)];
  const { state } = engine;
  const had = new Set(
    state
      .of(store.databases)
      .entries()
      .map(([name]) => name),
  );
  const hadUsers = new Set(
    state
      .of(store.users)
      .entries()
      .map(([name]) => name),
  );
  for (const key of grants.gone) {
    const [database = '', user = ''] = key.split('>');
    if (had.has(database) && hadUsers.has(user)) await real.revoke(database, user);
  }
  for (const name of users.gone) if (hadUsers.has(name)) await real.dropUser(name);
  await databasesOf(real, databases, had);
  // Rows of these tables are written by database-change.ts alone.
  for (const [name, row] of users.set as ReadonlyMap<string, ServerUser>)
    await (hadUsers.has(name) ? real.setPassword(name, row.password) : real.createUser(name, row.password));
  for (const row of (grants.set as ReadonlyMap<string, Grant>).values()) await real.grant(row);
}

/** Puts real servers behind an engine. */
export function createBacking(engine: Engine, reals: readonly Real[]): Backing {
  // Why one failed is told to its own caller.
  const inTurn = oneByOne();
  async function work(call: Call): Promise<string | undefined> {
    for (const real of reals) await refresh(engine, real);
    const rehearsed = engine.rehearse(call);
    if (rehearsed === undefined) return undefined;
    try {
      for (const real of reals) await carryOut(real, engine, rehearsed);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return undefined;
  }
  return {
    async before(call) {
      return concerned.test(call.fn) ? await inTurn(() => work(call)) : undefined;
    },
  };
}
