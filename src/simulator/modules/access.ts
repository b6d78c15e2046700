/** Whose accounts a caller of WHM may touch. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts } from '../tables.ts';

/** Whether the account is the caller's to look at or change. */
export function isOwn(context: Context, account: Account): boolean {
  const { caller } = context;
  return caller.kind === 'root' || account.owner === caller.user || account.user === caller.user;
}

/** The account, if it is there and the caller's; else a refusal with this function's own sentence. */
export function ownAccount(context: Context, user: string, missing = 'Account does not exist.'): Account {
  const account = context.state.of(accounts).get(user.toLowerCase());
  if (account === undefined) throw new Refusal(missing);
  if (!isOwn(context, account)) throw new Refusal(`You do not have access to an account named “${user}”.`);
  return account;
}

/** The accounts that the caller sees, in order of creation. */
export function visibleAccounts(context: Context): readonly Account[] {
  const { caller, state } = context;
  if (caller.kind === 'root') return state.of(accounts).values();
  const owned = state.of(accounts).by(caller.user);
  const self = state.of(accounts).get(caller.user);
  return self === undefined || owned.includes(self) ? owned : [self, ...owned];
}

/** Refuses everybody but root. */
export function rootOnly(context: Context): void {
  if (context.caller.kind !== 'root') {
    throw new Refusal(`Permission denied: You do not have the required privileges to run ${context.fn}`);
  }
}
