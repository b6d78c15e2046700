/** Looks at some accounts on all masters: what differs twice, a few seconds apart, with nothing in between, is told. */
import type { Clock } from '../clock.ts';
import { activeMaster } from '../operations/active.ts';
import type { Deps } from '../operations/deps.ts';
import { followNotes } from './follow.ts';
import { absences, type Origins, originsOf, sequences, serverUnfinished, unfinished } from './journal.ts';
import { accountKindsFor, serverKinds } from './kinds/index.ts';
import type { Difference, Kind, Seen } from './model.ts';
import { type Observed, observe } from './observe.ts';
import { type Compared, compare, confirmed } from './plan.ts';
import { record } from './record.ts';
import { findable } from './things.ts';

export interface LookDeps extends Deps {
  readonly clock: Clock;
  readonly recheckMs: number;
  /** Accounts whose domains get no names of one server; left out: all get them. */
  readonly askWithoutOwnNames?: () => Promise<readonly string[]>;
  readonly called: (master: string, ms: number) => void;
}

export interface LookedAt {
  readonly looked: readonly string[];
  /** Not compared because they have unfinished operations, or because one came in between. */
  readonly skipped: readonly string[];
  /** New findings. */
  readonly found: number;
  /** What could not be read, one sentence each. */
  readonly unread: readonly string[];
}

interface Reading {
  readonly differences: ReadonlyMap<string, readonly Difference[]>;
  /** Kinds that every master told, by account. */
  readonly read: ReadonlyMap<string, readonly string[]>;
  readonly unread: readonly string[];
  /** Names by account and kind, of kinds that every master told. */
  readonly things: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
}

/** Compares accounts. Throws MasterAway and LeaseLost; then nothing of these accounts was told. */
export async function lookAtAccounts(
  deps: LookDeps,
  accounts: readonly string[],
  generation: number,
  signal: AbortSignal,
): Promise<LookedAt> {
  const busy = await unfinished(deps, accounts);
  const quiet = accounts.filter((a) => !busy.has(a));
  const before = await sequences(deps, quiet);
  const first = await readAccounts(deps, quiet, signal);
  const suspects = quiet.filter((a) => (first.differences.get(a) ?? []).length > 0);
  const again = suspects.length === 0 ? undefined : await recheck(deps, suspects, signal, readAccounts);
  const moved = await movedSince(deps, quiet, before);
  const looked = quiet.filter((a) => !moved.has(a));
  let found = 0;
  for (const account of looked) {
    const differences = confirmed(first.differences.get(account) ?? [], again?.differences.get(account) ?? []);
    const kinds = both(first.read.get(account), suspects.includes(account) ? again?.read.get(account) : undefined);
    const things = first.things.get(account) ?? new Map();
    found += await record(deps, { account, kinds, differences, things, generation }, await active(deps, account));
    await followNotes(deps, account);
  }
  return { looked, skipped: accounts.filter((a) => !looked.includes(a)), found, unread: first.unread };
}

/** Compares what belongs to the servers and to no account. */
export async function lookAtServers(
  deps: LookDeps,
  generation: number,
  signal: AbortSignal,
  kinds: readonly Kind[] = serverKinds,
): Promise<LookedAt> {
  if (await serverUnfinished(deps)) return { looked: [], skipped: ['the servers'], found: 0, unread: [] };
  const read = (d: LookDeps, _none: readonly string[], s: AbortSignal) => readServers(d, kinds, s);
  const first = await read(deps, [], signal);
  const again = (first.differences.get('') ?? []).length === 0 ? undefined : await recheck(deps, [], signal, read);
  if (await serverUnfinished(deps)) return { looked: [], skipped: ['the servers'], found: 0, unread: [] };
  const differences = confirmed(first.differences.get('') ?? [], again?.differences.get('') ?? []);
  const names = both(first.read.get(''), again?.read.get(''));
  const found = await record(
    deps,
    { account: null, kinds: names, differences, things: new Map(), generation },
    await active(deps, null),
  );
  return { looked: [''], skipped: [], found, unread: first.unread };
}

type Read = (deps: LookDeps, accounts: readonly string[], signal: AbortSignal) => Promise<Reading>;

async function recheck(deps: LookDeps, accounts: readonly string[], signal: AbortSignal, read: Read): Promise<Reading> {
  await deps.clock.sleep(deps.recheckMs, signal);
  return read(deps, accounts, signal);
}

/** A kind counts as read when both readings read it. */
function both(first: readonly string[] = [], again: readonly string[] | undefined): readonly string[] {
  return again === undefined ? first : first.filter((k) => again.includes(k));
}

async function movedSince(
  deps: LookDeps,
  accounts: readonly string[],
  before: ReadonlyMap<string, number>,
): Promise<ReadonlySet<string>> {
  const [after, busy] = [await sequences(deps, accounts), await unfinished(deps, accounts)];
  return new Set(accounts.filter((a) => busy.has(a) || after.get(a) !== before.get(a)));
}

function active(deps: LookDeps, account: string | null): Promise<string> {
  return deps.journal.read(async (db) => (await activeMaster(deps, db, account)).master);
}

function observing(deps: LookDeps, signal: AbortSignal) {
  return { clients: deps.clients, masters: deps.masters, signal, called: deps.called, now: () => deps.clock.now() };
}

async function readAccounts(deps: LookDeps, accounts: readonly string[], signal: AbortSignal): Promise<Reading> {
  if (accounts.length === 0) return { differences: new Map(), read: new Map(), unread: [], things: new Map() };
  const masters = deps.masters.list.map((m) => m.id);
  const kinds = accountKindsFor(deps.masters);
  const without = new Set(await deps.askWithoutOwnNames?.());
  const observed = await observe({ ...observing(deps, signal), withoutOwnNames: without }, kinds, accounts, masters);
  const [origins, away] = [await originsOf(deps, kinds, accounts), await absences(deps, accounts)];
  return judge(
    {
      kinds,
      observed,
      origins: (account) => origins.get(account),
      wanted: (account, master) => away.get(account)?.has(master) !== true,
    },
    accounts,
  );
}

async function readServers(deps: LookDeps, kinds: readonly Kind[], signal: AbortSignal): Promise<Reading> {
  const masters = deps.masters.list.map((m) => m.id);
  const observed = await observe(observing(deps, signal), kinds, [''], masters);
  const origins = await originsOf(deps, kinds, null);
  return judge({ kinds, observed, origins: () => origins.get(''), wanted: () => true }, ['']);
}

interface Judging {
  readonly kinds: readonly Kind[];
  readonly observed: Observed;
  readonly origins: (account: string) => Origins | undefined;
  /** Whether the account is to be on the master. */
  readonly wanted: (account: string, master: string) => boolean;
}

function judge(judging: Judging, accounts: readonly string[]): Reading {
  const differences = new Map<string, readonly Difference[]>();
  const read = new Map<string, readonly string[]>();
  const unread: string[] = [];
  for (const account of accounts) {
    const kinds = comparable(judging.kinds, account, judging.observed);
    const judged = kinds.map((kind) => ({ kind, compared: judgeKind(judging, account, kind) }));
    differences.set(
      account,
      judged.flatMap(({ compared }) => (compared.kind === 'compared' ? compared.differences : [])),
    );
    read.set(
      account,
      judged.flatMap(({ kind, compared }) => (compared.kind === 'compared' ? [kind.id] : [])),
    );
    for (const { compared } of judged)
      if (compared.kind === 'unread') unread.push(account === '' ? compared.why : `${account}: ${compared.why}`);
  }
  const things = new Map(
    accounts.map((account) => [account, namesOf(judging.observed, account, read.get(account) ?? [])]),
  );
  return { differences, read, unread, things };
}

/** On whichever master it is: a thing that is missing on one is searched for all the more. */
function namesOf(
  observed: Observed,
  account: string,
  kinds: readonly string[],
): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    kinds
      .filter((kind) => findable.has(kind))
      .map((kind) => {
        const sides = [...(observed.get(account)?.get(kind)?.values() ?? [])];
        return [kind, new Set(sides.flatMap((side) => (side.ok ? [...side.things.keys()] : [])))];
      }),
  );
}

function judgeKind({ observed, origins, wanted }: Judging, account: string, kind: Kind): Compared {
  const sides = [...(observed.get(account)?.get(kind.id) ?? [])];
  const seen = new Map(sides.filter(([master]) => wanted(account, master)));
  const known = origins(account)?.get(kind.id) ?? new Map();
  return compare({ kind, account: account === '' ? null : account, seen, origins: known });
}

/** Where the account itself is missing on a master, that is the difference, not everything that is in it. */
function comparable(kinds: readonly Kind[], account: string, observed: Observed): readonly Kind[] {
  const shown = observed.get(account)?.get('account');
  const missing = [...(shown?.values() ?? [])].some((s: Seen) => s.ok && s.things.size === 0);
  return missing ? kinds.filter((k) => k.id === 'account') : kinds;
}
