import { hash, verify } from '@node-rs/argon2';
import type { Kysely } from 'kysely';
import { Invalid, type Issue, Refused } from '../errors.ts';
import type { AuthTables } from '../store/auth-tables.ts';
import { seeingOthers } from '../store/database-once.ts';
import type { Actor } from './actor.ts';
import type { AuthDeps } from './journal.ts';
import { type Role, roleOf, roles } from './roles.ts';
import type { SecondFactor } from './second-factor.ts';
import { throttleClear, throttleTake } from './throttle.ts';

export interface Person {
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  /** Of the role reseller: the cPanel name that bounds what the person reaches. */
  readonly reseller?: string;
  readonly email?: string;
  /** Epoch milliseconds; a suspended person cannot sign in, and has no sessions. */
  readonly suspendedAt?: number;
}

export interface PersonInput {
  readonly name: string;
  readonly role: string;
  readonly password: string;
  /** Needed for the role reseller, and only for it. */
  readonly reseller?: string;
  readonly email?: string;
}

/**
 * What became of an attempt to sign in. 'wrong' says the same for a wrong name and a wrong password. 'code': the
 * password is right and a second factor is set up; ask for its code (`wrong` when one was given) and try again with it.
 */
export type SignIn =
  | { readonly kind: 'in'; readonly person: Person; readonly recoveryLeft?: number }
  | { readonly kind: 'code'; readonly name: string; readonly wrong: boolean }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

const namePattern = /^[a-z][a-z0-9._-]{0,63}$/;
const resellerPattern = /^[a-z][a-z0-9]{0,15}$/;
const emailPattern = /^[^\s@]{1,64}@[^\s@]{1,189}$/;
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
    ...boundIssues(input),
    ...passwordIssues(input.password, name),
  ];
  if (role === undefined || issues.length > 0) throw new Invalid('The person cannot be added.', issues);
  const row = { name, role, password: await hash(input.password, cost), created_at: deps.clock() };
  const details = { name, reseller: input.reseller ?? '', email: input.email ?? '', suspended_at: null };
  const add = async (db: Kysely<AuthTables>): Promise<void> => {
    const taken = await db.selectFrom('people').select('name').where('name', '=', name).executeTakeFirst();
    if (taken !== undefined) throw new Refused(`There is already a person called ${name}.`);
    await db.insertInto('people').values(row).execute();
    await db.deleteFrom('person_details').where('name', '=', name).execute();
    await db.insertInto('person_details').values(details).execute();
  };
  await seeingOthers(() => deps.journal.write(add));
  return personOf({ ...row, ...details }, role);
}

/** What is wrong with a role and what goes with it. */
export function boundIssues(input: Pick<PersonInput, 'role' | 'reseller' | 'email'>): readonly Issue[] {
  const issues: Issue[] = [];
  const { role, reseller = '', email = '' } = input;
  if (roleOf(role) === undefined) issues.push({ path: 'role', message: `Use one of ${roles.join(', ')}.` });
  if (role === 'reseller' && !resellerPattern.test(reseller))
    issues.push({ path: 'reseller', message: 'Name the reseller’s cPanel user, such as acme.' });
  if (role !== 'reseller' && reseller !== '')
    issues.push({ path: 'reseller', message: 'Only the role reseller is bounded by one.' });
  if (email !== '' && !emailPattern.test(email))
    issues.push({ path: 'email', message: 'Use an address such as a@b.example.' });
  return issues;
}

/** The hash that is stored of a password. Throws Invalid when it is too weak for this person. */
export async function passwordHash(password: string, name: string): Promise<string> {
  const issues = passwordIssues(password, name);
  if (issues.length > 0) throw new Invalid('This password cannot be used.', issues);
  return hash(password, cost);
}

function passwordIssues(password: string, name: string): readonly Issue[] {
  if (password.length < shortest) return [{ path: 'password', message: `Use at least ${shortest} characters.` }];
  if (password.length > longest) return [{ path: 'password', message: `Use at most ${longest} characters.` }];
  if (new Set(password).size < 5) return [{ path: 'password', message: 'Use more different characters.' }];
  if (name !== '' && password.toLowerCase().includes(name) && password.length < name.length + 8)
    return [{ path: 'password', message: 'Do not build the password from the name.' }];
  return [];
}

function withDetails(db: Kysely<AuthTables>) {
  return db
    .selectFrom('people')
    .leftJoin('person_details', 'person_details.name', 'people.name')
    .select(['people.name', 'role', 'password', 'created_at', 'reseller', 'email', 'suspended_at']);
}

/** Everybody, by name; the suspended too. */
export async function people(deps: AuthDeps): Promise<readonly Person[]> {
  const rows = await deps.journal.read((db) => withDetails(db).orderBy('people.name').execute());
  return rows.flatMap((row) => known(row) ?? []);
}

/** One person who may sign in; undefined: unknown or suspended. */
export async function person(deps: AuthDeps, name: string): Promise<Person | undefined> {
  const row = await deps.journal.read((db) => withDetails(db).where('people.name', '=', name).executeTakeFirst());
  const found = row === undefined ? undefined : known(row);
  return found?.suspendedAt === undefined ? found : undefined;
}

interface Row {
  readonly name: string;
  readonly created_at: number;
  readonly reseller: string | null;
  readonly email: string | null;
  readonly suspended_at: number | null;
}

function known(row: Row & { readonly role: string }): Person | undefined {
  const role = roleOf(row.role);
  return role === undefined ? undefined : personOf(row, role);
}

function personOf(row: Row, role: Role): Person {
  return {
    name: row.name,
    role,
    createdAt: Number(row.created_at),
    ...(row.reseller ? { reseller: row.reseller } : {}),
    ...(row.email ? { email: row.email } : {}),
    ...(row.suspended_at === null ? {} : { suspendedAt: Number(row.suspended_at) }),
  };
}

/** The actor that a signed-in person is: staff reach everything and the role bounds them, a reseller what it owns. */
export function actorOf(who: Person, address: string): Actor {
  const scope = who.role === 'reseller' ? { reseller: who.reseller ?? '' } : 'all';
  return { kind: 'person', name: who.name, role: who.role, scope, address };
}

/** Hash of a password that nobody has, so that an unknown name costs the same time as a known one. */
export async function decoyHash(): Promise<string> {
  return hash(crypto.randomUUID(), cost);
}

export interface SignInDeps extends AuthDeps {
  readonly decoy: Promise<string>;
  readonly secondFactor: Pick<SecondFactor, 'state' | 'check'>;
}

export interface Attempt {
  readonly name: string;
  readonly password: string;
  readonly address: string;
  /** Of the second factor, or a recovery code. */
  readonly code?: string;
}

/**
 * Checks name, password and, where one is set up, the second factor. Counted per person and address; tells nobody
 * which names exist, nor to whom does not know the password, who has a second factor.
 */
export async function signIn(deps: SignInDeps, attempt: Attempt): Promise<SignIn> {
  const name = attempt.name.trim().toLowerCase().slice(0, 64);
  const wait = await throttleTake(deps, name, attempt.address);
  if (wait > 0) return { kind: 'wait', seconds: Math.ceil(wait / 1000) };
  const row = await deps.journal.read((db) => withDetails(db).where('people.name', '=', name).executeTakeFirst());
  const right = await verify(row?.password ?? (await deps.decoy), attempt.password.slice(0, longest));
  const found = row === undefined ? undefined : known(row);
  if (!right || found === undefined || found.suspendedAt !== undefined) return { kind: 'wrong' };
  await throttleClear(deps, name, attempt.address);
  return (await deps.secondFactor.state(name)).active ? byCode(deps, found, attempt) : { kind: 'in', person: found };
}

async function byCode(deps: SignInDeps, found: Person, attempt: Attempt): Promise<SignIn> {
  const { name } = found;
  if (attempt.code === undefined || attempt.code === '') return { kind: 'code', name, wrong: false };
  const checked = await deps.secondFactor.check(name, attempt.code, attempt.address);
  if (checked.kind === 'wait') return checked;
  if (checked.kind === 'wrong') return { kind: 'code', name, wrong: true };
  return { kind: 'in', person: found, ...(checked.recovery ? { recoveryLeft: checked.left } : {}) };
}

/** Whether this is the person's password, for a step up. Counted as a sign-in is. */
export async function passwordCheck(deps: AuthDeps, attempt: Attempt): Promise<'right' | 'wrong' | 'wait'> {
  if ((await throttleTake(deps, attempt.name, attempt.address)) > 0) return 'wait';
  const row = await deps.journal.read((db) =>
    db.selectFrom('people').select('password').where('name', '=', attempt.name).executeTakeFirst(),
  );
  if (row === undefined || !(await verify(row.password, attempt.password.slice(0, longest)))) return 'wrong';
  await throttleClear(deps, attempt.name, attempt.address);
  return 'right';
}
