/** Which privilege lets a reseller run a WHM function. What no privilege names is root's alone ('all'). */
import { barePrivileges, freeFunctions, privilegeRows } from '../whm/functions/data/privileges.ts';

/** Every privilege that myprivs, listacls and API tokens know. */
export const privileges: readonly string[] = [...Object.keys(privilegeRows), ...barePrivileges, 'all'].sort();

const free: ReadonlySet<string> = new Set(freeFunctions);

const byFunction: ReadonlyMap<string, string> = new Map(
  Object.entries(privilegeRows).flatMap(([acl, fns]) => fns.map((fn) => [fn, acl] as const)),
);

/** The privilege that a function needs; undefined: none. */
export function privilegeFor(fn: string): string | undefined {
  return free.has(fn) ? undefined : (byFunction.get(fn) ?? 'all');
}
