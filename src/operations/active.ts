/** The active master of an account: the one module that reads it, but for what a new operation depends on. It moves only through one gated operation (switchover). */
import { activeRows } from './accept-statements.ts';
import type { Deps } from './deps.ts';
import type { Db } from './record.ts';

export interface Active {
  readonly master: string;
  readonly epoch: number;
}

/** Where an account's names point; the pair's active master when the account has none of its own, or is null. */
export async function activeMaster(
  deps: Pick<Deps, 'journal' | 'masters'>,
  db: Db,
  account: string | null,
): Promise<Active> {
  const accounts = account === null ? ['*'] : ['*', account];
  const { rows } = await deps.journal.prepare(activeRows)(db, { accounts });
  const row = rows.find((r) => r.account === account) ?? rows.find((r) => r.account === '*');
  if (row !== undefined) return { master: row.master, epoch: row.epoch };
  const first = deps.masters.list[0];
  if (first === undefined) throw new RangeError('there are no masters');
  return { master: first.id, epoch: 0 };
}
