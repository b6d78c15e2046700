import type { AccountRow } from '../../../operations/model.ts';

export interface AccountButton {
  readonly label: string;
  readonly href: string;
  readonly danger: boolean;
}

interface Offered {
  readonly id: string;
  readonly title: string;
  readonly destroys?: readonly string[];
}

/** Left out: what an account that exists already cannot be given, and what has nothing to do with one account. */
const notHere = new Set(['account.create', 'account.restore']);

/** What can be done with an account now, the dangerous last. */
export function accountButtons(row: AccountRow, offered: readonly Offered[]): readonly AccountButton[] {
  const idle = row.suspended ? 'account.suspend' : 'account.unsuspend';
  return offered
    .filter((action) => action.id.startsWith('account.') && !notHere.has(action.id) && action.id !== idle)
    .map((action) => ({
      label: action.title,
      href: `/actions/${action.id}?account=${encodeURIComponent(row.user)}`,
      danger: (action.destroys ?? []).length > 0,
    }))
    .toSorted((a, b) => Number(a.danger) - Number(b.danger));
}
