/** WHM's privileges as rights of tokens and resellers. */
import { barePrivileges, freeFunctions, privilegeRows } from '../whm/functions/data/privileges.ts';

const byFunction: ReadonlyMap<string, string> = new Map(
  Object.entries(privilegeRows).flatMap(([acl, names]) => names.map((name) => [name, acl] as const)),
);

/** Every privilege by its WHM name, without `all`. */
export const whmAcls: readonly string[] = [...Object.keys(privilegeRows), ...barePrivileges].sort();

const known: ReadonlySet<string> = new Set(whmAcls);

export function isWhmAcl(name: string): boolean {
  return known.has(name);
}

const free: ReadonlySet<string> = new Set(freeFunctions);

/** The privilege that a WHM function needs; undefined: none. What no privilege names is for `all` only. */
export function whmAclOf(fn: string): string | undefined {
  return free.has(fn) ? undefined : (byFunction.get(fn) ?? 'all');
}
