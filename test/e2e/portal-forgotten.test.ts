import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Letter } from '../../src/notify/mailer.ts';
import { visitor } from '../support/browser-less.ts';
import { password, type RunningPortal, startPortal } from '../support/portal.ts';

let portal: RunningPortal;
const letters: Letter[] = [];
let refuses = false;

beforeAll(async () => {
  portal = await startPortal(Date.now, [], {
    requireSecondFactor: true,
    mail: {
      url: 'https://tandem.example.com',
      async send(letter) {
        if (refuses) throw new Error('mailbox is full');
        letters.push(letter);
      },
    },
  });
  await portal.auth.personAdd({ name: 'ana', role: 'owner', password, email: 'ana@example.com' });
  await portal.auth.personAdd({ name: 'bea', role: 'support', password });
  await portal.auth.personAdd({ name: 'cara', role: 'support', password, email: 'cara@example.com' });
  await portal.auth.personSuspend('cara', true);
});
afterAll(() => portal.close());

async function ask(name: string) {
  const somebody = visitor(portal.url, portal.ca);
  await somebody.get('/forgotten');
  return somebody.post('/forgotten', { name });
}

describe('a forgotten password', () => {
  it('is offered at the sign-in, and sends one link to the address that is kept', async () => {
    const somebody = visitor(portal.url, portal.ca);
    expect((await somebody.get('/sign-in')).text).toContain('href="/forgotten"');
    const answer = await ask('Ana');
    expect(answer.status).toBe(200);
    await vi.waitFor(() => expect(letters).toHaveLength(1));
    expect(letters[0]).toMatchObject({ to: 'ana@example.com' });
    // Of the configured address, whatever host was asked.
    const path = /https:\/\/tandem\.example\.com(\/password\/\S+)/.exec(letters[0]?.text ?? '')?.[1] ?? '';
    await somebody.get(path);
    expect((await somebody.post(path, { password: 'another horse battery' })).status).toBe(303);
    expect((await somebody.get(path)).status).toBe(404);
  });

  it('is answered alike for who has no address, is suspended, or does not exist', async () => {
    const before = letters.length;
    const bare = (text: string) => text.replaceAll(/ana|bea|cara|nobody|value="[^"]*"/g, '');
    const known = await ask('ana');
    for (const name of ['bea', 'cara', 'nobody']) {
      const answer = await ask(name);
      expect([name, answer.status]).toEqual([name, 200]);
      expect(bare(answer.text)).toBe(bare(known.text));
    }
    await vi.waitFor(() => expect(letters).toHaveLength(before + 1));
    expect(letters.map(({ to }) => to)).not.toContain('cara@example.com');
  });

  it('cannot be used to send many letters', async () => {
    const answers = [];
    for (let n = 0; n < 6; n += 1) answers.push((await ask('ana')).status);
    expect(answers).toContain(422);
    expect((await ask('')).status).toBe(422);
  });

  it('tells whoever asks nothing when the letter cannot be sent; the log says why', async () => {
    refuses = true;
    await portal.auth.personAdd({ name: 'dora', role: 'support', password, email: 'dora@example.com' });
    expect((await ask('dora')).status).not.toBe(500);
    await vi.waitFor(() => expect(portal.logged()).toContain('mailbox is full'));
  });
});

describe('where everybody needs a second factor', () => {
  it('who has none gets only to where it is set up, and then everywhere', async () => {
    const bea = visitor(portal.url, portal.ca);
    await bea.get('/sign-in');
    await bea.post('/sign-in', { name: 'bea', password });
    expect((await bea.get('/accounts')).location).toBe('/me/second-factor');
    expect((await bea.post('/actions/package.add', { name: 'gold' })).status).toBe(403);
    expect(portal.fake.requests).toEqual([]);
    const page = await bea.get('/me/second-factor');
    expect(page.text).toContain('everybody here needs one');
    await bea.post('/me/second-factor/begin', {});
    const pending = await portal.auth.secondFactor.pending('bea');
    const totp = new TOTP({ secret: Secret.fromBase32(pending?.secret ?? ''), digits: 6, period: 30 });
    const code = totp.generate();
    expect((await bea.post('/me/second-factor/confirm', { code })).status).toBe(200);
    expect((await bea.get('/accounts')).status).toBe(200);
    await bea.post('/me/second-factor/remove', { sure: password });
    expect((await bea.get('/accounts')).status).toBe(303);
  });
});
