/** Names of what is in the accounts, kept from each look, so that the search finds a mailbox without asking a master. */
import { sql } from 'kysely';
import type { Deps } from '../operations/deps.ts';
import type { Db } from '../operations/record.ts';
import { kindOf, kinds } from './kinds/index.ts';

export interface Thing {
  readonly account: string;
  /** Id of a kind. */
  readonly kind: string;
  readonly name: string;
}

/** Kinds whose names people search for. */
export const findable: ReadonlySet<string> = new Set(
  kinds.filter((k) => k.scope === 'account' && k.findable === true).map((k) => k.id),
);

const mostName = 400;

/** Makes what is kept of an account equal to what was seen of the kinds that were read; others stay as they were. */
export async function keepThings(
  db: Db,
  account: string,
  seen: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> {
  const rows = await db.selectFrom('things').select(['kind', 'name']).where('account', '=', account).execute();
  for (const [kind, names] of seen) {
    const kept = new Set(rows.filter((row) => row.kind === kind).map((row) => row.name));
    const gone = [...kept].filter((name) => !names.has(name));
    const come = [...names].filter((name) => !kept.has(name) && name.length <= mostName);
    if (gone.length > 0)
      await db
        .deleteFrom('things')
        .where('account', '=', account)
        .where('kind', '=', kind)
        .where('name', 'in', gone)
        .execute();
    if (come.length > 0)
      await db
        .insertInto('things')
        .values(come.map((name) => ({ account, kind, name })))
        .execute();
  }
}

/** Forgets what is kept of accounts that are on no master any more. */
export async function forgetOthers({ journal }: Pick<Deps, 'journal'>, accounts: readonly string[]): Promise<void> {
  const here = new Set(accounts);
  const kept = await journal.read((db) => db.selectFrom('things').select('account').distinct().execute());
  for (const { account } of kept)
    if (!here.has(account))
      await journal.write((db) => db.deleteFrom('things').where('account', '=', account).execute());
}

/** Up to `most` names that contain the text, in the order of names. */
export function findThings({ journal }: Pick<Deps, 'journal'>, text: string, most: number): Promise<readonly Thing[]> {
  const pattern = `%${text.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
  return journal.read((db) =>
    db
      .selectFrom('things')
      .selectAll()
      .where((e) => sql<boolean>`${e.ref('name')} like ${pattern} escape '!'`)
      .orderBy('name')
      .limit(most)
      .execute(),
  );
}

/** The thing that an operation made or changed, for what no look has seen yet; undefined: none that is searched for. */
export function thingOf(action: string, account: string, params: Readonly<Record<string, unknown>>): Thing | undefined {
  for (const id of findable) {
    const name = kindOf(id)?.touched(action, params);
    if (name !== undefined && name !== '' && name !== '*') return { account, kind: id, name };
  }
  return undefined;
}
