import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Key } from '../../../src/actions/define.ts';
import { insertLegs } from '../../../src/operations/accept-statements.ts';
import { takeLeg } from '../../../src/operations/lease-statements.ts';
import { allKeys, hold, letGo, recount, takeAgain } from '../../../src/operations/order.ts';
import { circumstancesOf } from '../../../src/operations/plan-legs.ts';
import { type Journal, openJournal } from '../../../src/store/database.ts';
import { migrate } from '../../../src/store/migrate.ts';
import { migrations } from '../../../src/store/migrations/index.ts';
import { randomOf } from '../../support/chance.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { quiet } from '../store/databases-quiet.ts';

const masters = ['m1', 'm2'];
let dir: TempDir;
let journal: Journal;
beforeAll(async () => {
  dir = tempDir('tandem-order');
  journal = await openJournal({ kind: 'sqlite', file: `${dir.path}/journal.db` }, { log: quiet });
  await migrate(journal, migrations);
});
afterAll(async () => {
  await journal.close();
  dir.remove();
});

interface Leg {
  readonly id: string;
  readonly master: string;
  readonly seq: number;
  readonly wide: boolean;
  readonly keys: readonly Key[];
}

/** What order.ts promises, said plainly. */
function isInTheWay(earlier: Leg, leg: Leg): boolean {
  if (earlier.seq >= leg.seq || (earlier.master !== leg.master && !earlier.wide)) return false;
  return earlier.keys.some((a) => leg.keys.some((b) => a.name === b.name && (a.exclusive || b.exclusive)));
}

function keysFrom(random: () => number): readonly Key[] {
  const key = (name: string, exclusive: boolean): Key => ({ name, exclusive });
  const names = ['account:ann', 'account:bob', 'package:gold'];
  const chosen = names.filter(() => random() < 0.5).map((name) => key(name, random() < 0.6));
  return allKeys(random() < 0.05 ? [...chosen, key('server', true)] : chosen);
}

async function accept(seq: number, keys: readonly Key[], wide: boolean): Promise<readonly Leg[]> {
  const legs = masters.map((master) => ({ id: `o${seq}.${master}`, master, seq, wide, keys }));
  await journal.write(async (db) => {
    const { behind } = await circumstancesOf({ journal }, db, { keys, seq, masters, account: null });
    await journal.prepare(insertLegs)(db, {
      operation: `o${seq}`,
      seq,
      graceMs: 0,
      ids: legs.map((leg) => leg.id),
      masters,
      states: legs.map(() => 'ready'),
      released: legs.map(() => 1),
      waits: masters.map((master) => (behind.has(master) ? 1 : 0)),
    });
    await hold({ journal }, db, { seq, wide, keys }, legs);
  });
  return legs;
}

async function free(): Promise<readonly string[]> {
  const rows = await journal.read((db) =>
    db.selectFrom('legs').select('id').where('waits', '=', 0).where('state', '=', 'ready').orderBy('id').execute(),
  );
  return rows.map((row) => row.id);
}

/** Ends a leg. Returns those that may run now, as it was told. */
async function end(leg: Leg): Promise<readonly string[]> {
  const told = await journal.write(async (db) => {
    await db.updateTable('legs').set({ state: 'done' }).where('id', '=', leg.id).execute();
    return letGo({ journal }, db, leg.id);
  });
  return told.filter((l) => l.waits === 0).map((l) => l.id);
}

/** Ends one of the open legs: one that may run, or now and then one that never ran, as when it is withdrawn. */
async function endOne(open: Map<string, Leg>, random: () => number): Promise<void> {
  const before = await free();
  const from = random() < 0.2 ? [...open.keys()] : before;
  const leg = open.get(from[Math.floor(random() * from.length)] ?? '');
  if (leg === undefined) throw new Error('nothing may run, and something is open');
  open.delete(leg.id);
  const told = await end(leg);
  expect([...told].sort()).toEqual((await free()).filter((id) => !before.includes(id)));
}

function withNothingInTheWay(open: ReadonlyMap<string, Leg>): readonly string[] {
  const all = [...open.values()];
  const found = all.filter((leg) => !all.some((other) => isInTheWay(other, leg)));
  return found.map((leg) => leg.id).sort();
}

it.each([1, 2, 3, 4, 5, 6])('a leg may run exactly when nothing is in its way, history %i', async (seed) => {
  const random = randomOf(seed);
  const open = new Map<string, Leg>();
  for (let step = 0; step < 60; step += 1) {
    if (open.size > 0 && random() < 0.4) await endOne(open, random);
    else for (const leg of await accept(seed * 1000 + step, keysFrom(random), random() < 0.15)) open.set(leg.id, leg);
    expect(await free()).toEqual(withNothingInTheWay(open));
  }
  for (const leg of open.values()) await end(leg);
});

it('one that came back from a hold is not let go while a later one is under way', async () => {
  const key = (name: string, exclusive: boolean): Key => ({ name, exclusive });
  const [before] = await accept(9001, allKeys([key('account:eve', true)]), false);
  const keys = allKeys([key('account:eve', true), key('package:silver', false)]);
  const [back] = await accept(9002, keys, false);
  const [later] = await accept(9003, allKeys([key('package:silver', true)]), false);
  if (before === undefined || back === undefined || later === undefined) throw new Error('no legs');
  // It had given up the package, and the later one began.
  await journal.write(async (db) => {
    await db.deleteFrom('leg_keys').where('leg_id', '=', back.id).where('name', '=', 'package:silver').execute();
    await recount({ journal }, db, later.id);
    await db.updateTable('legs').set({ state: 'sent', attempts: 1, turn: 1 }).where('id', '=', later.id).execute();
    await takeAgain({ journal }, db, { id: back.id, master: 'm1', seq: 9002, wide: false }, keys);
  });
  expect(await end(before)).toEqual([]);
  expect(await free()).not.toContain(back.id);
});

it('nobody takes a leg that has another one in its way', async () => {
  const key: Key = { name: 'account:cat', exclusive: true };
  const [[first], [second]] = [await accept(9101, [key], false), await accept(9102, [key], false)];
  const take = (leg: Leg | undefined) =>
    journal.write(async (db) => {
      const v = { leg: leg?.id ?? '', owner: 'worker', leaseMs: 1000 };
      return (await takeLeg(db, v, journal.now()).executeTakeFirst()).numUpdatedRows;
    });
  expect([await take(second), await take(first)]).toEqual([0n, 1n]);
});
