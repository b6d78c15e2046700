import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { publicKeyOf } from '../../../src/actions/rsa.ts';
import type { Answer } from '../../../src/whm/outcome.ts';
import {
  account,
  action,
  both,
  masters,
  no,
  noAccount,
  ok,
  placeOf,
  planned,
  type Row,
  told,
  zoneAnswer,
} from './support.ts';

const pair = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
const other = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
}).privateKey;
const pem = pair.privateKey;
const spf = 'v=spf1 +a +mx +ip4:192.0.2.1 +ip4:198.51.100.2 ~all';

function txt(name: string, text: string) {
  return { name, type: 'TXT', ttl: 14400, data: text.match(/.{1,255}/g) ?? [] };
}

const dkim = (key: string) => txt('default._domainkey', `v=DKIM1; k=rsa; p=${publicKeyOf(key)};`);
const keyAnswer = (key: string | null) => ok({ payload: [{ domain: 'bob.example', pem: key }] });
const zone = (...records: ReturnType<typeof txt>[]) => zoneAnswer('bob.example', 7, records);
const nothing = [noAccount, no('You do not control the domain “bob.example”.'), no('The zone does not exist.')];

const wish = {
  account: 'bob',
  domain: 'bob.example',
  password: 'Str0ng-enough!',
  plan: 'gold',
  contactEmail: 'bob@mail.example',
  uid: 5001,
  dkimKey: pem,
};
const bare =
  'username=bob domain=bob.example password=Str0ng-enough! plan=gold contactemail=bob@mail.example owner=root';
const made = `createacct ${bare} uid=5001 gid=5001 ip=n dkim=1 spf=1 showpass=n`;
const installKey = `install_dkim_private_keys domain=bob.example key=${pem}`;
const installSpf = `install_spf_records domain=bob.example record=${spf}`;
const exists = 'This system already has an account named “bob”.';

describe('account.create', () => {
  const rows: readonly Row[] = [
    ['a new account gets one key and all sending addresses', wish, nothing, false, [made, installKey, installSpf]],
    [
      'one that is there before a send is refused in WHM’s words',
      wish,
      [account(), keyAnswer(pem), zone()],
      false,
      `refused: ${exists}`,
    ],
    [
      'ours with key, record and SPF is settled',
      wish,
      [account(), keyAnswer(pem), zone(dkim(pem), txt('bob.example.', spf))],
      true,
      'settled',
    ],
    [
      'another uid is a conflict',
      wish,
      [account({ uid: 5002 }), keyAnswer(pem), zone()],
      true,
      `refused: ${exists} It differs from what was asked for.`,
    ],
    [
      'another package is a conflict',
      wish,
      [account({ plan: 'silver' }), keyAnswer(pem), zone()],
      true,
      `refused: ${exists} It differs from what was asked for.`,
    ],
    [
      'another domain is a conflict',
      wish,
      [account({ domain: 'x.example' }), keyAnswer(pem), zone()],
      true,
      `refused: ${exists} It differs from what was asked for.`,
    ],
    [
      'a uid as text is the same uid',
      wish,
      [account({ uid: '5001' }), keyAnswer(pem), zone(dkim(pem), txt('bob.example.', spf))],
      true,
      'settled',
    ],
    [
      'the master’s own key is replaced',
      wish,
      [account(), keyAnswer(other), zone(dkim(other), txt('bob.example.', spf))],
      true,
      [installKey],
    ],
    [
      'a missing key and a poor SPF record are both put right',
      wish,
      [account(), keyAnswer(null), zone(txt('bob.example.', 'v=spf1 +a +mx ~all'))],
      true,
      [installKey, installSpf],
    ],
    [
      'SPF keeps what it says and ends as it did',
      wish,
      [account(), keyAnswer(pem), zone(dkim(pem), txt('bob.example.', 'v=spf1 include:x.example +ip4:192.0.2.1 -all'))],
      true,
      ['install_spf_records domain=bob.example record=v=spf1 include:x.example +ip4:192.0.2.1 +ip4:198.51.100.2 -all'],
    ],
  ];
  it.each(rows)('%s', (...row) => {
    const { got, wanted } = both('account.create', row);
    expect(got).toEqual(wanted);
  });

  it('a record that still says an older key is rewritten from the zone that was read', () => {
    const answers = [account(), keyAnswer(pem), zone(txt('bob.example.', spf), dkim(other))];
    for (const master of masters.list) {
      const calls = planned('account.create', wish, answers, placeOf(master.id, true));
      expect(calls).toHaveLength(1);
      expect(calls[0]).toContain('mass_edit_dns_zone zone=bob.example serial=7 edit-0={"line_index":5,');
      expect(calls[0]?.replace(/","/g, '')).toContain(`p=${publicKeyOf(pem)};`);
    }
  });

  it('a look that fails for another reason proves nothing', () => {
    const answers = [no('Internal error (XID abc123)'), keyAnswer(null), zone()];
    expect(() => planned('account.create', wish, answers, placeOf('m1', false))).toThrow('a look was refused');
  });

  it('what must be equal everywhere is asked for once, and only where it is not given', () => {
    const create = action('account.create');
    const p = create.params.parse({ account: 'bob', domain: 'bob.example' });
    expect(create.wants?.(p)).toEqual(['uid', 'password', 'dkimKey']);
    const chosen = create.choose?.(p, { uid: 7000, password: 'Ch0sen-by-us', dkimKey: pem });
    expect(chosen).toMatchObject({ uid: 7000, password: 'Ch0sen-by-us', dkimKey: pem });
    expect(create.wants?.(create.params.parse(wish))).toEqual([]);
  });

  it('it touches the account, its domain, its package and its owner', () => {
    const create = action('account.create');
    expect(create.keys(create.params.parse({ ...wish, owner: 'rita' }))).toEqual([
      { name: 'account:bob', exclusive: true },
      { name: 'domain:bob.example', exclusive: true },
      { name: 'package:gold', exclusive: false },
      { name: 'reseller:rita', exclusive: false },
    ]);
  });

  const free: readonly Answer[] = [
    ok(undefined),
    noAccount,
    ok({ user: null }),
    ok({ pkg: [{ name: 'gold' }] }),
    ok({ users: 100 }),
    ok({ users: 3 }),
  ];
  const instead = (at: number, answer: Answer) => free.map((a, index) => (index === at ? answer : a));
  it.each([
    ['a free name on a server with seats passes', free, undefined],
    [
      'a name that WHM refuses',
      instead(0, no('“bob” is a reserved username on this system.')),
      '“bob” is a reserved username on this system.',
    ],
    ['a name that is taken', instead(1, account()), exists],
    [
      'a domain that is taken',
      instead(2, ok({ user: 'eve' })),
      'The domain “bob.example” already exists in the userdata.',
    ],
    [
      'a package that is not there',
      instead(3, ok({ pkg: [{ name: 'silver' }] })),
      'Sorry, "gold" is not a valid package name.',
    ],
    ['a full licence', instead(5, ok({ users: '100' })), 'The licence allows 100 accounts and 100 exist.'],
    ['a licence without a limit passes', instead(4, ok({ users: 0 })), undefined],
  ])('before it: %s', (_sentence, answers, verdict) => {
    const create = action('account.create');
    const preflight = create.preflight?.(create.params.parse(wish), placeOf('m2', false));
    expect(preflight?.calls).toHaveLength(answers.length);
    expect(preflight?.judge(answers)).toBe(verdict);
  });

  it('it is undone only where the account is the one that was made', () => {
    const create = action('account.create');
    const p = create.params.parse(wish);
    const undo = (answer: Answer) => {
      const place = placeOf('m2', true);
      const plan = create.undo?.(p, create.read(p, [answer, keyAnswer(pem), zone()], place), place);
      return plan === undefined ? undefined : told(plan);
    };
    expect(undo(account())).toEqual(['removeacct username=bob keepdns=0']);
    expect(undo(account({ uid: 9 }))).toMatch(/^refused/);
    expect(undo(noAccount)).toBe('settled');
  });

  it.each([
    ['a password with the name in it', { password: 'Bobby-1234567', account: 'bobby' }],
    ['a domain with a space', { domain: 'bob example' }],
    ['an unknown parameter', { forcedns: '1' }],
    ['a key that is no key', { dkimKey: 'secret' }],
  ])('%s never reaches a master', (_sentence, over) => {
    expect(action('account.create').params.safeParse({ ...wish, ...over }).success).toBe(false);
  });
});
