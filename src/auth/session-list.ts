/** Whose sessions there are: listed, ended one by one or all at once. */
import type { Kysely } from 'kysely';
import type { AuthTables } from '../store/auth-tables.ts';
import type { AuthDeps } from './journal.ts';
import { keyOf } from './sessions.ts';

export interface SessionInfo {
  /** Not the session's secret: safe to show and to name in a form. */
  readonly id: string;
  readonly person: string;
  readonly door: string;
  readonly address: string;
  readonly agent: string;
  readonly createdAt: number;
  /** Ends then unless it is used before. */
  readonly expiresAt: number;
}

export interface SessionFrom {
  readonly person: string;
  readonly door: 'portal' | 'passthrough' | 'customer';
  readonly address: string;
  readonly agent: string;
}

/** However busy, a session of the portal ends after this long, milliseconds. */
const longestMs = 24 * 60 * 60_000;

/** Notes whose a session is. Without this note a session of the portal is nobody's. */
export async function sessionBegin(deps: AuthDeps, sid: string, from: SessionFrom): Promise<void> {
  const row = noteOf(keyOf(sid), from, deps.clock());
  await deps.journal.write((db) => db.insertInto('session_people').values(row).execute());
}

/** The row that `sessionBegin` writes; for those who write it within a transaction of their own. */
export function noteOf(id: string, from: SessionFrom, now: number): AuthTables['session_people'] {
  return {
    session_id: id,
    person: from.person,
    door: from.door,
    address: from.address.slice(0, 64),
    agent: from.agent.slice(0, 200),
    created_at: now,
  };
}

/** Whether this session is still this person's. */
export async function sessionIsOf(deps: AuthDeps, sid: string, person: string): Promise<boolean> {
  const row = await deps.journal.read((db) =>
    db
      .selectFrom('session_people')
      .select(['person', 'created_at'])
      .where('session_id', '=', keyOf(sid))
      .executeTakeFirst(),
  );
  return row?.person === person && Number(row.created_at) + longestMs > deps.clock();
}

/** Sessions that are open now, newest first; of one person, or of everybody. */
export async function sessionList(deps: AuthDeps, person?: string): Promise<readonly SessionInfo[]> {
  const rows = await deps.journal.read((db) => {
    const all = db
      .selectFrom('session_people')
      .innerJoin('sessions', 'sessions.id', 'session_people.session_id')
      .select(['session_id', 'person', 'door', 'address', 'agent', 'created_at', 'expires_at'])
      .where('expires_at', '>', deps.clock())
      .orderBy('created_at', 'desc')
      .limit(500);
    return (person === undefined ? all : all.where('person', '=', person)).execute();
  });
  return rows.map((row) => ({
    id: row.session_id,
    person: row.person,
    door: row.door,
    address: row.address,
    agent: row.agent,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
  }));
}

/** The id under which a session is listed. */
export function sessionId(sid: string): string {
  return keyOf(sid);
}

/** Ends one session by its listed id; with `person`, only when it is theirs. Answers whether there was one. */
export async function sessionEnd(deps: AuthDeps, id: string, person?: string): Promise<boolean> {
  return deps.journal.write(async (db) => {
    const note = db.deleteFrom('session_people').where('session_id', '=', id);
    const gone = await (person === undefined ? note : note.where('person', '=', person)).executeTakeFirst();
    if (gone.numDeletedRows === 0n) return false;
    await db.deleteFrom('sessions').where('id', '=', id).execute();
    return true;
  });
}

/** Ends all sessions of a person but the one whose listed id is `keep`. */
export async function endSessionsOf(db: Kysely<AuthTables>, person: string, keep = ''): Promise<void> {
  const rows = await db.selectFrom('session_people').select('session_id').where('person', '=', person).execute();
  const ids = rows.map((row) => row.session_id).filter((id) => id !== keep);
  if (ids.length === 0) return;
  await db.deleteFrom('session_people').where('session_id', 'in', ids).execute();
  await db.deleteFrom('sessions').where('id', 'in', ids).execute();
}
