import { expect, it } from 'vitest';
import { kindOf } from '../../../src/drift/kinds/index.ts';

it.each(['contact', 'create', 'modify', 'rename', 'restore', 'suspend', 'terminate'])(
  'an account that an operation is at work on is no difference yet: account.%s',
  (verb) => expect(kindOf('account')?.touched(`account.${verb}`, { account: 'bob' })).toBe('bob'),
);
