/** Pieces of SQL that keep customers' code out, and what tells Tandem's own schema from a customer's. */
import { DatabaseFailed } from '../model.ts';
import { oneValue, type Session } from './connect.ts';
import { ownName } from './names.ts';

/**
 * For what reads a relation of a customer's by its name: whoever locks it can put a view in its place while we wait, and a
 * view's functions run as whoever reads it. PostgreSQL has the setting since 15.8 (CVE-2024-7348).
 */
export const noViews = "SET restrict_nonsystem_relation_kind = 'view, foreign-table'";

/** SQL that names triggers that fire while a transaction ends, in sessions that apply, too. */
export const lateTriggers = `SELECT format('%s on %s', g.tgname, g.tgrelid::regclass) AS name FROM pg_trigger g
    WHERE g.tgdeferrable AND NOT g.tgisinternal AND g.tgenabled IN ('A', 'R')`;

/** Whether Tandem's own table of notes is in this database. A schema of a customer's with the same name is none of ours. */
export async function hasOwnNotes(session: Session): Promise<boolean> {
  const found = await oneValue(
    session,
    `SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = n.nspowner
      WHERE n.nspname = $1 AND c.relname = 'local_mark' AND c.relkind = 'r' AND r.rolsuper`,
    [ownName],
  );
  return found !== '';
}

/**
 * Makes Tandem's own schema, or finds it. In it customers can make nothing, so whatever is there is Tandem's. Throws
 * DatabaseFailed where a customer has made one with this name: what is in it would run with Tandem's rights.
 */
export async function claimSchema(session: Session, server: string): Promise<void> {
  await session.rows(`CREATE SCHEMA IF NOT EXISTS ${ownName}`);
  const owner = await foreignOwner(session);
  if (owner === '') return;
  throw new DatabaseFailed(`${server}: schema ${ownName} in this database belongs to ${owner}.`, {
    hint: `Rename or drop it: ALTER SCHEMA ${ownName} RENAME TO another_name.`,
  });
}

/** The customer who has a schema of this name; '' without one. */
export async function foreignOwner(session: Session): Promise<string> {
  return await oneValue(
    session,
    'SELECT r.rolname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner WHERE n.nspname = $1 AND NOT r.rolsuper',
    [ownName],
  );
}
