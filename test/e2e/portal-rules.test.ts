/** What the portal promises beside its pages: bounds, exports, names of all scripts, a reseller's look, backups, downtime. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Unreachable } from '../../src/errors.ts';
import type { Downtime, PlannedWindow } from '../../src/routes/portal/deps.ts';
import { type Visitor, visitor } from '../support/browser-less.ts';
import { bob, password, type RunningPortal, signedIn, startPortal } from '../support/portal.ts';

const now = Date.UTC(2026, 10, 28, 12);
const archive = { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV', at: '2026-11-27T03:00:00.000Z' };
const books = { ...bob, user: 'books', domain: 'xn--bcher-kva.example' };

let portal: RunningPortal;
let ana: Visitor;
let rex: Visitor;
let silent = false;
const told: string[] = [];
const atWatchers: PlannedWindow[] = [];
const downtime: Downtime = {
  planned: () => atWatchers,
  async plan({ master, from, until, by, reason }) {
    if (silent) throw new Unreachable('No watcher answers.');
    told.push(`plan ${master} ${new Date(from).toISOString()} ${(until - from) / 60_000} ${by} ${reason}`);
  },
  async end({ master, from }) {
    told.push(`end ${master} ${new Date(from).toISOString()}`);
  },
};

beforeAll(async () => {
  portal = await startPortal(() => now, [], {
    archives: {
      possible: true,
      newest: async (account) => (account === 'bob' || account === 'gone' ? archive : undefined),
    },
    standing: async () => [
      {
        id: '01DIFF',
        kind: 'Server setting',
        name: 'PHP versions',
        sentence: 'M2 lacks ea-php83',
        since: now - 3_600_000,
      },
    ],
    downtime,
  });
  await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
  await portal.auth.personAdd({ name: 'rex', role: 'reseller', reseller: 'acme', password });
  portal.fake.putAccounts([
    { ...bob, owner: 'acme' },
    books,
    { ...bob, user: 'odd', domain: '=HYPERLINK("http://evil")' },
  ]);
  ana = await signedIn(portal, 'ana');
  rex = await signedIn(portal, 'rex');
});
afterAll(() => portal.close());

describe('lists that leave the portal', () => {
  it('accounts are as filtered, and no cell is a formula', async () => {
    const all = await ana.get('/accounts/list.csv');
    expect(all.headers['content-disposition']).toContain('accounts.csv');
    const [head, ...rows] = all.text.trim().split('\r\n');
    expect(head).toBe('user,domain,owner,plan,email,diskused,suspended,active');
    expect(rows).toHaveLength(3);
    expect(rows.find((row) => row.startsWith('odd,'))).toContain(`"'=HYPERLINK(""http://evil"")"`);
    const some = await ana.get('/accounts/list.csv?q=books');
    expect(some.text.trim().split('\r\n')).toHaveLength(2);
    expect((await rex.get('/accounts/list.csv')).text).not.toContain('books');
  });

  it('the audit trail is whole, signed at its end, and the export itself is on record', async () => {
    const checked = await ana.post('/audit/verify', {});
    expect(checked.text).toContain('and the chain is whole.');
    const head = /<pre><code>([\s\S]*?)<\/code>/.exec(checked.text)?.[1] ?? '';
    const kept: unknown = JSON.parse(head.replaceAll('&#34;', '"'));
    expect(await portal.auth.auditHeadProblem(kept)).toBeUndefined();
    const lines = (await ana.get('/audit/export.jsonl')).text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_line, at) => at + 1));
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ event: 'audit.export', actor: 'ana', detail: 'jsonl' });
    expect((await ana.get('/audit/export.csv')).text).toMatch(/^seq,at,actor,kind,address,event,subject,detail,/);
  });
});

describe('a name that is not ASCII', () => {
  it('is read as people read it, beside the form that machines use', async () => {
    const page = await ana.get('/accounts/books');
    expect(page.text).toContain('xn--bcher-kva.example');
    expect(page.text).toContain('bücher.example');
    expect((await ana.get('/accounts')).text).toContain('bücher.example');
  });

  it.each(['bücher', 'BÜCHER.example', 'xn--bcher'])('is found by %s', async (typed) => {
    const list = await ana.get(`/accounts?q=${encodeURIComponent(typed)}`);
    expect(list.text).toContain('href="/accounts/books"');
    expect(list.text).not.toContain('href="/accounts/odd"');
    expect((await ana.get(`/search?q=${encodeURIComponent(typed)}`)).text).toContain('href="/accounts/books"');
  });

  it('is taken in a form as it is typed, and kept as machines write it', async () => {
    const sent = await ana.post('/actions/account.create', { account: 'idn', domain: 'Müller.example', plan: 'gold' });
    const view = await portal.fake.operations.get(sent.location.split('/').at(-1) ?? '');
    expect(view?.params).toMatchObject({ domain: 'xn--mller-kva.example' });
  });
});

describe('a reseller’s own look', () => {
  const look = {
    title: 'Acme Hosting',
    light: '#0b5394',
    dark: '#8ec5ff',
    logo: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  };

  it('is set by an owner, and seen by the reseller’s people alone', async () => {
    expect((await ana.post('/resellers/acme/brand', look)).status).toBe(303);
    const page = await rex.get('/accounts');
    expect(page.text).toContain('· Acme Hosting</title>');
    expect(page.text).toContain('href="/brand/colours.css"');
    expect(page.text).toContain('src="/brand/logo.svg"');
    expect((await rex.get('/brand/colours.css')).text).toContain('light-dark(#0b5394, #8ec5ff)');
    const logo = await rex.get('/brand/logo.svg');
    expect([logo.headers['content-type'], logo.text]).toEqual([expect.stringContaining('image/svg+xml'), look.logo]);
    expect((await ana.get('/accounts')).text).not.toContain('Acme Hosting</title>');
    expect((await ana.get('/brand/logo.svg')).status).toBe(404);
  });

  it.each([
    ['a script in the logo', { logo: '<svg><script>alert(1)</script></svg>' }],
    ['a colour that is none', { light: 'red; } body { display: none' }],
    ['a colour without contrast', { light: '#ffff00' }],
  ])('%s is refused', async (_what, change) => {
    const page = await ana.post('/resellers/acme/brand', { ...look, ...change });
    expect(page.status).toBe(422);
    expect((await rex.get('/brand/colours.css')).text).toContain('#0b5394');
  });
});

describe('before an account goes', () => {
  it('an archive is chosen unasked, and the age of the newest one is said', async () => {
    const page = await ana.get('/actions/account.terminate?account=bob');
    expect(page.text).toContain('<option value="verified" selected>');
    expect(page.text).toContain('An archive is taken off a master and checked first');
    expect(page.text).toContain('The newest archive of it is of 2026-11-27 03:00:00 UTC.');
    expect((await ana.get('/actions/account.terminate?account=books')).text).not.toContain('The newest archive');
    const form = { account: 'bob', archive: 'verified', confirm: 'bob' };
    const sent = await ana.post('/actions/account.terminate', form);
    const view = await portal.fake.operations.get(sent.location.split('/').at(-1) ?? '');
    expect(view?.params).toMatchObject({ account: 'bob', archive: 'verified' });
  });

  it('and after it went, its page leads to bringing it back', async () => {
    await ana.post('/actions/account.suspend', { account: 'gone' });
    const page = await ana.get('/accounts/gone');
    expect(page.text).toContain('An archive of 2026-11-27 03:00:00 UTC is kept.');
    expect(page.text).toContain(`/actions/account.restore?account=gone&amp;archive=${archive.id}`);
    const form = await ana.get(`/actions/account.restore?account=gone&archive=${archive.id}`);
    expect(form.text).toContain(`value="${archive.id}"`);
  });
});

describe('maintenance', () => {
  const plan = (begins: string, ends: string, master = 'm2') =>
    ana.post('/masters/windows', { master, begins, ends, reason: 'kernel' });

  it('is planned downtime for the watchers, until it is taken back', async () => {
    expect((await plan('2026-11-28 22:00', '2026-11-28 23:00')).status).toBe(303);
    expect(told).toEqual(['plan m2 2026-11-28T22:00:00.000Z 60 ana kernel']);
    const [window] = await portal.auth.desk.maintenance();
    await ana.post(`/masters/windows/${window?.id}/remove`, {});
    expect(told.at(-1)).toBe('end m2 2026-11-28T22:00:00.000Z');
    expect(await portal.auth.desk.maintenance()).toEqual([]);
  });

  it('that would overlap another master’s is refused, and nobody is told', async () => {
    await plan('2026-11-28 22:00', '2026-11-28 23:00');
    const before = told.length;
    const page = await plan('2026-11-28 22:30', '2026-11-28 23:30', 'm1');
    expect(page.status).toBe(409);
    expect(page.text).toContain('It overlaps a window of m2.');
    expect(told).toHaveLength(before);
  });

  it('that no watcher hears of stands, and says so', async () => {
    silent = true;
    const page = await plan('2026-11-29 22:00', '2026-11-29 23:00');
    expect(page.text).toContain('the watchers could not be told');
    expect(await portal.auth.desk.maintenance()).toHaveLength(2);
    silent = false;
  });

  it('that was planned at the watchers stands among the others, each once', async () => {
    const [mine] = await portal.auth.desk.maintenance();
    const { master = '', begins_at: from = 0, ends_at: until = 0, reason = '', author: by = '' } = mine ?? {};
    atWatchers.push({ id: 's3-1', master, from, until, by, reason });
    atWatchers.push({ id: 's3-2', master: 'm1', from: from + 9e7, until: from + 9.1e7, by: 'kim', reason: 'racks' });
    const page = (await ana.get('/masters')).text;
    expect(page.match(/planned at the watchers/g)).toHaveLength(1);
    expect([page.includes('racks'), page.includes('value="s3-2"'), page.includes('value="s3-1"')]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it('settings that differ between the masters stand on their page', async () => {
    const page = await ana.get('/masters');
    expect(page.text).toContain('<a href="/drift/01DIFF">PHP versions</a>');
    expect(page.text).toContain('M2 lacks ea-php83');
  });
});

it('who asks for too much is told to wait, and nobody else is', async () => {
  const strict = await startPortal(() => now, [], { rates: { reads: 12, writes: 3, strangers: 6 } });
  try {
    await strict.auth.personAdd({ name: 'ana', role: 'owner', password });
    await strict.auth.personAdd({ name: 'tom', role: 'owner', password });
    const [wild, calm] = [await signedIn(strict, 'ana'), await signedIn(strict, 'tom')];
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await wild.post('/theme', { theme: 'dark' })).status);
    expect(statuses).toEqual([303, 303, 303, 429, 429, 429]);
    const asked: number[] = [];
    for (let n = 0; n < 12; n += 1) asked.push((await wild.get('/masters')).status);
    expect(asked.at(0)).toBe(200);
    expect(asked.at(-1)).toBe(429);
    expect((await calm.get('/masters')).status).toBe(200);
    const nobody = visitor(strict.url, strict.ca);
    const strangers: number[] = [];
    for (let n = 0; n < 8; n += 1) strangers.push((await nobody.get('/sign-in')).status);
    expect(strangers.at(-1)).toBe(429);
    expect((await nobody.get('/sign-in')).text).toContain('Too many requests. Nothing was done.');
  } finally {
    await strict.close();
  }
});
