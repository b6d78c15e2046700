import { z } from 'zod';
import { limitText, numeric } from '../../actions/answers.ts';
import { whm } from '../../whm/call.ts';
import { type Kind, noRepair, type Repair, type RepairInput, repairs, type Value } from '../model.ts';
import { neutral, quota, seen, text, told, unread } from './reading.ts';

const row = z.object({
  domain: z.string(),
  owner: z.string(),
  plan: z.string(),
  email: z.string().nullish(),
  ip: z.string().nullish(),
  uid: numeric,
  suspended: z.union([numeric.transform((n) => n === 1), z.boolean()]),
  shell: z.string().nullish(),
  theme: z.string().nullish(),
  disklimit: limitText.optional(),
  maxpop: limitText.optional(),
  maxftp: limitText.optional(),
  maxsql: limitText.optional(),
  maxsub: limitText.optional(),
  maxlst: limitText.optional(),
  maxparked: limitText.optional(),
  maxaddons: limitText.optional(),
});
const summary = z.object({ acct: z.array(row) });

const absent = /does not exist|no accounts? found|not an account/i;
const ask = (account: string) => whm('accountsummary', { user: account });

/** Field → parameter of account.modify. */
const settings: Readonly<Record<string, string>> = {
  'main domain': 'domain',
  owner: 'owner',
  contact: 'contactEmail',
  shell: 'shell',
  quota: 'quotaMb',
  'most mailboxes': 'maxMailboxes',
  'most FTP accounts': 'maxFtp',
  'most databases': 'maxDatabases',
  'most subdomains': 'maxSubdomains',
  'most alias domains': 'maxAliases',
  'most addon domains': 'maxAddons',
  'most mailing lists': 'maxLists',
};

function shownOf(a: z.output<typeof row>, place: Parameters<typeof neutral>[1]): Value {
  // WHM writes '*unknown*' where there is nothing.
  const said = (value: string | null | undefined) => (value ?? '').replace('*unknown*', '');
  return {
    'main domain': a.domain,
    owner: a.owner,
    package: a.plan,
    suspended: a.suspended ? 'yes' : 'no',
    contact: said(a.email),
    shell: /noshell|nologin|false$/.test(said(a.shell)) ? 'no' : 'yes',
    quota: said(a.disklimit),
    'most mailboxes': said(a.maxpop),
    'most FTP accounts': said(a.maxftp),
    'most databases': said(a.maxsql),
    'most subdomains': said(a.maxsub),
    'most alias domains': said(a.maxparked),
    'most addon domains': said(a.maxaddons),
    'most mailing lists': said(a.maxlst),
    'user id': String(a.uid),
    theme: said(a.theme),
    address: neutral(said(a.ip), place),
  };
}

function param(field: string, value: string): unknown {
  if (field === 'shell') return value === 'yes';
  if (field === 'quota') return quota(value);
  return value === 'unlimited' || !/^\d+$/.test(value) ? value : Number(value);
}

function stepsOf(account: string, from: Value, to: Value, master: string): readonly Repair[] {
  const differs = (field: string) => from[field] !== to[field];
  const step = (action: string, params: Readonly<Record<string, unknown>>, sentence: string): Repair => ({
    action,
    params: { account, ...params },
    only: [master],
    removes: false,
    sentence,
  });
  // There is no call that empties one of them.
  const changed = Object.keys(settings).filter((field) => differs(field) && (from[field] ?? '') !== '');
  const modify = Object.fromEntries(changed.map((field) => [settings[field], param(field, from[field] ?? '')]));
  return [
    // First: changing the package takes the limits of the package, and then the account's own come on top.
    ...(differs('package')
      ? [step('account.change-package', { plan: from['package'] }, `Give it the package ${from['package']}`)]
      : []),
    ...(changed.length > 0 ? [step('account.modify', modify, `Set ${changed.join(', ')}`)] : []),
    ...(!differs('suspended')
      ? []
      : [
          from['suspended'] === 'yes'
            ? step('account.suspend', {}, 'Suspend it')
            : step('account.unsuspend', {}, 'Unsuspend it'),
        ]),
  ];
}

function repair({ from, to, name, account }: RepairInput) {
  if (from.value === undefined)
    return noRepair(
      'An account is never removed by a repair: its data may be the only copy. Terminate it by hand if it is not wanted.',
    );
  if (to.value === undefined)
    return noRepair(`The account is not there. Make it there with: tandem adopt ${name} --from ${from.master}`);
  const steps = stepsOf(account ?? name, from.value, to.value, to.master);
  return steps.length > 0
    ? repairs(...steps)
    : noRepair('User id, theme and address of an existing account are not changed by Tandem, and nothing is emptied.');
}

/** Identity, package, limits, suspension, owner, shell and contact of an account. */
export const accountKind: Kind = {
  id: 'account',
  title: 'Accounts',
  scope: 'account',
  rank: 20,
  rounds: [(account) => [ask(account)]],
  read(account, answers, place) {
    const answer = answers(ask(account));
    if (answer.ok === false && absent.test(answer.reason)) return seen([]);
    const read = told(answers, ask(account), summary);
    if ('reason' in read) return unread(read.reason);
    const [first] = read.value.acct;
    return seen(first === undefined ? [] : [[account, shownOf(first, place)]]);
  },
  touched: (action, p) =>
    // A password is nothing that is compared.
    action.startsWith('account.') && action !== 'account.password' ? text(p['account']) : undefined,
  repair,
};
