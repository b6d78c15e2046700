/**
 * When is a request the same as an earlier one? With the caller's own key: always (other parameters are an error).
 * Without: while the first is undecided; and when its first caller got a time-out instead of the outcome, for a day,
 * never past a later operation on its exclusive keys, and only where doing it twice is not harmless.
 */
import type { Action } from '../actions/define.ts';
import { Invalid } from '../errors.ts';
import type { Sealer } from '../store/seal.ts';
import { keysBeyond, likeRequest, sameRequest } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { Request } from './model.ts';
import { type Db, keysOfRow, type OperationRow } from './record.ts';

const REPLAY_MS = 24 * 3600 * 1000;

export interface Identity {
  /** Who asks, about whose account. */
  readonly scope: string;
  /** HMAC of action and parameters as they were asked, before anything was chosen. */
  readonly fingerprint: string;
  /** How it begins where the action says what may be told anew (Retold): the HMAC of everything else. */
  readonly likeness?: string;
  readonly key: string | null;
}

export function identityOf(seal: Sealer, request: Request, action: Action, params: Record<string, unknown>): Identity {
  const subject = action.subject(params);
  const account = subject.kind === 'account' ? subject.account : subject.kind;
  return {
    scope: `${request.actor.kind}:${request.actor.name}:${account}`.slice(0, 190),
    ...printsOf(seal, action, params, request.only === undefined ? '' : `\n${[...request.only].sort().join(' ')}`),
    key: request.idempotencyKey ?? null,
  };
}

function printsOf(
  seal: Sealer,
  action: Action,
  params: Record<string, unknown>,
  only: string,
): Pick<Identity, 'fingerprint' | 'likeness'> {
  const hmac = (what: unknown) => seal.hmac(`${action.id}\n${canonical(what)}${only}`);
  if (action.retold === undefined) return { fingerprint: hmac(params) };
  const isRetold = new Set<string>(action.retold.fields);
  const [told, rest] = [true, false].map((retold) =>
    Object.fromEntries(Object.entries(params).filter(([name]) => isRetold.has(name) === retold)),
  );
  const likeness = `${hmac(rest)}.`;
  return { likeness, fingerprint: `${likeness}${hmac(told)}` };
}

/** JSON with sorted names, so that the order of fields makes no difference. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(',')}}`;
}

/** An earlier operation that a request meets. */
export type Met = Pick<OperationRow, 'id' | 'action' | 'params' | 'fingerprint'>;

/**
 * The operation that this request meets, if any. `taken`: the number that the asker itself has taken, which moved
 * `server` and nothing else yet. Throws Invalid when a caller's key comes with other parameters.
 */
export async function attachOrReplay(
  { journal }: Pick<Deps, 'journal'>,
  db: Db,
  identity: Identity,
  action: Action,
  taken?: number,
): Promise<Met | undefined> {
  const { key, scope, likeness } = identity;
  if (key !== null) return byKey(db, identity, key);
  const { rows } =
    likeness === undefined
      ? await journal.prepare(sameRequest)(db, identity)
      : { rows: await likeRequest(db, { scope, likeness }).execute() };
  const row = rows[0];
  if (row === undefined) return undefined;
  if (await overtaken(journal, db, row, taken)) return undefined;
  if (row.state === 'accepted' || row.state === 'undecided') return row;
  return mayReplay(row, action) ? row : undefined;
}

async function byKey(db: Db, identity: Identity, key: string): Promise<Met | undefined> {
  const row = await db
    .selectFrom('operations')
    .select(['id', 'action', 'params', 'fingerprint'])
    .where('idem_scope', '=', identity.scope)
    .where('idem_key', '=', key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.fingerprint === identity.fingerprint) return row;
  throw new Invalid('this idempotency key was used for a request with other parameters', [
    { path: 'Idempotency-Key', message: `belongs to operation ${row.id}` },
  ]);
}

type Earlier = Pick<OperationRow, 'keys' | 'state' | 'seq' | 'caller_left' | 'accepted_at'>;

function mayReplay(row: Earlier, action: Action): boolean {
  if (row.caller_left !== 1 || action.again === 'safe') return false;
  if (row.state !== 'done' && row.state !== 'following') return false;
  if (Date.now() - row.accepted_at > REPLAY_MS) return false;
  return keysOfRow(row).some((k) => k.exclusive);
}

/** A later operation on its exclusive keys was accepted: suspend, unsuspend, suspend are three operations. */
async function overtaken(journal: Deps['journal'], db: Db, row: Earlier, taken?: number): Promise<boolean> {
  const names = keysOfRow(row)
    .filter((k) => k.exclusive)
    .map((k) => k.name);
  if (taken !== undefined && names.includes('server')) return taken - 1 > row.seq;
  if (names.length === 0) return false;
  const { rows } = await journal.prepare(keysBeyond)(db, { names, seq: row.seq });
  return rows.length > 0;
}
