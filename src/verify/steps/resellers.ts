/** Rights: tokens with bounds, and resellers. */
import { type Args, api2, uapi, whm } from '../../whm/call.ts';
import { type Facts, oneOf, type Side, type Sign, type Step } from '../model.ts';
import { at, dataOf, does, makes, told } from './build.ts';
import { ask, jsonOf, topOf } from './raw.ts';

const yes = { needs: 'account', kind: 'write' } as const;

function reseller(side: Side): Sign {
  const { user, password2: password } = side.values;
  return { kind: 'basic', user, password };
}

/** A token that may only list accounts, and what it is told when it wants more. */
async function boundToken(side: Side): Promise<Facts> {
  const { token: name, user } = side.values;
  side.own({ kind: 'token', name });
  const made = await side.call(whm('api_token_create', { token_name: name, 'acl-0': 'list-accts' }));
  const token = at(dataOf(made), 'token');
  if (typeof token !== 'string') return told(made);
  side.secret(token);
  const sign: Sign = { kind: 'token', user: 'root', token };
  const may = await side.call(whm('listaccts', { search: `^${user}$`, searchtype: 'user', want: 'user' }), sign);
  const mayNot = await side.call(whm('suspendacct', { user, reason: 'x' }), sign);
  return { made: made.kind, may: may.kind, ...told(mayNot) };
}

export const resellerSteps: readonly Step[] = [
  {
    id: 'resellers.token',
    assumption:
      'A token with one right may use it; what it may not is refused with HTTP 200 and the name of the function.',
    ...yes,
    checks: ['wire.missing-right'],
    expect: { made: 'done', may: 'done', outcome: 'denied', because: /required privileges to run|permission denied/iu },
    run: boundToken,
  },
  makes({
    id: 'resellers.make',
    assumption: 'setupreseller gives an account reseller rights.',
    call: (v) => whm('setupreseller', { user: v.user, makeowner: 0 }),
  }),
  makes({
    id: 'resellers.rights',
    assumption: 'setacls gives exactly the rights that it names.',
    call: (v) => whm('setacls', { reseller: v.user, 'acl-list-accts': 1 }),
  }),
  {
    id: 'resellers.missing-right',
    assumption: 'A reseller without the right is refused with the name of the function.',
    ...yes,
    checks: ['wire.missing-right'],
    expect: { outcome: 'denied', because: /required privileges to run|permission denied/iu },
    run: async (side) =>
      told(await side.call(whm('killpkg', { pkgname: `${side.values.package}none` }), reseller(side))),
  },
  {
    id: 'resellers.missing-right-zero',
    assumption: 'In API 0 the same is said with status 0 and the same sentence.',
    ...yes,
    checks: ['errors.zero-right'],
    expect: { status: 200, no: true },
    async run(side) {
      const form: Args = [['pkg', `${side.values.package}none`]];
      const reply = await side.send(ask('/json-api/killpkg', form, reseller(side)));
      const text = reply.text.toLowerCase();
      return { ...topOf(reply), no: jsonOf(reply) !== null && /privileges|permission/u.test(text) };
    },
  },
  {
    id: 'resellers.foreign',
    assumption: 'A reseller is refused what belongs to others, as if it were not there.',
    ...yes,
    needs: 'other',
    expect: { outcome: oneOf('refused', 'denied'), because: /./u },
    run: async (side) => told(await side.call(whm('accountsummary', { user: side.values.other }), reseller(side))),
  },
  makes({
    id: 'resellers.unmake',
    assumption: 'unsetupreseller takes the rights back.',
    call: (v) => whm('unsetupreseller', { user: v.user }),
  }),
  makes({
    id: 'resellers.revoke',
    assumption: 'api_token_revoke ends a token.',
    call: (v) => whm('api_token_revoke', { token_name: v.token }),
  }),
];

/** Takes the mailboxes out of the account's features, then asks for one. */
async function withoutFeature(side: Side): Promise<Facts> {
  const { user, domain, small, password, token: list } = side.values;
  side.own({ kind: 'feature list', name: list });
  const made = await side.call(whm('create_featurelist', { featurelist: list, popaccts: 0 }));
  if (made.kind !== 'done') return told(made);
  const edited = await side.call(whm('editpkg', { name: small, featurelist: list }));
  const box = { email: 'off', domain, password, quota: 1 };
  const byUapi = await side.call(uapi(user, 'Email::add_pop', box));
  const byApi2 = await side.call(api2(user, 'Email::addpop', box));
  const back = await side.call(whm('editpkg', { name: small, featurelist: 'default' }));
  if (byUapi.kind === 'done') await side.call(uapi(user, 'Email::delete_pop', { email: 'off', domain }));
  return { edited: edited.kind, uapi: byUapi.kind, back: back.kind, ...told(byApi2) };
}

const limited = (fn: string) => `${fn} over the limit of the package is refused with a sentence.`;

/** With the package that allows one of everything; each is made twice. */
export const limitSteps: readonly Step[] = [
  does({
    id: 'limits.package',
    assumption: 'A smaller package may be set; what exceeds it stays.',
    action: 'account.change-package',
    params: (v) => ({ account: v.user, plan: v.small }),
  }),
  {
    id: 'limits.feature-off',
    assumption: 'A feature that is off is refused by name, in UAPI and in API 2.',
    ...yes,
    checks: ['errors.feature-off'],
    alone: true,
    expect: { edited: 'done', uapi: 'refused', outcome: 'refused', because: /feature/iu },
    run: withoutFeature,
  },
  ...(
    [
      [
        'limits.mail',
        'errors.limits',
        'Email::add_pop',
        (n: number, d: string, p: string) => ({ email: `box${n}`, domain: d, password: p, quota: 1 }),
      ],
      [
        'limits.ftp',
        'errors.limits',
        'Ftp::add_ftp',
        (n: number, d: string, p: string) => ({ user: `ftp${n}`, domain: d, pass: p, quota: 1, homedir: `f${n}` }),
      ],
    ] as const
  ).map(
    ([id, check, fn, args]): Step => ({
      id,
      assumption: limited(fn),
      ...yes,
      checks: [check],
      expect: { first: 'done', outcome: 'refused', because: /./u },
      async run(side) {
        const { user, domain, password } = side.values;
        const make = (n: number) =>
          side.call({
            api: 'uapi',
            fn,
            user,
            args: Object.entries(args(n, domain, password)).map(([k, v]) => [k, String(v)]),
          });
        const first = await make(1);
        return { first: first.kind, ...told(await make(2)) };
      },
    }),
  ),
  {
    id: 'limits.database',
    assumption: limited('Mysql::create_database'),
    ...yes,
    checks: ['errors.limits'],
    expect: { first: 'done', outcome: 'refused', because: /./u },
    async run(side) {
      const { user } = side.values;
      const make = (n: number) =>
        side.call({ api: 'uapi', fn: 'Mysql::create_database', user, args: [['name', `${user}_l${n}`]] });
      const first = await make(1);
      return { first: first.kind, ...told(await make(2)) };
    },
  },
  {
    id: 'limits.addon',
    assumption: limited('AddonDomain::addaddondomain'),
    ...yes,
    checks: ['errors.limit-addon'],
    expect: { first: 'done', outcome: 'refused', because: /./u },
    async run(side) {
      const { user, domain } = side.values;
      const make = (n: number) =>
        side.call({
          api: 'api2',
          fn: 'AddonDomain::addaddondomain',
          user,
          args: [
            ['newdomain', `l${n}-${domain}`],
            ['subdomain', `l${n}`],
            ['dir', `l${n}`],
          ],
        });
      const first = await make(1);
      return { first: first.kind, ...told(await make(2)) };
    },
  },
];
