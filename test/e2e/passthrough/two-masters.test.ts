/** What two masters that differ look like through one door, and what becomes of a call that is made again. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { countOf, effectsOf } from '../../support/chaos.ts';
import { fault } from '../../support/pair.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
/** Calls with it are answered after a second at the latest. */
let hasty: string;

beforeAll(async () => {
  stage = await openStage({
    each: { m1: { version: '11.136.0.5' }, m2: { version: '11.134.0.20' } },
    // A call that is slow here is slow, and not in doubt.
    timing: { longestSeconds: 20, leadDoubtSeconds: 20 },
  });
  hasty = await tokenThatWaits(1);
});
afterAll(() => stage.close());
afterEach(() => stage.healed());

async function tokenThatWaits(seconds: number): Promise<string> {
  const path = `/json-api/api_token_create?api.version=1&token_name=waits-${seconds}&tandem.wait=${seconds}`;
  const { data } = (await stage.whm(path)).json() as never as { data: Record<string, unknown> };
  expect(data).toMatchObject({ name: `waits-${seconds}`, 'tandem.wait': seconds });
  return `whm root:${String(data['token'])}`;
}

async function ask(path: string, authorization?: string): Promise<Record<string, unknown>> {
  const headers = authorization === undefined ? {} : { headers: { authorization } };
  return (await stage.whm(`/json-api/${path}`, headers)).json();
}

const good = { metadata: { result: 1 } };
const goesOn = { metadata: { result: 0, reason: expect.stringContaining('goes on') } };
const down = (id: 'm1' | 'm2') => fault(stage.pair[id], { kind: 'down', function: '*' });

function row(id: 'm1' | 'm2', user: string): Record<string, unknown> | undefined {
  // The simulator's rows are objects of its own making.
  return stage.pair[id].engine.state.dump()['accounts']?.[user] as Record<string, unknown> | undefined;
}

describe('two masters that differ', () => {
  async function used(id: 'm1' | 'm2', user: string, diskMb: number, bandwidthBytes: number): Promise<void> {
    const body = JSON.stringify({ user, diskMb, bandwidthBytes });
    expect((await fetch(`${stage.pair[id].controlUrl}/_sim/usage`, { method: 'POST', body })).ok).toBe(true);
  }

  beforeAll(async () => {
    await stage.perform('account.create', { account: 'eve', domain: 'eve.example', plan: 'gold' });
    await Promise.all([used('m1', 'bob', 10, 1000), used('m2', 'bob', 30, 500)]);
    await Promise.all([used('m1', 'eve', 8, 7), used('m2', 'eve', 2, 0)]);
  });

  it('have the lower version, in every shape', async () => {
    expect(await ask('version?api.version=1')).toMatchObject({ data: { version: '11.134.0.20' } });
    expect(await ask('version')).toEqual({ version: '11.134.0.20' });
    expect((await stage.whm('/xml-api/version')).text).toContain('<version>11.134.0.20</version>');
  });

  it('use of a disk what the fuller one says', async () => {
    const { data } = (await ask('listaccts?api.version=1')) as { data: { acct: Record<string, unknown>[] } };
    expect(data.acct.map(({ user, diskused }) => [user, diskused]).sort()).toEqual([
      ['bob', '30M'],
      ['eve', '8M'],
    ]);
    expect(await ask('accountsummary?user=bob')).toMatchObject({ acct: [{ user: 'bob', diskused: '30M' }] });
  });

  it('carried together what both count', async () => {
    const { data } = (await ask('showbw?api.version=1')) as never as {
      data: { acct: Record<string, unknown>[]; totalused: number };
    };
    expect(data.acct.map(({ user, totalbytes }) => [user, totalbytes]).sort()).toEqual([
      ['bob', 1500],
      ['eve', 7],
    ]);
    expect(data.totalused).toBe(1507);
  });

  it('have an account suspended when one has, and tell what they can when the other is away', async () => {
    await stage.pair.core.clients.get('m2')?.call({ api: 'whm', fn: 'suspendacct', args: [['user', 'eve']] });
    await vi.waitFor(async () =>
      expect(await ask('accountsummary?user=eve')).toMatchObject({ acct: [{ suspended: 1 }] }),
    );
    await stage.pair.core.clients.get('m2')?.call({ api: 'whm', fn: 'unsuspendacct', args: [['user', 'eve']] });
    await down('m2');
    await vi.waitFor(
      async () =>
        expect(await ask('listaccts?search=bob&searchtype=user')).toMatchObject({ acct: [{ diskused: '10M' }] }),
      10_000,
    );
  });

  it.each(['m1', 'm2'] as const)('show the outside’s addresses and names also with %s down', async (id) => {
    await down(id);
    for (const path of [
      'listaccts',
      'accountsummary?user=bob',
      'listips',
      'gethostname',
      'dumpzone?domain=bob.example',
    ]) {
      const { text } = await stage.whm(`/json-api/${path}`);
      expect(text).toContain(path === 'gethostname' ? 'm1.example.net' : '"127.0.1.1"');
      // An SPF record names both, as it must; a zone's first comment says who wrote it.
      expect(text).not.toMatch(path.startsWith('dumpzone') ? /"127\.0\.1\.2"/ : /127\.0\.1\.2|m2\.example\.net/);
    }
    const { text } = await stage.whm('/json-api/parse_dns_zone?api.version=1&zone=bob.example');
    expect(text).toContain(Buffer.from('127.0.1.1').toString('base64'));
    expect(text).not.toContain(Buffer.from('127.0.1.2').toString('base64'));
  });
});

describe('how long a call waits', () => {
  it('is said by its token; then the shape asked for says that it goes on, and it does', async () => {
    await fault(stage.pair.m1, { kind: 'slow', function: 'passwd', ms: 5000 });
    const started = Date.now();
    expect(await ask('passwd?api.version=1&user=bob&password=Bb2!other-battery-staple', hasty)).toMatchObject(goesOn);
    expect(Date.now() - started).toBeGreaterThan(900);
    expect(Date.now() - started).toBeLessThan(4900);
    for (const id of ['m1', 'm2'] as const)
      await vi.waitFor(() => expect(row(id, 'bob')?.['password']).toBe('Bb2!other-battery-staple'), 10_000);
    await fault(stage.pair.m1, { kind: 'slow', function: 'passwd', ms: 2500 });
    const zero = await ask('passwd?user=bob&pass=Cc3!third-battery-staple', hasty);
    expect(zero).toMatchObject({ passwd: [{ status: 0, statusmsg: expect.stringContaining('goes on') }] });
    const patient = await tokenThatWaits(30);
    expect(await ask('passwd?api.version=1&user=bob&password=Dd4!fourth-battery', patient)).toMatchObject(good);
  });

  it('is kept when a token is changed by a program that knows nothing of it, and changed by one that does', async () => {
    const shown = async () => {
      const { data } = (await ask('api_token_list?api.version=1')) as never as { data: { tokens: object } };
      return (data.tokens as Record<string, Record<string, unknown>>)['waits-1']?.['tandem.wait'];
    };
    expect(await ask('api_token_update?api.version=1&token_name=waits-1')).toMatchObject(good);
    expect(await shown()).toBe(1);
    expect(await ask('api_token_update?api.version=1&token_name=waits-1&tandem.wait=7000')).toMatchObject({
      metadata: { result: 0 },
    });
    expect(await ask('api_token_update?api.version=1&token_name=waits-1&tandem.wait=0')).toMatchObject(good);
    expect(await shown()).toBeUndefined();
    expect(await ask('api_token_update?api.version=1&token_name=waits-1&tandem.wait=1')).toMatchObject(good);
  });
});

describe('a call that is made again', () => {
  const create = (user: string, password: string) =>
    `createacct?api.version=1&username=${user}&domain=${user}.example&plan=gold&password=${password}`;

  it('attaches while the first goes on, and is one call to each master', async () => {
    const before = [await countOf(stage.pair.m1, 'suspendacct'), await countOf(stage.pair.m2, 'suspendacct')];
    await fault(stage.pair.m1, { kind: 'slow', function: 'suspendacct', ms: 3500 });
    expect(await ask('suspendacct?api.version=1&user=bob&reason=late', hasty)).toMatchObject(goesOn);
    const both = ['api.version=1&', ''].map((version) => ask(`suspendacct?${version}user=bob&reason=late`, hasty));
    expect((await Promise.all(both))[0]).toMatchObject(goesOn);
    await vi.waitFor(async () => {
      expect(await ask('suspendacct?api.version=1&user=bob&reason=late', hasty)).toMatchObject(good);
    }, 10_000);
    await vi.waitFor(() => expect(row('m2', 'bob')).toMatchObject({ suspended: true }), 10_000);
    const counts = [await countOf(stage.pair.m1, 'suspendacct'), await countOf(stage.pair.m2, 'suspendacct')];
    expect(counts.map((count, at) => count - (before[at] ?? 0))).toEqual([1, 1]);
  });

  it('is a new one once something came between: suspend, unsuspend, suspend', async () => {
    for (const [fn, suspended] of [
      ['unsuspendacct', false],
      ['suspendacct', true],
      ['unsuspendacct', false],
    ] as const) {
      expect(await ask(`${fn}?api.version=1&user=bob`)).toMatchObject(good);
      for (const id of ['m1', 'm2'] as const)
        await vi.waitFor(() => expect(row(id, 'bob')).toMatchObject({ suspended }), 10_000);
    }
  });

  it('of which the first was answered makes a second record, on both masters', async () => {
    const add = 'addzonerecord?api.version=1&domain=bob.example&name=twice&type=A&address=192.0.2.9&ttl=300';
    expect(await ask(add)).toMatchObject(good);
    expect(await ask(add)).toMatchObject(good);
    for (const id of ['m1', 'm2'] as const)
      await vi.waitFor(async () => {
        const call = { api: 'whm', fn: 'dumpzone', args: [['domain', 'bob.example']] } as const;
        const outcome = await stage.pair.core.clients.get(id)?.call(call);
        if (outcome?.kind === 'done')
          expect(JSON.stringify(outcome.data).match(/"twice\.bob\.example\./g)).toHaveLength(2);
      }, 10_000);
  });

  it('gets the outcome that its first caller did not wait for, and a new password is set on both', async () => {
    await fault(stage.pair.m1, { kind: 'slow', function: 'createacct', ms: 2500 });
    expect(await ask(create('paya', 'Aa1!first-battery-9'), hasty)).toMatchObject(goesOn);
    const again = () => ask(create('paya', 'Bb2!second-battery-9'), hasty);
    await vi.waitFor(async () => expect(await again()).toMatchObject({ ...good, data: { package: 'gold' } }), 15_000);
    expect(row('m1', 'paya')?.['password']).toBe('Bb2!second-battery-9');
    await vi.waitFor(() => expect(row('m2', 'paya')?.['password']).toBe('Bb2!second-battery-9'), 10_000);
    const made = (await effectsOf(stage.pair.m1)).filter((one) => one.account === 'paya').map((one) => one.fn);
    expect(made.filter((fn) => fn === 'createacct' || fn === 'passwd')).toEqual(['createacct', 'passwd']);
    // Another program's request is another one: the name is taken.
    expect(await ask(create('paya', 'Cc3!third-battery-9'))).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('already') },
    });
    expect(row('m1', 'paya')?.['password']).toBe('Bb2!second-battery-9');
  });

  it('also when the first was done meanwhile, with M2 down, and when the second was not waited for either', async () => {
    await down('m2');
    await fault(stage.pair.m1, { kind: 'slow', function: 'createacct', ms: 1500 });
    expect(await ask(create('payb', 'Aa1!first-battery-9'), hasty)).toMatchObject(goesOn);
    await vi.waitFor(async () => {
      const list = await stage.pair.core.operations.list({ account: 'payb' });
      expect(list.map((one) => one.state)).toEqual(['following']);
    }, 10_000);
    await fault(stage.pair.m1, { kind: 'slow', function: 'passwd', ms: 2500 });
    expect(await ask(create('payb', 'Bb2!second-battery-9'), hasty)).toMatchObject(goesOn);
    const third = () => ask(create('payb', 'Cc3!third-battery-9'), hasty);
    await vi.waitFor(async () => expect(await third()).toMatchObject(good), 15_000);
    expect(row('m1', 'payb')?.['password']).toBe('Cc3!third-battery-9');
    await stage.healed();
    await vi.waitFor(() => expect(row('m2', 'payb')?.['password']).toBe('Cc3!third-battery-9'), 15_000);
  });

  it('sets no password of an account that another request made', async () => {
    expect(await ask(create('payc', 'Aa1!first-battery-9'))).toMatchObject(good);
    for (const password of ['Bb2!second-battery-9', 'Cc3!third-battery-9'])
      expect(await ask(create('payc', password), hasty)).toMatchObject({ metadata: { result: 0 } });
    await vi.waitFor(() => expect(row('m2', 'payc')).toBeDefined(), 10_000);
    expect([row('m1', 'payc')?.['password'], row('m2', 'payc')?.['password']]).toEqual(
      Array.from({ length: 2 }, () => 'Aa1!first-battery-9'),
    );
  });
});
