import { createHash } from 'node:crypto';
import session from 'express-session';
import type { Kysely } from 'kysely';
import type { AuthTables } from '../store/auth-tables.ts';
import { seeingOthers } from '../store/database-once.ts';
import type { AuthDeps } from './journal.ts';

const touchMs = 60_000;
const dayMs = 24 * 60 * 60_000;

type Callback = (error?: unknown) => void;

/** Sessions in the journal: nobody is logged out when Redis is away, and any web node serves any session. */
export class JournalSessions extends session.Store {
  readonly #deps: AuthDeps;

  constructor(deps: AuthDeps) {
    super();
    this.#deps = deps;
  }

  override get(sid: string, callback: (error: unknown, found?: session.SessionData | null) => void): void {
    settle(this.#read(sid), callback);
  }

  override set(sid: string, data: session.SessionData, callback?: Callback): void {
    settle(this.#write(sid, data), callback);
  }

  override touch(sid: string, data: session.SessionData, callback?: () => void): void {
    const expiresAt = expiryOf(data, this.#deps.clock());
    const touched = this.#deps.journal.write((db) =>
      db
        .updateTable('sessions')
        .set({ expires_at: expiresAt })
        .where('id', '=', keyOf(sid))
        // A page more a minute later changes nothing worth a write to the disk.
        .where('expires_at', '<', expiresAt - touchMs)
        .execute(),
    );
    settle(touched, callback);
  }

  override destroy(sid: string, callback?: Callback): void {
    settle(
      this.#deps.journal.write((db) => db.deleteFrom('sessions').where('id', '=', keyOf(sid)).execute()),
      callback,
    );
  }

  /** Removes sessions that are over. Called now and then by the web role. */
  async sweep(): Promise<void> {
    const now = this.#deps.clock();
    await this.#deps.journal.write(async (db) => {
      await db.deleteFrom('sessions').where('expires_at', '<=', now).execute();
      // A session is noted a moment before it is written: only old notes without one are of ended sessions.
      await db
        .deleteFrom('session_people')
        .where('created_at', '<', now - touchMs)
        .where('session_id', 'not in', (e) => e.selectFrom('sessions').select('id'))
        .execute();
      await db.deleteFrom('password_links').where('expires_at', '<=', now).execute();
    });
  }

  async #read(sid: string): Promise<session.SessionData | null> {
    const row = await this.#deps.journal.read((db) =>
      db.selectFrom('sessions').selectAll().where('id', '=', keyOf(sid)).executeTakeFirst(),
    );
    if (row === undefined || Number(row.expires_at) <= this.#deps.clock()) return null;
    return parse(row.data);
  }

  async #write(sid: string, data: session.SessionData): Promise<void> {
    const row = { data: JSON.stringify(data), expires_at: expiryOf(data, this.#deps.clock()) };
    const write = async (db: Kysely<AuthTables>): Promise<void> => {
      const result = await db.updateTable('sessions').set(row).where('id', '=', keyOf(sid)).executeTakeFirst();
      if (result.numUpdatedRows > 0n) return;
      await db
        .insertInto('sessions')
        .values({ id: keyOf(sid), ...row })
        .execute();
    };
    await seeingOthers(() => this.#deps.journal.write(write));
  }
}

/** Hands the end of a promise to an old-style callback; an error thrown by the callback itself is not caught here. */
function settle<T>(promise: Promise<T>, callback: ((error: unknown, value?: T) => void) | undefined): void {
  promise.then(
    (value) => setImmediate(() => callback?.(null, value)),
    (error: unknown) => setImmediate(() => callback?.(error)),
  );
}

/** Under what a session is stored: a copy of the table signs nobody in. */
export function keyOf(sid: string): string {
  return createHash('sha256').update(sid).digest('hex');
}

function expiryOf(data: session.SessionData, now: number): number {
  const expires = data.cookie.expires;
  if (expires === null || expires === undefined) return now + dayMs;
  return new Date(expires).getTime();
}

function parse(json: string): session.SessionData {
  // Cast: written by #write alone, from a value of this type.
  return JSON.parse(json) as session.SessionData;
}
