import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/index.ts';
import { standingBefore } from '../../../src/operations/grace.ts';

const mine = (...names: string[]) => names.map((name) => ({ name, exclusive: true }));
const common = (...names: string[]) => names.map((name) => ({ name, exclusive: false }));

describe('what stands in the way of somebody who does not wait', () => {
  const graces = [
    { id: 'bob', seq: 1, keys: [...mine('account:bob'), ...common('package:gold')] },
    { id: 'gold', seq: 2, keys: mine('package:gold') },
    { id: 'eve', seq: 3, keys: [...mine('account:eve'), ...common('package:gold')] },
    { id: 'ann', seq: 4, keys: mine('account:ann') },
  ];

  it.each([
    ['strangers', mine('account:joe'), 9, []],
    ['the same account', mine('account:ann'), 9, ['ann']],
    ['through others, as far as it goes', mine('account:eve'), 9, ['bob', 'eve', 'gold']],
    ['only what came before', mine('account:eve'), 3, []],
    ['two that share stand in nobody’s way, what one has alone does', common('package:gold'), 9, ['bob', 'gold']],
    ['everything', mine('server'), 9, []],
  ] as const)('%s', (_name, keys, seq, expected) => {
    expect([...standingBefore(graces, keys, seq)].sort()).toEqual(expected);
  });
});

describe('what can be undone', () => {
  it('is nothing that destroys, sets a password, or takes long', () => {
    const held = actions.filter((action) => action.reversible === true);
    expect(held.length).toBeGreaterThan(20);
    for (const action of held) {
      expect([action.id, action.destroys ?? []]).toEqual([action.id, []]);
      expect([action.id, action.job]).toEqual([action.id, undefined]);
      expect([action.id, action.blind?.includes('password') ?? false]).toEqual([action.id, false]);
    }
  });
});
