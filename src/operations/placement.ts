/** Where accounts belong: an account's own word, else its package's, else the pair's. The watchers are told, and move them. */
import type { Kysely } from 'kysely';
import type { Actor } from '../auth/actor.ts';
import { Invalid, NotAllowed, Unreachable } from '../errors.ts';
import { seeingOthers } from '../store/database-once.ts';
import type { PlacementsTable } from '../store/placement-tables.ts';
import type { Schema } from '../store/schema.ts';
import type { Deps } from './deps.ts';
import type { Reads } from './model.ts';
import { padded } from './statements.ts';

/** What is said of one account or package; undefined: nothing. */
export interface Said {
  readonly isProtected?: boolean | undefined;
  /** Id of a master. */
  readonly preferred?: string | undefined;
  /** Whether the customer may choose the master. */
  readonly mayChoose?: boolean | undefined;
  /** Whether its files travel to the other master. */
  readonly hasFileSync?: boolean | undefined;
  /** Whether its new domains get the names that stay on one server (www1, www2). */
  readonly hasOwnNames?: boolean | undefined;
}

/** What counts for an account. */
export interface Placed {
  readonly isProtected: boolean;
  readonly preferred: string;
  readonly mayChoose: boolean;
  readonly hasFileSync: boolean;
  readonly hasOwnNames: boolean;
  /** Of the account alone. */
  readonly own: Said;
  /** Of its package. */
  readonly package: Said;
}

export type PlacementSubject =
  | { readonly kind: 'account'; readonly name: string }
  | { readonly kind: 'package'; readonly name: string };

/** For the watchers: who belongs where, as far as anything was ever said, and who is left out of a switch. */
export interface PlacementWish {
  readonly homes: Readonly<Record<string, string>>;
  readonly unprotected: readonly string[];
}

export interface PlacementDesk {
  /** What counts for an account of this package. */
  of(account: string, plan: string): Promise<Placed>;
  /** What counts for accounts of each of these packages that say nothing themselves. */
  ofPackages(plans: readonly string[]): Promise<ReadonlyMap<string, Placed>>;
  said(subject: PlacementSubject): Promise<Said>;
  /** What is said from now on; audited. Throws NotAllowed for all but staff, Invalid for a master that there is not. */
  say(subject: PlacementSubject, said: Said, actor: Actor): Promise<void>;
  /** A customer's own choice. Throws NotAllowed where account and package do not leave it to them. */
  choose(account: string, plan: string, master: string, actor: Actor): Promise<void>;
  /** Throws Unreachable while no master has told which accounts there are: half a list would move the others. */
  wish(): Promise<PlacementWish>;
  /** Accounts whose files do not travel. Throws Unreachable as `wish` does. */
  withoutFileSync(): Promise<readonly string[]>;
  /** Accounts whose domains get no names of one server. Throws Unreachable as `wish` does. */
  withoutOwnNames(): Promise<readonly string[]>;
}

type Rows = ReadonlyMap<string, Said>;

function keyOf({ kind, name }: PlacementSubject): string {
  return `${kind}:${name}`;
}

function saidIn(row: PlacementsTable): Said {
  return {
    ...(row.protected === null ? {} : { isProtected: row.protected === 1 }),
    ...(row.preferred === null ? {} : { preferred: row.preferred }),
    ...(row.choice === null ? {} : { mayChoose: row.choice === 1 }),
    ...(row.file_sync === null ? {} : { hasFileSync: row.file_sync === 1 }),
    ...(row.own_names === null ? {} : { hasOwnNames: row.own_names === 1 }),
  };
}

/** The account's own word first, then its package's, then what is usual. Pure. */
export function placed(own: Said, ofPackage: Said, first: string): Placed {
  return {
    isProtected: own.isProtected ?? ofPackage.isProtected ?? true,
    preferred: own.preferred ?? ofPackage.preferred ?? first,
    mayChoose: own.mayChoose ?? ofPackage.mayChoose ?? false,
    hasFileSync: own.hasFileSync ?? ofPackage.hasFileSync ?? true,
    hasOwnNames: own.hasOwnNames ?? ofPackage.hasOwnNames ?? true,
    own,
    package: ofPackage,
  };
}

/** The watchers' lists. Who was never spoken of is not in them, and stays where people moved it. Pure. */
export function wishOf(
  rows: Rows,
  accounts: readonly { readonly user: string; readonly plan: string }[],
  first: string,
): PlacementWish {
  const homes: Record<string, string> = {};
  const unprotected: string[] = [];
  for (const { user, plan } of accounts) {
    const own = rows.get(`account:${user}`);
    const ofPackage = rows.get(`package:${plan}`);
    if (own === undefined && ofPackage === undefined) continue;
    const { isProtected, preferred } = placed(own ?? {}, ofPackage ?? {}, first);
    // A package that says nothing of it leaves accounts where people moved them.
    if (own !== undefined || ofPackage?.preferred !== undefined) homes[user] = preferred;
    if (!isProtected) unprotected.push(user);
  }
  return { homes, unprotected: unprotected.sort() };
}

type PlacementDeps = Pick<Deps, 'journal' | 'masters'> & { readonly reads: Pick<Reads, 'accounts'> };

const mostNames = 512;
const everybody: Actor = { kind: 'system', name: 'placement', scope: 'all' };

/** When these accounts were last made. */
export function creationsOf(db: Kysely<Schema>, accounts: readonly string[]) {
  return db
    .selectFrom('operations')
    .select(['account', (e) => e.fn.max('accepted_at').as('at')])
    .where('account', 'in', padded(accounts))
    .where('action', '=', 'account.create')
    .where('state', 'in', ['following', 'done'])
    .groupBy('account');
}

/** What was said, but for accounts that were made anew since under the same name. */
async function rowsNow({ journal }: PlacementDeps): Promise<Rows> {
  const rows = await journal.read((db) => db.selectFrom('placements').selectAll().execute());
  const names = rows.flatMap(({ subject }) => (subject.startsWith('account:') ? [subject.slice(8)] : []));
  const made: { account: string | null; at: number }[] = [];
  for (let at = 0; at < names.length; at += mostNames)
    made.push(...(await journal.read((db) => creationsOf(db, names.slice(at, at + mostNames)).execute())));
  const madeAt = new Map(made.map(({ account, at }) => [`account:${account ?? ''}`, Number(at)]));
  const known = rows.filter(({ subject, set_at }) => (madeAt.get(subject) ?? 0) <= Number(set_at));
  return new Map(known.map((row) => [row.subject, saidIn(row)]));
}

async function put(deps: PlacementDeps, subject: PlacementSubject, said: Said, actor: Actor): Promise<void> {
  const { isProtected, preferred, mayChoose, hasFileSync, hasOwnNames } = said;
  const flag = (value: boolean | undefined): number | null => (value === undefined ? null : Number(value));
  const row = {
    subject: keyOf(subject),
    protected: flag(isProtected),
    preferred: preferred ?? null,
    choice: flag(mayChoose),
    file_sync: flag(hasFileSync),
    own_names: flag(hasOwnNames),
    set_by: actor.name.slice(0, 128),
    set_at: Date.now(),
  };
  // Two people may say it at once.
  await seeingOthers(() =>
    deps.journal.write(async (db) => {
      await db.deleteFrom('placements').where('subject', '=', row.subject).execute();
      await db.insertInto('placements').values(row).execute();
    }),
  );
}

/** Throws Unreachable while no master has told its accounts. */
async function accountsOf({ reads }: PlacementDeps) {
  const { rows, from } = await reads.accounts(everybody);
  if (from === '')
    throw new Unreachable('No master has told yet which accounts there are.', {
      hint: 'What was told before stays.',
    });
  return rows;
}

/** Opens the desk. `audit` is told of every word; it must be durable before it resolves. */
export function openPlacement(
  deps: PlacementDeps,
  audit: (actor: Actor, event: string, subject: string, detail: string) => Promise<void>,
): PlacementDesk {
  const first = deps.masters.list[0]?.id ?? '';
  const known = (master: string | undefined): void => {
    if (master === undefined || deps.masters.list.some(({ id }) => id === master)) return;
    throw new Invalid('There is no such master.', [{ path: 'preferred', message: 'must be a configured master' }]);
  };
  const of = async (account: string, plan: string): Promise<Placed> => {
    const rows = await rowsNow(deps);
    return placed(rows.get(`account:${account}`) ?? {}, rows.get(`package:${plan}`) ?? {}, first);
  };
  const say = async (subject: PlacementSubject, said: Said, actor: Actor): Promise<void> => {
    known(said.preferred);
    await audit(actor, 'placement.set', keyOf(subject), JSON.stringify(said));
    await put(deps, subject, said, actor);
  };
  /** Accounts to which it does not apply. */
  const without = async (what: 'hasFileSync' | 'hasOwnNames'): Promise<readonly string[]> => {
    const rows = await rowsNow(deps);
    if (![...rows.values()].some((one) => one[what] === false)) return [];
    const accounts = await accountsOf(deps);
    const word = (user: string, plan: string): Placed =>
      placed(rows.get(`account:${user}`) ?? {}, rows.get(`package:${plan}`) ?? {}, first);
    return accounts.filter(({ user, plan }) => !word(user, plan)[what]).map(({ user }) => user);
  };
  return {
    of,
    async ofPackages(plans) {
      const rows = await rowsNow(deps);
      return new Map(plans.map((plan) => [plan, placed({}, rows.get(`package:${plan}`) ?? {}, first)]));
    },
    said: async (subject) => (await rowsNow(deps)).get(keyOf(subject)) ?? {},
    async say(subject, said, actor) {
      if (actor.scope !== 'all') throw new NotAllowed('Only staff may say where accounts belong.');
      await say(subject, said, actor);
    },
    async choose(account, plan, master, actor) {
      const { mayChoose, own } = await of(account, plan);
      if (!mayChoose) throw new NotAllowed('The package does not leave this to the customer.');
      await say({ kind: 'account', name: account }, { ...own, preferred: master }, actor);
    },
    async wish() {
      const rows = await rowsNow(deps);
      return rows.size === 0 ? { homes: {}, unprotected: [] } : wishOf(rows, await accountsOf(deps), first);
    },
    withoutFileSync: () => without('hasFileSync'),
    withoutOwnNames: () => without('hasOwnNames'),
  };
}
