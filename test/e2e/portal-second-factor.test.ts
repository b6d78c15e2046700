import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Refused } from '../../src/errors.ts';
import { startMariadb, type TestMariadb } from '../support/mariadb.ts';
import { type OpenAuthForTests, openTestAuth, password } from '../support/portal.ts';

const stepMs = 30_000;
const address = '192.0.2.7';

describe.each(['sqlite', 'mariadb'] as const)('the second factor, on %s', (kind) => {
  let now = Date.UTC(2026, 0, 1);
  let server: TestMariadb | undefined;
  let open: OpenAuthForTests;
  let secret = '';
  let recovery: readonly string[] = [];

  /** What the telephone shows, `steps` away from now. */
  const code = (steps = 0): string =>
    new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30 }).generate({
      timestamp: now + steps * stepMs,
    });
  const signIn = (given?: string, from = address) =>
    open.auth.signIn({ name: 'ana', password, address: from, ...(given === undefined ? {} : { code: given }) });

  beforeAll(async () => {
    server = kind === 'mariadb' ? await startMariadb() : undefined;
    open = await openTestAuth(() => now, server === undefined ? undefined : { kind: 'mariadb', ...server });
    await open.auth.personAdd({ name: 'ana', role: 'owner', password });
  });
  afterAll(async () => {
    await open.close();
    await server?.stop();
  });

  it('counts only after a right code was shown, and gives ten recovery codes then', async () => {
    const made = await open.auth.secondFactor.begin('ana');
    secret = made.secret;
    expect(made.uri).toMatch(/^otpauth:\/\/totp\/Tandem:ana\?.*secret=/);
    expect((await signIn()).kind).toBe('in');
    expect(await open.auth.secondFactor.confirm('ana', '000000', address)).toEqual({ kind: 'wrong' });
    const on = await open.auth.secondFactor.confirm('ana', code(), address);
    expect(on.kind).toBe('on');
    recovery = on.kind === 'on' ? on.codes : [];
    expect(new Set(recovery).size).toBe(10);
    expect(await open.auth.secondFactor.state('ana')).toEqual({ active: true, since: now, left: 10 });
    await expect(open.auth.secondFactor.begin('ana')).rejects.toBeInstanceOf(Refused);
    expect(await open.auth.secondFactor.pending('ana')).toBeUndefined();
  });

  it('is asked for after the right password only, and lets in with the code of now or of a neighbouring step', async () => {
    expect(await signIn()).toEqual({ kind: 'code', name: 'ana', wrong: false });
    expect(await open.auth.signIn({ name: 'ana', password: 'wrong', address, code: code(1) })).toEqual({
      kind: 'wrong',
    });
    now += 10 * stepMs;
    expect(await signIn(code(-2))).toMatchObject({ kind: 'code', wrong: true });
    expect((await signIn(code(-1))).kind).toBe('in');
    expect((await signIn(code(1))).kind).toBe('in');
  });

  it('takes no code twice, not even at the same moment, nor an older one', async () => {
    now += 10 * stepMs;
    const both = await Promise.all([signIn(code()), signIn(code())]);
    expect(both.map((one) => one.kind).sort()).toEqual(['code', 'in']);
    expect(await signIn(code(-1))).toMatchObject({ kind: 'code', wrong: true });
  });

  it('takes each recovery code once, however it is typed, and says how many are left', async () => {
    now += 24 * 60 * 60_000;
    const [first = '', second = ''] = recovery;
    expect(await signIn(first.toUpperCase().replace('-', ' '))).toMatchObject({ kind: 'in', recoveryLeft: 9 });
    expect(await signIn(first)).toMatchObject({ kind: 'code', wrong: true });
    const fresh = await open.auth.secondFactor.newCodes('ana');
    expect(await signIn(second)).toMatchObject({ kind: 'code', wrong: true });
    expect(await signIn(fresh[0])).toMatchObject({ kind: 'in', recoveryLeft: 9 });
  });

  it('slows down who guesses codes, though the password is right each time', async () => {
    now += 24 * 60 * 60_000;
    const kinds: string[] = [];
    for (let n = 0; n < 6; n += 1) kinds.push((await signIn('123456', '192.0.2.99')).kind);
    expect(kinds).toEqual(['code', 'code', 'code', 'code', 'code', 'wait']);
    expect((await signIn(code(), '192.0.2.99')).kind).toBe('wait');
    expect((await signIn(code())).kind).toBe('in');
  });

  it('is gone with the person, and when it is removed', async () => {
    await open.auth.secondFactor.remove('ana');
    expect((await signIn()).kind).toBe('in');
    await open.auth.personAdd({ name: 'tom', role: 'admin', password });
    const tom = await open.auth.secondFactor.begin('tom');
    secret = tom.secret;
    await open.auth.secondFactor.confirm('tom', code(), address);
    await open.auth.personRemove('tom');
    await open.auth.personAdd({ name: 'tom', role: 'support', password });
    expect((await open.auth.signIn({ name: 'tom', password, address })).kind).toBe('in');
  });

  it('a suspended person cannot sign in, and hears what a stranger hears', async () => {
    await open.auth.personSuspend('tom', true);
    expect(await open.auth.signIn({ name: 'tom', password, address })).toEqual({ kind: 'wrong' });
    expect(await open.auth.person('tom')).toBeUndefined();
    await open.auth.personSuspend('tom', false);
    expect((await open.auth.signIn({ name: 'tom', password, address })).kind).toBe('in');
    await expect(open.auth.personSuspend('ana', true)).rejects.toBeInstanceOf(Refused);
    await expect(open.auth.personChange('ana', { role: 'admin' })).rejects.toBeInstanceOf(Refused);
  });

  it('a password link works once, for an hour, and ends nothing else', async () => {
    const { secret: link } = await open.auth.passwordLink('tom');
    expect(await open.auth.passwordLinkOf(link)).toBe('tom');
    await expect(open.auth.passwordByLink(link, 'short')).rejects.toThrow('cannot be used');
    expect(await open.auth.passwordByLink(link, 'a longer password 7')).toBe('tom');
    await expect(open.auth.passwordByLink(link, 'another password 88')).rejects.toBeInstanceOf(Refused);
    const late = await open.auth.passwordLink('tom');
    now += 61 * 60_000;
    expect(await open.auth.passwordLinkOf(late.secret)).toBeUndefined();
  });
});
