import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { SimulatorOptions } from '../../../src/simulator/index.ts';
import { contract } from '../../../src/verify/contract.ts';
import type { Check } from '../../../src/verify/verify.ts';
import { dailyEvery } from '../../support/thorough.ts';
import { openStage, type Stage } from './stage.ts';

/** The simulator does not switch features off, so a simulated master does not either. */
const notSimulated = 'limits.feature-off';

let stage: Stage | undefined;

async function start(options: Partial<SimulatorOptions> = {}): Promise<Stage> {
  stage = await openStage(options);
  return stage;
}

afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

function different(checks: readonly Check[]): readonly string[] {
  return checks
    .filter((one) => one.state === 'different' && one.check !== notSimulated)
    .map((one) => `${one.check}: ${one.sentence}`);
}

it.each(['11.134.0.20', '11.138.0.5'])(
  'a server that behaves as the simulator does has no difference: %s',
  async (version) => {
    const { verify, left } = await start({ version });
    const told: Check[] = [];
    const checks = await verify({ progress: (check) => void told.push(check) });
    expect(different(checks)).toEqual([]);
    expect(told).toEqual(checks);
    expect(checks.filter((one) => one.state === 'same').length).toBeGreaterThan(180);
    expect(new Set(checks.map((one) => one.check))).toEqual(new Set([...contract.map((one) => one.id), 'cleanup']));
    expect(left()).toEqual([]);
  },
);

it('with reads only nothing is made, not even for a moment', async () => {
  const { verify, left, master } = await start();
  const checks = await verify({ readOnly: true });
  expect(different(checks)).toEqual([]);
  expect(left()).toEqual([]);
  const response = await fetch(`${master.controlUrl}/_sim/calls`);
  expect(await response.text()).not.toMatch(/"function":"(addpkg|api_token_create)"/u);
  expect(checks.filter((one) => one.state === 'same').length).toBeGreaterThan(35);
});

it('a password does as well as a token', async () => {
  const { verify, target, master } = await start();
  const credentials = { kind: 'password', user: 'root', password: master.rootPassword } as const;
  const checks = await verify({ readOnly: true }, { target: { ...target, credentials } });
  expect(different(checks)).toEqual([]);
});

it('an answer of another version is told with function and path', async () => {
  const { verify, left } = await start({ version: '11.138.0.5' });
  const checks = await verify({}, { simulator: { version: '11.134.0.20' } });
  expect(different(checks).join('\n')).toMatch(/^accounts\.none-found: listaccts: outcome: refused on the master/mu);
  expect(left()).toEqual([]);
});

/** A fault on the master, and the difference that must be told. */
const faults: readonly (readonly [fact: string, fault: Record<string, unknown>, told: RegExp])[] = [
  ['garbage', { function: 'Email::add_pop', kind: 'garbage' }, /^mail\.add: .*outcome is "in-doubt"/mu],
  ['a page', { function: 'listpkgs', kind: 'html', times: 1 }, /^server\.packages: .*outcome is/mu],
  [
    'a server error',
    { function: 'Mysql::create_database', kind: 'http-500' },
    /^mysql\.add: .*HTTP status: the master answers 500/mu,
  ],
  [
    'a refusal',
    { function: 'suspendacct', kind: 'refuse', reason: 'Not today.' },
    /^accounts\.suspend: .*Not today\./mu,
  ],
  ['a cut connection', { function: 'Ftp::add_ftp', kind: 'drop-after' }, /^ftp\.add: .*in-doubt/mu],
  ['no right', { function: 'addpkg', kind: 'denied' }, /^packages\.add: .*outcome is "denied"/mu],
];

/** The life of the account, and some that is done with it. */
const short = contract.filter((one) =>
  /^(?:server\.packages|packages\..*|accounts\..*|mail\.add|ftp\.add|mysql\.add|dns\.edit-many)$/u.test(one.id),
);

it.each(dailyEvery(5, faults))('%s is told as a difference, and nothing is left behind', async (_fact, fault, told) => {
  const { verify, left, fault: set } = await start();
  await set({ times: null, ms: 0, ...fault });
  expect(different(await verify({}, { contract: short })).join('\n')).toMatch(told);
  expect(left()).toEqual([]);
});

const endings: readonly (readonly [fact: string, fault: Record<string, unknown>])[] = [
  ['the account was made, but the answer was lost', { function: 'createacct', kind: 'drop-after', times: 1 }],
  ['the account came only after the connection was cut', { function: 'createacct', kind: 'late', ms: 400, times: 1 }],
  ['half of the account was made', { function: 'createacct', kind: 'partial', times: 1 }],
  [
    'the account was made, and a server error told',
    { function: 'createacct', kind: 'http-500', effect: true, times: 1 },
  ],
  ['removing it was refused twice', { function: 'removeacct', kind: 'busy', times: 2 }],
  ['removing it took, but the answer was lost', { function: 'removeacct', kind: 'drop-after', times: 1 }],
  ['looking at it failed', { function: 'accountsummary', kind: 'http-500', times: 8 }],
];

it.each(endings)('the throw-away account is gone although %s', async (_fact, fault) => {
  const { verify, left, fault: set } = await start();
  await set({ ms: 0, ...fault });
  await verify({}, { contract: short }).catch(() => []);
  expect(left()).toEqual([]);
});

it('the throw-away account is gone when the run is stopped, at whatever step', async () => {
  for (const at of ['accounts.create', 'mail.add', 'dns.edit-many', 'accounts.rename']) {
    const { verify, left } = await start();
    const stop = new AbortController();
    const checks = await verify(
      { progress: (check) => void (check.check === at && stop.abort()) },
      { signal: stop.signal, contract: short },
    );
    expect(checks.at(-1)).toMatchObject({ check: 'cleanup', state: 'same' });
    expect(checks.some((one) => one.check === 'packages.remove')).toBe(false);
    expect(left()).toEqual([]);
    await stage?.close();
    stage = undefined;
  }
});

it('the throw-away account is gone when the program fails in the middle', async () => {
  const { verify, left } = await start();
  const progress = (check: Check): void => {
    if (check.check === 'ftp.add') throw new Error('the terminal is gone');
  };
  await expect(verify({ progress }, { contract: short })).rejects.toThrow('the terminal is gone');
  expect(left()).toEqual([]);
});

it('the throw-away account is gone when nobody listens any more and its creation was in doubt', async () => {
  const { verify, left, fault: set } = await start();
  await set({ function: 'createacct', kind: 'drop-after', times: 1, ms: 0 });
  const progress = (check: Check): void => {
    if (/^(?:accounts\.create|cleanup)$/u.test(check.check)) throw new Error('the terminal is gone');
  };
  await expect(verify({ progress }, { contract: short })).rejects.toThrow('the terminal is gone');
  expect(left()).toEqual([]);
});

it('what cannot be removed is told by name', async () => {
  const { verify, fault: set } = await start();
  await set({ function: 'removeacct', kind: 'refuse', reason: 'No.', times: null, ms: 0 });
  const checks = await verify({}, { contract: short });
  expect(
    different(checks)
      .filter((one) => one.startsWith('cleanup'))
      .join('\n'),
  ).toMatch(/the account tv[a-z]+x? may still be there: No\./u);
});

it('an account that a killed run left behind is told, and not touched', async () => {
  const { verify, fault: set, left } = await start();
  await set({ function: 'removeacct', kind: 'refuse', reason: 'No.', times: null, ms: 0 });
  await verify({}, { contract: short });
  const before = left();
  expect(before.length).toBeGreaterThan(0);
  const checks = await verify({ readOnly: true }, { contract: short });
  expect(different(checks).join('\n')).toMatch(/cleanup: the account \w+ of an earlier run is still there/u);
  expect(left()).toEqual(before);
});

it('it does not begin when the licence has no seat', async () => {
  const { verify, left, master } = await start({ seats: 1 });
  const caller = { kind: 'root', user: 'root', acls: new Set(['all']), address: '127.0.0.1' } as const;
  const args = Object.entries({ username: 'bob', domain: 'bob.example', password: 'C0rrect-horse-battery' });
  master.engine.run({ api: 'whm', fn: 'createacct', user: '', args, caller }, 1);
  await expect(verify()).rejects.toMatchObject({ code: 'operation.refused', hint: 'Use --read-only.' });
  expect(left().filter((row) => !/bob/u.test(row))).toEqual([]);
});

it('with one seat the second account is left out, and nothing else', async () => {
  const { verify, left } = await start({ seats: 1 });
  const checks = await verify();
  expect(different(checks)).toEqual([]);
  const skipped = checks.filter((one) => /second account/u.test(one.sentence)).map((one) => one.check);
  expect(skipped).toEqual(['accounts.other', 'domains.not-ours', 'resellers.foreign']);
  expect(left()).toEqual([]);
});

it('it does not begin with wrong credentials, and says what to do', async () => {
  const { verify, fault: set } = await start();
  await set({ function: 'version', kind: 'denied', times: null, ms: 0 });
  await expect(verify()).rejects.toMatchObject({ code: 'operation.refused', hint: expect.stringMatching(/token/u) });
});

it('it does not begin with a server that is down', async () => {
  const { verify, fault: set } = await start();
  await set({ function: '*', kind: 'down', times: null, ms: 0 });
  await expect(verify()).rejects.toMatchObject({ code: 'masters.unreachable' });
});

it('a recording holds no secret and no name of the run', async () => {
  const { verify, dir, master } = await start();
  const folder = join(dir, 'recording');
  await verify({ record: folder });
  const files = await readdir(folder);
  expect(files.length).toBeGreaterThan(12);
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const text = texts.join('\n');
  const decoded = [...text.matchAll(/"([A-Za-z0-9+/]{8,}={0,2})"/gu)].map(([, one = '']) =>
    Buffer.from(one, 'base64').toString('latin1'),
  );
  for (const secret of [master.rootToken, master.rootPassword]) expect(text.includes(secret)).toBe(false);
  const names = /\bt[vw][a-z]{5}(?:\b|_)|tandem-verify|m1\.example\.net|PRIVATE KEY|cpsess\d|127\.0\.1\.[12]/gu;
  expect([...text.matchAll(names)].map(([found], n) => `${n} ${found}`)).toEqual([]);
  expect([...decoded.join('\n').matchAll(names)].map(([found]) => found)).toEqual([]);
});
