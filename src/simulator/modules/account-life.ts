import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type Account, accounts, domains, resellers, sessions, tokens } from '../tables.ts';
import { ownAccount, visibleAccounts } from './access.ts';

/** Takes an account away with all that hangs on it. */
export function dropAccount(context: Context, account: Account, keepDns: boolean): void {
  const { hooks, state } = context;
  hooks.removing?.(context, account, { keepDns });
  for (const domain of state.of(domains).keysBy(account.user)) state.of(domains).delete(domain);
  for (const key of state.of(tokens).keysBy(account.user)) state.of(tokens).delete(key);
  for (const key of state.of(sessions).keysBy(account.user)) state.of(sessions).delete(key);
  state.of(resellers).delete(account.user);
  state.of(accounts).delete(account.user);
}

function removeacct(context: Context): Result {
  const { params, state } = context;
  const user = params.require('username', 'user');
  const account = ownAccount(context, user, `System user ${user} does not exist!`);
  if (account.user === context.caller.user) throw new Refusal('You may not terminate your own account.');
  const owned = state
    .of(accounts)
    .by(account.user)
    .filter((a) => a.user !== account.user);
  if (state.of(resellers).has(account.user) && owned.length > 0) {
    throw new Refusal(
      `The account “${account.user}” is a reseller that owns ${owned.length} accounts. Terminate or move them first.`,
    );
  }
  dropAccount(context, account, params.flag('keepdns', false));
  const raw = `Running pre removal script......Done\nRemoving user ${account.user}......Done\nRemoved ${account.homedir}\n`;
  return ok(undefined, { reason: `${account.user} account removed`, raw });
}

/** Suspends one account; a second time only says so. */
export function suspend(context: Context, account: Account, reason: string, lock: boolean): string {
  if (account.suspended) return 'Account Already Suspended\n';
  const next: Account = {
    ...account,
    suspended: true,
    suspendReason: reason === '' ? 'Unknown' : reason,
    suspendTime: Math.floor(context.host.now() / 1000),
    suspendedBy: context.caller.user,
    locked: lock,
  };
  context.state.of(accounts).set(account.user, next);
  context.hooks.suspended?.(context, next);
  return `Changing Shell to /bin/false...Changing shell for ${account.user}.\nShell changed.\nDone\nLocking Password...Locking password for user ${account.user}.\nDone\nSuspending FTP accounts...\n${account.user}'s account has been suspended\n`;
}

/** Takes a suspension back. */
export function unsuspend(context: Context, account: Account): string {
  if (account.locked && account.suspendedBy === 'root' && context.caller.kind !== 'root') {
    throw new Refusal('This account has been locked by root. You may not unsuspend it.');
  }
  const next: Account = {
    ...account,
    suspended: false,
    suspendReason: 'not suspended',
    suspendTime: null,
    suspendedBy: '',
    locked: false,
  };
  context.state.of(accounts).set(account.user, next);
  context.hooks.unsuspended?.(context, next);
  return `Changing shell for ${account.user}.\nShell changed.\nUnlocking password for user ${account.user}.\n${account.user}'s account is now active\n`;
}

function suspendacct(context: Context): Result {
  const { params } = context;
  const user = params.require('user');
  const account = ownAccount(context, user, `_suspendacct called for a user that does not exist. (${user})`);
  const raw = suspend(context, account, params.get('reason') ?? '', params.flag('disallowun', false));
  return ok(undefined, { reason: raw, raw });
}

function unsuspendacct(context: Context): Result {
  const user = context.params.require('user');
  const account = ownAccount(context, user, `_unsuspendacct called for a user that does not exist. (${user})`);
  const raw = unsuspend(context, account);
  return ok(undefined, { reason: raw, raw });
}

function listsuspended(context: Context): Result {
  const account = visibleAccounts(context)
    .filter((a) => a.suspended)
    .map((a) => ({
      is_locked: a.locked ? 1 : 0,
      owner: a.owner,
      reason: a.suspendReason,
      time: new Date((a.suspendTime ?? 0) * 1000)
        .toUTCString()
        .replace(/^(\w+), (\d+) (\w+) (\d+) (\S+) GMT$/u, '$1 $3 $2 $5 $4'),
      unixtime: a.suspendTime,
      user: a.user,
    }));
  return ok({ account });
}

function listlockedaccounts(context: Context): Result {
  return ok({
    account: visibleAccounts(context)
      .filter((a) => a.locked)
      .map((a) => a.user),
  });
}

/** Outgoing mail of one account: held or suspended. */
function outgoing(field: 'outgoingHold' | 'outgoingSuspended', on: boolean): (context: Context) => Result {
  return (context) => {
    const account = ownAccount(context, context.params.require('user'));
    context.state.of(accounts).update(account.user, (a) => ({ ...a, [field]: on }));
    return ok();
  };
}

export const accountLife: Module = {
  whm: {
    removeacct,
    suspendacct: { run: suspendacct, params: ['reason', 'disallowun', 'leave-ftp-accts-enabled'] },
    unsuspendacct,
    listsuspended,
    listlockedaccounts,
    hold_outgoing_email: outgoing('outgoingHold', true),
    release_outgoing_email: outgoing('outgoingHold', false),
    suspend_outgoing_email: outgoing('outgoingSuspended', true),
    unsuspend_outgoing_email: outgoing('outgoingSuspended', false),
  },
};
