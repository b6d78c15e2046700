/** Which masters an accepted request gets legs on, what each waits for, and which one leads. */
import type { Key } from '../actions/define.ts';
import { Blocked } from '../errors.ts';
import { absencesOf, heldOf } from './accept-statements.ts';
import { activeMaster } from './active.ts';
import type { Deps } from './deps.ts';
import type { KnownMaster } from './known-reach.ts';
import { earlierLegs, waitsOn } from './order.ts';
import type { Db } from './record.ts';
import { padded } from './statements.ts';

export interface LegPlan {
  readonly id: string;
  readonly master: string;
  readonly waits: readonly string[];
  readonly absent: boolean;
}

export interface LegsPlan {
  readonly lead: string;
  readonly legs: readonly LegPlan[];
}

/** What of a request decides about its legs. */
export interface Wanted {
  readonly id: string;
  readonly account: string | null;
  readonly keys: readonly Key[];
  readonly creates: boolean;
  /** The only masters that it concerns; left out: all. */
  readonly masters?: readonly string[] | undefined;
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
  const absent = await absences(deps, db, wanted);
  const earlier = await earlierLegs(deps, db, wanted.keys, seq);
  const legs: LegPlan[] = [];
  for (const master of deps.masters.list.filter((m) => wanted.masters?.includes(m.id) ?? true)) {
    legs.push({
      id: `${wanted.id}.${master.id}`,
      master: master.id,
      waits: absent.has(master.id) ? [] : waitsOn(master.id, earlier),
      absent: absent.has(master.id),
    });
  }
  const active = (await activeMaster(deps, db, wanted.account)).master;
  const lead = chooseLead(legs, known, active);
  await refuseBehindHold(deps, db, legs, known, lead);
  return { lead, legs };
}

async function absences({ journal }: Deps, db: Db, { account, creates }: Wanted): Promise<ReadonlySet<string>> {
  if (account === null) return new Set();
  // Made anew, it is wanted everywhere again.
  if (creates) {
    await db.deleteFrom('absences').where('account', '=', account).execute();
    return new Set();
  }
  const { rows } = await journal.prepare(absencesOf)(db, { account });
  return new Set(rows.map((r) => r.master));
}

/** The active master, unless it is away or has earlier work on these keys: then one that can be reached and has none. */
export function chooseLead(
  legs: readonly { readonly master: string; readonly waits: readonly string[]; readonly absent: boolean }[],
  known: readonly Pick<KnownMaster, 'id' | 'state'>[],
  active: string,
): string {
  const reachable = (id: string) => known.find((k) => k.id === id)?.state === 'reachable';
  const present = legs.filter((l) => !l.absent);
  const sorted = [...present].sort((a, b) => Number(b.master === active) - Number(a.master === active));
  const free = sorted.find((l) => reachable(l.master) && l.waits.length === 0);
  return (free ?? sorted.find((l) => reachable(l.master)) ?? sorted[0])?.master ?? active;
}

/** Whoever would queue behind a hold on every master that can be reached is told so at once. */
async function refuseBehindHold(
  { journal }: Deps,
  db: Db,
  legs: readonly LegPlan[],
  known: readonly Pick<KnownMaster, 'id' | 'state'>[],
  lead: string,
): Promise<void> {
  const reachable = legs.filter((l) => !l.absent && known.find((k) => k.id === l.master)?.state === 'reachable');
  const able = reachable.length > 0 ? reachable : legs.filter((l) => l.master === lead);
  if (able.some((l) => l.waits.length === 0)) return;
  const ids = [...new Set(able.flatMap((l) => l.waits))];
  const held = (await journal.prepare(heldOf)(db, { legs: padded(ids) })).rows;
  const blocked = able.every((l) => held.some((h) => l.waits.includes(h.id)));
  const first = held[0];
  if (first === undefined || !blocked) return;
  throw new Blocked(`blocked by operation ${first.operation_id}, which is on hold: ${first.error_message ?? ''}`, {
    hint: `Decide about it first: tandem operation ${first.operation_id}`,
  });
}
