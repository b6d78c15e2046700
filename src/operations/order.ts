/**
 * Order: on one master a leg waits for every earlier unfinished leg that shares a key with it, one of the two
 * exclusive; after an operation that destroys, on every master (`wide`).
 *
 * `waits` is found out at accept: 1 when anything is in the way. When a leg ends, only those that may be next are looked
 * at, and one with nothing in its way gets 0; the others keep theirs. Only 0 means something. `recount` counts; the sweep
 * does so for whatever waits for nothing.
 */
import type { Kysely } from 'kysely';
import type { Key } from '../actions/define.ts';
import type { Journal } from '../store/database.ts';
import type { Schema } from '../store/schema.ts';
import { earlierExclusiveOn, earlierOn, insertLegKeys, oldestExclusiveOn, oldestOn } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import { dropKeys, freeLegs, legsBehind, lockShared, padded, type Standing, standingOf } from './statements.ts';

type Db = Kysely<Schema>;

interface HeldKey {
  readonly name: string;
  readonly exclusive: number;
  readonly seq: number;
  readonly master: string;
  readonly wide: number;
}

/** The keys of an operation with `server` (shared unless the action names it), by name, each once. */
export function allKeys(keys: readonly Key[]): readonly Key[] {
  const byName = new Map<string, Key>([['server', { name: 'server', exclusive: false }]]);
  for (const key of keys) {
    const known = byName.get(key.name);
    byName.set(key.name, { name: key.name, exclusive: key.exclusive || (known?.exclusive ?? false) });
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** An unfinished leg that may be in the way of another. */
interface Earlier {
  readonly leg_id: string;
  readonly master: string;
  readonly wide: number;
}

/** The unfinished legs, on all masters, that one with these keys may have to wait for. */
export async function earlierLegs(
  { journal }: Pick<Deps, 'journal'>,
  db: Db,
  keys: readonly Key[],
  seq: number,
): Promise<readonly Earlier[]> {
  const own = keys.filter((k) => k.exclusive).map((k) => k.name);
  const common = keys.filter((k) => !k.exclusive).map((k) => k.name);
  const any = own.length === 0 ? [] : (await journal.prepare(earlierOn)(db, { names: own, seq })).rows;
  if (common.length === 0) return any;
  return [...any, ...(await journal.prepare(earlierExclusiveOn)(db, { names: common, seq })).rows];
}

/** Of these, those that a leg on `master` waits for, each once. */
export function waitsOn(master: string, earlier: readonly Earlier[]): readonly string[] {
  return [...new Set(earlier.filter((l) => l.master === master || l.wide === 1).map((l) => l.leg_id))];
}

/** The oldest leg that one with these keys waits for on `master`. */
export async function oldestInTheWay(
  { journal }: Pick<Deps, 'journal'>,
  db: Db,
  master: string,
  keys: readonly Key[],
  seq: number,
): Promise<string | undefined> {
  const own = keys.filter((k) => k.exclusive).map((k) => k.name);
  const common = keys.filter((k) => !k.exclusive).map((k) => k.name);
  const any = own.length === 0 ? [] : (await journal.prepare(oldestOn)(db, { names: own, seq, master })).rows;
  const exclusive =
    common.length === 0 ? [] : (await journal.prepare(oldestExclusiveOn)(db, { names: common, seq, master })).rows;
  return [...any, ...exclusive].sort((a, b) => a.seq - b.seq)[0]?.leg_id;
}

/** Ids of the unfinished legs that a leg with these keys has to wait for on `master`. */
export async function inTheWay(
  deps: Pick<Deps, 'journal'>,
  db: Db,
  master: string,
  keys: readonly Key[],
  seq: number,
): Promise<readonly string[]> {
  return waitsOn(master, await earlierLegs(deps, db, keys, seq));
}

/** Ids of the later legs that wait for the holder of these key rows. */
async function behind(db: Db, held: readonly HeldKey[]): Promise<Set<string>> {
  const found = new Set<string>();
  for (const part of [1, 0]) {
    const mine = held.filter((k) => k.exclusive === part);
    const first = mine[0];
    if (first === undefined) continue;
    let query = db
      .selectFrom('leg_keys')
      .select('leg_id')
      .where(
        'name',
        'in',
        mine.map((k) => k.name),
      )
      .where('seq', '>', first.seq);
    if (part === 0) query = query.where('exclusive', '=', 1);
    if (first.wide === 0) query = query.where('master', '=', first.master);
    for (const row of await query.execute()) found.add(row.leg_id);
  }
  return found;
}

function keysOf(db: Db, legId: string): Promise<HeldKey[]> {
  return db
    .selectFrom('leg_keys')
    .select(['name', 'exclusive', 'seq', 'master', 'wide'])
    .where('leg_id', '=', legId)
    .execute();
}

/** Gives up all keys of a leg that ended; returns the ids of the legs that may be next. */
export async function release(deps: Pick<Deps, 'journal'>, db: Db, legId: string): Promise<readonly string[]> {
  return (await letGo(deps, db, legId)).map((leg) => leg.id);
}

/** The same, with how each of those legs stands now. */
export async function letGo(deps: Pick<Deps, 'journal'>, db: Db, legId: string): Promise<readonly Standing[]> {
  const { journal } = deps;
  if (journal.kind === 'mariadb') await journal.prepare(lockShared)(db, { leg: legId });
  const { rows } = await journal.prepare(legsBehind)(db, { leg: legId });
  await journal.prepare(dropKeys)(db, { leg: legId });
  const waiting = [...new Map(rows.map((row) => [row.id, row])).values()].filter((leg) => leg.waits > 0);
  // One that was claimed before and waits came back from a hold: it also waits for later ones that are under way.
  const back = waiting.filter((leg) => leg.turn > 0);
  const next = waiting.filter((leg) => leg.turn === 0 && !leg.blocked);
  if (next.length > 0) await journal.prepare(freeLegs)(db, { legs: padded(next.map((leg) => leg.id)) });
  const standing: Standing[] = next.map((leg) => ({ ...leg, waits: 0 }));
  for (const leg of back) standing.push({ ...leg, waits: await recount(deps, db, leg.id) });
  return asTheyStand(journal, db, standing);
}

/**
 * Legs as this transaction has left them. On MariaDB another transaction may have changed them between our read and our
 * write, which then waited for it: they are read once more, else neither of the two would wake them.
 */
export async function asTheyStand(journal: Journal, db: Db, legs: readonly Standing[]): Promise<readonly Standing[]> {
  if (journal.kind === 'sqlite' || legs.length === 0) return legs;
  return (await journal.prepare(standingOf)(db, { legs: padded(legs.map((leg) => leg.id)) })).rows;
}

/** Gives up the shared keys of a leg on hold, so that it never stops strangers. Returns the ids of legs that waited. */
export async function releaseShared(deps: Pick<Deps, 'journal'>, db: Db, legId: string): Promise<readonly string[]> {
  const held = await keysOf(db, legId);
  const kept = await behind(
    db,
    held.filter((k) => k.exclusive === 1),
  );
  const given = await behind(
    db,
    held.filter((k) => k.exclusive === 0),
  );
  await db.deleteFrom('leg_keys').where('leg_id', '=', legId).where('exclusive', '=', 0).execute();
  const ids = [...given].filter((id) => !kept.has(id));
  const going = new Set(await started(db, ids));
  const waited = ids.filter((id) => !going.has(id));
  for (const id of waited) await recount(deps, db, id);
  return waited;
}

/** Writes the key rows of legs of one operation. */
export async function hold(
  deps: Pick<Deps, 'journal'>,
  db: Db,
  what: { readonly seq: number; readonly wide: boolean; readonly keys: readonly Key[] },
  legs: readonly { readonly id: string; readonly master: string }[],
): Promise<void> {
  if (legs.length === 0) return;
  await deps.journal.prepare(insertLegKeys)(db, {
    seq: what.seq,
    wide: what.wide ? 1 : 0,
    legs: legs.flatMap((leg) => what.keys.map(() => leg.id)),
    masters: legs.flatMap((leg) => what.keys.map(() => leg.master)),
    names: legs.flatMap(() => what.keys.map((k) => k.name)),
    exclusive: legs.flatMap(() => what.keys.map((k) => (k.exclusive ? 1 : 0))),
  });
}

/**
 * A leg that comes back from a hold takes its shared keys again. It waits for earlier legs and for those that were
 * started meanwhile; later ones that were not started wait for it again.
 */
export async function takeAgain(
  deps: Pick<Deps, 'journal'>,
  db: Db,
  leg: { readonly id: string; readonly master: string; readonly seq: number; readonly wide: boolean },
  keys: readonly Key[],
): Promise<void> {
  await db.deleteFrom('leg_keys').where('leg_id', '=', leg.id).execute();
  await hold(deps, db, { seq: leg.seq, wide: leg.wide, keys }, [leg]);
  // From now on it is known as one that came back, also if no worker ever had it (letGo).
  await db
    .updateTable('legs')
    .set((e) => ({ turn: e('turn', '+', 1) }))
    .where('id', '=', leg.id)
    .execute();
  const later = await behind(db, await keysOf(db, leg.id));
  // Those under way go on, and this one waits for them; were they to wait for it too, none would ever end.
  const going = new Set(await started(db, [...later]));
  for (const id of [leg.id, ...later]) if (!going.has(id)) await recount(deps, db, id);
}

/** Counts anew what a leg waits for, and stores it. Returns the number. */
export async function recount(deps: Pick<Deps, 'journal'>, db: Db, legId: string): Promise<number> {
  const held = await keysOf(db, legId);
  const first = held[0];
  if (first === undefined) return 0;
  const keys = held.map((k) => ({ name: k.name, exclusive: k.exclusive === 1 }));
  const earlier = await inTheWay(deps, db, first.master, keys, first.seq);
  const started = await startedLater(db, held);
  const waits = new Set([...earlier, ...started]).size;
  await db.updateTable('legs').set({ waits }).where('id', '=', legId).where('waits', '!=', waits).execute();
  return waits;
}

async function startedLater(db: Db, held: readonly HeldKey[]): Promise<readonly string[]> {
  return started(db, [...(await behind(db, held))]);
}

async function started(db: Db, later: readonly string[]): Promise<readonly string[]> {
  if (later.length === 0) return [];
  const rows = await db
    .selectFrom('legs')
    .select('id')
    .where('id', 'in', later)
    .where('attempts', '>', 0)
    .where('state', 'in', ['sent', 'doubt'])
    .execute();
  return rows.map((r) => r.id);
}
