/** An account's own person, password and document roots: API 2 `CustInfo`, `DomainLookup`, `Passwd`. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { accounts, type Domain, domains } from '../tables.ts';
import { checkPassword } from './names.ts';
import { ownedHooks } from './owned.ts';
import { domainName } from './zone-store.ts';

interface Contact {
  readonly user: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What savecontactinfo keeps beside the account's own address. Key: 'user/contact'. */
export const contacts = table<Contact>('contacts', { group: (c) => c.user });

const CONTACT: readonly (readonly [name: string, type: 'string' | 'boolean', descp: string])[] = [
  ['email', 'string', 'Enter an email address to receive account notifications and password reset confirmations.'],
  ['second_email', 'string', 'Enter a second email address to receive account notifications.'],
  ['notify_disk_limit', 'boolean', 'You are reaching your disk quota.'],
  ['notify_bandwidth_limit', 'boolean', 'You are reaching your bandwidth usage limit.'],
  ['notify_email_quota_limit', 'boolean', 'One of your email accounts approaches or is over quota.'],
];

function contactValues({ account, state, user }: AccountContext): Readonly<Record<string, string>> {
  const kept = state.of(contacts).get(`${user}/contact`)?.values ?? {};
  return {
    notify_disk_limit: '1',
    notify_bandwidth_limit: '1',
    notify_email_quota_limit: '1',
    ...kept,
    email: account.email,
  };
}

function displayContact(context: AccountContext): Result {
  const values = contactValues(context);
  return ok(
    CONTACT.map(([name, type, descp]) => {
      const value = values[name] ?? '';
      return { name, value: type === 'boolean' ? Number(value) : value, type, descp, enabled: 1 };
    }),
  );
}

/** A switch that is left out is off. */
function saveContact(context: AccountContext): Result {
  const { account, params, state, user } = context;
  const before = contactValues(context);
  const pairs = CONTACT.map(([name, type]) => {
    const value =
      type === 'boolean' ? (params.flag(name, false) ? '1' : '0') : (params.get(name) ?? before[name] ?? '');
    return [name, value] as const;
  });
  const { email = '', ...values } = Object.fromEntries(pairs);
  state.of(contacts).set(`${user}/contact`, { user, values });
  if (email !== account.email) state.of(accounts).set(user, { ...account, email });
  return ok(
    CONTACT.map(([name, type, descp], at) => {
      const value = pairs[at]?.[1] ?? '';
      if (type === 'string') return { name, value, display_value: value, descp };
      return { name, value: Number(value), display_value: value === '1' ? 'on' : 'off', descp };
    }),
  );
}

function baseDomains({ state, user }: AccountContext): readonly Domain[] {
  return state
    .of(domains)
    .by(user)
    .filter((d) => d.type !== 'sub');
}

function docroot(context: AccountContext): Result {
  const row = context.state.of(domains).get(domainName(context.params.require('domain')));
  if (row?.user !== context.user) return no('The domain does not belong to this account.');
  const reldocroot = row.docroot.replace(`${context.account.homedir}/`, '');
  return ok([{ docroot: row.docroot, reldocroot }]);
}

function changePassword(context: AccountContext): Result {
  const { account, hooks, params, state } = context;
  const failed = (statustxt: string): Result =>
    no(statustxt, { data: [{ status: 0, applist: [{ app: 'none' }], statustxt }] });
  try {
    if (params.require('oldpass') !== account.password) return failed('The old password is incorrect.');
    const password = params.require('newpass');
    checkPassword(context, password, account.user);
    const next = { ...account, password };
    state.of(accounts).set(account.user, next);
    hooks.passwordChanged?.(context, next, { database: params.flag('enablemysql', false) });
  } catch (error) {
    if (error instanceof Refusal) return failed(error.message);
    throw error;
  }
  const applist = ['system', 'ftp'].map((app) => ({ app }));
  return ok([{ status: 1, statustxt: 'Your password has been changed!', applist, passwdoutput: '' }]);
}

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'CustInfo::displaycontactinfo': { run: displayContact, params: [] },
  'CustInfo::savecontactinfo': { run: saveContact, params: CONTACT.map(([name]) => name) },
  'DomainLookup::getbasedomains': {
    run: (c) => ok(baseDomains(c).map((d) => ({ domain: d.domain }))),
    params: [],
  },
  'DomainLookup::countbasedomains': {
    run: (c) => ok([{ count: baseDomains(c).length }]),
    params: [],
  },
  'DomainLookup::getdocroots': {
    run: (c) =>
      ok(
        c.state
          .of(domains)
          .by(c.user)
          .map((d) => ({ domain: d.domain, docroot: d.docroot })),
      ),
    params: [],
  },
  'DomainLookup::getdocroot': { run: docroot, params: ['domain'] },
  'Passwd::change_password': { run: changePassword, params: ['oldpass', 'newpass', 'enablemysql'] },
};

export const accountContact: Module = { api2, hooks: ownedHooks(contacts) };
