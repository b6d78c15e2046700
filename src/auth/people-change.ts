/** What may change about a person: password, role, suspension, removal. Each of them ends the person's sessions. */
import { createHash, randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { Invalid, NotFound, Refused } from '../errors.ts';
import type { AuthTables } from '../store/auth-tables.ts';
import type { AuthDeps } from './journal.ts';
import { boundIssues, passwordHash } from './people.ts';
import { roleOf } from './roles.ts';
import { endSessionsOf } from './session-list.ts';

type Db = Kysely<AuthTables>;

const linkMs = 60 * 60_000;

async function mustExist(db: Db, name: string): Promise<void> {
  const found = await db.selectFrom('people').select('name').where('name', '=', name).executeTakeFirst();
  if (found === undefined) throw new NotFound(`There is no person called ${name.slice(0, 64)}.`);
}

/** Throws Refused when nobody but `name` could manage people afterwards. */
async function mustLeaveAnOwner(db: Db, name: string): Promise<void> {
  const others = await db
    .selectFrom('people')
    .leftJoin('person_details', 'person_details.name', 'people.name')
    .select('people.name')
    .where('role', '=', 'owner')
    .where('suspended_at', 'is', null)
    .where('people.name', '!=', name)
    .execute();
  const own = await db.selectFrom('people').select('role').where('name', '=', name).executeTakeFirst();
  if (own?.role === 'owner' && others.length === 0) throw new Refused('The last owner cannot be removed.');
}

/** Removes a person with all that is theirs, sessions included. Refuses the last owner. */
export async function personRemove(deps: AuthDeps, name: string): Promise<void> {
  await deps.journal.write(async (db) => {
    await mustLeaveAnOwner(db, name);
    await endSessionsOf(db, name);
    await db.deleteFrom('person_details').where('name', '=', name).execute();
    await db.deleteFrom('person_settings').where('name', '=', name).execute();
    await db.deleteFrom('password_links').where('person', '=', name).execute();
    await db.deleteFrom('second_factors').where('person', '=', name).execute();
    await db.deleteFrom('recovery_codes').where('person', '=', name).execute();
    await db.deleteFrom('passkeys').where('person', '=', name).execute();
    await db.deleteFrom('people').where('name', '=', name).execute();
  });
}

async function putDetails(db: Db, name: string, change: Partial<AuthTables['person_details']>): Promise<void> {
  const made = await db.updateTable('person_details').set(change).where('name', '=', name).executeTakeFirst();
  if (made.numUpdatedRows > 0n) return;
  const bare = { name, reseller: '', email: '', suspended_at: null };
  await db
    .insertInto('person_details')
    .values({ ...bare, ...change })
    .execute();
}

/** Suspends a person, or lets the person in again. Refuses the last owner. Throws NotFound. */
export async function personSuspend(deps: AuthDeps, name: string, suspended: boolean): Promise<void> {
  await deps.journal.write(async (db) => {
    await mustExist(db, name);
    if (suspended) await mustLeaveAnOwner(db, name);
    await putDetails(db, name, { suspended_at: suspended ? deps.clock() : null });
    if (suspended) await endSessionsOf(db, name);
  });
}

export interface PersonChange {
  readonly role: string;
  readonly reseller?: string;
  readonly email?: string;
}

/** Gives a person another role. Throws Invalid, NotFound, or Refused for the last owner. */
export async function personChange(deps: AuthDeps, name: string, change: PersonChange): Promise<void> {
  const issues = boundIssues(change);
  const role = roleOf(change.role);
  if (issues.length > 0 || role === undefined) throw new Invalid('The person cannot be changed.', issues);
  await deps.journal.write(async (db) => {
    await mustExist(db, name);
    if (role !== 'owner') await mustLeaveAnOwner(db, name);
    await db.updateTable('people').set({ role }).where('name', '=', name).execute();
    await putDetails(db, name, { reseller: change.reseller ?? '', email: change.email ?? '' });
  });
}

/** Sets a new password and ends every session but `keep`. Throws Invalid or NotFound. */
export async function personPassword(deps: AuthDeps, name: string, password: string, keep = ''): Promise<void> {
  const fresh = await passwordHash(password, name);
  await deps.journal.write(async (db) => {
    await mustExist(db, name);
    await db.updateTable('people').set({ password: fresh }).where('name', '=', name).execute();
    await db.deleteFrom('password_links').where('person', '=', name).execute();
    await endSessionsOf(db, name, keep);
  });
}

export interface PasswordLink {
  /** Good once. */
  readonly secret: string;
  readonly expiresAt: number;
}

function keyOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A one-time link, good for an hour; an older one is void. Throws NotFound. */
export async function passwordLink(deps: AuthDeps, name: string): Promise<PasswordLink> {
  const secret = randomBytes(24).toString('base64url');
  const expiresAt = deps.clock() + linkMs;
  await deps.journal.write(async (db) => {
    await mustExist(db, name);
    await db.deleteFrom('password_links').where('person', '=', name).execute();
    await db
      .insertInto('password_links')
      .values({ hash: keyOf(secret), person: name, expires_at: expiresAt })
      .execute();
  });
  return { secret, expiresAt };
}

/** Whose link it is, without spending it; undefined: unknown or over. */
export async function passwordLinkOf(deps: AuthDeps, secret: string): Promise<string | undefined> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('password_links').selectAll().where('hash', '=', keyOf(secret)).executeTakeFirst(),
  );
  return row !== undefined && Number(row.expires_at) > deps.clock() ? row.person : undefined;
}

/** Spends a link and sets the password. The second factor stays. Throws Refused when the link is no good, Invalid. */
export async function passwordByLink(deps: AuthDeps, secret: string, password: string): Promise<string> {
  const name = await passwordLinkOf(deps, secret);
  if (name === undefined) throw new Refused('This link is over or was used before.');
  const fresh = await passwordHash(password, name);
  await deps.journal.write(async (db) => {
    const spent = await db.deleteFrom('password_links').where('hash', '=', keyOf(secret)).executeTakeFirst();
    if (spent.numDeletedRows === 0n) throw new Refused('This link is over or was used before.');
    await db.updateTable('people').set({ password: fresh }).where('name', '=', name).execute();
    await endSessionsOf(db, name);
  });
  return name;
}
