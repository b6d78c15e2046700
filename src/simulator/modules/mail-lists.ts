/** Lists of mailboxes. */
import type { AccountContext, AccountHandler, Context, Entry, Handler } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { accounts } from '../tables.ts';
import { nameFilter } from './domains-filter.ts';
import type { Mailbox } from './mail-store.ts';
import { mailboxes } from './mail-store.ts';
import { mayTouch } from './zone-store.ts';

type Row = Readonly<Record<string, unknown>>;

const megabyte = 1_048_576;
/** cPanel puts a no-break space between number and unit. */
const space = '\u00a0';

/** Mailboxes of the account, by the `domain` and `regex` that it asks for. */
function wanted(context: AccountContext): readonly Mailbox[] {
  const { params, state, user } = context;
  const domain = params.get('domain')?.toLowerCase() ?? '';
  const email = params.get('email')?.toLowerCase() ?? '';
  const like = nameFilter(params.get('regex'));
  return state
    .of(mailboxes)
    .by(user)
    .filter((box) => {
      if (domain !== '' && box.domain !== domain) return false;
      if (email !== '' && box.email !== email && box.local !== email) return false;
      return like(box.email);
    });
}

function bit(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

function listPops(context: AccountContext): readonly Row[] {
  const { account, params } = context;
  const main = {
    email: account.user,
    login: 'Main Account',
    suspended_incoming: 0,
    suspended_login: bit(account.suspended),
  };
  const rows = wanted(context).map((box) => ({
    email: box.email,
    login: box.email,
    suspended_incoming: bit(box.suspendedIncoming),
    suspended_login: bit(box.suspendedLogin),
  }));
  return params.flag('skip_main', false) ? rows : [main, ...rows];
}

function withDisk(box: Mailbox): Row {
  const quota = box.quota === null ? 'unlimited' : String(box.quota);
  return {
    _diskquota: (box.quota ?? 0) * megabyte,
    _diskused: 0,
    diskquota: quota,
    diskused: 0,
    diskusedpercent: 0,
    diskusedpercent20: 0,
    diskusedpercent_float: 0,
    domain: box.domain,
    email: box.email,
    has_suspended: bit(box.suspendedLogin || box.suspendedIncoming || box.suspendedOutgoing),
    hold_outgoing: bit(box.holdOutgoing),
    humandiskquota: box.quota === null ? 'None' : `${box.quota}${space}MB`,
    humandiskused: `0${space}bytes`,
    login: box.email,
    mtime: box.created,
    suspended_incoming: bit(box.suspendedIncoming),
    suspended_login: bit(box.suspendedLogin),
    suspended_outgoing: bit(box.suspendedOutgoing),
    txtdiskquota: quota,
    user: box.local,
  };
}

/** API 2 sends the sizes in bytes as text. */
function withDiskText(box: Mailbox): Row {
  const row = withDisk(box);
  return { ...row, _diskquota: String(row['_diskquota']), _diskused: String(row['_diskused']) };
}

function listPopsFor(context: Context): ReturnType<Handler> {
  const account = context.state.of(accounts).get(context.params.require('user'));
  if (account === undefined || !mayTouch(context, account)) return no('Account does not exist.');
  return ok({
    pops: context.state
      .of(mailboxes)
      .by(account.user)
      .map((box) => box.email),
  });
}

const filters = ['domain', 'regex', 'email'];

export const mailListsUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::list_pops': { run: (c) => ok(listPops(c)), params: filters },
  'Email::list_pops_with_disk': { run: (c) => ok(wanted(c).map(withDisk)), params: filters },
};
export const mailListsApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Email::listpops': { run: (c) => ok(listPops(c)), params: [...filters, 'skip_main'] },
  'Email::listpopswithdisk': {
    run: (c) => ok(wanted(c).map(withDiskText)),
    params: [...filters, 'nearquotaonly', 'no_validate'],
  },
};
export const mailWhm: Readonly<Record<string, Entry<Handler>>> = { list_pops_for: listPopsFor };
