/** Collaborators: whom a customer lets work on an account, each with a password and a role of their own. */
import { verify } from '@node-rs/argon2';
import { ulid } from 'ulid';
import { Invalid, NotFound, Refused } from '../errors.ts';
import { dropLinks, linkOf, putLink, spendLink } from './customer-links.ts';
import { type CustomerRole, invitedRoleOf } from './customer-roles.ts';
import type { AuthDeps } from './journal.ts';
import { passwordHash } from './people.ts';
import { endSessionsOf } from './session-list.ts';

export interface Collaborator {
  readonly id: string;
  readonly account: string;
  readonly email: string;
  readonly role: CustomerRole;
  readonly invitedBy: string;
  readonly createdAt: number;
  /** Whether the invitation was taken. */
  readonly active: boolean;
}

export interface Invitation {
  readonly account: string;
  readonly email: string;
  readonly role: string;
  readonly by: string;
}

const invitationMs = 3 * 24 * 60 * 60_000;
const emailPattern = /^[^\s@<>"]{1,64}@[a-z0-9.-]{3,120}$/;
/** So many collaborators one account may have. */
const mostCollaborators = 50;

/** Under what name a collaborator's sessions and second factor are kept. */
export function collaboratorKey(id: string): string {
  return `by/${id}`;
}

interface Row {
  readonly id: string;
  readonly account: string;
  readonly email: string;
  readonly role: string;
  readonly password: string;
  readonly invited_by: string;
  readonly created_at: number;
}

function collaboratorOf(row: Row): readonly Collaborator[] {
  const role = invitedRoleOf(row.role);
  if (role === undefined) return [];
  const { id, account, email } = row;
  const createdAt = Number(row.created_at);
  return [{ id, account, email, role, invitedBy: row.invited_by, createdAt, active: row.password !== '' }];
}

/** All of an account, by address. */
export async function collaborators({ journal }: AuthDeps, account: string): Promise<readonly Collaborator[]> {
  const rows = await journal.read((db) =>
    db.selectFrom('collaborators').selectAll().where('account', '=', account).orderBy('email').execute(),
  );
  return rows.flatMap(collaboratorOf);
}

export async function collaborator({ journal }: AuthDeps, id: string): Promise<Collaborator | undefined> {
  const row = await journal.read((db) =>
    db.selectFrom('collaborators').selectAll().where('id', '=', id).executeTakeFirst(),
  );
  return row === undefined ? undefined : collaboratorOf(row)[0];
}

async function ofAccount(deps: AuthDeps, account: string, id: string): Promise<Collaborator> {
  const found = await collaborator(deps, id);
  if (found === undefined || found.account !== account) throw new NotFound('problem.not-found');
  return found;
}

/**
 * Adds a collaborator and answers the secret of the invitation. Messages are keys of the self-service's texts.
 * Throws Invalid, or Refused when the address is known or there are too many.
 */
export async function invite(deps: AuthDeps, input: Invitation): Promise<string> {
  const email = input.email.trim().toLowerCase();
  const role = invitedRoleOf(input.role);
  if (!emailPattern.test(email)) throw new Invalid('form.again', [{ path: 'email', message: 'invalid.email' }]);
  if (role === undefined) throw new Invalid('form.again', [{ path: 'role', message: 'invalid.choice' }]);
  const { account, by } = input;
  const now = deps.clock();
  const row = { id: ulid(now), account, email, role, password: '', invited_by: by, created_at: now };
  await deps.journal.write(async (db) => {
    const known = await db.selectFrom('collaborators').select('email').where('account', '=', account).execute();
    if (known.some((one) => one.email === email)) throw new Refused('people.known');
    if (known.length >= mostCollaborators) throw new Refused('people.many');
    await db.insertInto('collaborators').values(row).execute();
  });
  return putLink(deps, { kind: 'invitation', collaborator: row.id }, invitationMs);
}

/** A new invitation, with which the password is set anew; older ones are void. Throws NotFound. */
export async function inviteAgain(deps: AuthDeps, account: string, id: string): Promise<string> {
  const found = await ofAccount(deps, account, id);
  const link = { kind: 'invitation', collaborator: found.id } as const;
  await dropLinks(deps, link);
  return putLink(deps, link, invitationMs);
}

/** Removes a collaborator with sessions and second factor. Throws NotFound. */
export async function removeCollaborator(deps: AuthDeps, account: string, id: string): Promise<void> {
  const found = await ofAccount(deps, account, id);
  const person = collaboratorKey(found.id);
  await dropLinks(deps, { kind: 'invitation', collaborator: found.id });
  await deps.journal.write(async (db) => {
    await db.deleteFrom('collaborators').where('id', '=', found.id).execute();
    await db.deleteFrom('second_factors').where('person', '=', person).execute();
    await db.deleteFrom('recovery_codes').where('person', '=', person).execute();
    await endSessionsOf(db, person);
  });
}

/** Sets a collaborator's password and ends every session but `keep`. Throws Invalid. */
export async function collaboratorPassword(deps: AuthDeps, id: string, password: string, keep = ''): Promise<void> {
  const fresh = await passwordHash(password, '');
  await deps.journal.write(async (db) => {
    await db.updateTable('collaborators').set({ password: fresh }).where('id', '=', id).execute();
    await endSessionsOf(db, collaboratorKey(id), keep);
  });
}

/** Spends an invitation and sets the password. Throws Refused when it is no good, Invalid. */
export async function join(deps: AuthDeps, secret: string, password: string): Promise<Collaborator> {
  const link = await linkOf(deps, secret);
  const found = link?.kind === 'invitation' ? await collaborator(deps, link.collaborator) : undefined;
  if (found === undefined) throw new Refused('invitation.over');
  // Before the link is spent: a password that cannot be used must not cost the invitation.
  await passwordHash(password, '');
  if ((await spendLink(deps, secret)) === undefined) throw new Refused('invitation.over');
  await collaboratorPassword(deps, found.id, password);
  return { ...found, active: true };
}

/** The collaborator of this address whose password this is. Counts nothing. */
export async function byPassword(
  { journal }: AuthDeps,
  email: string,
  password: string,
): Promise<Collaborator | undefined> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('collaborators')
      .selectAll()
      .where('email', '=', email)
      .where('password', '!=', '')
      .orderBy('id')
      .limit(10)
      .execute(),
  );
  for (const row of rows) if (await verify(row.password, password.slice(0, 256))) return collaboratorOf(row)[0];
  return undefined;
}
