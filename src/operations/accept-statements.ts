/** The statements of accepting a request and of showing what became of it, each built once for a journal. */
import { type RawBuilder, sql } from 'kysely';
import type { Db, LegRow, OperationRow } from './record.ts';

type Now = RawBuilder<number>;

/** The newest operation that was asked for with the same words, without a key of the caller's own. */
export function sameRequest(db: Db, v: { scope: string; fingerprint: string }) {
  return db
    .selectFrom('operations')
    .selectAll()
    .where('idem_scope', '=', v.scope)
    .where('fingerprint', '=', v.fingerprint)
    .where('idem_key', 'is', null)
    .orderBy('id', 'desc')
    .limit(1);
}

/** Of these keys, those that a later operation has moved. */
export function keysBeyond(db: Db, v: { names: readonly string[]; seq: number }) {
  return db.selectFrom('keys').select('name').where('name', 'in', v.names).where('seq', '>', v.seq).limit(1);
}

export function bumpKey(db: Db, v: { name: string }) {
  return db
    .updateTable('keys')
    .set((e) => ({ seq: e('seq', '+', 1) }))
    .where('name', '=', v.name);
}

export function seqsOf(db: Db, v: { names: readonly string[] }) {
  return db.selectFrom('keys').select('seq').where('name', 'in', v.names);
}

export function raiseKeys(db: Db, v: { names: readonly string[]; seq: number }) {
  return db.updateTable('keys').set({ seq: v.seq }).where('name', 'in', v.names).where('seq', '<', v.seq);
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
    .select(['leg_id', 'master', 'wide'])
    .where('name', 'in', v.names)
    .where('seq', '<', v.seq);
}

/** The same, of those that hold it exclusively. */
export function earlierExclusiveOn(db: Db, v: { names: readonly string[]; seq: number }) {
  return earlierOn(db, v).where('exclusive', '=', 1);
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

type Stamped = 'accepted_at' | 'decided_at' | 'final_at' | 'verify_at' | 'verified_at';

export function insertOperation(db: Db, v: Omit<OperationRow, Stamped>, now: Now) {
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
    decided_at: null,
    final_at: null,
    verify_at: null,
    verified_at: null,
  });
}

export function insertLeg(
  db: Db,
  v: Pick<LegRow, 'id' | 'operation_id' | 'master' | 'state' | 'released' | 'waits' | 'seq'>,
  now: Now,
) {
  return db.insertInto('legs').values({
    id: v.id,
    operation_id: v.operation_id,
    master: v.master,
    state: v.state,
    mode: 'do',
    released: v.released,
    waits: v.waits,
    seq: v.seq,
    attempts: 0,
    doubts: 0,
    delays: 0,
    turn: 0,
    due_at: now,
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
  });
}

/** The key rows of one leg; `exclusive` has a value for each name. */
export function insertKeys(
  db: Db,
  v: {
    leg: string;
    master: string;
    seq: number;
    wide: number;
    names: readonly string[];
    exclusive: readonly number[];
  },
) {
  return db.insertInto('leg_keys').values(
    v.names.map((name, at) => ({
      leg_id: v.leg,
      name,
      master: v.master,
      exclusive: v.exclusive[at] ?? 1,
      wide: v.wide,
      seq: v.seq,
    })),
  );
}
