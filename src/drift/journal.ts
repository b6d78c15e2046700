/** What the journal knows that a comparison needs: unfinished work, deliberate absences, and who touched what last. */
import { z } from 'zod';
import type { Deps } from '../operations/deps.ts';
import { OPEN_LEG } from '../operations/states.ts';
import type { Kind, Origin } from './model.ts';

type Journal = Pick<Deps, 'journal'>;

/** Accounts of the list that have a leg that is not over. */
export async function unfinished({ journal }: Journal, accounts: readonly string[]): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  const rows = await journal.read((db) =>
    db
      .selectFrom('legs')
      .innerJoin('operations', 'operations.id', 'legs.operation_id')
      .select('operations.account')
      .distinct()
      .where('operations.account', 'in', [...accounts])
      .where('legs.state', 'in', [...OPEN_LEG])
      .execute(),
  );
  return new Set(rows.flatMap((r) => (r.account === null ? [] : [r.account])));
}

/** Whether anything that concerns the server or its packages is not over. */
export async function serverUnfinished({ journal }: Journal): Promise<boolean> {
  const row = await journal.read((db) =>
    db
      .selectFrom('legs')
      .innerJoin('operations', 'operations.id', 'legs.operation_id')
      .select('legs.id')
      .where('operations.account', 'is', null)
      .where('legs.state', 'in', [...OPEN_LEG])
      .executeTakeFirst(),
  );
  return row !== undefined;
}

/** The newest sequence number of each account's key: a higher one after the look means that something came between. */
export async function sequences(
  { journal }: Journal,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (accounts.length === 0) return new Map();
  const rows = await journal.read((db) =>
    db
      .selectFrom('keys')
      .select(['name', 'seq'])
      .where(
        'name',
        'in',
        accounts.map((a) => `account:${a}`),
      )
      .execute(),
  );
  return new Map(rows.map((r) => [r.name.slice('account:'.length), Number(r.seq)]));
}

/** Masters on which a person decided not to have an account, by account. */
export async function absences(
  { journal }: Journal,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  if (accounts.length === 0) return new Map();
  const rows = await journal.read((db) =>
    db
      .selectFrom('absences')
      .select(['account', 'master'])
      .where('account', 'in', [...accounts])
      .execute(),
  );
  const found = new Map<string, Set<string>>();
  for (const row of rows) found.set(row.account, (found.get(row.account) ?? new Set()).add(row.master));
  return found;
}

/** Accounts that operations concern, for accounts that no master lists any more. */
export async function accountsInJournal({ journal }: Journal): Promise<readonly string[]> {
  const rows = await journal.read((db) =>
    db
      .selectFrom('operations')
      .select('account')
      .distinct()
      .where('action', '=', 'account.create')
      .where('state', '=', 'done')
      .execute(),
  );
  return rows.flatMap((r) => (r.account === null ? [] : [r.account]));
}

/** Origins by kind and name of the thing. */
export type Origins = ReadonlyMap<string, ReadonlyMap<string, Origin>>;

interface Done {
  readonly id: string;
  readonly account: string | null;
  readonly action: string;
  readonly params: string;
  readonly at: number;
}

/** Who touched the things of some accounts last; account null: things of the servers. */
export async function originsOf(
  { journal }: Journal,
  kinds: readonly Kind[],
  accounts: readonly string[] | null,
): Promise<ReadonlyMap<string, Origins>> {
  const rows = await journal.read((db) => {
    const query = db
      .selectFrom('operations')
      .select(['id', 'account', 'action', 'params', 'final_at', 'accepted_at'])
      .where('state', '=', 'done')
      .orderBy('id');
    return (
      accounts === null ? query : query.where('account', 'in', accounts.length === 0 ? [''] : [...accounts])
    ).execute();
  });
  const histories = new Map<string, Done[]>();
  for (const row of rows) {
    const key = accounts === null ? '' : (row.account ?? '');
    const list = histories.get(key) ?? [];
    list.push({ ...row, at: Number(row.final_at ?? row.accepted_at) });
    histories.set(key, list);
  }
  return new Map([...histories].map(([account, list]) => [account, originsIn(kinds, list)]));
}

const object = z.record(z.string(), z.unknown());
const removing = /\.(delete|remove|revoke|terminate|remove-\w+)$/;
/** After these nobody can say from the journal what is left of what was made before. */
const sweeping = /^(account\.(create|terminate|rename|modify)|domain\.remove-\w+|whm\.call|dns\.edit-zone)$/;

/** The last word on each thing, from a history in order. */
export function originsIn(kinds: readonly Kind[], history: readonly Done[]): Origins {
  const found = new Map(kinds.map((kind) => [kind.id, new Map<string, Origin>()]));
  for (const one of history) {
    if (sweeping.test(one.action)) forget(found);
    const parsed = object.safeParse(JSON.parse(one.params));
    if (parsed.success) note(found, kinds, one, parsed.data);
  }
  return found;
}

function note(
  found: ReadonlyMap<string, Map<string, Origin>>,
  kinds: readonly Kind[],
  one: Done,
  params: Record<string, unknown>,
): void {
  const { id, action, at } = one;
  for (const kind of kinds) {
    const name = kind.touched(action, params) ?? '';
    if (name === '') continue;
    found.get(kind.id)?.set(name, { operation: id, action, at, expects: removing.test(action) ? 'absent' : 'present' });
  }
}

/** Who touched it stays known; what is expected is not. */
function forget(found: ReadonlyMap<string, Map<string, Origin>>): void {
  for (const things of found.values())
    for (const [name, origin] of things) things.set(name, { ...origin, expects: undefined });
}
