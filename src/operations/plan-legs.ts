/** Which masters an accepted request gets legs on, what each waits for, and which one leads. */
import type { Key } from '../actions/define.ts';
import { Blocked, Refused } from '../errors.ts';
import { circumstances, heldOf } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { KnownMaster } from './known-reach.ts';
import { earlierLegs, waitsOn } from './order.ts';
import { type Db, legIdOf } from './record.ts';
import { padded } from './statements.ts';

export interface LegPlan {
  readonly id: string;
  readonly master: string;
  /** 1 when an earlier leg is in its way. */
  readonly waits: number;
  readonly absent: boolean;
}

export interface LegsPlan {
  readonly lead: string;
  readonly legs: readonly LegPlan[];
  /** Whether any leg at all is due only later: else nothing can still be undone. */
  readonly delayed: boolean;
}

/** What of a request decides about its legs. */
export interface Wanted {
  readonly id: string;
  readonly account: string | null;
  readonly keys: readonly Key[];
  readonly creates: boolean;
  /** The only masters that it concerns; left out: all. */
  readonly masters?: readonly string[] | undefined;
  /** 'active': of these, only the account's active one. */
  readonly where?: 'active' | undefined;
}

/**
 * The legs of a new operation and who leads it, as far as is known of the masters. Throws Blocked when it would only
 * wait behind a hold.
 */
export async function planLegs(
  deps: Deps,
  db: Db,
  wanted: Wanted,
  seq: number,
  known: readonly KnownMaster[],
): Promise<LegsPlan> {
  const { keys, account, creates } = wanted;
  // Made anew, it is wanted everywhere again.
  if (creates && account !== null) await db.deleteFrom('absences').where('account', '=', account).execute();
  const all = deps.masters.list.map((m) => m.id);
  const { active, absent, behind, held, delayed } = await circumstancesOf(deps, db, {
    keys,
    account,
    seq,
    masters: all,
  });
  const masters = all.filter((id) => isWanted(wanted, id, active));
  if (masters.length === 0) throw new Refused(`the account lives on ${active} now, and the request names others`);
  const legs: LegPlan[] = masters.map((master) => {
    const isAbsent = absent.has(master);
    const waits = behind.has(master) && !isAbsent ? 1 : 0;
    return { id: legIdOf(wanted.id, master), master, waits, absent: isAbsent };
  });
  const lead = chooseLead(legs, known, active);
  const plan = { lead, legs, delayed };
  if (held) await refuseBehindHold(deps, db, { ...plan, wanted, seq, known });
  return plan;
}

interface Circumstances {
  readonly active: string;
  /** Masters on which a person decided not to have the account. */
  readonly absent: ReadonlySet<string>;
  /** Masters on which a new leg has to wait. */
  readonly behind: ReadonlySet<string>;
  /** Whether anything is on hold at all. */
  readonly held: boolean;
  readonly delayed: boolean;
}

/** What the plan depends on, as it stands in this transaction. */
export async function circumstancesOf(
  { journal }: Pick<Deps, 'journal'>,
  db: Db,
  about: Pick<Wanted, 'keys' | 'account'> & { readonly seq: number; readonly masters: readonly string[] },
): Promise<Circumstances> {
  const { keys, account, seq, masters } = about;
  const named = (exclusive: boolean) => keys.filter((k) => k.exclusive === exclusive).map((k) => k.name);
  const [own, common] = [named(true), named(false)];
  const { rows } = await journal.prepare(circumstances)(db, {
    // An empty list finds nothing: no key has an empty name.
    own: own.length === 0 ? [''] : own,
    common: common.length === 0 ? [''] : common,
    seq,
    masters,
    account: account ?? '*',
  });
  const [row] = rows;
  const active = row?.active ?? row?.elseActive ?? masters[0];
  if (row === undefined || active === undefined) throw new RangeError('there are no masters');
  const is = (value: unknown) => Number(value) === 1;
  return {
    active,
    absent: new Set(masters.filter((_, at) => is(row[`absent${at}`]))),
    behind: new Set(masters.filter((_, at) => is(row[`behind${at}`]))),
    held: is(row.held),
    delayed: is(row.delayed),
  };
}

function isWanted({ masters, where }: Wanted, id: string, active: string): boolean {
  return (masters?.includes(id) ?? true) && (where !== 'active' || id === active);
}

/** The active master, unless it is away or has earlier work on these keys: then one that can be reached and has none. */
export function chooseLead(
  legs: readonly { readonly master: string; readonly waits: number; readonly absent: boolean }[],
  known: readonly Pick<KnownMaster, 'id' | 'state'>[],
  active: string,
): string {
  const reachable = (id: string) => known.find((k) => k.id === id)?.state === 'reachable';
  const present = legs.filter((l) => !l.absent);
  const sorted = [...present].sort((a, b) => Number(b.master === active) - Number(a.master === active));
  const free = sorted.find((l) => reachable(l.master) && l.waits === 0);
  return (free ?? sorted.find((l) => reachable(l.master)) ?? sorted[0])?.master ?? active;
}

interface Planned extends LegsPlan {
  readonly wanted: Wanted;
  readonly seq: number;
  readonly known: readonly Pick<KnownMaster, 'id' | 'state'>[];
}

/** Whoever would queue behind a hold on every master that can be reached is told so at once. */
async function refuseBehindHold(deps: Deps, db: Db, { wanted, seq, legs, known, lead }: Planned): Promise<void> {
  const { journal } = deps;
  const reachable = legs.filter((l) => !l.absent && known.find((k) => k.id === l.master)?.state === 'reachable');
  const able = reachable.length > 0 ? reachable : legs.filter((l) => l.master === lead);
  if (able.some((l) => l.waits === 0)) return;
  const earlier = await earlierLegs(deps, db, wanted.keys, seq);
  const behind = able.map((l) => waitsOn(l.master, earlier));
  const held = (await journal.prepare(heldOf)(db, { legs: padded([...new Set(behind.flat())]) })).rows;
  const blocked = behind.every((legsBefore) => held.some((h) => legsBefore.includes(h.id)));
  const first = held[0];
  if (first === undefined || !blocked) return;
  throw new Blocked(`blocked by operation ${first.operation_id}, which is on hold: ${first.error_message ?? ''}`, {
    hint: `Decide about it first: tandem operation ${first.operation_id}`,
  });
}
