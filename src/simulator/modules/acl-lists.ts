import { privileges } from '../acls.ts';
import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { table } from '../state.ts';

/** A named set of privileges for setacls. */
export interface AclList {
  readonly name: string;
  readonly acls: readonly string[];
}

export const aclLists = table<AclList>('aclLists');

/** {privilege: 0|1} over all privileges. */
export function flags(acls: (acl: string) => boolean): Readonly<Record<string, number>> {
  return Object.fromEntries(privileges.map((acl) => [acl, acls(acl) ? 1 : 0]));
}

function listacls(context: Context): Result {
  const acl = context.state
    .of(aclLists)
    .values()
    .map((l) => ({ name: l.name, privileges: flags((a) => l.acls.includes(a)) }));
  return ok({ acl });
}

function saveacllist(context: Context): Result {
  const name = context.params.require('acllist');
  const acls = privileges.filter((acl) => context.params.flag(`acl-${acl}`, false));
  context.state.of(aclLists).set(name, { name, acls });
  return ok();
}

function myprivs(context: Context): Result {
  return ok({ privileges: [flags((acl) => context.caller.acls.has('all') || context.caller.acls.has(acl))] });
}

export const aclFunctions: Module = {
  whm: { listacls, saveacllist: { run: saveacllist, params: privileges.map((acl) => `acl-${acl}`) }, myprivs },
};
