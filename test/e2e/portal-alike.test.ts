/**
 * What is foreign and what does not exist are answered by the same path: the same answer, the same statements to the
 * journal in the same order, and the same calls to the masters. So no stopwatch can tell them apart.
 */
import { isDeepStrictEqual as equals } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { SqliteConnection } from '../../src/store/dialect-sqlite.ts';
import { type Visitor, visitor } from '../support/browser-less.ts';
import { accountOf, callsOf, deskOf } from '../support/chaos.ts';
import { type Doors, startDoors } from '../support/doors.ts';
import { password } from '../support/portal.ts';

let doors: Doors;
let rex: Visitor;
let token: string;
/** Of the reseller other. */
let foreign: string;
const absent = '01HZZZZZZZZZZZZZZZZZZZZZZZ';

/** Every statement that this process has SQLite run, while it is counted. */
let statements: string[] | undefined;

function countStatements(): void {
  const real = SqliteConnection.prototype.run;
  vi.spyOn(SqliteConnection.prototype, 'run').mockImplementation(function (this: SqliteConnection, sql, parameters) {
    statements?.push(sql);
    return real.call(this, sql, parameters);
  });
}

beforeAll(async () => {
  doors = await startDoors({ config: { timing: { pollMs: 60_000, sweepMs: 60_000, probeMs: 60_000 } } });
  const desk = deskOf(doors);
  await desk.run('package.add', { name: 'gold' });
  for (const [account, more] of Object.entries({
    acme: { reseller: true },
    other: { reseller: true },
    bob: { owner: 'other' },
    olive: { owner: 'other' },
    onion: { owner: 'other' },
    eve: { owner: 'acme' },
  }))
    expect((await desk.run('account.create', accountOf(account, more))).state).toBe('done');
  foreign = (await desk.run('account.suspend', { account: 'bob', reason: 'unpaid' })).id;
  await doors.core.auth.personAdd({ name: 'rex', role: 'reseller', reseller: 'acme', password });
  rex = visitor(doors.portalUrl, doors.certificate);
  await rex.get('/sign-in');
  expect((await rex.post('/sign-in', { name: 'rex', password })).status).toBe(303);
  ({ token } = await doors.core.auth.tokenCreate({ owner: 'acme', scope: 'reseller', label: 'acme', acl: ['all'] }));
  await doors.worker?.close();
  countStatements();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await doors.close();
});

interface Cost {
  readonly status: number;
  readonly text: string;
  readonly statements: readonly string[];
  readonly calls: readonly string[];
}

const masters = () => [doors.m1, doors.m2];
const asked = () => Promise.all(masters().map(callsOf));

/** What an answer took. Names, the page's own token and times are no part of it. */
async function costOf(ask: () => Promise<{ status: number; text: string }>, names: RegExp): Promise<Cost> {
  const before = await asked();
  statements = [];
  const { status, text } = await ask();
  const ran = statements;
  statements = undefined;
  const bare = text.replaceAll(names, 'X').replaceAll(/name="(csrf|once)" value="[^"]*"|\d+ s ago|just now/g, '');
  const calls = (await asked()).flatMap((all, n) => all.slice(before[n]?.length ?? 0));
  return { status, text: bare, statements: ran, calls: calls.map((call) => call.function) };
}

const api = (path: string) => ({
  ask: () => visitor(doors.portalUrl, doors.certificate).get(`/api/v1${path}`, { authorization: `Bearer ${token}` }),
});
const page = (path: string) => ({ ask: () => rex.get(path) });
const form = (path: string, fields: Readonly<Record<string, string>>) => ({ ask: () => rex.post(path, fields) });

const questions = (account: string, domain: string, id: string) => ({
  'an account': page(`/accounts/${account}`),
  'an account as its customer sees it': form(`/accounts/${account}/log-in-as`, { reason: 'because I can' }),
  'the operations of one': page(`/operations?account=${account}`),
  'an operation': page(`/operations/${id}`),
  'its withdrawal': form(`/operations/${id}/withdraw`, {}),
  'its choices': form(`/operations/${id}/legs/m2/retry`, {}),
  'the search for an account': page(`/search?q=${account}`),
  'the search for a domain': page(`/search?q=${domain}`),
  'the search for an operation': page(`/search?q=${id}`),
  'a zone': page(`/zones/${domain}`),
  'a zone that is changed': form(`/zones/${domain}`, { records: 'x' }),
  'a change': form('/actions/account.suspend', { account }),
  'a change to many': page(`/accounts/bulk?action=account.suspend&user=${account}`),
  'an operation, for a program': api(`/operations/${id}`),
  'the operations of one, for a program': api(`/operations?account=${account}`),
});

it.each(Object.keys(questions('', '', '')) as (keyof ReturnType<typeof questions>)[])('%s', async (name) => {
  const names = /bob|zob|01[0-9A-Z]{24}/gi;
  const theirs = questions('bob', 'bob.example', foreign)[name];
  const nobodys = questions('zob', 'zob.example', absent)[name];
  // What both may have remembered is remembered from here on.
  await theirs.ask();
  await nobodys.ask();
  const cost = async () => [await costOf(theirs.ask, names), await costOf(nobodys.ask, names)] as const;
  let [first, second] = await cost();
  // A loop of this process may have run beside one of them; a real difference is there each time.
  for (let n = 0; n < 3 && !equals(first, second); n += 1) [first, second] = await cost();
  expect(first).toEqual(second);
  expect(first.statements.length, 'nothing was counted').toBeGreaterThan(0);
  expect(first.text).not.toContain('unpaid');
});

it('what is asked for the first time costs the same too', async () => {
  // What every page remembers is remembered from here on.
  await page('/zones/some.example').ask();
  const costs = async (name: string) => await costOf(page(`/zones/${name}.example`).ask, new RegExp(name, 'g'));
  let [theirs, nobodys] = [await costs('other'), await costs('ether')];
  for (const [name, none] of [
    ['olive', 'ovate'],
    ['onion', 'onset'],
  ] as const)
    if (!equals(theirs, nobodys)) [theirs, nobodys] = [await costs(name), await costs(none)];
  expect(theirs).toEqual(nobodys);
  expect(theirs.calls).toContain('getdomainowner');
});
