import { expect, it } from 'vitest';
import { lacking } from '../../../src/roles/own-names.ts';

/** Which domains still need their www1 and www2, from what the journal knows of the last day. */

const row = (action: string, domain: string, state = 'done', account = 'bob') => ({
  id: `${action} ${domain}`,
  action,
  state,
  account,
  subject: JSON.stringify({ kind: 'account', account, ...(domain === '' ? {} : { domain }) }),
});

it.each([
  ['a new account', [row('account.create', 'bob.example')], ['bob.example']],
  ['one whose second master is away', [row('domain.add-alias', 'two.example', 'following')], ['two.example']],
  [
    'not one that is still undecided, or was refused',
    [row('account.create', 'a.example', 'accepted'), row('account.create', 'b.example', 'refused')],
    [],
  ],
  [
    'not one that has them, or will',
    [row('account.create', 'bob.example'), row('own-names.install', 'bob.example', 'accepted')],
    [],
  ],
  [
    'not one where they were refused: a person decides',
    [row('account.create', 'bob.example'), row('own-names.install', 'bob.example', 'refused')],
    [],
  ],
  [
    'not one that is gone again',
    [row('domain.add-addon', 'two.example'), row('domain.remove-addon', 'two.example')],
    [],
  ],
  [
    'one whose removal was refused',
    [row('domain.add-addon', 'two.example'), row('domain.remove-addon', 'two.example', 'refused')],
    ['two.example'],
  ],
  [
    'nothing of an account that is gone',
    [row('account.create', 'bob.example'), row('domain.add-alias', 'two.example'), row('account.terminate', '')],
    [],
  ],
  [
    'one that was made anew',
    [
      row('account.create', 'bob.example'),
      row('own-names.install', 'bob.example'),
      row('account.terminate', ''),
      row('account.create', 'bob.example'),
    ],
    ['bob.example'],
  ],
])('%s', (_, rows, wanted) => {
  expect(lacking(rows).map(({ domain }) => domain)).toEqual(wanted);
});
