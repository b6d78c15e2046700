/** cPanel's calls that drop or rename PostgreSQL databases: Tandem lets the databases go before, see leave.ts. */
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { AppError, messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Client } from '../../operations/deps.ts';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Outcome } from '../../whm/outcome.ts';
import { DatabaseAway } from '../model.ts';
import type { PgServer } from './connect.ts';
import { type Left, letGo } from './leave.ts';
import { pgGlance } from './watch.ts';

export interface PgPanelDeps {
  readonly server: PgServer;
  readonly clock: Clock;
  readonly log: Logger;
}

const argOf = (call: WhmCall, ...names: readonly string[]): string | undefined =>
  call.args.find(([name]) => names.includes(name))?.[1];

const one: Readonly<Record<string, string>> = {
  'Postgresql::delete_database': 'name',
  'Postgresql::rename_database': 'oldname',
  rename_postgresql_database: 'oldname',
};

/** What a call does to databases: one of them, or all of an account; undefined: nothing. Pure. */
export function touchedBy(call: WhmCall): { readonly database: string } | { readonly account: string } | undefined {
  const name = Object.hasOwn(one, call.fn) ? argOf(call, one[call.fn] ?? '') : undefined;
  if (name !== undefined) return { database: name };
  const isWhole = call.fn === 'removeacct' || (call.fn === 'modifyacct' && argOf(call, 'newuser') !== undefined);
  const account = isWhole ? argOf(call, 'username', 'user') : undefined;
  return account === undefined ? undefined : { account };
}

const rows = z.array(z.object({ database: z.string() }));

/** Those that are called after the account, and those that cPanel has for it under other names. */
async function databasesOf(client: Client, { server }: PgPanelDeps, account: string): Promise<readonly string[]> {
  const [glance, outcome] = await Promise.all([
    pgGlance(server),
    client.call(uapi(account, 'Postgresql::list_databases'), { deadlineMs: 20_000 }),
  ]);
  const listed = outcome.kind === 'done' ? rows.safeParse(outcome.data) : undefined;
  const mapped = listed?.success === true ? listed.data.map((row) => row.database) : [];
  const named = glance.databases.map((row) => row.name).filter((name) => name.startsWith(`${account}_`));
  return [...new Set([...mapped, ...named])];
}

/** The same client, whose calls that drop or rename databases find none of ours in them. Other calls pass untouched. */
export function lettingGoClient<C extends Client>(client: C, deps: PgPanelDeps): C {
  const { server, clock, log } = deps;
  const about = { master: server.side.id };

  async function before(wanted: NonNullable<ReturnType<typeof touchedBy>>): Promise<Left | Outcome> {
    try {
      const names = 'database' in wanted ? [wanted.database] : await databasesOf(client, deps, wanted.account);
      return await letGo(server, names, clock);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn({ ...about, reason: messageOf(error) }, 'a database could not be let go of');
      // Where Tandem cannot connect it is not connected: nothing of ours is in the way.
      if (error instanceof DatabaseAway) return { settle: async () => {} };
      return { kind: 'not-sent', reason: messageOf(error) };
    }
  }

  async function call(wanted: WhmCall, options?: Parameters<Client['call']>[1]): Promise<Outcome> {
    const touched = touchedBy(wanted);
    if (touched === undefined) return await client.call(wanted, options);
    const left = await before(touched);
    if ('kind' in left) return left;
    const outcome = await client.call(wanted, options);
    try {
      await left.settle(outcome.kind === 'in-doubt');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // The watch takes old notes away.
      log.warn({ ...about, reason: messageOf(error) }, 'a database that was let go of could not be looked at');
    }
    return outcome;
  }
  return { ...client, call };
}
