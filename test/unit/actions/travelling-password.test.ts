import { describe, expect, it } from 'vitest';
import { addFtp } from '../../../src/actions/ftp/add.ts';
import { addMailbox } from '../../../src/actions/mailbox/add.ts';
import { hashTyped } from '../../../src/actions/travelling-password.ts';
import { Invalid } from '../../../src/errors.ts';
import type { Answer } from '../../../src/whm/outcome.ts';

const typed = { account: 'bob', password: 'as it was typed', asHash: true };
const good = (data: unknown): Answer => ({ ok: true, data });
const no: Answer = { ok: false, reason: 'Feature is off' };
const crypt = (password: string) => `$6$salt$${password.length}`;
const rated = (least: unknown, own: unknown) => [good({ strength: least }), good({ strength: own })];

describe('a typed password', () => {
  it('is rated by the server, by the measure of what it is for', () => {
    const calls = hashTyped(typed, 'ftp')?.calls.map(({ fn, args }) => [fn, ...args.map(([, value]) => value)]);
    expect(calls).toEqual([
      ['PasswdStrength::get_required_strength', 'ftp'],
      ['get_password_strength', 'as it was typed'],
    ]);
  });

  it.each([
    [65, 65],
    ['65', 80],
    [0, 0],
  ])('travels as its hash alone when it is strong enough (%s of %s)', (least, own) => {
    const sent = hashTyped(typed, 'pop')?.fill(rated(least, own), crypt);
    expect(sent).toEqual({ account: 'bob', asHash: true, passwordHash: '$6$salt$15' });
  });

  it('is refused in cPanel’s words when it is too weak', () => {
    const prepare = () => hashTyped(typed, 'pop')?.fill(rated(65, 64), crypt);
    expect(prepare).toThrow(Invalid);
    expect(prepare).toThrow('strength rating of 65 or higher');
  });

  it.each([[[no, good({ strength: 90 })]], [[good({ strength: 65 }), no]]])(
    'goes as it is where a server does not rate: the one that takes it will',
    (answers) => {
      expect(hashTyped(typed, 'pop')?.fill(answers, crypt)).toEqual(typed);
    },
  );

  it.each([
    { account: 'bob', password: 'x' },
    { account: 'bob', asHash: true },
    { account: 'bob', password: 'x', asHash: false },
  ])('is left alone otherwise: %o', (p) => expect(hashTyped(p, 'pop')).toBeUndefined());

  it.each([
    ['mailbox.add', addMailbox, { account: 'bob', address: 'a@bob.example' }],
    ['ftp.add', addFtp, { account: 'bob', login: 'up', domain: 'bob.example' }],
  ] as const)('no caller can call it rated: %s', (_id, action, params) => {
    expect(action.params.safeParse({ ...params, password: 'Sturdy-1', asHash: 'rated' }).success).toBe(false);
  });
});
