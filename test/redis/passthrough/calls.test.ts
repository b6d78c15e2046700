import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Refused } from '../../../src/errors.ts';
import { get, post, root } from './ask.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(async () => {
  await desk.close();
});

describe('a change', () => {
  it('becomes one operation, and the lead’s own data and reason come back in version 1', async () => {
    const data = { ip: '192.0.2.5', nameserver: 'ns1.example.net', package: 'gold' };
    desk.decide({
      state: 'following',
      answers: [
        { fn: 'accountsummary', reason: 'x', data: {} },
        { fn: 'createacct', reason: 'Account Creation Ok', data },
      ],
    });
    const body =
      'api.version=1&username=carl&domain=carl.example&plan=gold&password=Xy7-fast-horse-lake&contactemail=c%40example.net';
    expect(await post(desk, '/json-api/createacct', body, { 'idempotency-key': 'order-17' })).toEqual({
      data,
      metadata: { version: 1, command: 'createacct', result: 1, reason: 'Account Creation Ok' },
    });
    expect(desk.accepted).toHaveLength(1);
    expect(desk.accepted[0]).toMatchObject({
      action: 'account.create',
      door: 'passthrough',
      idempotencyKey: 'order-17',
      actor: { name: 'root' },
    });
  });

  it('answers in version 0 when no version is given', async () => {
    desk.decide({ state: 'done', answers: [{ fn: 'suspendacct', reason: 'bob suspended', data: undefined }] });
    expect(await get(desk, '/json-api/suspendacct?user=bob')).toEqual({
      result: [{ status: 1, statusmsg: 'bob suspended', rawout: '' }],
    });
  });

  it.each([
    ['accepted', /01OPERATION.*goes on/],
    ['undecided', /01OPERATION.*Do not repeat/],
    ['refused', /^This system already has an account/],
    ['withdrawn', /nothing was changed/],
  ] as const)('that is %s is never answered OK', async (state, sentence) => {
    desk.decide({
      state,
      error: {
        code: 'x',
        message: state === 'undecided' ? 'lost' : 'M1: This system already has an account named “bob”.',
      },
    });
    const body = await get(desk, '/json-api/suspendacct?api.version=1&user=bob');
    expect(body).toEqual({
      metadata: { version: 1, command: 'suspendacct', result: 0, reason: expect.stringMatching(sentence) },
    });
  });

  it('that pre-flight refuses has WHM’s own sentence', async () => {
    desk.refuse(new Refused('M2: Sorry, "gold" is not a valid package name.'));
    expect(await get(desk, '/json-api/suspendacct?api.version=1&user=bob')).toEqual({
      metadata: { version: 1, command: 'suspendacct', result: 0, reason: 'Sorry, "gold" is not a valid package name.' },
    });
  });

  it('with both servers down is refused at once', async () => {
    desk.down();
    expect(await get(desk, '/json-api/suspendacct?api.version=1&user=bob')).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('No server can be reached') },
    });
  });

  it('of which nothing was sent before both servers went down is taken back', async () => {
    desk.down();
    desk.decide({ state: 'accepted', canWithdraw: true });
    expect(await get(desk, '/json-api/suspendacct?api.version=1&user=bob')).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('withdrawn') },
    });
  });

  it('with wrong parameters reaches nobody and says which', async () => {
    expect(await get(desk, '/json-api/createacct?api.version=1&username=9bad&domain=x')).toMatchObject({
      metadata: { result: 0, reason: expect.stringMatching(/domain/) },
    });
    expect(desk.accepted).toEqual([]);
  });

  it('that is not the caller’s to make is refused in cPanel’s words', async () => {
    expect(
      await get(desk, '/json-api/suspendacct?api.version=1&user=eve', { authorization: 'whm rita:GOOD' }),
    ).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('You do not have the required privileges to run') },
    });
    expect(desk.accepted).toEqual([]);
  });
});

describe('a reseller', () => {
  const rita = { authorization: 'whm rita:GOOD' };
  const create = '/json-api/createacct?api.version=1&username=carl&domain=carl.example';

  it('owns what it makes, as it would with WHM itself', async () => {
    const data = { pkg: [{ name: 'rita_default', QUOTA: '100' }], reseller: { limit: null } };
    desk.answer({ kind: 'done', data, reason: 'OK', warnings: [], body: undefined });
    await get(desk, create, rita);
    expect(desk.accepted).toMatchObject([
      { action: 'account.create', params: { owner: 'rita', plan: 'rita_default' } },
    ]);
  });

  it('makes no account beyond its limit', async () => {
    const data = { pkg: [{ name: 'rita_default' }], reseller: { limit: 2, active: 1, suspended: 1 } };
    desk.answer({ kind: 'done', data, reason: 'OK', warnings: [], body: undefined });
    expect(await get(desk, create, rita)).toMatchObject({
      metadata: { result: 0, reason: 'Sorry, you have reached your account limit of 2 accounts.' },
    });
    expect(desk.accepted).toEqual([]);
  });

  it('uses no other reseller’s package', async () => {
    const data = { pkg: [{ name: 'eve_big' }], reseller: { limit: null } };
    desk.answer({ kind: 'done', data, reason: 'OK', warnings: [], body: undefined });
    expect(await get(desk, `${create}&plan=eve_big`, rita)).toMatchObject({
      metadata: { result: 0, reason: 'Sorry, "eve_big" is not a valid package name.' },
    });
    expect(desk.accepted).toEqual([]);
  });

  it('sees of packages its own and the global ones', async () => {
    const data = { pkg: [{ name: 'rita_a' }, { name: 'eve_b' }, { name: 'gold' }] };
    desk.answer({ kind: 'done', data, reason: 'OK', warnings: [], body: undefined });
    expect(await get(desk, '/json-api/listpkgs?api.version=1', rita)).toMatchObject({
      data: { pkg: [{ name: 'rita_a' }, { name: 'gold' }] },
    });
  });

  it.each(['&owner=root', '&owner=eve', '&reseller=1'])('cannot make an account with %s', async (more) => {
    expect(await get(desk, `${create}${more}`, rita)).toMatchObject({ metadata: { result: 0 } });
    expect(desk.accepted).toEqual([]);
  });

  it('suspends its own account', async () => {
    expect(await get(desk, '/json-api/suspendacct?api.version=1&user=bob', rita)).toMatchObject({
      metadata: { result: 1 },
    });
  });
});

describe('a read', () => {
  const body = {
    metadata: { version: 1, reason: 'OK', result: 1, command: 'listpkgs' },
    data: { pkg: [{ name: 'gold', QUOTA: '100' }] },
  };

  it('is relayed with the master’s own envelope, keys in their order, compact', async () => {
    desk.answer({ kind: 'done', data: body.data, reason: 'OK', warnings: [], body });
    const response = await fetch(`${desk.url}/json-api/listpkgs?api.version=1&want=a&want=b`, { headers: root });
    expect(await response.text()).toBe(JSON.stringify(body));
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(desk.read).toEqual([
      {
        api: 'whm',
        fn: 'listpkgs',
        args: [
          ['want', 'a'],
          ['want', 'b'],
        ],
      },
    ]);
  });

  it('is the same under a security token in the path', async () => {
    desk.answer({ kind: 'done', data: body.data, reason: 'OK', warnings: [], body });
    expect(await get(desk, '/cpsess0123456789/json-api/listpkgs')).toEqual({ package: body.data.pkg });
  });

  it('that proves nothing is a failure', async () => {
    desk.answer({ kind: 'in-doubt', reason: 'no answer in 20 s' });
    expect(await get(desk, '/json-api/listpkgs?api.version=1')).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('no answer in 20 s') },
    });
  });

  it('of the version is the lowest of the pair', async () => {
    const answer = {
      data: { version: '11.136.0.5' },
      metadata: { version: 1, reason: 'OK', result: 1, command: 'version' },
    };
    desk.answer({ kind: 'done', data: answer.data, reason: 'OK', warnings: [], body: answer });
    expect(await get(desk, '/json-api/version?api.version=1')).toEqual({ ...answer, data: { version: '11.134.0.20' } });
    expect(await get(desk, '/json-api/version')).toEqual({ version: '11.134.0.20' });
  });

  it('of all accounts shows a reseller its own', async () => {
    const acct = [
      { user: 'bob', diskused: '1M' },
      { user: 'eve', diskused: '2M' },
    ];
    desk.answer({
      kind: 'done',
      data: { acct },
      reason: 'OK',
      warnings: [],
      body: { data: { acct }, metadata: { result: 1 } },
    });
    expect(await get(desk, '/json-api/listaccts', { authorization: 'whm rita:GOOD' })).toEqual({
      status: 1,
      statusmsg: 'Ok',
      acct: [acct[0]],
    });
    expect(await get(desk, '/json-api/listaccts')).toMatchObject({ acct });
  });

  it.each([
    'accountsummary?api.version=1&user=eve',
    'listips?api.version=1',
    'accountsummary?api.version=1&user=bob&domain=eve.example',
  ])('%s of what is not a reseller’s reaches no master', async (path) => {
    expect(await get(desk, `/json-api/${path}`, { authorization: 'whm rita:GOOD' })).toMatchObject({
      metadata: { result: 0 },
    });
    expect(desk.read).toEqual([]);
  });
});
