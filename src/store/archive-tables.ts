/** Rows about archives of accounts; src/archives alone reads and writes them. */

export interface ArchivesTable {
  id: string;
  operation_id: string;
  leg_id: string;
  account: string;
  /** Where it was made. */
  master: string;
  /** 1: that was the account's active master when the work began. */
  of_active: number;
  /** The control node whose disk holds it. */
  node: string;
  /** 'starting', 'packing', 'fetching', 'verified', 'failed', 'expired'. */
  state: string;
  /** WHM's session of the packing. */
  session: string | null;
  attempt: number;
  bytes: number | null;
  sha256: string | null;
  /** Below the archives' folder. */
  file: string | null;
  /** JSON: what must be found in it. */
  wanted: string | null;
  error: string | null;
  /** 1: the leg that wanted it was told that it failed. */
  told: number;
  /** 1: a copy may still lie on the master. */
  on_master: number;
  /** The process that fetches it, and until when it has the right to. */
  holder: string | null;
  held_until: number | null;
  begun_at: number;
  verified_at: number | null;
  expires_at: number | null;
}

export interface RestoresTable {
  leg_id: string;
  archive_id: string;
  master: string;
  /** 'bringing', 'brought', 'starting', 'running', 'done', 'failed'. */
  state: string;
  session: string | null;
  attempt: number;
  error: string | null;
  told: number;
  holder: string | null;
  held_until: number | null;
  begun_at: number;
}

export interface ArchiveTables {
  archives: ArchivesTable;
  restores: RestoresTable;
}
