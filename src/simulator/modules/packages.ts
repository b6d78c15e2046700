import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { accounts, featureLists, type Limits, type Package, packages } from '../tables.ts';
import { defaults, limitsFrom, packageFields } from './limits.ts';
import { findPackage, mayUsePackage } from './package-names.ts';

/** A reseller's packages carry its name in front; root's must not be taken over by it. */
function fullName(context: Context, name: string): string {
  const { caller } = context;
  if (caller.kind === 'root' || name.startsWith(`${caller.user}_`)) return name;
  return `${caller.user}_${name}`;
}

const BOUNDED: readonly {
  readonly acl: string;
  readonly breaks: (limits: Limits) => boolean;
  readonly what: string;
}[] = [
  { acl: 'allow-unlimited-disk-pkgs', breaks: (l) => l.quota === null, what: 'an unlimited disk quota' },
  { acl: 'allow-unlimited-bw-pkgs', breaks: (l) => l.bwlimit === null, what: 'unlimited bandwidth' },
  { acl: 'add-pkg-ip', breaks: (l) => l.ip, what: 'a dedicated IP address' },
  { acl: 'add-pkg-shell', breaks: (l) => l.hasshell, what: 'shell access' },
  { acl: 'allow-parkedcreate', breaks: (l) => l.maxpark !== 0, what: 'parked domains' },
  { acl: 'allow-addoncreate', breaks: (l) => l.maxaddon !== 0, what: 'addon domains' },
];

/** What a package made by this reseller may hold. */
function checkAllowed(context: Context, limits: Limits): void {
  const { caller, state } = context;
  if (!state.of(featureLists).has(limits.featurelist)) {
    throw new Refusal(`The feature list “${limits.featurelist}” does not exist.`);
  }
  if (caller.kind === 'root' || caller.acls.has('all')) return;
  const broken = BOUNDED.find((rule) => rule.breaks(limits) && !caller.acls.has(rule.acl));
  if (broken !== undefined) throw new Refusal(`You do not have permission to create packages with ${broken.what}.`);
}

function addpkg(context: Context): Result {
  const { caller, params, state } = context;
  const wanted = params.require('name', 'pkgname');
  if (!/^[\w .-]{1,60}$/u.test(wanted)) throw new Refusal(`Sorry, “${wanted}” is not a valid package name.`);
  const name = fullName(context, wanted);
  if (state.of(packages).has(name)) {
    throw new Refusal(`The package “${name}” already exists. Choose another name, or edit the existing package.`);
  }
  const limits = limitsFrom(params, defaults);
  checkAllowed(context, limits);
  state.of(packages).set(name, { name, owner: caller.user, limits });
  return ok({ pkg: name });
}

function ownPackage(context: Context, name: string): Package {
  const found = findPackage(context, name);
  if (found === undefined) throw new Refusal(`The package “${name}” does not exist.`);
  if (context.caller.kind !== 'root' && found.owner !== context.caller.user) {
    throw new Refusal(`You do not have permission to change the package “${name}”.`);
  }
  return found;
}

function editpkg(context: Context): Result {
  const { params, state } = context;
  const pkg = ownPackage(context, params.require('name', 'pkgname'));
  const limits = limitsFrom(params, pkg.limits);
  checkAllowed(context, limits);
  state.of(packages).set(pkg.name, { ...pkg, limits });
  for (const account of state.of(accounts).values()) {
    if (account.plan !== pkg.name) continue;
    state.of(accounts).set(account.user, { ...account, limits: { ...limits, ip: account.limits.ip } });
  }
  return ok({ pkg: pkg.name });
}

function killpkg(context: Context): Result {
  const { params, state } = context;
  const pkg = ownPackage(context, params.require('pkgname', 'pkg', 'name'));
  const users = state
    .of(accounts)
    .values()
    .filter((a) => a.plan === pkg.name);
  if (users.length > 0) {
    throw new Refusal(
      `The package “${pkg.name}” cannot be deleted: ${users.length} accounts use it (${users
        .slice(0, 5)
        .map((a) => a.user)
        .join(', ')}).`,
    );
  }
  state.of(packages).delete(pkg.name);
  return ok();
}

function listpkgs(context: Context): Result {
  const mine = context.state
    .of(packages)
    .values()
    .filter((p) => mayUsePackage(context, p));
  return ok({ pkg: mine.map((p) => ({ ...packageFields(p.limits), name: p.name })) });
}

function getpkginfo(context: Context): Result {
  const name = context.params.require('pkg');
  const pkg = findPackage(context, name);
  if (pkg === undefined) throw new Refusal('Specified package does not exist.');
  return ok({
    pkg: {
      ...packageFields(pkg.limits),
      CGI: pkg.limits.cgi ? 1 : 0,
      HASSHELL: pkg.limits.hasshell ? 1 : 0,
      IP: pkg.limits.ip ? 1 : 0,
    },
  });
}

export const packageFunctions: Module = {
  whm: {
    addpkg: { run: addpkg, params: ['pkgname'] },
    editpkg: { run: editpkg, params: ['pkgname'] },
    killpkg: { run: killpkg, params: ['pkg', 'name'] },
    listpkgs,
    getpkginfo,
  },
};
