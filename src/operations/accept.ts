/**
 * Accepting a request: parse, choose, then one durable transaction that writes operation, legs and keys. Order is
 * decided here and nowhere else: the sequence number is one more than that of every key touched, and the rows of those
 * keys are written, so that two requests on a common key can never get the same one.
 */
import { z } from 'zod';
import type { Action, Key } from '../actions/define.ts';
import { actionOf, redact } from '../actions/index.ts';
import { Invalid, messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import { insertLegs, insertOperation } from './accept-statements.ts';
import { activeMaster } from './active.ts';
import { isNew, nextOf, raise } from './clocks.ts';
import { between } from './crash-points.ts';
import type { Deps, Wake } from './deps.ts';
import { endGraceBefore } from './grace.ts';
import { attachOrReplay, type Identity, identityOf, type Met } from './idempotency.ts';
import { type KnownMaster, knownNow } from './known-reach.ts';
import type { Accepted, Request } from './model.ts';
import { allKeys, hold } from './order.ts';
import { type LegsPlan, planLegs, type Wanted } from './plan-legs.ts';
import { preflight } from './preflight.ts';
import { prepareParams } from './prepare.ts';
import { type Db, runnable } from './record.ts';
import { retoldTo } from './retold.ts';
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

/** Steps 1 to 3 of an operation's life: a new one, or the one that the request meets. */
export async function accept(
  deps: Deps,
  request: Request,
  parsed = parseRequest(request),
  identity = identityOf(deps.seal, request, parsed.action, parsed.params),
): Promise<Accepted> {
  const { action, params } = parsed;
  const masters = await knownNow(deps);
  const plain = isPlain(deps, identity, parsed, masters);
  if (!plain) {
    const known = await deps.journal.read((db) => attachOrReplay(deps, db, identity, action));
    if (known !== undefined) return await metAs(deps, request, parsed, identity, known);
  }
  await preflight(deps, action, params, request.queue ?? false, masters, await onlyOf(deps, request, parsed));
  const chosen = await chooseValues(deps, action, await prepareParams(deps, action, params, request.only));
  const draft = { ...draftOf(deps, request, action, chosen, identity), isPlain: plain };
  const accepted = await between(deps.crash, 'accept', () => write(deps, draft));
  if ('met' in accepted) return await metAs(deps, request, parsed, identity, accepted.met);
  deps.changes.tell(accepted.id);
  deps.wake(accepted.wakes);
  return { id: accepted.id };
}

/** What a request becomes that meets an earlier one. */
async function metAs(deps: Deps, request: Request, parsed: Parsed, identity: Identity, met: Met): Promise<Accepted> {
  const { ask, ...known } = await retoldTo(deps.journal, parsed, identity, met);
  if (ask === undefined) return known;
  const { scope, fingerprint, key } = identity;
  const amendment = { ...request, ...ask };
  const behind = await accept(deps, amendment, parseRequest(amendment), { scope, fingerprint, key });
  return { id: known.id, amendedBy: behind.id };
}

/**
 * Whether nothing is asked or chosen before the transaction: then it is soon enough that this finds an equal request,
 * which it looks for anyway.
 */
function isPlain(deps: Deps, { key }: Identity, { action, params }: Parsed, masters: readonly KnownMaster[]): boolean {
  if (key !== null || action.preflight !== undefined) return false;
  if (action.prepare?.(params, deps.masters) !== undefined) return false;
  return (action.wants?.(params) ?? []).length === 0 && masters.some((m) => m.state === 'reachable');
}

/** The masters that must be asked before: for what happens on the active master alone, that one. */
async function onlyOf(
  deps: Deps,
  { only }: Request,
  { action, params }: Parsed,
): Promise<readonly string[] | undefined> {
  if (action.where !== 'active') return only;
  const subject = action.subject(params);
  const account = subject.kind === 'account' ? subject.account : null;
  return [(await deps.journal.read((db) => activeMaster(deps, db, account))).master];
}

interface Draft {
  readonly id: string;
  readonly request: Request;
  readonly action: Action;
  readonly identity: Identity;
  readonly account: string | null;
  readonly keys: readonly Key[];
  /** 0: nobody is given time to undo it. */
  readonly graceMs: number;
  /** Nothing was asked or chosen: an equal request has the very same keys, and was not looked for yet. */
  readonly isPlain: boolean;
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
): Omit<Draft, 'isPlain'> {
  const subject = action.subject(params);
  const shown = JSON.stringify(redact(action, params));
  const full = JSON.stringify(params);
  const dataKey = shown === full ? undefined : deps.seal.createDataKey();
  return {
    id: newId(),
    request,
    action,
    identity,
    account: subject.kind === 'account' ? subject.account : null,
    keys: allKeys(action.keys(params)),
    graceMs: action.reversible === true ? (request.graceMs ?? 0) : 0,
    masters: mastersFor(deps, request, action, params),
    row: {
      subject: JSON.stringify(subject),
      params: shown,
      sealed: dataKey === undefined ? null : deps.seal.sealWith(dataKey.key, full),
      data_key: dataKey === undefined ? null : dataKey.sealed,
    },
  };
}

/** Where the action names masters of its own and the request others, both must agree on at least one. Throws Invalid. */
function mastersFor(
  deps: Deps,
  { only }: Request,
  action: Action,
  params: Record<string, unknown>,
): readonly string[] | undefined {
  const own = action.masters?.(params);
  if (only === undefined) return own;
  const wanted = only.filter((id) => deps.masters.list.some((m) => m.id === id) && (own?.includes(id) ?? true));
  if (wanted.length === 0)
    throw new Invalid('the operation is for no master', [{ path: 'only', message: 'name a configured master' }]);
  return wanted;
}

interface Written {
  readonly id: string;
  readonly wakes: readonly Wake[];
}

/** Thrown inside the transaction, so that nothing of this request stays: an equal one was accepted meanwhile. */
class MetAnother extends Error {
  readonly met: Met;

  constructor(met: Met) {
    super(`an equal request became operation ${met.id}`);
    this.met = met;
  }
}

const ACCEPT_TRIES = 5;
/** What makes an account, so that it is wanted on every master again. */
const CREATES: ReadonlySet<string> = new Set(['account.create', 'account.restore']);

/** A key's first row may be made by two at once; the loser tries again. A lost COMMIT answer is looked up by id. */
async function write(deps: Deps, draft: Draft): Promise<Written | { readonly met: Met }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const known = await knownNow(deps);
      return await deps.journal.write((db) => transaction(deps, db, draft, known));
    } catch (error) {
      if (error instanceof MetAnother) return { met: error.met };
      const id = await stored(deps, draft.id);
      if (id !== undefined) return { id, wakes: [] };
      if (!mayRepeat(error, attempt)) throw error;
    }
  }
}

function mayRepeat(error: unknown, attempt: number): boolean {
  return attempt < ACCEPT_TRIES && /duplicate|unique/i.test(messageOf(error));
}

async function stored(deps: Deps, id: string): Promise<string | undefined> {
  const row = await deps.journal.read((db) =>
    db.selectFrom('operations').select('id').where('id', '=', id).executeTakeFirst(),
  );
  return row?.id;
}

function wantedOf({ id, account, keys, masters, action }: Draft): Wanted {
  return { id, account, keys, masters, where: action.where, creates: CREATES.has(action.id) };
}

async function transaction(deps: Deps, db: Db, draft: Draft, known: readonly KnownMaster[]): Promise<Written> {
  const clocks = await nextOf(deps, db, draft.keys);
  const { seq } = clocks;
  const { identity, isPlain, keys } = draft;
  if (!isPlain || !isNew(clocks, keys, identity.fingerprint)) {
    // Under the lock: an equal request may have been accepted meanwhile.
    const met = await attachOrReplay(deps, db, identity, draft.action, seq);
    if (met !== undefined) throw new MetAnother(met);
  }
  await raise(deps, db, keys, clocks, identity.fingerprint);
  const plan = await planLegs(deps, db, wantedOf(draft), seq, known);
  await insert(deps, db, draft, seq, plan);
  if (draft.graceMs > 0) return { id: draft.id, wakes: [] };
  const lead = plan.legs.filter((l) => l.master === plan.lead && l.waits === 0 && !l.absent);
  const wakes = lead.map(({ id, master }) => ({ leg: id, master, turn: 0 }));
  if (!plan.delayed || !plan.legs.some((l) => l.waits > 0)) return { id: draft.id, wakes };
  const freed = await endGraceBefore(deps, db, draft.keys, seq);
  return { id: draft.id, wakes: [...wakes, ...(await runnable(deps, db, freed))] };
}

async function insert(deps: Deps, db: Db, draft: Draft, seq: number, plan: LegsPlan): Promise<void> {
  const destroys = (draft.action.destroys ?? []).length > 0;
  const { request, identity } = draft;
  await deps.journal.prepare(insertOperation)(db, {
    id: draft.id,
    action: draft.action.id,
    door: request.door,
    actor_kind: request.actor.kind,
    actor_name: request.actor.name,
    actor_scope: JSON.stringify(request.actor.scope),
    actor_address: request.actor.address ?? null,
    account: draft.account,
    keys: JSON.stringify(draft.keys),
    lead: plan.lead,
    destroys: destroys ? 1 : 0,
    seq,
    fingerprint: identity.fingerprint,
    idem_scope: identity.scope,
    idem_key: identity.key,
    graceMs: draft.graceMs,
    ...draft.row,
  });
  await deps.journal.prepare(insertLegs)(db, {
    operation: draft.id,
    seq,
    graceMs: draft.graceMs,
    ids: plan.legs.map((leg) => leg.id),
    masters: plan.legs.map((leg) => leg.master),
    states: plan.legs.map((leg) => (leg.absent ? 'skipped' : 'ready')),
    released: plan.legs.map((leg) => (leg.master === plan.lead ? 1 : 0)),
    waits: plan.legs.map((leg) => leg.waits),
  });
  const present = plan.legs.filter((leg) => !leg.absent);
  await hold(deps, db, { seq, wide: destroys, keys: draft.keys }, present);
}
