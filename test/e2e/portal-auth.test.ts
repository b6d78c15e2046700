import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Invalid, Refused } from '../../src/errors.ts';
import { startMariadb, type TestMariadb } from '../support/mariadb.ts';
import { type OpenAuthForTests, openTestAuth } from '../support/portal.ts';

const password = 'correct horse battery';
function issuesOf(error: unknown): readonly string[] {
  return error instanceof Invalid ? error.issues.map((issue) => issue.path) : [];
}

describe.each(['sqlite', 'mariadb'] as const)('on %s', (kind) => {
  let now = Date.UTC(2026, 0, 1);
  let server: TestMariadb | undefined;
  let open: OpenAuthForTests;

  beforeAll(async () => {
    server = kind === 'mariadb' ? await startMariadb() : undefined;
    open = await openTestAuth(() => now, server === undefined ? undefined : { kind: 'mariadb', ...server });
  });
  afterAll(async () => {
    await open.close();
    await server?.stop();
  });

  describe('people', () => {
    it('are added once, under a name in one form', async () => {
      const added = await open.auth.personAdd({ name: ' Ana ', role: 'owner', password });
      expect(added).toMatchObject({ name: 'ana', role: 'owner' });
      await expect(open.auth.personAdd({ name: 'ana', role: 'admin', password })).rejects.toBeInstanceOf(Refused);
    });

    it.each([
      ['a short password', { name: 'new1', role: 'admin', password: 'short' }, 'password'],
      ['a password of few characters', { name: 'new2', role: 'admin', password: 'aaaaaaaaaaaaaaaa' }, 'password'],
      ['a password built from the name', { name: 'longname', role: 'admin', password: 'longname1234' }, 'password'],
      ['an unknown role', { name: 'new3', role: 'king', password }, 'role'],
      ['an odd name', { name: 'a b', role: 'admin', password }, 'name'],
    ])('are not added with %s', async (_fact, input, field) => {
      const error: unknown = await open.auth.personAdd(input).catch((thrown: unknown) => thrown);
      expect(issuesOf(error)).toContain(field);
      expect(await open.auth.person(input.name)).toBeUndefined();
    });

    it('keep at least one owner', async () => {
      await expect(open.auth.personRemove('ana')).rejects.toBeInstanceOf(Refused);
      expect(await open.auth.person('ana')).toBeDefined();
    });
  });

  describe('signing in', () => {
    const from = (address: string, word: string, name = 'ana') => open.auth.signIn({ name, password: word, address });

    it('takes the right password and says the same of a wrong name and a wrong password', async () => {
      expect(await from('192.0.2.1', password)).toMatchObject({ kind: 'in', person: { name: 'ana' } });
      expect(await from('192.0.2.1', 'wrong')).toEqual(await from('192.0.2.1', 'wrong', 'nobody'));
    });

    it.each(['ana', 'ghost'])('makes %s wait after too many wrong passwords, then lets go on', async (name) => {
      const address = name === 'ana' ? '192.0.2.10' : '192.0.2.11';
      for (let n = 0; n < 6; n += 1) expect(await from(address, 'wrong', name)).toEqual({ kind: 'wrong' });
      expect(await from(address, name === 'ana' ? password : 'x', name)).toEqual({ kind: 'wait', seconds: 2 });
      now += 2_001;
      expect((await from(address, 'wrong', name)).kind).toBe('wrong');
      expect(await from(address, 'wrong', name)).toEqual({ kind: 'wait', seconds: 4 });
      expect((await from('192.0.2.99', password)).kind).toBe('in');
    });

    it('counts guesses made at the same time', async () => {
      const tries = await Promise.all(Array.from({ length: 12 }, () => from('192.0.2.20', 'wrong', 'carl')));
      expect(tries.filter((one) => one.kind === 'wrong').length).toBe(6);
    });

    it('counts one address over many names', async () => {
      const kinds: string[] = [];
      for (let n = 0; n < 23; n += 1) kinds.push((await from('192.0.2.30', 'wrong', `name${n}`)).kind);
      expect(kinds.indexOf('wait')).toBe(21);
    });

    it('forgets wrong passwords after the right one', async () => {
      for (let n = 0; n < 4; n += 1) await from('192.0.2.40', 'wrong');
      expect((await from('192.0.2.40', password)).kind).toBe('in');
      for (let n = 0; n < 5; n += 1) expect((await from('192.0.2.40', 'wrong')).kind).toBe('wrong');
    });
  });

  describe('tokens', () => {
    it('stand for their owner, and are told once', async () => {
      const { token, info } = await open.auth.tokenCreate({ owner: 'root', acl: ['all'], label: 'billing' });
      expect(token).toMatch(/^[0-9A-F]{64}$/);
      expect(await open.auth.tokenCheck(token, { user: 'root' })).toEqual({
        kind: 'token',
        name: 'root/billing',
        scope: 'all',
        acl: ['all'],
        tokenId: info.id,
      });
      expect(JSON.stringify(await open.auth.tokens())).not.toContain(token);
      expect(JSON.stringify(info)).not.toContain(createHash('sha256').update(token).digest('hex'));
    });

    it('of a reseller reach as far as the reseller', async () => {
      const { token } = await open.auth.tokenCreate({ owner: 'res', acl: ['account.*'] });
      expect(await open.auth.tokenCheck(token)).toMatchObject({ scope: { reseller: 'res' }, acl: ['account.*'] });
    });

    it('are worth nothing under another name, from elsewhere, when over or revoked', async () => {
      const { token, info } = await open.auth.tokenCreate({
        owner: 'root',
        acl: ['all'],
        addresses: ['192.0.2.0/24', '2001:db8::/32'],
        expiresAt: now + 1000,
      });
      const from = (address: string) => open.auth.tokenCheck(token, { address, user: 'root' });
      expect(await from('192.0.2.7')).toBeDefined();
      expect(await from('::ffff:192.0.2.7')).toBeDefined();
      expect(await from('2001:db8::7')).toBeDefined();
      expect(await from('198.51.100.7')).toBeUndefined();
      expect(await open.auth.tokenCheck(token, { user: 'root' })).toBeUndefined();
      expect(await open.auth.tokenCheck(token, { address: '192.0.2.7', user: 'admin' })).toBeUndefined();
      expect(await open.auth.tokenCheck(`${token}0`, { address: '192.0.2.7' })).toBeUndefined();
      now += 1000;
      expect(await from('192.0.2.7')).toBeUndefined();
      expect(await open.auth.tokenRevoke(info.id)).toBe(true);
      expect(await open.auth.tokenRevoke(info.id)).toBe(false);
    });

    it('remember when they were last used', async () => {
      const { token, info } = await open.auth.tokenCreate({ owner: 'root', acl: ['read'] });
      now += 5000;
      await open.auth.tokenCheck(token);
      expect((await open.auth.tokens()).find((one) => one.id === info.id)?.lastUsedAt).toBe(now);
    });

    it('are not made with rights or addresses that do not exist', async () => {
      const input = { owner: 'Root!', acl: ['everything!'], addresses: ['192.0.2.0/99'] };
      const error: unknown = await open.auth.tokenCreate(input).catch((thrown: unknown) => thrown);
      expect(issuesOf(error)).toEqual(['owner', 'acl', 'addresses']);
    });
  });

  describe('sessions', () => {
    const data = (expires: number) => ({ cookie: { originalMaxAge: null, expires: new Date(expires) }, csrf: 'x' });
    const found = (sid: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        open.auth.sessions.get(sid, (error: unknown, session) => (error ? reject(error) : resolve(session)));
      });
    const stored = (sid: string, expires: number): Promise<void> =>
      new Promise((resolve, reject) => {
        open.auth.sessions.set(sid, data(expires), (error?: unknown) => (error ? reject(error) : resolve()));
      });
    const used = (sid: string, expires: number): Promise<void> =>
      new Promise((resolve) => open.auth.sessions.touch(sid, data(expires), resolve));

    it('live until they are over, longer when used, and are swept away', async () => {
      await stored('one', now + 100_000);
      await stored('one', now + 120_000);
      expect(await found('one')).toMatchObject({ csrf: 'x' });
      await used('one', now + 300_000);
      now += 200_000;
      expect(await found('one')).toMatchObject({ csrf: 'x' });
      now += 100_000;
      expect(await found('one')).toBeNull();
      await open.auth.sessions.sweep();
      expect(await found('one')).toBeNull();
    });

    it('are unknown under another id', async () => {
      await stored('two', now + 1000);
      expect(await found('twO')).toBeNull();
    });
  });

  describe('the audit trail', () => {
    it('keeps one order and a whole chain when many write at once', async () => {
      const actor = { kind: 'person', name: 'ana', address: '192.0.2.7' };
      const before = (await open.auth.auditVerify()).entries;
      await Promise.all(
        Array.from({ length: 20 }, (_, n) => open.auth.audit({ actor, event: 'test', detail: String(n) })),
      );
      expect(await open.auth.auditVerify()).toEqual({ entries: before + 20 });
      const newest = await open.auth.auditList({ limit: 2 });
      expect(newest.map((entry) => entry.seq)).toEqual([before + 20, before + 19]);
    });
  });
});
