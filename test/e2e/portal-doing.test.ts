import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Visitor } from '../support/browser-less.ts';
import { accepted } from '../support/fake-operations.ts';
import { bob, password, type RunningPortal, signedIn, startPortal, twoMasters } from '../support/portal.ts';

let portal: RunningPortal;
let ana: Visitor;
let now = Date.now();

beforeAll(async () => {
  portal = await startPortal(() => now, [], { undoSeconds: 10 });
  await portal.auth.personAdd({ name: 'ana', role: 'owner', password });
  await portal.auth.personAdd({ name: 'rita', role: 'read-only', password });
});
afterAll(() => portal.close());

describe('doing something', () => {
  const fresh = { account: 'zoe', domain: 'zoe.example', plan: 'gold' };
  beforeAll(async () => {
    ana = await signedIn(portal, 'ana');
  });
  beforeEach(async () => {
    portal.fake.setDown(false);
    portal.fake.putAccounts([bob]);
    await ana.get('/actions/account.create');
  });

  it('is accepted once for one form, leads to its page, and is on record', async () => {
    const sent = await ana.post('/actions/account.create', { ...fresh, once: '01ONCE' });
    const again = await ana.post('/actions/account.create', { ...fresh, once: '01ONCE' });
    expect([sent.status, sent.location, again.location]).toEqual([303, '/operations/01ONCE', '/operations/01ONCE']);
    expect(portal.fake.requests.at(-1)).toMatchObject({
      action: 'account.create',
      door: 'portal',
      queue: false,
      idempotencyKey: '01ONCE',
      actor: { kind: 'person', name: 'ana', role: 'owner', address: '127.0.0.1' },
    });
    expect((await ana.get(sent.location)).text).toContain('Accepted. Waiting for M1.');
    const [entry] = await portal.auth.auditList({ limit: 1 });
    expect(entry).toMatchObject({
      actor: 'ana',
      event: 'operation.accept',
      subject: '01ONCE',
      detail: 'account.create',
    });
  });

  it('with mistakes reaches nobody, keeps what was typed, and leads to each mistake', async () => {
    const before = portal.fake.requests.length;
    const wrong = { account: 'Bad Name!', domain: '', plan: 'gold', contactEmail: 'x@y.example' };
    const page = await ana.post('/actions/account.create', wrong);
    expect(page.status).toBe(422);
    expect(page.text).toContain('value="Bad Name!"');
    expect(page.text).toContain('value="x@y.example"');
    expect(page.text).toContain('href="#f-account"');
    expect(page.text).toContain('Main domain: Fill this in.');
    expect(page.text).toContain('aria-describedby="f-domain-error"');
    expect(portal.fake.requests.length).toBe(before);
  });

  it('that a master would refuse says so in its words and keeps the form', async () => {
    const page = await ana.post('/actions/account.create', { ...fresh, account: 'bob' });
    expect(page.status).toBe(409);
    expect(page.text).toContain('a user bob already exists');
    expect(page.text).toContain('value="zoe.example"');
  });

  it('while no master can be reached is queued only when asked for', async () => {
    portal.fake.setDown(true);
    const page = await ana.post('/actions/account.create', { ...fresh, once: '01QUEUE' });
    expect(page.status).toBe(503);
    expect(page.text).toContain('value="zoe"');
    expect(page.text).toContain('name="queue" value="1"');
    const queued = await ana.post('/actions/account.create', { ...fresh, once: '01QUEUE', queue: '1' });
    expect(queued.location).toBe('/operations/01QUEUE');
    expect(portal.fake.requests.at(-1)?.queue).toBe(true);
  });

  it('that removes something wants the name typed', async () => {
    const before = portal.fake.requests.length;
    const page = await ana.post('/actions/account.terminate', { account: 'bob', confirm: 'bobby' });
    expect(page.status).toBe(422);
    expect(page.text).toContain('Type bob to confirm.');
    expect(portal.fake.requests.length).toBe(before);
    expect((await ana.post('/actions/account.terminate', { account: 'bob', confirm: 'bob' })).status).toBe(303);
  });

  it('needs the token of the session, not of another', async () => {
    const page = await ana.post('/actions/account.create', { ...fresh, csrf: 'x'.repeat(32) });
    expect(page.status).toBe(403);
  });

  it('is refused to who may only read, who still sees the page', async () => {
    const rita = await signedIn(portal, 'rita');
    expect((await rita.get('/accounts/bob')).text).not.toContain('/actions/account.suspend');
    await rita.get('/accounts');
    const before = portal.fake.requests.length;
    const page = await rita.post('/actions/account.create', fresh);
    expect(page.status).toBe(403);
    expect(page.text).toContain('The role read-only changes nothing.');
    expect(portal.fake.requests.length).toBe(before);
  });

  it('of 100 kB is too much', async () => {
    expect((await ana.post('/actions/account.create', { account: 'x'.repeat(100_000) })).status).toBe(413);
  });
});

describe('what can be put back', () => {
  const path = '/operations/01UNDO';
  const suspend = (once: string, account = 'bob') => ana.post('/actions/account.suspend', { account, once });
  beforeAll(async () => {
    ana = await signedIn(portal, 'ana');
  });

  it('can be undone by a form for ten seconds, and says so', async () => {
    expect((await suspend('01UNDO')).location).toBe(path);
    const page = await ana.get(path);
    expect(page.text).toContain('Accepted. Nothing is sent yet, so it can be undone.');
    expect(page.text).toMatch(/action="\/operations\/01UNDO\/withdraw" class="withdraw" data-until="[^"]+Z"/);
    expect((await ana.get('/operations')).text).toContain('can be undone');
    expect((await ana.get('/accounts/bob')).text).toContain('action="/operations/01UNDO/withdraw"');
    expect((await ana.post(`${path}/withdraw`, {})).location).toBe(path);
    const undone = await ana.get(path);
    expect(undone.text).toContain('Undone. Nothing was sent to any master.');
    expect(undone.text).not.toContain('/withdraw"');
  });

  it('is no more to be undone when the time is over', async () => {
    await suspend('01LATER');
    now += 10_000;
    expect((await ana.get('/operations/01LATER')).text).not.toContain('data-until');
  });

  it('is held as long as the person wants, or not at all', async () => {
    const held = () => portal.fake.requests.at(-1)?.graceMs;
    for (const [undo, ms] of [
      ['0', 0],
      ['30', 30_000],
      ['usual', 10_000],
    ] as const) {
      await ana.get('/me');
      expect((await ana.post('/me/undo', { undo })).location).toBe('/me?done=undo#undo');
      expect((await ana.get('/me')).text).toContain(`<option value="${undo}" selected>`);
      await suspend(`01HELD${ms}`);
      expect(held()).toBe(ms);
    }
    expect((await ana.post('/me/undo', { undo: '3600' })).status).toBe(422);
  });

  it('of many accounts is undone with one button, and what had begun says so', async () => {
    portal.fake.putAccounts([bob, { ...bob, user: 'eve', domain: 'eve.example' }]);
    await ana.get('/accounts');
    const result = await ana.post('/accounts/bulk', {
      action: 'account.suspend',
      all: '1',
      once: '01MANY',
      sure: password,
    });
    const ids = /name="ids" value="([^"]+)"/.exec(result.text)?.[1] ?? '';
    expect(ids).toBe('01MANY:bob 01MANY:eve');
    expect(result.text).toContain('Undo all 2');
    const eve = await portal.fake.operations.get('01MANY:eve');
    if (eve !== undefined) portal.fake.put({ ...eve, canWithdraw: false });
    const told = await ana.post('/operations/undo', { ids });
    expect(told.text).toContain('1 undone, 1 had begun');
    expect(told.text).toContain('A master was asked already.');
    expect((await portal.fake.operations.get('01MANY:bob'))?.state).toBe('withdrawn');
    expect((await ana.post('/operations/undo', { ids: '' })).status).toBe(422);
  });
});

describe('an operation on hold', () => {
  beforeEach(async () => {
    ana = await signedIn(portal, 'ana');
    const actor = { kind: 'person', name: 'ana', scope: 'all' } as const;
    const params = { account: 'eve', domain: 'eve.example', plan: 'gold' };
    const request = { action: 'account.create', params, actor, door: 'portal', idempotencyKey: '01HELD' } as const;
    const view = accepted(request, twoMasters, Date.now);
    const legs = view.legs.map((leg) =>
      leg.master === 'm1'
        ? { ...leg, state: 'done' as const }
        : { ...leg, state: 'held' as const, choices: ['retry', 'skip'] as const },
    );
    portal.fake.put({ ...view, state: 'following', canWithdraw: false, legs });
    await ana.get('/operations/01HELD');
  });

  it('takes the choices that are open', async () => {
    const page = await ana.post('/operations/01HELD/legs/m2/skip', {});
    expect(page).toMatchObject({ status: 303, location: '/operations/01HELD' });
    expect(portal.fake.chosen.at(-1)).toEqual({ id: '01HELD', master: 'm2', choice: 'skip' });
  });

  it('refuses others with the reason, and a reader altogether', async () => {
    expect((await ana.post('/operations/01HELD/legs/m2/undo', {})).status).toBe(409);
    expect((await ana.post('/operations/01HELD/legs/m2/explode', {})).status).toBe(404);
    expect((await ana.post('/operations/01HELD/withdraw', {})).status).toBe(409);
    const rita = await signedIn(portal, 'rita');
    await rita.get('/operations/01HELD');
    expect((await rita.post('/operations/01HELD/legs/m2/retry', {})).status).toBe(403);
  });

  it('gives its live part alone, for pages that are open', async () => {
    const part = await ana.get('/operations/01HELD?part=live');
    expect(part.text).toContain('Retry on M2');
    expect(part.text).not.toContain('<html');
  });
});

describe('a parked master', () => {
  const parked = { since: new Date().toISOString(), backlog: 2, held: 0 };
  const reason = 'this master belongs to another Tandem journal (01OTHER)';
  const hint = 'If that Tandem is gone for good: tandem adopt-master m2.';
  const masters = twoMasters.map((master) =>
    master.id === 'm2'
      ? { ...master, ...parked, state: 'parked' as const, reason, hint, version: '11.138.0.1' }
      : { ...master, ...parked, state: 'reachable' as const, version: '11.134.0.20' },
  );

  it('is shown with the reason, what to do, and a button', async () => {
    ana = await signedIn(portal, 'ana');
    portal.fake.setStatus({ masters });
    const page = await ana.get('/masters');
    for (const words of [reason, hint, 'Resume M2', 'M1 runs 11.134.0.20, M2 runs 11.138.0.1'])
      expect(page.text).toContain(words);
    expect(page.text).not.toContain('Resume M1');
    expect((await ana.get('/masters?part=live')).text).toContain('name="csrf" value="');
  });

  it('goes on when the button is pressed, and then has none', async () => {
    portal.fake.setStatus({ masters });
    expect(await ana.post('/masters/m2/resume', {})).toMatchObject({ status: 303, location: '/masters' });
    expect((await ana.get('/masters')).text).not.toContain('Resume M2');
    expect((await ana.post('/masters/m2/resume', {})).status).toBe(409);
  });
});

describe('what nobody expected', () => {
  it('is told by an id that the log has too, without a word of the error', async () => {
    ana = await signedIn(portal, 'ana');
    portal.fake.setStatus({ masters: undefined as never });
    const page = await ana.get('/masters');
    portal.fake.setStatus({ masters: [] });
    const id = /[0-9A-HJKMNP-TV-Z]{26}/.exec(page.text)?.[0] ?? 'none';
    expect(page.status).toBe(500);
    expect(page.text).not.toContain('undefined');
    expect(portal.logged()).toContain(id);
  });

  it('no password of this run is in the log', () => {
    expect(portal.logged()).not.toContain(password);
  });
});
