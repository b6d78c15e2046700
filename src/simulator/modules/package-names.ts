import type { Context } from '../handler.ts';
import { type Package, packages } from '../tables.ts';

/** Whether the caller may use the package: root's need viewglobalpackages, another reseller's never. */
export function mayUsePackage(context: Context, pkg: Package): boolean {
  const { caller } = context;
  if (caller.kind === 'root' || pkg.owner === caller.user) return true;
  return pkg.owner === 'root' && (caller.acls.has('all') || caller.acls.has('viewglobalpackages'));
}

/** A package by the name a caller uses: a reseller may leave its own prefix out. */
export function findPackage(context: Context, name: string): Package | undefined {
  const { caller, state } = context;
  const candidates = caller.kind === 'root' ? [name] : [`${caller.user}_${name}`, name];
  for (const candidate of candidates) {
    const found = state.of(packages).get(candidate);
    if (found !== undefined && mayUsePackage(context, found)) return found;
  }
  return undefined;
}
