/** Mail filters: of the whole account, or of one mailbox. UAPI and API 2 `Email`. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { table } from '../state.ts';
import { addressOf, mailboxes } from './mail-store.ts';
import { ownedHooks } from './owned.ts';

interface Rule {
  readonly part: string;
  readonly match: string;
  readonly val: string;
  readonly opt: string;
}

interface Action {
  readonly action: string;
  readonly dest: string;
}

export interface MailFilter {
  readonly user: string;
  /** '' for the whole account. */
  readonly account: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly rules: readonly Rule[];
  readonly actions: readonly Action[];
}

/** Key: 'user/account/name'; their order is the order in which they apply. */
export const mailFilters = table<MailFilter>('mail-filters', { group: (f) => f.user });

function accountOf(context: AccountContext, given: string | undefined): string {
  if (given === undefined || given === '' || given === context.user) return '';
  const { email } = addressOf(context, context.account, given);
  if (!context.state.of(mailboxes).has(email)) throw new Refusal(`The email account “${email}” does not exist.`);
  return email;
}

function keyOf({ user, account, name }: Pick<MailFilter, 'user' | 'account' | 'name'>): string {
  return `${user}/${account}/${name}`;
}

/** Values of 'match1', 'match-1' or 'match', by number. */
function numbered({ params }: AccountContext, name: string): ReadonlyMap<number, string> {
  const pattern = new RegExp(`^${name}-?(\\d*)$`, 'u');
  return new Map(
    params.all.flatMap(([key, value]) => {
      const found = pattern.exec(key);
      return found === null ? [] : [[Number(found[1] || 0), value] as const];
    }),
  );
}

function rulesOf(context: AccountContext): readonly Rule[] {
  const [match, val, opt] = ['match', 'val', 'opt'].map((name) => numbered(context, name));
  return [...numbered(context, 'part')]
    .sort(([a], [b]) => a - b)
    .map(([at, part]) => ({
      part,
      match: match?.get(at) ?? 'contains',
      val: val?.get(at) ?? '',
      opt: opt?.get(at) ?? 'or',
    }));
}

function actionsOf(context: AccountContext): readonly Action[] {
  const dest = numbered(context, 'dest');
  return [...numbered(context, 'action')]
    .sort(([a], [b]) => a - b)
    .map(([at, action]) => ({ action, dest: dest.get(at) ?? '' }));
}

function store(context: AccountContext): MailFilter {
  const { params, state, user } = context;
  const account = accountOf(context, params.get('account'));
  const name = params.require('filtername');
  const [rules, actions] = [rulesOf(context), actionsOf(context)];
  if (rules.length === 0) params.require('part1');
  if (actions.length === 0) params.require('action1');
  const old = params.get('oldfiltername') ?? '';
  const before = state.of(mailFilters).get(keyOf({ user, account, name: old === '' ? name : old }));
  if (old !== '' && old !== name) state.of(mailFilters).delete(keyOf({ user, account, name: old }));
  const made = { user, account, name, enabled: before?.enabled ?? true, rules, actions };
  state.of(mailFilters).set(keyOf(made), made);
  return made;
}

function filtersOf(context: AccountContext, account: string): readonly MailFilter[] {
  return context.state
    .of(mailFilters)
    .by(context.user)
    .filter((f) => f.account === account);
}

function named(context: AccountContext): MailFilter {
  const { params, state, user } = context;
  params.require('account');
  const name = params.require('filtername');
  const found = state.of(mailFilters).get(keyOf({ user, account: accountOf(context, params.get('account')), name }));
  if (found === undefined) throw new Refusal(`The filter “${name}” does not exist.`);
  return found;
}

function rowOf(filter: MailFilter): Readonly<Record<string, unknown>> {
  const { actions, enabled, name, rules } = filter;
  return { actions, enabled: enabled ? 1 : 0, filtername: name, rules, unescaped: false };
}

function list(context: AccountContext): Result {
  return ok(filtersOf(context, accountOf(context, context.params.get('account'))).map(rowOf));
}

function get(context: AccountContext): Result {
  const { actions, name, rules } = named(context);
  const count = (rows: readonly object[]): readonly object[] => rows.map((row, at) => ({ ...row, number: at + 1 }));
  return ok({ actions: count(actions), filtername: name, metadata: { transformed: 1 }, rules: count(rules) });
}

function switched(enabled: boolean): AccountHandler {
  return (context) => {
    const filter = named(context);
    context.state.of(mailFilters).set(keyOf(filter), { ...filter, enabled });
    return ok({ filtername: filter.name, updated: filter.enabled === enabled ? 0 : 1 });
  };
}

/** Their order is that of the rows: each is taken out and put at the end. */
function reorder(context: AccountContext): Result {
  const { params, state, user } = context;
  const account = accountOf(context, params.require('mailbox'));
  const wanted = [...numbered(context, 'filter')].sort(([a], [b]) => a - b).map(([, name]) => name);
  const missing = wanted.find((name) => !state.of(mailFilters).has(keyOf({ user, account, name })));
  if (missing !== undefined) return no(`The filter “${missing}” does not exist.`);
  for (const name of wanted) {
    const key = keyOf({ user, account, name });
    const row = state.of(mailFilters).get(key);
    state.of(mailFilters).delete(key);
    if (row !== undefined) state.of(mailFilters).set(key, row);
  }
  return ok();
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::store_filter': {
    run: (c) => ok({ account: store(c).account || c.user }),
    params: ['action*', 'match*', 'part*', 'val*', 'dest*', 'opt*'],
  },
  'Email::list_filters': list,
  'Email::get_filter': get,
  'Email::enable_filter': switched(true),
  'Email::disable_filter': switched(false),
  'Email::count_filters': (c) => ok(filtersOf(c, '').length),
  'Email::reorder_filters': { run: reorder, params: ['filter*'] },
  'Email::delete_filter'(context) {
    context.state.of(mailFilters).delete(keyOf(named(context)));
    return ok();
  },
};

const api2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::filterlist': { run: list, params: ['account', 'old_style'] },
  'Email::storefilter': {
    run: (c) => ok([{ account: store(c).account || c.user, ok: 1, error: 0, result: 'Filter Saved.' }]),
    params: ['account', 'filtername', 'oldfiltername', 'action*', 'match*', 'part*', 'val*', 'dest*', 'opt*'],
  },
};

export const mailFilterFunctions: Module = { uapi, api2, hooks: ownedHooks(mailFilters) };
