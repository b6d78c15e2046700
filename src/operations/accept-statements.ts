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
export function lockKey(db: Db, v: { name: string }) {
  return db
    .updateTable('keys')
    .set((e) => ({ seq: e.ref('seq') }))
    .where('name', '=', v.name);
}

export function clocksOf(db: Db, v: { names: readonly string[] }) {
  return db.selectFrom('keys').select(['name', 'seq', 'asked']).where('name', 'in', v.names);
}

export function raiseKeys(db: Db, v: { names: readonly string[]; seq: number; asked: string }) {
  return db.updateTable('keys').set({ seq: v.seq, asked: v.asked }).where('name', 'in', v.names);
}

/** The first rows of keys that nothing touched before. */
export function insertKeys(db: Db, v: { names: readonly string[]; seq: number; asked: string }) {
  return db.insertInto('keys').values(v.names.map((name) => ({ name, seq: v.seq, applied_seq: 0, asked: v.asked })));
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

/** What the plan of a new operation's legs depends on. `own`: keys that it wants exclusively; `common`: that it shares. */
export interface About {
  readonly own: readonly string[];
  readonly common: readonly string[];
  readonly seq: number;
  readonly masters: readonly string[];
  readonly account: string;
}

/**
 * All of it in one row, since asking costs more than most of the answers: which master is active for the account and for
 * all others, whether anything is on hold or due only later, and for each master whether the account is not wanted there
 * (`absent0`) and whether anything from before `seq` is in the way (`behind0`): a leg that holds one of `own`, or one of
 * `common` exclusively. An index leads to the first; an account with a long backlog has them by the hundred.
 */
export function circumstances(db: Db, v: About, now: Now) {
  const activeFor = (account: string) => db.selectFrom('active').select('master').where('account', '=', account);
  const inTheWay = (master: string, names: readonly string[]) =>
    db
      .selectFrom('leg_keys')
      .select('leg_id')
      .where('name', 'in', names)
      .where('seq', '<', v.seq)
      .where((e) => e.or([e('master', '=', master), e('wide', '=', 1)]));
  const absence = (master: string) =>
    db.selectFrom('absences').select('master').where('account', '=', v.account).where('master', '=', master);
  return db.selectNoFrom((e) => [
    activeFor(v.account).as('active'),
    activeFor('*').as('elseActive'),
    e.exists(db.selectFrom('legs').select('id').where('state', '=', 'held')).as('held'),
    e.exists(dueLater(db, v, now).select('legs.id')).as('delayed'),
    ...v.masters.flatMap((master, at) => [
      e.exists(absence(master)).as(`absent${at}`),
      e
        .or([e.exists(inTheWay(master, v.own)), e.exists(inTheWay(master, v.common).where('exclusive', '=', 1))])
        .as(`behind${at}`),
    ]),
  ]);
}

/**
 * Legs that are due only later, as those that can still be undone are. The masters are named because an index has them
 * before that time; without them, everything that waits would be looked through.
 */
export function dueLater(db: Db, v: { masters: readonly string[] }, now: Now) {
  return db
    .selectFrom('legs')
    .where('legs.state', '=', 'ready')
    .where('legs.master', 'in', v.masters)
    .where('legs.due_at', '>', now);
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

/** What every operation begins with. What is null in the beginning is left out, here and in its legs. */
const BEGINS = {
  state: sql.lit('accepted'),
  lead_epoch: sql.lit(0),
  committed: sql.lit(0),
  caller_left: sql.lit(0),
} as const;

type Later = 'grace_until' | 'accepted_at' | 'decided_at' | 'final_at' | 'verify_at' | 'verified_at' | 'refusal';
type NewOperation = Omit<OperationRow, Later | keyof typeof BEGINS> & { readonly graceMs: number };

export function insertOperation(db: Db, v: NewOperation, now: Now) {
  const { graceMs, ...row } = v;
  return db
    .insertInto('operations')
    .values({ ...row, ...BEGINS, accepted_at: now, grace_until: sql<number>`${now} + ${graceMs}` });
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
      mode: sql.lit('do'),
      released: v.released[at] ?? 0,
      waits: v.waits[at] ?? 0,
      seq: v.seq,
      attempts: sql.lit(0),
      doubts: sql.lit(0),
      delays: sql.lit(0),
      turn: sql.lit(0),
      due_at: sql<number>`${now} + ${v.graceMs}`,
      answers: sql.lit('[]'),
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
