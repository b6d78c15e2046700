import { describe, expect, it } from 'vitest';
import { disguiseOf } from '../../../src/verify/disguise.ts';
import { thinned } from '../../../src/verify/evidence.ts';
import type { Evidence, Json, Values } from '../../../src/verify/model.ts';

const values: Values = {
  user: 'tvabcde',
  domain: 'tvabcde.tandem-verify.example',
  password: 'p1',
  password2: 'p2',
  other: 'twabcde',
  otherDomain: 'twabcde.tandem-verify.example',
  package: 'tvabcde_plan',
  small: 'tvabcde_small',
  token: 'tvabcdet',
  uid: 61_234,
  dkimKey: 'k',
  dkimKey2: 'k',
  certificate: 'c',
  certificateKey: 'k',
  address: '203.0.113.7',
  hostname: 'web7.host.example.org',
};
const disguise = disguiseOf(values, { hostname: values.hostname, address: values.address, connect: '10.0.0.7' });

function hidden(body: Json, simulated: Json = {}): Json | undefined {
  const evidence = (one: Json): Evidence => {
    const request = { port: 'whm', sign: 'ours', path: '/', form: [['user', 'tvabcde']] as const };
    const exchange = { fn: 'x', request, status: 200, contentType: '', outcome: 'done', body: one } as const;
    return { step: 'a.b', facts: {}, exchanges: [exchange], late: [] };
  };
  return disguise.evidence({ maps: ['tokens'] }, evidence(body), evidence(simulated)).exchanges[0]?.body;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const cases: readonly (readonly [fact: string, body: Json, shown: Json])[] = [
  [
    'names of the run become fixed ones',
    { domain: 'www.tvabcde.tandem-verify.example' },
    { domain: 'www.account.example' },
  ],
  [
    'what is named after the account follows',
    { plan: 'tvabcde_plan', db: 'tvabcde_shop' },
    { plan: 'account_plan', db: 'account_shop' },
  ],
  [
    'the server’s name and addresses go',
    { h: 'web7.host.example.org', ip: '203.0.113.7', c: '10.0.0.7' },
    { h: 'master.example', ip: '192.0.2.1', c: '192.0.2.1' },
  ],
  ['other addresses go', { reason: 'from 198.51.100.4' }, { reason: 'from 192.0.2.250' }],
  ['other people’s texts go', { user: 'somebody', owner: 'reseller9' }, { user: 'text', owner: 'text' }],
  [
    'mail addresses go, also out of sentences',
    { reason: 'sent to joe@company.com' },
    { reason: 'sent to somebody@somewhere.example' },
  ],
  [
    'numbers, limits and yes and no stay',
    { a: '12', b: 'unlimited', c: 'y', d: '14M', e: 3 },
    { a: '12', b: 'unlimited', c: 'y', d: '14M', e: 3 },
  ],
  [
    'the uid becomes a fixed one',
    { uid: 61_234, gid: '61234', time: '1761234000' },
    { uid: 60_000, gid: '60000', time: '1761234000' },
  ],
  [
    'base64 is looked into',
    { dname_b64: base64('tvabcde.tandem-verify.example.') },
    { dname_b64: base64('account.example.') },
  ],
  ['keys that are names of somebody go', { 'company.com-zone': 1 }, { 'name-0': 1 }],
  ['a short user name goes as well', { user: 'bob' }, { user: 'text' }],
  [
    'an address by itself goes, a version stays',
    { a: '198.51.100.4', v: '11.134.0.20' },
    { a: '192.0.2.250', v: '11.134.0.20' },
  ],
  ['names as keys go', { tokens: { billing: { a: 1 } } }, { tokens: { 'name-0': { a: 1 } } }],
  [
    'keys of the interface stay',
    { MAX_EMAIL_PER_HOUR: '1', new_field: '1' },
    { MAX_EMAIL_PER_HOUR: '1', new_field: '1' },
  ],
];

describe('recordings', () => {
  it.each(cases)('%s', (_fact, body, shown) => {
    expect(hidden(body)).toEqual(shown);
  });

  it('a text that the simulator says as well stays', () => {
    expect(hidden({ theme: 'jupiter', shell: 'own' }, { theme: 'jupiter' })).toEqual({
      theme: 'jupiter',
      shell: 'text',
    });
  });

  it('of a long list one entry of each shape is kept', () => {
    const rows: Json[] = Array.from({ length: 1000 }, (_, n) => (n % 2 === 0 ? { a: n } : { a: String(n) }));
    expect(thinned({ rows })).toEqual({ rows: [{ a: 0 }, { a: '1' }] });
  });
});
