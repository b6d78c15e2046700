/** What became of repairs, and of what operations noted when they looked back. */
import type { Deps } from '../operations/deps.ts';
import { differenceNow } from '../operations/verify.ts';
import { kindOf } from './kinds/index.ts';
import { askForAccount } from './runs.ts';

const OVER = ['done', 'refused', 'withdrawn'];

/** Where a repair's last operation is over the account is looked at again; a refused one is open again. */
export async function followRepairs(deps: Pick<Deps, 'journal'>): Promise<void> {
  const rows = await deps.journal.read((db) =>
    db
      .selectFrom('findings')
      .innerJoin('operations', 'operations.id', 'findings.repair_operation')
      .select([
        'findings.id',
        'findings.kind',
        'findings.account',
        'findings.repair_operation',
        'operations.state',
        'operations.refusal',
      ])
      .where('findings.state', '=', 'repairing')
      .where('operations.state', 'in', OVER)
      .limit(500)
      .execute(),
  );
  const accounts = new Set<string>();
  for (const row of rows) {
    const done = row.state === 'done';
    await deps.journal.write((db) =>
      db
        .updateTable('findings')
        .set({ state: done ? 'checking' : 'open' })
        .where('id', '=', row.id)
        .where('state', '=', 'repairing')
        .execute(),
    );
    if (done) accounts.add(kindOf(row.kind)?.scope === 'account' ? (row.account ?? '') : '');
  }
  for (const account of accounts) await askForAccount(deps, account, 'a repair is over');
}

/** Notes of operations that no comparison explained: asked again, and ended when the master has it now. */
export async function followNotes(deps: Deps, account: string): Promise<void> {
  const rows = await deps.journal.read((db) =>
    db
      .selectFrom('findings')
      .select(['id', 'thing', 'master'])
      .where('kind', '=', 'operation')
      .where('state', '=', 'open')
      .where('account', '=', account)
      .execute(),
  );
  for (const row of rows) {
    if ((await differenceNow(deps, row.thing, row.master)) !== undefined) continue;
    await deps.journal.write((db) =>
      db
        .updateTable('findings')
        .set({ state: 'gone', resolved_at: deps.journal.now() })
        .where('id', '=', row.id)
        .execute(),
    );
  }
}
