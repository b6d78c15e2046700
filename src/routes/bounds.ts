import type { Actor } from '../auth/actor.ts';
import { NotAllowed } from '../errors.ts';

type Params = Readonly<Record<string, unknown>>;

function isSet(value: unknown): boolean {
  return value !== undefined && value !== false && value !== '' && value !== '0' && value !== 0;
}

/**
 * What WHM would do to a reseller's own call, and Tandem's root token would lift: what a reseller makes belongs to that
 * reseller, and a reseller gives nobody reseller rights. Others' parameters are returned as they are. Throws NotAllowed.
 */
export function bounded(actor: Actor, action: string, params: Params): Params {
  if (actor.scope === 'all' || !('reseller' in actor.scope)) return params;
  const { reseller } = actor.scope;
  if (isSet(params['reseller'])) throw new NotAllowed('A reseller gives nobody reseller rights.');
  const owner = params['owner'];
  if (isSet(owner) && owner !== reseller) throw new NotAllowed('A reseller gives accounts to nobody else.');
  return action === 'account.create' ? { ...params, owner: reseller } : params;
}
