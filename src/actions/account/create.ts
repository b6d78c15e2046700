import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric } from '../answers.ts';
import { apply, define, exclusive, type Plan, refused, settled, shared } from '../define.ts';
import * as f from '../fields.ts';
import { freshMailAuth, lookAtMailAuth, type MailAuth, mailAuthCalls, readMailAuth } from '../mail-auth.ts';
import { applyAll } from '../plans.ts';
import { wordedAs } from '../raw.ts';
import { type Account, lacksPackage, lookAtAccount, readAccount } from './seen.ts';

const params = z
  .strictObject({
    account: f.newAccount().meta({ label: 'Account name', placeholder: 'bob' }),
    domain: f.domain().meta({ label: 'Main domain', placeholder: 'example.com' }),
    password: f
      .password()
      .optional()
      .meta({ label: 'Password', secret: true, input: 'password', help: 'Left empty, a strong one is made.' }),
    plan: f.packageName().default('default').meta({ label: 'Package' }),
    contactEmail: f.email().optional().meta({ label: 'Contact address', input: 'email' }),
    owner: f
      .account()
      .default('root')
      .meta({ label: 'Owner', help: 'root, or the reseller that the account belongs to.' }),
    reseller: f.flag().default(false).meta({ label: 'Reseller', help: 'Give the account reseller rights.' }),
    language: f.name().optional().meta({ label: 'Language' }),
    theme: f.name().optional().meta({ label: 'Theme' }),
    uid: f.whole(1000, 4_000_000_000).optional().meta({ label: 'User id', input: 'hidden' }),
    dkimKey: f.privateKey().optional().meta({ label: 'DKIM key', input: 'hidden', secret: true }),
  })
  .refine((p) => f.mayUse(p.password, p.account), { path: ['password'], message: f.containsName });

type Params = z.output<typeof params>;

interface Seen {
  readonly account: Account | undefined;
  readonly auth: MailAuth;
}

/** Limits stay out: with a package WHM takes them from there, and they are the same on every master only so. */
function createacct(p: Params) {
  return whm('createacct', {
    username: p.account,
    domain: p.domain,
    password: p.password,
    plan: p.plan,
    contactemail: p.contactEmail,
    owner: p.owner,
    reseller: p.reseller ? 1 : undefined,
    language: p.language,
    cpmod: p.theme,
    uid: p.uid,
    gid: p.uid,
    ip: 'n',
    dkim: 1,
    spf: 1,
    showpass: 'n',
  });
}

function isOurs(p: Params, account: Account): boolean {
  return (
    account.domain === p.domain &&
    account.plan === p.plan &&
    account.owner === p.owner &&
    (p.uid === undefined || account.uid === p.uid)
  );
}

const users = z.object({ users: numeric });

function count(answer: Answer | undefined): number | undefined {
  const parsed = answer?.ok ? users.safeParse(answer.data) : undefined;
  return parsed?.success ? parsed.data.users : undefined;
}

/** 0 and less stand for a licence without a limit. */
function lacksSeat(most: number | undefined, now: number | undefined): string | undefined {
  if (most === undefined || now === undefined || most <= 0 || now < most) return undefined;
  return `The licence allows ${most} accounts and ${now} exist.`;
}

const owner = z.object({ user: z.string().nullish() });

function takenDomain(answer: Answer | undefined, domain: string): string | undefined {
  const parsed = answer?.ok ? owner.safeParse(answer.data) : undefined;
  const user = parsed?.success ? (parsed.data.user ?? '') : '';
  return user === '' ? undefined : `The domain “${domain}” already exists in the userdata.`;
}

function judge(p: Params, answers: readonly Answer[]): string | undefined {
  const [username, summary, domain, packages, most, now] = answers;
  if (summary?.ok && readAccount(answers, 1) !== undefined) {
    return `This system already has an account named “${p.account}”.`;
  }
  if (username !== undefined && !username.ok) return username.reason;
  return takenDomain(domain, p.domain) ?? lacksPackage(packages, p.plan) ?? lacksSeat(count(most), count(now));
}

function plan(p: Params, seen: Seen, place: Parameters<typeof mailAuthCalls>[3]): Plan {
  if (seen.account === undefined) return apply(createacct(p), ...freshMailAuth(p.domain, p.dkimKey, place));
  const exists = `This system already has an account named “${p.account}”.`;
  if (!place.sent) return refused(exists);
  if (!isOurs(p, seen.account)) return refused(`${exists} It differs from what was asked for.`);
  return applyAll(mailAuthCalls(p.domain, p.dkimKey, seen.auth, place));
}

/** WHM's other arguments either say what Tandem does anyway or are refused by name: none may be lost without a word. */
const wording = {
  names: {
    username: 'account',
    user: 'account',
    domain: 'domain',
    password: 'password',
    pass: 'password',
    plan: 'plan',
    pkg: 'plan',
    contactemail: 'contactEmail',
    owner: 'owner',
    reseller: 'reseller',
    language: 'language',
    cpmod: 'theme',
  },
  implied: {
    ip: ['n', '0', ''],
    customip: [''],
    dkim: ['1'],
    spf: ['1'],
    showpass: ['y', 'n', ''],
    frontpage: ['0', '1', ''],
    savepkg: ['0', ''],
    pkgname: [''],
    forcedns: ['0', ''],
    ownerself: ['0', ''],
    useregns: ['0', ''],
    hasuseregns: ['0', ''],
    reseller_without_domain: ['0', ''],
    featurelist: [''],
    mxcheck: [''],
    contactemail: [''],
    language: [''],
    cpmod: [''],
    password: [''],
    pass: [''],
    plan: [''],
  },
  unknown: 'name',
} as const;

/** createacct, then the same DKIM key and an SPF record with every sending address, on each master. */
export const createAccount = define({
  id: 'account.create',
  title: 'Create account',
  audience: ['staff', 'reseller'],
  params,
  homes: true,
  blind: ['password'],
  // The number proves that the account is the one that the earlier request made, and nobody else's of that name.
  retold: {
    fields: ['password'],
    ask: ({ account, password }, { uid }) =>
      password === undefined || typeof uid !== 'number'
        ? undefined
        : { action: 'account.password', params: { account, password, uid } },
  },
  again: 'read back',
  proof: 'look',
  longestSeconds: 300,
  covers: { createacct: (raw) => wordedAs(raw, wording) },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [
    exclusive(`account:${p.account}`),
    exclusive(`domain:${p.domain}`),
    shared(`package:${p.plan}`),
    shared(`reseller:${p.owner}`),
  ],
  wants: (p) => [
    ...(p.uid === undefined ? (['uid'] as const) : []),
    ...(p.password === undefined ? (['password'] as const) : []),
    ...(p.dkimKey === undefined ? (['dkimKey'] as const) : []),
  ],
  choose: (p, chosen) => ({
    ...p,
    uid: p.uid ?? chosen.uid,
    password: p.password ?? chosen.password,
    dkimKey: p.dkimKey ?? chosen.dkimKey,
  }),
  preflight: (p) => ({
    calls: [
      whm('verify_new_username', { user: p.account }),
      lookAtAccount(p.account),
      whm('getdomainowner', { domain: p.domain }),
      whm('listpkgs'),
      whm('get_maximum_users'),
      whm('get_current_users_count'),
    ],
    judge: (answers) => judge(p, answers),
  }),
  observe: (p) => [lookAtAccount(p.account), ...lookAtMailAuth(p.domain)],
  read: (p, answers): Seen => ({ account: readAccount(answers, 0), auth: readMailAuth(answers, 1, p.domain) }),
  plan,
  undo(p, seen) {
    if (seen.account === undefined) return settled;
    if (!isOurs(p, seen.account)) return refused('The account that is there is not the one that was made.');
    return apply(whm('removeacct', { username: p.account, keepdns: 0 }));
  },
});
