import { describe, expect, it } from 'vitest';
import { type Session, type SignInReply, signInOf } from '../../../src/whm/sign-in.ts';

const minute = 60_000;
const good: SignInReply = {
  status: 200,
  text: '{"status":1,"redirect":"/cpsess0123456789/","security_token":"/cpsess0123456789"}',
  setCookies: ['whostmgrsession=root%3aabc; HttpOnly; path=/; port=2087; secure', 'whostmgrrelogin=no; path=/; secure'],
};
const bad: SignInReply = { status: 401, text: '{"status":0,"message":"invalid_login"}', setCookies: [] };

function place(...replies: (SignInReply | Error)[]) {
  const forms: string[] = [];
  let time = 0;
  const signIn = signInOf('root', 'pä&ss', {
    hostname: 'm1.test',
    now: () => time,
    async post(path, form) {
      forms.push(`${path} ${form}`);
      const reply = replies.shift() ?? good;
      if (reply instanceof Error) throw reply;
      return reply;
    },
  });
  const pass = (ms: number): void => {
    time += ms;
  };
  return { signIn, forms, pass };
}

function signedIn(outcome: unknown): Session {
  if (typeof outcome === 'object' && outcome !== null && 'prefix' in outcome) {
    // The shape was tested on the line above.
    return outcome as Session;
  }
  throw new Error(`not signed in: ${JSON.stringify(outcome)}`);
}

describe('signing in', () => {
  it('sends the form and keeps token and cookies', async () => {
    const { signIn, forms } = place();
    expect(await signIn.session()).toMatchObject({
      prefix: '/cpsess0123456789',
      cookie: 'whostmgrsession=root%3aabc; whostmgrrelogin=no',
    });
    expect(forms).toEqual(['/login/?login_only=1 user=root&pass=p%C3%A4%26ss']);
  });

  it('happens once for callers who come at the same time, and for later ones', async () => {
    const { signIn, forms } = place();
    await Promise.all([signIn.session(), signIn.session(), signIn.session()]);
    await signIn.session();
    expect(forms).toHaveLength(1);
  });

  it('with a wrong password is not tried again for ten minutes, so that cPHulk never counts up', async () => {
    const { signIn, forms, pass } = place(bad);
    expect(await signIn.session()).toMatchObject({ kind: 'denied' });
    pass(9 * minute);
    for (let i = 0; i < 20; i += 1) expect(await signIn.session()).toMatchObject({ kind: 'denied' });
    expect(forms).toHaveLength(1);
    pass(2 * minute);
    expect(await signIn.session()).toMatchObject({ prefix: '/cpsess0123456789' });
  });

  it.each([
    [
      'a page that asks for a second factor',
      { status: 200, text: '<form id="tfa_login_form">', setCookies: [] },
      'denied',
    ],
    ['status 403', { status: 403, text: 'Forbidden', setCookies: [] }, 'denied'],
    ['a page', { status: 200, text: '<html>', setCookies: [] }, 'not-sent'],
    ['status 500', { status: 500, text: good.text, setCookies: [] }, 'not-sent'],
    [
      'a token of an unknown form',
      { status: 200, text: '{"status":1,"security_token":"/../x"}', setCookies: [] },
      'not-sent',
    ],
    ['no answer', new Error('ECONNRESET'), 'not-sent'],
  ] as const)('that is answered with %s ends as a call that was never made', async (_what, reply, kind) => {
    expect(await place(reply).signIn.session()).toMatchObject({ kind });
  });

  it('is tried again at the next call after a failure that was no refusal', async () => {
    const { signIn } = place(new Error('ECONNRESET'));
    expect(await signIn.session()).toMatchObject({ kind: 'not-sent' });
    expect(await signIn.session()).toMatchObject({ prefix: '/cpsess0123456789' });
  });
});

describe('a session that is shut out', () => {
  it('is replaced once when it had worked before', async () => {
    const { signIn, forms, pass } = place();
    const session = signedIn(await signIn.session());
    session.worked = true;
    pass(16 * minute);
    expect(signIn.renew(session)).toBe(true);
    expect(signedIn(await signIn.session())).not.toBe(session);
    expect(forms).toHaveLength(2);
  });

  it('is replaced once for all callers that used it', async () => {
    const { signIn, forms, pass } = place();
    const session = signedIn(await signIn.session());
    session.worked = true;
    pass(16 * minute);
    expect(signIn.renew(session)).toBe(true);
    await signIn.session();
    expect(signIn.renew(session)).toBe(true);
    await signIn.session();
    expect(forms).toHaveLength(2);
  });

  it.each([
    ['never worked', false, 16 * minute],
    ['is only a moment old', true, 5],
  ])('is not replaced when it %s: nothing is sent for ten minutes', async (_what, worked, age) => {
    const { signIn, forms, pass } = place();
    const session = signedIn(await signIn.session());
    session.worked = worked;
    pass(age);
    expect(signIn.renew(session)).toBe(false);
    expect(await signIn.session()).toMatchObject({ kind: 'denied' });
    expect(forms).toHaveLength(1);
  });
});
