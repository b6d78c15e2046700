/**
 * Accepting a request: parse, choose, then one durable transaction that writes operation, legs and keys. Order is
 * decided here and nowhere else: the sequence number is one more than that of every key touched, and the rows of those
 * keys are written, so that two requests on a common key can never get the same one.
 */
import { ulid } from 'ulid';
import { z } from 'zod';
import type { Action, Key } from '../actions/define.ts';
import { actionOf, redact } from '../actions/index.ts';
import { Invalid, messageOf } from '../errors.ts';
import { between } from './crash-points.ts';
import type { Deps, Wake } from './deps.ts';
import { attachOrReplay, type Identity, identityOf } from './idempotency.ts';
import type { Request } from './model.ts';
import { allKeys, hold } from './order.ts';
import { type LegPlan, type LegsPlan, planLegs } from './plan-legs.ts';
import { preflight } from './preflight.ts';
import { prepareParams } from './prepare.ts';
import { type Db, runnable } from './record.ts';
import { chooseValues } from './values.ts';

/** A request whose parameters passed the action's schema. */
export interface Parsed {
  readonly action: Action;
  readonly params: Record<string, unknown>;
}

/** Throws Invalid with an issue for each field. */
export function parseRequest(request: Pick<Request, 'action' | 'params'>): Parsed {
  const action = actionOf(request.action);
  if (action === undefined)
    throw new Invalid(`there is no action ${request.action}`, [{ path: 'action', message: 'unknown' }]);
  const parsed = action.params.safeParse(request.params);
  if (parsed.success) return { action, params: parsed.data as Record<string, unknown> };
  const issues = parsed.error.issues.map((i) => ({ path: i.path.join('.'), message: i.message }));
  throw new Invalid(z.prettifyError(parsed.error), issues);
}

/** Steps 1 to 3 of an operation's life. Returns the id of the operation: a new one, or the one that the request meets. */
export async function accept(deps: Deps, request: Request): Promise<string> {
  const { action, params } = parseRequest(request);
  const identity = identityOf(deps.seal, request, action, params);
  const known = await deps.journal.read((db) => attachOrReplay(db, identity, action));
  if (known !== undefined) return known;
  await preflight(deps, action, params, request.queue ?? false);
  const chosen = await chooseValues(deps, action, await prepareParams(deps, action, params));
  const draft = draftOf(deps, request, action, chosen, identity);
  const accepted = await between(deps.crash, 'accept', () => write(deps, draft));
  deps.changes.tell(accepted.id);
  deps.wake(accepted.wakes);
  return accepted.id;
}

interface Draft {
  readonly id: string;
  readonly request: Request;
  readonly action: Action;
  readonly identity: Identity;
  readonly account: string | null;
  readonly keys: readonly Key[];
  /** undefined: all. */
  readonly masters: readonly string[] | undefined;
  readonly row: {
    readonly subject: string;
    readonly params: string;
    readonly sealed: string | null;
    readonly data_key: string | null;
  };
}

function draftOf(
  deps: Deps,
  request: Request,
  action: Action,
  params: Record<string, unknown>,
  identity: Identity,
): Draft {
  const subject = action.subject(params);
  const shown = JSON.stringify(redact(action, params));
  const full = JSON.stringify(params);
  const dataKey = shown === full ? undefined : deps.seal.createDataKey();
  return {
    id: ulid(),
    request,
    action,
    identity,
    account: subject.kind === 'account' ? subject.account : null,
    keys: allKeys(action.keys(params)),
    masters: action.masters?.(params),
    row: {
      subject: JSON.stringify(subject),
      params: shown,
      sealed: dataKey === undefined ? null : deps.seal.sealWith(dataKey.key, full),
      data_key: dataKey === undefined ? null : dataKey.sealed,
    },
  };
}

interface Accepted {
  readonly id: string;
  readonly wakes: readonly Wake[];
}

/** Thrown inside the transaction, so that nothing of this request stays: an equal one was accepted meanwhile. */
class Met extends Error {
  readonly id: string;

  constructor(id: string) {
    super(`an equal request became operation ${id}`);
    this.id = id;
  }
}

const ACCEPT_TRIES = 5;

/** A key's first row may be made by two at once; the loser tries again. A lost COMMIT answer is looked up by id. */
async function write(deps: Deps, draft: Draft): Promise<Accepted> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deps.journal.write((db) => transaction(deps, db, draft));
    } catch (error) {
      if (error instanceof Met) return { id: error.id, wakes: [] };
      if (await isStored(deps, draft.id)) return { id: draft.id, wakes: [] };
      if (attempt >= ACCEPT_TRIES || !/duplicate|unique/i.test(messageOf(error))) throw error;
    }
  }
}

async function isStored(deps: Deps, id: string): Promise<boolean> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('operations').select('id').where('id', '=', id).executeTakeFirst(),
  );
  return row !== undefined;
}

async function transaction(deps: Deps, db: Db, draft: Draft): Promise<Accepted> {
  const seq = await nextSeq(db, draft.keys);
  // Looked up again under the keys' locks: an equal request may have been accepted meanwhile.
  const known = await attachOrReplay(db, draft.identity, draft.action, 1);
  if (known !== undefined) throw new Met(known);
  await raise(db, draft.keys, seq);
  const plan = await planLegs(deps, db, { ...draft, creates: draft.action.id === 'account.create' }, seq);
  await insert(deps, db, draft, seq, plan);
  const lead = plan.legs.find((l) => l.master === plan.lead);
  return { id: draft.id, wakes: lead === undefined ? [] : await runnable(deps, db, [lead.id]) };
}

async function nextSeq(db: Db, keys: readonly Key[]): Promise<number> {
  const names = keys.map((k) => k.name);
  const known = new Set<string>();
  for (const name of names) {
    // The write takes the row's lock before anything is read, one by one in sorted order: no deadlock between two.
    const met = await db
      .updateTable('keys')
      .set((e) => ({ seq: e('seq', '+', 1) }))
      .where('name', '=', name)
      .executeTakeFirst();
    if (met.numUpdatedRows === 1n) known.add(name);
  }
  const missing = names.filter((n) => !known.has(n));
  if (missing.length > 0) {
    await db
      .insertInto('keys')
      .values(missing.map((name) => ({ name, seq: 1, applied_seq: 0 })))
      .execute();
  }
  const rows = await db.selectFrom('keys').select('seq').where('name', 'in', names).execute();
  return Math.max(...rows.map((r) => r.seq));
}

/** All keys of an operation go on from its own number. */
async function raise(db: Db, keys: readonly Key[], seq: number): Promise<void> {
  const names = keys.map((k) => k.name);
  await db.updateTable('keys').set({ seq }).where('name', 'in', names).where('seq', '<', seq).execute();
}

async function insert(deps: Deps, db: Db, draft: Draft, seq: number, plan: LegsPlan): Promise<void> {
  const now = deps.journal.now();
  const destroys = (draft.action.destroys ?? []).length > 0;
  const { request, identity } = draft;
  await db
    .insertInto('operations')
    .values({
      id: draft.id,
      action: draft.action.id,
      door: request.door,
      actor_kind: request.actor.kind,
      actor_name: request.actor.name,
      actor_scope: JSON.stringify(request.actor.scope),
      actor_address: request.actor.address ?? null,
      account: draft.account,
      keys: JSON.stringify(draft.keys),
      state: 'accepted',
      lead: plan.lead,
      lead_epoch: 0,
      committed: 0,
      destroys: destroys ? 1 : 0,
      seq,
      refusal: null,
      fingerprint: identity.fingerprint,
      idem_scope: identity.scope,
      idem_key: identity.key,
      caller_left: 0,
      accepted_at: now,
      decided_at: null,
      final_at: null,
      verify_at: null,
      verified_at: null,
      ...draft.row,
    })
    .execute();
  await db
    .insertInto('legs')
    .values(plan.legs.map((leg) => legValues(deps, draft.id, leg, seq, plan.lead)))
    .execute();
  for (const leg of plan.legs.filter((l) => !l.absent)) {
    await hold(db, { id: leg.id, master: leg.master, seq, wide: destroys }, draft.keys);
  }
}

function legValues(deps: Deps, operation: string, leg: LegPlan, seq: number, lead: string) {
  const now = deps.journal.now();
  return {
    id: leg.id,
    operation_id: operation,
    master: leg.master,
    state: leg.absent ? 'skipped' : 'ready',
    mode: 'do',
    released: leg.master === lead ? 1 : 0,
    waits: leg.waits.length,
    seq,
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
  };
}
