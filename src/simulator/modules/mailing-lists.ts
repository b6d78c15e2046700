/** Mailing lists: UAPI `Email`. */
import type { AccountContext, AccountHandler, Entry, Hooks, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { domains } from '../tables.ts';
import { nameFilter } from './domains-filter.ts';
import { addressOf, forwarders, mailboxes } from './mail-store.ts';
import { checkPassword } from './names.ts';
import { ownedHooks } from './owned.ts';

export interface MailingList {
  readonly user: string;
  readonly address: string;
  readonly domain: string;
  /** Clear text, so that tests can compare both servers. */
  readonly password: string;
  readonly advertised: boolean;
  readonly archivePrivate: boolean;
  /** 1 confirm, 2 approval, 3 both. */
  readonly subscribePolicy: number;
}

/** Key: 'user/address'. */
export const mailingLists = table<MailingList>('mailing-lists', { group: (l) => l.user });

/** Lists of domains that are still the account's. */
function listsOf({ state, user }: AccountContext): readonly MailingList[] {
  return state
    .of(mailingLists)
    .by(user)
    .filter((list) => state.of(domains).get(list.domain)?.user === user);
}

function named(context: AccountContext): MailingList {
  const { email } = addressOf(context, context.account, context.params.require('list'));
  const found = context.state.of(mailingLists).get(`${context.user}/${email}`);
  if (found === undefined) throw new Refusal(`The mailing list “${email}” does not exist.`);
  return found;
}

function change(context: AccountContext, next: Partial<MailingList>): Result {
  const list = named(context);
  context.state.of(mailingLists).set(`${context.user}/${list.address}`, { ...list, ...next });
  return ok();
}

function checkFree(context: AccountContext, address: string): void {
  const { account, state, user } = context;
  if (state.of(mailboxes).has(address)) throw new Refusal(`The email account “${address}” already exists.`);
  if (state.of(mailingLists).has(`${user}/${address}`))
    throw new Refusal(`The mailing list “${address}” already exists.`);
  const admin = address.replace('@', '-admin@');
  if (
    state
      .of(forwarders)
      .by(user)
      .some((f) => f.source === address || f.source === admin)
  ) {
    throw new Refusal(`The requested mailing list address, ${address}, conflicts with the forwarder ${admin}.`);
  }
  const bound = account.limits.maxlst;
  if (bound !== null && listsOf(context).length >= bound) {
    throw new Refusal(`You have reached the maximum number of mailing lists (${bound}).`);
  }
}

function add(context: AccountContext): Result {
  const { account, params, state, user } = context;
  const { email, domain } = addressOf(context, account, params.require('list'));
  checkFree(context, email);
  const password = params.require('password');
  checkPassword(context, password, account.user);
  const isPrivate = params.flag('private', false);
  const policy = { advertised: !isPrivate, archivePrivate: isPrivate, subscribePolicy: isPrivate ? 3 : 1 };
  state.of(mailingLists).set(`${user}/${email}`, { user, address: email, domain, password, ...policy });
  return ok();
}

function remove(context: AccountContext): Result {
  context.state.of(mailingLists).delete(`${context.user}/${named(context).address}`);
  return ok();
}

function passwd(context: AccountContext): Result {
  const password = context.params.require('password');
  checkPassword(context, password, context.account.user);
  return change(context, { password });
}

function privacy(context: AccountContext): Result {
  const { params } = context;
  const subscribePolicy = Number(params.require('subscribe_policy'));
  if (![1, 2, 3].includes(subscribePolicy)) throw new Refusal('The subscribe policy must be 1, 2, or 3.');
  for (const name of ['advertised', 'archive_private']) params.require(name);
  const advertised = params.flag('advertised', true);
  return change(context, { advertised, archivePrivate: params.flag('archive_private', false), subscribePolicy });
}

function rowOf({ account }: AccountContext, list: MailingList): Readonly<Record<string, unknown>> {
  const isPrivate = !list.advertised && list.archivePrivate && list.subscribePolicy > 1;
  return {
    accesstype: isPrivate ? 'private' : 'public',
    advertised: list.advertised ? 1 : 0,
    archive_private: list.archivePrivate ? 1 : 0,
    desthost: account.ip,
    diskused: 0,
    humandiskused: 'None',
    list: list.address,
    listadmin: `${account.user}@${account.domain}`,
    listid: list.address.replace('@', '_'),
    subscribe_policy: list.subscribePolicy,
  };
}

function list(context: AccountContext): Result {
  const domain = context.params.get('domain') ?? '';
  const like = nameFilter(context.params.get('regex'));
  const rows = listsOf(context).filter((l) => (domain === '' || l.domain === domain) && like(l.address));
  return ok(rows.map((row) => rowOf(context, row)));
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::add_list': add,
  'Email::delete_list': remove,
  'Email::list_lists': list,
  'Email::count_lists': (c) => ok(listsOf(c).length),
  'Email::passwd_list': passwd,
  'Email::set_list_privacy_options': privacy,
  'Email::get_lists_total_disk_usage': () => ok(0),
};

/** Lists of the main domain go with it to its new name. */
const hooks: Hooks = {
  ...ownedHooks(mailingLists),
  domainChanged({ state }, { user, domain }, from) {
    const rows = state.of(mailingLists);
    for (const list of rows.by(user).filter((l) => l.domain === from)) {
      const address = `${list.address.split('@')[0] ?? ''}@${domain}`;
      rows.delete(`${user}/${list.address}`);
      rows.set(`${user}/${address}`, { ...list, address, domain });
    }
  },
};

export const mailingListFunctions: Module = { uapi, hooks };
