/** Values that must be equal on all masters, chosen once, before anything is sent. */
import { randomInt } from 'node:crypto';
import { sql } from 'kysely';
import type { Action, Chosen } from '../actions/define.ts';
import { Refused } from '../errors.ts';
import { seeingOthers } from '../store/database-once.ts';
import type { Deps } from './deps.ts';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_+=.';
const PASSWORD_LENGTH = 24;

/** Asks for what the action wants, and puts it into the parameters. */
export async function chooseValues(
  deps: Deps,
  action: Action,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const wanted = action.wants?.(params) ?? [];
  if (wanted.length === 0 || action.choose === undefined) return params;
  const chosen: Chosen = {
    ...(wanted.includes('uid') ? { uid: await nextUid(deps) } : {}),
    ...(wanted.includes('password') ? { password: randomPassword() } : {}),
    ...(wanted.includes('dkimKey') ? { dkimKey: await deps.dkimKey() } : {}),
    ...(wanted.includes('addresses') ? { addresses: await freePair(deps) } : {}),
  };
  return action.choose(params, chosen);
}

function randomPassword(): string {
  return Array.from({ length: PASSWORD_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('');
}

/** A counter in the journal: no number is given twice, also when the operation is refused later. */
export function nextUid(deps: Pick<Deps, 'journal' | 'uidRange'>): Promise<number> {
  return seeingOthers(() => takeUid(deps));
}

function takeUid(deps: Pick<Deps, 'journal' | 'uidRange'>): Promise<number> {
  return deps.journal.write(async (db) => {
    // The write comes first: it takes the row's lock, so two processes never read the same number.
    const next = sql<string>`value + 1`;
    const met = await db.updateTable('meta').set({ value: next }).where('name', '=', 'uid').executeTakeFirst();
    if (met.numUpdatedRows === 0n) {
      await db
        .insertInto('meta')
        .values({ name: 'uid', value: String(deps.uidRange.from) })
        .execute();
      return deps.uidRange.from;
    }
    const row = await db.selectFrom('meta').select('value').where('name', '=', 'uid').executeTakeFirstOrThrow();
    const uid = Math.max(Number(row.value), deps.uidRange.from);
    if (uid > deps.uidRange.to) {
      throw new Refused(`the range of user ids, ${deps.uidRange.from} to ${deps.uidRange.to}, is used up`, {
        hint: 'Widen uidRange in tandem.yaml; it must be free on all masters.',
      });
    }
    if (uid !== Number(row.value)) {
      await db
        .updateTable('meta')
        .set({ value: String(uid) })
        .where('name', '=', 'uid')
        .execute();
    }
    return uid;
  });
}

/** A dedicated pair that no operation was given yet. */
export function freePair(deps: Pick<Deps, 'journal' | 'masters'>): Promise<Readonly<Record<string, string>>> {
  return seeingOthers(() => takePair(deps));
}

function takePair(deps: Pick<Deps, 'journal' | 'masters'>): Promise<Readonly<Record<string, string>>> {
  return deps.journal.write(async (db) => {
    const taken = await db.selectFrom('meta').select('name').where('name', 'like', 'address:%').execute();
    const used = new Set(taken.map((t) => t.name));
    const pair = deps.masters.pairs.find((p) => p.use === 'dedicated' && !used.has(nameOf(p.addresses)));
    if (pair === undefined) {
      throw new Refused('no dedicated address pair is free', { hint: 'Add a pair to addressPairs in tandem.yaml.' });
    }
    await db
      .insertInto('meta')
      .values({ name: nameOf(pair.addresses), value: '1' })
      .execute();
    return pair.addresses;
  });
}

function nameOf(addresses: Readonly<Record<string, string>>): string {
  return `address:${Object.values(addresses).join('+')}`;
}
