/** Automatic answers. */
import type { AccountContext, AccountHandler, Entry, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { nameFilter } from './domains-filter.ts';
import type { AutoResponder } from './mail-store.ts';
import { addressOf, autoResponders, mailDomain } from './mail-store.ts';

type Row = Readonly<Record<string, unknown>>;

/** A whole number, 0 or more; an empty one is 0. */
function counted(context: AccountContext, name: string): number {
  const text = context.params.get(name) ?? '';
  const value = text === '' ? 0 : Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Refusal(`The “${name}” parameter must be a whole number.`);
  return value;
}

/** Writes the answer of an address, over any that it had. */
function add(context: AccountContext): Result {
  const { params, account, state } = context;
  const { email, domain } = addressOf(context, account, params.require('email'));
  for (const name of ['body', 'from', 'subject'] as const) {
    if (!params.has(name)) params.require(name);
  }
  const row: AutoResponder = {
    user: account.user,
    email,
    domain,
    from: params.get('from') ?? '',
    subject: params.get('subject') ?? '',
    body: params.get('body') ?? '',
    charset: params.get('charset') ?? 'utf-8',
    isHtml: params.flag('is_html', false),
    interval: counted(context, 'interval'),
    start: counted(context, 'start'),
    stop: counted(context, 'stop'),
  };
  state.of(autoResponders).set(email, row);
  return ok(null);
}

function existing(context: AccountContext): AutoResponder | undefined {
  const email = context.params.require('email').toLowerCase();
  const row = context.state.of(autoResponders).get(email);
  return row?.user === context.user ? row : undefined;
}

function remove(context: AccountContext): Result {
  const row = existing(context);
  if (row === undefined) return no(`There is no autoresponder for “${context.params.require('email')}”.`);
  context.state.of(autoResponders).delete(row.email);
  return ok(null);
}

/** An address without an answer reads as an empty one. */
function get(context: AccountContext): Result {
  const row = existing(context);
  if (row === undefined) {
    return ok({
      body: null,
      charset: 'utf-8',
      from: null,
      interval: 0,
      is_html: 0,
      start: null,
      stop: null,
      subject: null,
    });
  }
  return ok({
    body: row.body.endsWith('\n') ? row.body : `${row.body}\n`,
    charset: row.charset,
    from: row.from,
    interval: row.interval,
    is_html: row.isHtml ? 1 : 0,
    start: row.start === 0 ? null : row.start,
    stop: row.stop === 0 ? null : row.stop,
    subject: row.subject,
  });
}

function list(context: AccountContext): readonly Row[] {
  const { params, state, user } = context;
  const given = params.get('domain') ?? '';
  const domain = given === '' ? undefined : mailDomain(context, given);
  const like = nameFilter(params.get('regex'));
  const rows = state
    .of(autoResponders)
    .by(user)
    .filter((r) => (domain === undefined || r.domain === domain) && like(r.email));
  return rows.map((r) => ({ email: r.email, subject: r.subject }));
}

export const responderUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::add_auto_responder': add,
  'Email::delete_auto_responder': remove,
  'Email::get_auto_responder': get,
  'Email::list_auto_responders': (c) => {
    c.params.require('domain');
    return ok(list(c));
  },
  'Email::count_auto_responders': (c) => ok(c.state.of(autoResponders).keysBy(c.user).length),
};
export const responderApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::listautoresponders': { run: (c) => ok(list(c)), params: ['domain', 'regex'] },
};
