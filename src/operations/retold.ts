/**
 * A program that heard no outcome asks again, and makes a new password for it. That is the same request: it gets the
 * first one's outcome, and the password that was said last is set behind it, on every master, in the journal's order.
 */
import type { Action } from '../actions/define.ts';
import { likeRequest } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { Identity, Met } from './idempotency.ts';
import type { Accepted } from './model.ts';

interface Retelling extends Accepted {
  /** What has still to be asked for, so that what was said last is set. */
  readonly ask?: { readonly action: string; readonly params: Readonly<Record<string, unknown>> };
}

/**
 * What becomes of a request that meets an earlier one. An operation that sets something said anew has the fingerprint
 * of the request that said it, and so is met in turn by the next one.
 */
export async function retoldTo(
  journal: Deps['journal'],
  { action, params }: { readonly action: Action; readonly params: Record<string, unknown> },
  { scope, likeness, fingerprint }: Identity,
  met: Met,
): Promise<Retelling> {
  const { retold, id } = action;
  if (retold === undefined || likeness === undefined) return { id: met.id };
  const first =
    met.action === id ? met : await journal.read((db) => likeRequest(db, { scope, likeness }, id).executeTakeFirst());
  if (first === undefined) return { id: met.id };
  const known = first.id === met.id ? { id: first.id } : { id: first.id, amendedBy: met.id };
  if (met.fingerprint === fingerprint) return known;
  const ask = retold.ask(params, JSON.parse(first.params));
  return ask === undefined ? known : { ...known, ask };
}
