import { z } from 'zod';
import { uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, type Readable, readable } from '../answers.ts';
import * as f from '../fields.ts';
import type { Engine } from './engine.ts';

export const accountField = f.account().meta({ label: 'Account' });
export const databasePassword = f.password().meta({ label: 'Password', secret: true, input: 'password' });

const databases = z.array(z.object({ database: z.string(), users: z.array(z.string()).nullish() }));
const rules = z.object({
  prefix: z.string().nullish(),
  max_database_name_length: numeric.nullish(),
  max_username_length: numeric.nullish(),
});

export type Rules = z.output<typeof rules>;

export function lookAtDatabases(account: string, engine: Engine): WhmCall {
  return uapi(account, `${engine.module}::list_databases`);
}

export function lookAtUsers(account: string, engine: Engine): WhmCall {
  return uapi(account, `${engine.module}::list_users`);
}

/** The prefix that names must carry, and how long they may be: each master's own setting. */
export function lookAtRules(account: string, engine: Engine): WhmCall {
  return uapi(account, `${engine.module}::get_restrictions`);
}

/** The account's databases with the users that may do something in them. */
export function readDatabases(
  answers: readonly Answer[],
  index: number,
): Readable<ReadonlyMap<string, readonly string[]>> {
  const answer = readable(answers, index, databases);
  return answer.ok ? { ok: true, value: new Map(answer.value.map((row) => [row.database, row.users ?? []])) } : answer;
}

/** Whether the account has the database. */
export function readDatabase(answers: readonly Answer[], index: number, name: string): Readable<boolean> {
  const read = readDatabases(answers, index);
  return read.ok ? { ok: true, value: read.value.has(name) } : read;
}

/** Whether the account has the database user. */
export function readUser(answers: readonly Answer[], index: number, name: string, engine: Engine): Readable<boolean> {
  const answer = readable(answers, index, engine.users);
  return answer.ok ? { ok: true, value: answer.value.includes(name) } : answer;
}

/** undefined: not told; then WHM judges the name. */
export function readRules(answers: readonly Answer[], index: number): Rules | undefined {
  const answer = readable(answers, index, rules);
  return answer.ok ? answer.value : undefined;
}

/** Why a name may not be used on this master, or undefined. */
export function wrongName(
  name: string,
  allowed: Rules | undefined,
  max: number | null | undefined,
): string | undefined {
  const prefix = allowed?.prefix ?? '';
  if (!name.startsWith(prefix) || name.length === prefix.length)
    return `The name “${name}” must begin with “${prefix}”.`;
  if (typeof max === 'number' && name.length > max) return `The name “${name}” is longer than ${max} characters.`;
  return undefined;
}

const privileges = z.union([
  z.array(z.string()),
  z.string().transform((text) => text.split(',')),
  z.null().transform((): string[] => []),
]);

export function lookAtPrivileges(account: string, user: string, database: string): WhmCall {
  return uapi(account, 'Mysql::get_privileges_on_database', { user, database });
}

/** The user's privileges on the database, sorted; 'ALL PRIVILEGES' stands alone. */
export function readPrivileges(answers: readonly Answer[]): Readable<readonly string[]> {
  const answer = readable(answers, 0, privileges);
  return answer.ok ? { ok: true, value: canonicalPrivileges(answer.value) } : answer;
}

/** One form for comparing. */
export function canonicalPrivileges(list: readonly string[]): readonly string[] {
  const names = [...new Set(list.map((one) => one.trim().toUpperCase()).filter((one) => one !== ''))].sort();
  if (names.includes('ALL PRIVILEGES') || names.includes('ALL')) return ['ALL PRIVILEGES'];
  return names;
}
