/** The statements of accepting a request and of showing what became of it, each built once for a journal. */
import { type RawBuilder, sql } from 'kysely';
import type { Db, OperationRow } from './record.ts';

type Now = RawBuilder<number>;

/**
 * The newest operation that was asked for with the same words, without a key of the caller's own. The key is compared
 * in a form that no index has: asked for `null`, SQLite goes through all that was ever asked for about the account.
 */
export function sameRequest(db: Db, v: { scope: string; fingerprint: string }) {
  return db
    .selectFrom('operations')
    .select(['id', 'action', 'params', 'fingerprint', 'keys', 'state', 'seq', 'caller_left', 'accepted_at'])
    .where('idem_scope', '=', v.scope)
    .where('fingerprint', '=', v.fingerprint)
    .where(sql<string>`coalesce(idem_key, '')`, '=', '')
    .orderBy('id', 'desc')
    .limit(1);
}

/** The newest that differs at most in what is retold (of an action); few were ever asked about an account so new. */
export function likeRequest(db: Db, v: { scope: string; likeness: string }, action?: string) {
  const like = db
    .selectFrom('operations')
    .select(['id', 'action', 'params', 'fingerprint', 'keys', 'state', 'seq', 'caller_left', 'accepted_at'])
    .where('idem_scope', '=', v.scope)
    .where(sql<string>`substr(fingerprint, 1, ${v.likeness.length})`, '=', v.likeness)
    .where(sql<string>`coalesce(idem_key, '')`, '=', '')
    .orderBy('id', 'desc')
    .limit(1);
  return action === undefined ? like : like.where('action', '=', action);
}

/** Of these keys, those that a later operation has moved. */
export function keysBeyond(db: Db, v: { names: readonly string[]; seq: number }) {
  return db.selectFrom('keys').select('name').where('name', 'in', v.names).where('seq', '>', v.seq).limit(1);
}

/** Takes the key's row, and with it the right to the next number, until the transaction ends. */
export function bumpKey(db: Db, v: { name: string }) {
  return db
    .updateTable('keys')
    .set((e) => ({ seq: e('seq', '+', 1) }))
    .where('name', '=', v.name);
}

export function seqOf(db: Db, v: { name: string }) {
  return db.selectFrom('keys').select('seq').where('name', '=', v.name);
}

export function raiseKeys(db: Db, v: { names: readonly string[]; seq: number }) {
  return db.updateTable('keys').set({ seq: v.seq }).where('name', 'in', v.names);
}

export function namesOf(db: Db, v: { names: readonly string[] }) {
  return db.selectFrom('keys').select('name').where('name', 'in', v.names);
}

/** The first rows of keys that nothing touched before. */
export function insertKeys(db: Db, v: { names: readonly string[]; seq: number }) {
  return db.insertInto('keys').values(v.names.map((name) => ({ name, seq: v.seq, applied_seq: 0 })));
}

export function absencesOf(db: Db, v: { account: string }) {
  return db.selectFrom('absences').select('master').where('account', '=', v.account);
}

export function activeRows(db: Db, v: { accounts: readonly string[] }) {
  return db.selectFrom('active').selectAll().where('account', 'in', v.accounts);
}

/** Unfinished legs that hold one of these names, from before `seq`. */
export function earlierOn(db: Db, v: { names: readonly string[]; seq: number }) {
  return db
    .selectFrom('leg_keys')
    .select(['leg_id', 'master', 'wide', 'seq'])
    .where('name', 'in', v.names)
    .where('seq', '<', v.seq);
}

/** The same, of those that hold it exclusively. */
export function earlierExclusiveOn(db: Db, v: { names: readonly string[]; seq: number }) {
  return earlierOn(db, v).where('exclusive', '=', 1);
}

/**
 * For each master, whether a leg from before `seq` is in the way there: one that holds one of `own`, or one of `common`
 * exclusively. An index leads to the first; an account with a long backlog has them by the hundred.
 */
export function anyInTheWay(
  db: Db,
  v: { own: readonly string[]; common: readonly string[]; masters: readonly string[]; seq: number },
) {
  const inTheWay = (master: string, names: readonly string[], exclusive: readonly number[]) =>
    db
      .selectFrom('leg_keys')
      .select('leg_id')
      .where('name', 'in', names)
      .where('exclusive', 'in', exclusive)
      .where('seq', '<', v.seq)
      .where((e) => e.or([e('master', '=', master), e('wide', '=', 1)]));
  return db.selectNoFrom((e) =>
    v.masters.map((master, at) =>
      e.or([e.exists(inTheWay(master, v.own, [0, 1])), e.exists(inTheWay(master, v.common, [1]))]).as(`at${at}`),
    ),
  );
}

/** The oldest leg from before `seq` that holds one of these names and is in the way on `master`. */
export function oldestOn(db: Db, v: { names: readonly string[]; seq: number; master: string }) {
  return db
    .selectFrom('leg_keys')
    .select(['leg_id', 'seq'])
    .where('name', 'in', v.names)
    .where('seq', '<', v.seq)
    .where((e) => e.or([e('master', '=', v.master), e('wide', '=', 1)]))
    .orderBy('seq')
    .limit(1);
}

/** The same, of those that hold it exclusively. */
export function oldestExclusiveOn(db: Db, v: { names: readonly string[]; seq: number; master: string }) {
  return oldestOn(db, v).where('exclusive', '=', 1);
}

/** Whether anything is on hold at all. */
export function anyHeld(db: Db) {
  return db.selectFrom('legs').select('id').where('state', '=', 'held').limit(1);
}

/** Of these legs, those on hold. */
export function heldOf(db: Db, v: { legs: readonly string[] }) {
  return db
    .selectFrom('legs')
    .select(['id', 'operation_id', 'error_message'])
    .where('id', 'in', v.legs)
    .where('state', '=', 'held');
}

export function mastersHolding(db: Db, v: { names: readonly string[] }) {
  return db.selectFrom('leg_keys').select('master').distinct().where('name', 'in', v.names);
}

/** The same for things that the request only shares: what others do to them alone counts. */
export function mastersChanging(db: Db, v: { names: readonly string[] }) {
  return mastersHolding(db, v).where('exclusive', '=', 1);
}

/** What the workers that were heard of within `silentMs` say about the masters. */
export function reachOfLive(db: Db, v: { silentMs: number }, now: Now) {
  return db
    .selectFrom('reach')
    .innerJoin('workers', 'workers.id', 'reach.worker_id')
    .select(['reach.master', 'reach.state', 'reach.since', 'reach.reason'])
    .where('workers.seen_at', '>', sql<number>`${now} - ${v.silentMs}`);
}

export function masterRows(db: Db) {
  return db.selectFrom('masters').selectAll();
}

type Stamped = 'accepted_at' | 'grace_until' | 'decided_at' | 'final_at' | 'verify_at' | 'verified_at';

export function insertOperation(db: Db, v: Omit<OperationRow, Stamped> & { readonly graceMs: number }, now: Now) {
  return db.insertInto('operations').values({
    id: v.id,
    action: v.action,
    door: v.door,
    actor_kind: v.actor_kind,
    actor_name: v.actor_name,
    actor_scope: v.actor_scope,
    actor_address: v.actor_address,
    subject: v.subject,
    account: v.account,
    params: v.params,
    sealed: v.sealed,
    data_key: v.data_key,
    keys: v.keys,
    state: v.state,
    lead: v.lead,
    lead_epoch: v.lead_epoch,
    committed: v.committed,
    destroys: v.destroys,
    seq: v.seq,
    refusal: v.refusal,
    fingerprint: v.fingerprint,
    idem_scope: v.idem_scope,
    idem_key: v.idem_key,
    caller_left: v.caller_left,
    accepted_at: now,
    grace_until: sql<number>`${now} + ${v.graceMs}`,
    decided_at: null,
    final_at: null,
    verify_at: null,
    verified_at: null,
  });
}

/** The legs of one operation, a value for each in every list. */
export interface NewLegs {
  readonly operation: string;
  readonly seq: number;
  /** None may run before. */
  readonly graceMs: number;
  readonly ids: readonly string[];
  readonly masters: readonly string[];
  readonly states: readonly string[];
  readonly released: readonly number[];
  readonly waits: readonly number[];
}

export function insertLegs(db: Db, v: NewLegs, now: Now) {
  return db.insertInto('legs').values(
    v.ids.map((id, at) => ({
      id,
      operation_id: v.operation,
      master: v.masters[at] ?? '',
      state: v.states[at] ?? '',
      mode: 'do',
      released: v.released[at] ?? 0,
      waits: v.waits[at] ?? 0,
      seq: v.seq,
      attempts: 0,
      doubts: 0,
      delays: 0,
      turn: 0,
      due_at: sql<number>`${now} + ${v.graceMs}`,
      lease_owner: null,
      lease_until: null,
      first_sent_at: null,
      sent_at: null,
      closed_until: null,
      done_at: null,
      error_code: null,
      error_message: null,
      error_hint: null,
      answers: '[]',
    })),
  );
}

/** Key rows of legs with one number, a value for each row in every list. */
export interface NewLegKeys {
  readonly seq: number;
  readonly wide: number;
  readonly legs: readonly string[];
  readonly masters: readonly string[];
  readonly names: readonly string[];
  readonly exclusive: readonly number[];
}

export function insertLegKeys(db: Db, v: NewLegKeys) {
  return db.insertInto('leg_keys').values(
    v.names.map((name, at) => ({
      leg_id: v.legs[at] ?? '',
      name,
      master: v.masters[at] ?? '',
      exclusive: v.exclusive[at] ?? 1,
      wide: v.wide,
      seq: v.seq,
    })),
  );
}
