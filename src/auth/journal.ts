import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { AuthTables } from '../store/auth-tables.ts';

/** The part of the journal that people, tokens, sessions and the audit trail use. */
export interface AuthJournal {
  read<T>(work: (db: Kysely<AuthTables>) => Promise<T>): Promise<T>;
  /** See Journal. */
  stamp?(): number;
  /** One durable transaction. */
  write<T>(work: (db: Kysely<AuthTables>) => Promise<T>): Promise<T>;
}

/** What every part of auth is given. `clock` answers epoch milliseconds. */
export interface AuthDeps {
  readonly journal: AuthJournal;
  readonly clock: () => number;
}

/** What of the sealer (store/seal.ts) the second factor needs. */
export interface AuthSeal {
  createDataKey(): { readonly key: KeyObject; readonly sealed: string };
  openDataKey(sealed: string): KeyObject;
  sealWith(key: KeyObject, text: string): string;
  openWith(key: KeyObject, sealed: string): string;
  hmac(text: string): string;
}
