/** Mailboxes: UAPI `Email` and its API 2 twins. */
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { isPassword } from './mail-shadow.ts';
import type { Mailbox } from './mail-store.ts';
import { addressOf, mailboxes } from './mail-store.ts';
import { checkPassword } from './names.ts';

const defaultQuota = 250;
/** The most that a mailbox may be given in MB where the account sets no limit. */
const largestQuota = 4_194_304;

/** MB; null is unlimited. Refuses what is no number or more than the account allows. */
function quotaOf(context: AccountContext, otherwise: number | null): number | null {
  const given = context.params.number('quota');
  if (given === undefined) return otherwise;
  if (Number.isNaN(given) || given < 0)
    throw new Refusal(`The quota must be a whole number of megabytes, or “unlimited”.`);
  const limit = context.account.limits.maxEmailacctQuota;
  const unlimited = given === 0 || given === Number.POSITIVE_INFINITY;
  if (unlimited) {
    if (limit !== null)
      throw new Refusal('You do not have permission to create email accounts with an unlimited quota.');
    return null;
  }
  if (given > (limit ?? largestQuota)) {
    throw new Refusal(`You cannot set a quota of “${given}” MB. Quotas cannot exceed “${limit ?? largestQuota}” MB.`);
  }
  return given;
}

/** The mailbox that the call names. Refuses one that is not there. */
function existing(context: AccountContext): Mailbox {
  const { email } = addressOf(context, context.account, context.params.require('email'));
  const found = context.state.of(mailboxes).get(email);
  if (found === undefined) throw new Refusal(`The email account “${email}” does not exist.`);
  return found;
}

function change(context: AccountContext, more: Partial<Mailbox>): Result {
  const found = existing(context);
  context.state.of(mailboxes).set(found.email, { ...found, ...more });
  return ok(null);
}

function addPop(context: AccountContext): Result {
  const { params, account, state } = context;
  const address = addressOf(context, account, params.require('email'));
  const hash = params.get('password_hash');
  const password = hash ?? params.require('password');
  const rows = state.of(mailboxes);
  if (rows.has(address.email)) return no(`The account ${address.email} already exists!`);
  const { maxpop } = account.limits;
  if (maxpop !== null && rows.keysBy(account.user).length >= maxpop) {
    return no(`You have reached the maximum number of email accounts (${maxpop}).`);
  }
  if (hash === undefined) checkPassword(context, password, address.local);
  rows.set(address.email, {
    ...address,
    user: account.user,
    password,
    quota: quotaOf(context, defaultQuota),
    suspendedLogin: false,
    suspendedIncoming: false,
    suspendedOutgoing: false,
    holdOutgoing: false,
    created: Math.floor(context.host.now() / 1000),
  });
  return ok(`${address.local}+${address.domain}`);
}

function passwdPop(context: AccountContext): Result {
  const password = context.params.require('password');
  checkPassword(context, password, existing(context).local);
  return change(context, { password });
}

function editQuota(context: AccountContext): Result {
  return change(context, { quota: quotaOf(context, existing(context).quota) });
}

function deletePop(context: AccountContext): Result {
  context.state.of(mailboxes).delete(existing(context).email);
  return ok(null);
}

/** `data` 1 for the right password, else a refusal. */
function verifyPassword(context: AccountContext): Result {
  const given = context.params.require('password');
  return isPassword(existing(context).password, given) ? ok(1) : no('The password is incorrect.');
}

function getPopQuota(context: AccountContext): Result {
  const { quota } = existing(context);
  if (quota === null) return ok('unlimited');
  return ok(context.params.flag('as_bytes', false) ? quota * 1_048_576 : quota);
}

const oneAddress = ['email', 'domain'];

export const mailboxUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::add_pop': addPop,
  'Email::passwd_pop': passwdPop,
  'Email::edit_pop_quota': editQuota,
  'Email::delete_pop': deletePop,
  'Email::verify_password': verifyPassword,
  'Email::get_pop_quota': getPopQuota,
  'Email::get_default_email_quota': () => ok(defaultQuota),
  'Email::get_default_email_quota_mib': () => ok(defaultQuota),
  'Email::get_max_email_quota': (c) => ok(c.account.limits.maxEmailacctQuota ?? largestQuota),
  'Email::get_max_email_quota_mib': (c) => ok(c.account.limits.maxEmailacctQuota ?? largestQuota),
  'Email::count_pops': (c) => ok(c.state.of(mailboxes).keysBy(c.user).length),
  'Email::suspend_login': (c) => change(c, { suspendedLogin: true }),
  'Email::unsuspend_login': (c) => change(c, { suspendedLogin: false }),
  'Email::suspend_incoming': (c) => change(c, { suspendedIncoming: true }),
  'Email::unsuspend_incoming': (c) => change(c, { suspendedIncoming: false }),
  'Email::suspend_outgoing': (c) => change(c, { suspendedOutgoing: true }),
  'Email::unsuspend_outgoing': (c) => change(c, { suspendedOutgoing: false }),
  'Email::hold_outgoing': (c) => change(c, { holdOutgoing: true }),
  'Email::release_outgoing': (c) => change(c, { holdOutgoing: false }),
};

/** The API 2 twin of a change: the same, with a row for an answer. */
function twin(run: AccountHandler, reason: string, params: readonly string[]): Entry<AccountHandler> {
  return {
    params: [...oneAddress, ...params],
    run: (context) => {
      const result = run(context);
      return result.ok ? ok([{ result: 1, reason }]) : result;
    },
  };
}

export const mailboxApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::addpop': twin(addPop, '', ['password', 'quota']),
  'Email::passwdpop': twin(passwdPop, '', ['password']),
  'Email::editquota': twin(editQuota, '', ['quota']),
  'Email::delpop': twin(deletePop, 'OK', []),
};
