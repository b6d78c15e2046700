import { describe, expect, test } from 'vitest';
import { bench, newAccount, reseller, root } from './core-engine.ts';

function server(): ReturnType<typeof bench> {
  const made = bench({ dedicated: ['192.0.2.7'] });
  made.whm('createacct', newAccount('bob'));
  made.whm('createacct', newAccount('eve'));
  return made;
}

function texts(made: ReturnType<typeof bench>): readonly string[] {
  const zone = made.engine.state.dump()['zones']?.['bob.example'] as {
    lines: readonly { type?: string; data?: readonly string[] }[];
  };
  return zone.lines.flatMap((line) => (line.type === 'TXT' ? [(line.data ?? []).join('').slice(0, 8)] : []));
}

test('bandwidth is summed over what the caller sees, for this month unless another is asked for', () => {
  const made = server();
  expect(made.whm('showbw')).toMatchObject({
    data: {
      month: 11,
      year: 2023,
      totalused: 0,
      reseller: 'root',
      acct: [{ user: 'bob', totalbytes: 0 }, { user: 'eve' }],
    },
  });
  expect(made.whm('showbw', { search: 'ev', month: '3' })).toMatchObject({
    data: { month: 3, acct: [{ user: 'eve' }] },
  });
  expect(made.whm('showbw', {}, reseller('ann', 'show-bandwidth'))).toMatchObject({ data: { acct: [] } });
});

test('packages are found by all the settings that were sent', () => {
  const made = server();
  made.whm('addpkg', { name: 'gold', quota: '100', maxpop: '5' });
  made.whm('addpkg', { name: 'tin', quota: '100', maxpop: '1' });
  expect(made.whm('matchpkgs', { QUOTA: '100', MAXPOP: '5' })).toMatchObject({ data: { pkg: [{ name: 'gold' }] } });
  expect(made.whm('matchpkgs', { QUOTA: '7' })).toMatchObject({ data: { pkg: [] } });
});

test('a mass change goes on where one account is not there', () => {
  const made = server();
  const { executed } = made.run({
    fn: 'massmodifyacct',
    args: [
      ['user', 'bob'],
      ['user-1', 'none'],
      ['user-2', 'eve'],
      ['MAXPOP', '9'],
    ],
  });
  expect(executed).toMatchObject({
    result: {
      data: {
        payload: [
          { user: 'bob', result: 1, extended: { cpuser: { MAXPOP: '9' } } },
          { user: 'none', result: 0 },
          { user: 'eve', result: 1 },
        ],
      },
    },
  });
  expect(made.whm('accountsummary', { user: 'eve' })).toMatchObject({ data: { acct: [{ maxpop: '9' }] } });
});

test('a forced password change ends with the next password', () => {
  const made = server();
  expect(made.whm('forcepasswordchange', { users_json: '{"bob":1,"eve":1}' })).toMatchObject({
    data: { updated: ['bob', 'eve'] },
  });
  made.whm('passwd', { user: 'bob', password: 'An0ther-Pass-2?' });
  expect(Object.keys(made.engine.state.dump()['forced-password-changes'] ?? {})).toEqual(['eve/password']);
  expect(made.whm('forcepasswordchange', { users_json: 'x' })).toMatchObject({ ok: false });
});

describe('resellers', () => {
  test('get addresses of this server alone, a main one and nameservers', () => {
    const made = server();
    made.whm('setupreseller', { user: 'bob' });
    expect(made.whm('getresellerips', { user: 'bob' })).toMatchObject({
      data: { all: 1, ip: ['192.0.2.1', '192.0.2.7'] },
    });
    expect(made.whm('setresellerips', { user: 'bob', delegate: '1', ips: '192.0.2.7' })).toMatchObject({
      data: { all: 0, ip: ['192.0.2.7'] },
    });
    expect(made.reason('setresellermainip', { user: 'bob', ip: '198.51.100.1' })).toBe(
      'Supplied IP address is invalid.',
    );
    expect(made.reason('setresellermainip', { user: 'bob', ip: '192.0.2.7' })).toBe('done');
    expect(made.whm('get_shared_ip', { user: 'bob' }, root)).toMatchObject({ data: { ip: '192.0.2.7' } });
    expect(made.reason('setresellernameservers', { user: 'bob', nameservers: 'ns1.x.example,ns2.x.example' })).toBe(
      'done',
    );
    expect(made.reason('setresellernameservers', { user: 'eve', nameservers: '' })).toBe('Reseller Does Not Exist');
  });
});

describe('switches of mail authentication', () => {
  test('take their records out of the zone and put them back', () => {
    const made = server();
    expect([...texts(made)].sort()).toEqual(['v=DKIM1;', 'v=spf1 +']);
    made.whm('modifyacct', { user: 'bob', HASDKIM: '0', HASSPF: '0' });
    expect(texts(made)).toEqual([]);
    made.whm('modifyacct', { user: 'bob', HASDKIM: '1', HASSPF: '1', HASDMARC: '1' });
    expect([...texts(made)].sort()).toEqual(['v=DKIM1;', 'v=DMARC1', 'v=spf1 +']);
  });

  test('a zone is left alone by a change that says nothing of them', () => {
    const made = server();
    const before = made.engine.state.dump()['zones']?.['bob.example'];
    made.whm('modifyacct', { user: 'bob', HASDKIM: '1', MAXPOP: '4' });
    expect(made.engine.state.dump()['zones']?.['bob.example']).toBe(before);
  });

  test('createacct writes the DMARC record of the server when asked', () => {
    const made = bench();
    made.whm('set_default_dmarc_record', { record: 'v=DMARC1; p=reject;' });
    made.whm('createacct', newAccount('bob', { dmarc: '1', spf: '0', dkim: '0' }));
    expect(texts(made)).toEqual(['v=DMARC1']);
    expect(made.whm('get_default_dmarc_record')).toMatchObject({
      data: { payload: { record: 'v=DMARC1; p=reject;' } },
    });
  });
});

/** The shortest of several runs: what the work itself takes on a machine that does other things too. */
function shortest(work: () => void): number {
  const times = Array.from({ length: 12 }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
  });
  return Math.min(...times);
}

test('a list of a thousand accounts costs no more than writing it as JSON three times', () => {
  const made = bench();
  for (let n = 0; n < 1000; n += 1) made.whm('createacct', newAccount(`u${n}`, { spf: '0', dkim: '0' }));
  const answer = made.whm('listaccts');
  const writing = shortest(() => JSON.stringify(answer));
  expect(shortest(() => made.whm('listaccts'))).toBeLessThan(3 * writing);
});
