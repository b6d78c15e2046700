import { hash, verify } from '@node-rs/argon2';
import type { Kysely } from 'kysely';
import { Invalid, Refused } from '../errors.ts';
import type { AuthTables } from '../store/auth-tables.ts';
import { seeingOthers } from '../store/database-once.ts';
import type { Actor } from './actor.ts';
import type { AuthDeps } from './journal.ts';
import { type Role, roleOf } from './roles.ts';
import { throttleClear, throttleTake } from './throttle.ts';

export interface Person {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
}

export interface PersonInput {
  readonly name: string;
  readonly role: string;
  readonly password: string;
}

/** What became of an attempt to sign in. 'wrong' says the same for a wrong name and a wrong password. */
export type SignIn =
  | { readonly kind: 'in'; readonly person: Person }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

const namePattern = /^[a-z][a-z0-9._-]{0,63}$/;
const shortest = 12;
const longest = 256;

/** Argon2id with OWASP's parameters (19 MiB, 2 passes), which are the library's defaults. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Adds a person. Throws Invalid with an issue per field, Refused when the name is taken. */
export async function personAdd(deps: AuthDeps, input: PersonInput): Promise<Person> {
  const name = input.name.trim().toLowerCase();
  const role = roleOf(input.role);
  const issues = [
    ...(namePattern.test(name) ? [] : [{ path: 'name', message: 'Use a-z, 0-9, dot, dash; begin with a letter.' }]),
    ...(role === undefined ? [{ path: 'role', message: 'Use owner, admin, support, read-only or auditor.' }] : []),
    ...passwordIssues(input.password, name),
  ];
  if (role === undefined || issues.length > 0) throw new Invalid('The person cannot be added.', issues);
  const row = { name, role, password: await hash(input.password, cost), created_at: deps.clock() };
  const add = async (db: Kysely<AuthTables>): Promise<void> => {
    const taken = await db.selectFrom('people').select('name').where('name', '=', name).executeTakeFirst();
    if (taken !== undefined) throw new Refused(`There is already a person called ${name}.`);
    await db.insertInto('people').values(row).execute();
  };
  await seeingOthers(() => deps.journal.write(add));
  return { name, role, createdAt: row.created_at };
}

function passwordIssues(password: string, name: string): readonly { path: string; message: string }[] {
  if (password.length < shortest) return [{ path: 'password', message: `Use at least ${shortest} characters.` }];
  if (password.length > longest) return [{ path: 'password', message: `Use at most ${longest} characters.` }];
  if (new Set(password).size < 5) return [{ path: 'password', message: 'Use more different characters.' }];
  if (name !== '' && password.toLowerCase().includes(name) && password.length < name.length + 8)
    return [{ path: 'password', message: 'Do not build the password from the name.' }];
  return [];
}

/** Everybody, by name. */
export async function people(deps: AuthDeps): Promise<readonly Person[]> {
  const rows = await deps.journal.read((db) =>
    db.selectFrom('people').select(['name', 'role', 'created_at']).orderBy('name').execute(),
  );
  return rows.flatMap((row) => personOf(row));
}

/** One person, or undefined. */
export async function person(deps: AuthDeps, name: string): Promise<Person | undefined> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('people').select(['name', 'role', 'created_at']).where('name', '=', name).executeTakeFirst(),
  );
  return row === undefined ? undefined : personOf(row)[0];
}

function personOf(row: { name: string; role: string; created_at: number }): Person[] {
  const role = roleOf(row.role);
  return role === undefined ? [] : [{ name: row.name, role, createdAt: Number(row.created_at) }];
}

/** Removes a person; their sessions end at the next request because the person is gone. Refuses the last owner. */
export async function personRemove(deps: AuthDeps, name: string): Promise<void> {
  await deps.journal.write(async (db) => {
    const owners = await db.selectFrom('people').select('name').where('role', '=', 'owner').execute();
    if (owners.length === 1 && owners[0]?.name === name) throw new Refused('The last owner cannot be removed.');
    await db.deleteFrom('people').where('name', '=', name).execute();
  });
}

/** The actor that a signed-in person is. Staff reach everything; the role bounds what they may do. */
export function actorOf(who: Person, address: string): Actor {
  return { kind: 'person', name: who.name, role: who.role, scope: 'all', address };
}

/** Hash of a password that nobody has, so that an unknown name costs the same time as a known one. */
export async function decoyHash(): Promise<string> {
  return hash(crypto.randomUUID(), cost);
}

/** Checks name and password. Counted per person and address; tells nobody which names exist. */
export async function signIn(
  deps: AuthDeps & { readonly decoy: Promise<string> },
  attempt: { readonly name: string; readonly password: string; readonly address: string },
): Promise<SignIn> {
  const name = attempt.name.trim().toLowerCase().slice(0, 64);
  const wait = await throttleTake(deps, name, attempt.address);
  if (wait > 0) return { kind: 'wait', seconds: Math.ceil(wait / 1000) };
  const row = await deps.journal.read((db) =>
    db.selectFrom('people').selectAll().where('name', '=', name).executeTakeFirst(),
  );
  const right = await verify(row?.password ?? (await deps.decoy), attempt.password.slice(0, longest));
  const found = row === undefined ? undefined : personOf(row)[0];
  if (!right || found === undefined) return { kind: 'wrong' };
  await throttleClear(deps, name, attempt.address);
  return { kind: 'in', person: found };
}
