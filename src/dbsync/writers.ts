/**
 * Who writes an account's databases: by default the account's active master alone. The servers do not enforce it, since
 * a read-only server would break the panel and every other account on it; the rule decides conflicts, and the logs show
 * who breaks it. Exceptions stand on both servers, so that either watcher knows them.
 */
import { z } from 'zod';
import type { WriterOf } from './conflicts/model.ts';
import { oneValue } from './mariadb/apply-context.ts';
import type { Server } from './mariadb/connect.ts';
import { note } from './mariadb/watch.ts';
import { ownSchema } from './model.ts';

/** 'active': the account's active master; 'both': whoever writes later; else a master's id. */
export type Writer = string;

const noted = z.record(z.string(), z.string());

/** Exceptions, by account. */
export type Writers = Readonly<Record<string, Writer>>;

/** Which master is active, for the pair and for accounts that are elsewhere; undefined: nobody knows. */
export interface ActiveMasters {
  readonly pair: string;
  readonly accounts: Readonly<Record<string, string>>;
}

const noteName = 'writers';

/** What was set, from one server. */
export async function readWriters(server: Server): Promise<Writers> {
  const text = await oneValue(server, 'SELECT value FROM ??.local_mark WHERE name = ?', [ownSchema, noteName]);
  return text === '' ? {} : noted.parse(JSON.parse(text));
}

/** Sets an account's writer on both servers; 'active' is what stands without a word. */
export async function setWriter(servers: readonly Server[], account: string, writer: Writer): Promise<void> {
  for (const server of servers) {
    const { [account]: _before, ...others } = await readWriters(server);
    const all = writer === 'active' ? others : { ...others, [account]: writer };
    await note(server, noteName, Object.keys(all).length === 0 ? undefined : JSON.stringify(all));
  }
}

/** cPanel's databases begin with their account's name. */
export function accountOf(database: string): string {
  return database.split('_', 1)[0] ?? database;
}

/** The rule as a function of a database; undefined: both may write. */
export function writerRule(writers: Writers, active: ActiveMasters | undefined): WriterOf {
  return (database) => {
    const account = accountOf(database);
    const set = Object.hasOwn(writers, account) ? writers[account] : 'active';
    if (set === 'both') return undefined;
    if (set !== 'active') return set;
    return active === undefined ? undefined : (active.accounts[account] ?? active.pair);
  };
}
