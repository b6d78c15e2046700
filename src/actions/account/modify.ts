import { z } from 'zod';
import { type ArgValue, type WhmCall, whm } from '../../whm/call.ts';
import { define, exclusive, type Plan, refused, shared } from '../define.ts';
import * as f from '../fields.ts';
import { applyAll } from '../plans.ts';
import { worded } from '../raw.ts';
import { type Account, lookAtAccount, noAccount, readAccount } from './seen.ts';

const params = z
  .strictObject({
    account: f.account().meta({ label: 'Account' }),
    contactEmail: f.email().optional().meta({ label: 'Contact address', input: 'email' }),
    domain: f.domain().optional().meta({ label: 'Main domain' }),
    owner: f.account().optional().meta({ label: 'Owner' }),
    shell: f.flag().optional().meta({ label: 'Shell access' }),
    quotaMb: f.quotaMb().optional().meta({ label: 'Disk quota (MB)' }),
    bandwidthMb: f.quotaMb().optional().meta({ label: 'Monthly traffic (MB)' }),
    maxMailboxes: f.limit().optional().meta({ label: 'Most mailboxes' }),
    maxFtp: f.limit().optional().meta({ label: 'Most FTP accounts' }),
    maxDatabases: f.limit().optional().meta({ label: 'Most databases' }),
    maxSubdomains: f.limit().optional().meta({ label: 'Most subdomains' }),
    maxAliases: f.limit().optional().meta({ label: 'Most alias domains' }),
    maxAddons: f.limit().optional().meta({ label: 'Most addon domains' }),
    maxLists: f.limit().optional().meta({ label: 'Most mailing lists' }),
  })
  .refine((p) => Object.values(p).filter((value) => value !== undefined).length > 1, {
    path: [],
    message: 'change at least one thing',
  });

type Params = z.output<typeof params>;
type Setting = Exclude<keyof Params, 'account'>;

/** modifyacct's arguments, and where accountsummary shows what they are. Quota and traffic have functions in MB. */
const settings: readonly {
  readonly param: Setting;
  readonly arg: string;
  read(account: Account): string | undefined;
}[] = [
  { param: 'contactEmail', arg: 'contactemail', read: (a) => a.email },
  { param: 'domain', arg: 'domain', read: (a) => a.domain },
  { param: 'owner', arg: 'owner', read: (a) => a.owner },
  { param: 'shell', arg: 'HASSHELL', read: (a) => hasShell(a) },
  { param: 'maxMailboxes', arg: 'MAXPOP', read: (a) => a.maxpop },
  { param: 'maxFtp', arg: 'MAXFTP', read: (a) => a.maxftp },
  { param: 'maxDatabases', arg: 'MAXSQL', read: (a) => a.maxsql },
  { param: 'maxSubdomains', arg: 'MAXSUB', read: (a) => a.maxsub },
  { param: 'maxAliases', arg: 'MAXPARK', read: (a) => a.maxparked },
  { param: 'maxAddons', arg: 'MAXADDON', read: (a) => a.maxaddons },
  { param: 'maxLists', arg: 'MAXLST', read: (a) => a.maxlst },
];

function hasShell(account: Account): string | undefined {
  if (typeof account.shell !== 'string') return undefined;
  return /noshell|nologin|false$/.test(account.shell) ? '0' : '1';
}

function asText(value: ArgValue): string {
  return typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
}

function modifyacct(p: Params, seen: Account): readonly WhmCall[] {
  const differing = settings.filter(({ param, read }) => p[param] !== undefined && read(seen) !== asText(p[param]));
  if (differing.length === 0) return [];
  return [
    whm('modifyacct', { user: p.account, ...Object.fromEntries(differing.map(({ param, arg }) => [arg, p[param]])) }),
  ];
}

/** accountsummary says '500M' or 'unlimited'. */
function hasQuota(p: Params, seen: Account): boolean {
  return p.quotaMb === undefined || seen.disklimit === (p.quotaMb === 'unlimited' ? p.quotaMb : `${p.quotaMb}M`);
}

function plan(p: Params, seen: Account | undefined): Plan {
  if (seen === undefined) return refused(noAccount(p.account));
  return applyAll([
    ...modifyacct(p, seen),
    ...(hasQuota(p, seen) ? [] : [whm('editquota', { user: p.account, quota: p.quotaMb })]),
    ...(p.bandwidthMb === undefined ? [] : [whm('limitbw', { user: p.account, bwlimit: p.bandwidthMb })]),
  ]);
}

const user = { user: 'account', username: 'account' } as const;

/** modifyacct, editquota, limitbw: the settings of one account that do not come from its package. */
export const modifyAccount = define({
  id: 'account.modify',
  title: 'Modify account',
  audience: ['staff', 'reseller'],
  params,
  blind: ['bandwidthMb'],
  again: 'safe',
  reversible: true,
  longestSeconds: 300,
  covers: {
    // QUOTA and BWLIMIT count in other units than the functions used here, so those calls are left alone.
    modifyacct: worded({
      names: { ...user, DNS: 'domain', ...Object.fromEntries(settings.map(({ arg, param }) => [arg, param])) },
      implied: { newuser: [''] },
    }),
    editquota: worded({ names: { ...user, quota: 'quotaMb' } }),
    limitbw: worded({ names: { ...user, bwlimit: 'bandwidthMb' } }),
  },
  subject: (p) => ({ kind: 'account', account: p.account }),
  keys: (p) => [
    exclusive(`account:${p.account}`),
    ...(p.domain === undefined ? [] : [exclusive(`domain:${p.domain}`)]),
    ...(p.owner === undefined ? [] : [shared(`reseller:${p.owner}`)]),
  ],
  observe: (p) => [lookAtAccount(p.account)],
  read: (_p, answers) => readAccount(answers, 0),
  plan,
});
