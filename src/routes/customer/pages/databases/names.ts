/** What differs between the pages of MySQL and of PostgreSQL, and the names and shapes that they share. */
import { z } from 'zod';
import { type Engine, mysql, postgres } from '../../../../actions/database/engine.ts';
import { lookAtDatabases, lookAtRules } from '../../../../actions/database/seen.ts';
import { NotFound } from '../../../../errors.ts';
import type { Known } from '../../../portal/remembered.ts';
import { knownOr } from '../../live.ts';
import type { CustomerKey } from '../../texts/index.ts';
import type { Visit } from '../../visit.ts';

/** One engine's pages. */
export interface Desk {
  readonly engine: Engine;
  readonly path: string;
  /** Objects of the catalogue: '….add', '….delete' and so on are their actions. */
  readonly database: 'database' | 'postgres-database';
  readonly user: 'database-user' | 'postgres-user';
  /** cPanel's name of the feature. */
  readonly feature: string;
  readonly title: CustomerKey;
  readonly userTitle: CustomerKey;
  /** Place among the tabs; the users' page stands right behind. */
  readonly order: number;
}

export const mysqlDesk: Desk = {
  ...{ engine: mysql, path: '/my/databases', database: 'database', user: 'database-user', feature: 'mysql' },
  ...{ title: 'databases.title', userTitle: 'databases.user.title', order: 10 },
};

export const postgresDesk: Desk = {
  ...{ engine: postgres, path: '/my/databases/postgres', database: 'postgres-database', user: 'postgres-user' },
  ...{ feature: 'postgres', title: 'databases.postgres', userTitle: 'databases.postgres.users', order: 30 },
};

const databases = z.array(
  z.object({
    database: z.string(),
    disk_usage: z.coerce.number().nullish(),
    users: z.array(z.string()).nullish(),
  }),
);

export type Database = z.output<typeof databases>[number];

/** The account's databases, as a master says it. */
export function askDatabases(visit: Visit, { engine }: Desk): Promise<Known<readonly Database[]>> {
  return visit.ask(lookAtDatabases(visit.account, engine), databases);
}

const rules = z.object({ prefix: z.string().nullish() });

/** What every name must begin with. */
export async function prefixOf(visit: Visit, { engine }: Desk): Promise<string> {
  const known = await visit.ask(lookAtRules(visit.account, engine), rules);
  return knownOr(known, { prefix: `${visit.account}_` }).prefix ?? '';
}

/** A name as it is typed, with the prefix that every name must carry. */
export async function named(visit: Visit, desk: Desk, typed: string | undefined): Promise<string> {
  const prefix = await prefixOf(visit, desk);
  const name = (typed ?? '').trim();
  return name.startsWith(prefix) ? name : `${prefix}${name}`;
}

export function openHref({ path }: Desk, name: string): string {
  return `${path}/one?${new URLSearchParams({ name }).toString()}`;
}

export function userHref({ path }: Desk, name: string): string {
  return `${path}/user?${new URLSearchParams({ name }).toString()}`;
}

/** The name of the query or the form. Throws NotFound for what is no name. */
export function nameOf(visit: Visit): string {
  const given = visit.request.method === 'POST' ? visit.body['name'] : visit.request.query['name'];
  if (typeof given !== 'string' || !/^[A-Za-z0-9_]{1,80}$/.test(given)) throw new NotFound('problem.not-found');
  return given;
}
