import { expect, it } from 'vitest';
import type { Seen } from '../../support/chaos.ts';
import { type Done, judge } from '../../support/chaos-history.ts';

const password = (n: number) => `Sturdy-horse-${n}-battery-Q`;
const effect = (n: number, fn: string, args: Readonly<Record<string, string>>): Seen => ({
  ...{ n, fn, account: 'ben', at: n },
  args: new Map(Object.entries(args)),
});
const made = (n: number) => effect(n, 'createacct', { username: 'ben', password: password(n) });
const gone = (n: number) => effect(n, 'removeacct', { username: 'ben' });
const done = (seq: number, action: string, state: string, params: Done['params'] = {}): Done => ({
  ...{ id: `o${seq}`, seq, action, state, held: false },
  params: { account: 'ben', ...params },
});
const create = (seq: number, state: string) => done(seq, 'account.create', state, { password: password(seq) });
const fair = { doubled: [], disorder: [], orphans: [] };

it('what a refused creation left is taken back; a termination later is another matter', () => {
  const operations = [create(1, 'refused'), create(3, 'done'), done(5, 'account.terminate', 'done')];
  expect(judge([made(1), gone(2), made(3), gone(5)], operations)).toEqual(fair);
});

it('a later creation before an earlier one is out of order', () => {
  expect(judge([made(3), made(1)], [create(1, 'done'), create(3, 'done')])).toEqual({
    ...fair,
    disorder: ['1 createacct ben'],
  });
});
