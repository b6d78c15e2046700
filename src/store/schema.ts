import type { ArchiveTables } from './archive-tables.ts';
import type { AuthTables } from './auth-tables.ts';
import type { PlacementTables } from './placement-tables.ts';

/**
 * The journal's tables: the only record that counts. Times are epoch milliseconds by the database's clock, booleans
 * are 0 and 1, ids are our own: only what SQLite and MariaDB both do.
 */

/** One accepted request and its outcome. */
export interface OperationsTable {
  id: string;
  action: string;
  door: string;
  actor_kind: string;
  actor_name: string;
  /** JSON of Actor.scope. */
  actor_scope: string;
  actor_address: string | null;
  /** JSON of Subject. */
  subject: string;
  account: string | null;
  /** JSON with every secret replaced; safe to show. */
  params: string;
  /** The true parameters, sealed with the operation's own data key; null when nothing in them is secret. */
  sealed: string | null;
  /** The data key, sealed with the key file's key; destroyed when the operation is final and verified. */
  data_key: string | null;
  /** JSON of Key[]. */
  keys: string;
  state: string;
  lead: string;
  lead_epoch: number;
  /** 1 once the lead moved away from an attempt in doubt. */
  committed: number;
  destroys: number;
  seq: number;
  /** Why it was refused, WHM's words first. */
  refusal: string | null;
  fingerprint: string;
  idem_scope: string;
  idem_key: string | null;
  /** 1 when the first caller got a time-out instead of the outcome. */
  caller_left: number;
  accepted_at: number;
  /** Until then no leg may run, and the operation can be undone: the time of acceptance where nothing waits for that. */
  grace_until: number | null;
  decided_at: number | null;
  final_at: number | null;
  verify_at: number | null;
  verified_at: number | null;
}

/** The part of an operation that one master has to carry out. */
export interface LegsTable {
  id: string;
  operation_id: string;
  master: string;
  state: string;
  /** 'do', or 'undo' once it takes back what it did. */
  mode: string;
  /** 0 while it waits for the lead. */
  released: number;
  /** 0: no earlier unfinished leg is in its way. Else one may be: as many as were met when that was last looked at. */
  waits: number;
  seq: number;
  /** Calls noted as sent. */
  attempts: number;
  doubts: number;
  /** Tries that ended in busy or unreachable, for the backoff. */
  delays: number;
  /** Leases taken so far, and times that it came back from a hold; part of the job's id. */
  turn: number;
  due_at: number;
  lease_owner: string | null;
  lease_until: number | null;
  first_sent_at: number | null;
  sent_at: number | null;
  /** Until then a sent call may still take effect. */
  closed_until: number | null;
  done_at: number | null;
  error_code: string | null;
  error_message: string | null;
  error_hint: string | null;
  /** JSON of the master's answers, secrets taken out. */
  answers: string;
}

/** What an unfinished leg touches: deleted when it ends, so a full journal costs nothing. */
export interface LegKeysTable {
  leg_id: string;
  name: string;
  master: string;
  exclusive: number;
  /** 1 for an operation that destroys: it is in the way on every master. */
  wide: number;
  seq: number;
}

/** One row for each key ever touched; the accept transaction writes it, and order comes from there. */
export interface KeysTable {
  name: string;
  seq: number;
  /** Sequence of the last operation that took effect anywhere while holding the key exclusively. */
  applied_seq: number;
  /** The operation that wrote `seq`: that number, and the beginning of the fingerprint. Null, or another number: unknown. */
  asked: string | null;
}

/** One look or call that a leg made, with its end. */
export interface AttemptsTable {
  id: string;
  leg_id: string;
  fn: string;
  sent_at: number | null;
  ended_at: number;
  outcome: string;
  reason: string;
}

/** A process that delivers legs. */
export interface WorkersTable {
  id: string;
  node: string;
  pid: number;
  /** Boot, PID namespace and start time of its process: whether it is gone can be seen on its machine. */
  home: string;
  started_at: number;
  seen_at: number;
}

/** What one worker knows of one master. */
export interface ReachTable {
  worker_id: string;
  master: string;
  /** 'reachable' or 'unreachable'. */
  state: string;
  since: number;
  reason: string | null;
}

/** What all know of one master. */
export interface MastersTable {
  id: string;
  /** 1: no calls at all until a person says so (denied, foreign journal). */
  parked: number;
  parked_reason: string | null;
  parked_at: number | null;
  version: string | null;
}

/** A right to have one call in flight on a master, leased by a worker. */
export interface SlotsTable {
  master: string;
  slot: number;
  worker_id: string;
  until: number;
}

/** An account that a person decided not to have on a master. */
export interface AbsencesTable {
  account: string;
  master: string;
  operation_id: string;
}

/** A difference between the masters, or between a master and the journal. */
/** What is in the accounts by name, for the search. */
export interface ThingsTable {
  account: string;
  kind: string;
  name: string;
}

export interface FindingsTable {
  id: string;
  /** Hash of kind, account and thing: one difference has one open row. */
  thing_key: string;
  /** A kind of src/drift/kinds, or 'operation': what the look back at an operation saw. */
  kind: string;
  account: string | null;
  thing: string;
  /** The master that the chip marks. */
  master: string;
  sentence: string;
  /** JSON: what each master shows. */
  sides: string;
  state: string;
  /** The operation that touched it last; null: unknown. */
  operation_id: string | null;
  /** 'present' or 'absent' after that operation. */
  expects: string | null;
  found_at: number;
  seen_at: number;
  /** null while it is to be decided about. */
  resolved_at: number | null;
  repair_operation: string | null;
  decided_by: string | null;
}

/** One scan over all accounts. */
export interface DriftRunsTable {
  id: string;
  reason: string;
  asked_by: string | null;
  state: string;
  started_at: number;
  ended_at: number | null;
  /** The last account that was compared. */
  cursor_at: string;
  accounts: number;
  looked_at: number;
  skipped: number;
  calls: number;
  found: number;
  sentence: string;
}

/** An account that is to be compared soon. */
export interface DriftDueTable {
  account: string;
  due_at: number;
  why: string;
}

/** A right to do something that only one process may do at a time. */
export interface LeasesTable {
  name: string;
  owner: string;
  /** Raised whenever the owner changes; writes under the lease carry it. */
  generation: number;
  until_at: number;
}

/** An account's active master, where it is not the pair's. */
export interface ActiveTable {
  /** The account, or '*' for the pair. */
  account: string;
  master: string;
  epoch: number;
}

/** The crontab that an account is to have. */
export interface CrontabsTable {
  account: string;
  /** JSON of the lines. */
  jobs: string;
  /** Where the output goes; '' for the account itself. */
  email: string;
  /** The master that it was last set to run on. */
  master: string;
  set_at: number;
}

/** A change of a crontab that is not decided yet, and what the table was before it. */
export interface CrontabPendingTable {
  account: string;
  operation: string;
  /** JSON of jobs and email; null: none was ever kept. */
  last_good: string | null;
}

/** Single values: the journal's id, the uid counter. */
export interface MetaTable {
  name: string;
  value: string;
}

export interface JournalTables {
  operations: OperationsTable;
  legs: LegsTable;
  leg_keys: LegKeysTable;
  keys: KeysTable;
  attempts: AttemptsTable;
  workers: WorkersTable;
  reach: ReachTable;
  masters: MastersTable;
  slots: SlotsTable;
  absences: AbsencesTable;
  findings: FindingsTable;
  things: ThingsTable;
  drift_runs: DriftRunsTable;
  drift_due: DriftDueTable;
  leases: LeasesTable;
  active: ActiveTable;
  crontabs: CrontabsTable;
  crontab_pending: CrontabPendingTable;
  meta: MetaTable;
}

export interface Schema extends JournalTables, AuthTables, ArchiveTables, PlacementTables {}
