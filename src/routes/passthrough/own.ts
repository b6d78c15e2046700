import type { Actor } from '../../auth/actor.ts';
import type { CallAnswer } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';

/** Functions that are about Tandem's own tokens and list, so that no master is asked. */
export function answeredHere(deps: PassthroughDeps, actor: Actor, fn: string): CallAnswer {
  if (fn === 'applist') return { ok: true, data: { app: deps.tables.served }, reason: 'OK' };
  if (fn === 'myprivs') return { ok: true, data: { privileges: [privileges(actor)] }, reason: 'OK' };
  return {
    ok: false,
    reason: `“${fn}” is not offered through this interface; use the portal or the command line of the control node.`,
  };
}

/** WHM's `all` only for who may really do everything. */
function privileges(actor: Actor): Readonly<Record<string, 0 | 1>> {
  const all = actor.scope === 'all' && (actor.acl?.includes('all') ?? true);
  return { all: all ? 1 : 0, 'list-accts': actor.acl === undefined || all || actor.acl.includes('read') ? 1 : 0 };
}
