import { describe, expect, test } from 'vitest';
import { createState, table } from '../../../src/simulator/state.ts';

interface Pet {
  readonly owner: string;
  readonly name: string;
}

const pets = table<Pet>('pets', { group: (p) => p.owner });
const quiet = table<number>('quiet', { silent: true });

describe('state', () => {
  test('what is kept stays and is told as changes in order', () => {
    const state = createState();
    const { changes } = state.transact(
      () => {
        state.of(pets).set('rex', { owner: 'bob', name: 'Rex' });
        state.of(pets).update('rex', (p) => ({ ...p, name: 'Rexy' }));
        state.of(pets).delete('none');
      },
      () => true,
    );
    expect(changes).toEqual([
      ['pets', 'rex', { owner: 'bob', name: 'Rex' }],
      ['pets', 'rex', { owner: 'bob', name: 'Rexy' }],
    ]);
    expect(state.of(pets).by('bob')).toEqual([{ owner: 'bob', name: 'Rexy' }]);
  });

  test('what is not kept leaves rows and groups as they were', () => {
    const state = createState();
    state.apply([['pets', 'rex', { owner: 'bob', name: 'Rex' }]]);
    state.transact(
      () => {
        state.of(pets).set('rex', { owner: 'amy', name: 'Rex' });
        state.of(pets).set('tom', { owner: 'amy', name: 'Tom' });
        state.of(pets).delete('rex');
      },
      () => false,
    );
    expect(state.of(pets).values()).toEqual([{ owner: 'bob', name: 'Rex' }]);
    expect(state.of(pets).keysBy('bob')).toEqual(['rex']);
    expect(state.of(pets).keysBy('amy')).toEqual([]);
  });

  test('a handler that throws changes nothing', () => {
    const state = createState();
    const broken = (): never => {
      state.of(pets).set('rex', { owner: 'bob', name: 'Rex' });
      throw new Error('bug');
    };
    expect(() => state.transact(broken, () => true)).toThrow('bug');
    expect(state.of(pets).size).toBe(0);
  });

  test('a change outside of a transaction is an error', () => {
    const state = createState();
    expect(() => state.of(pets).set('rex', { owner: 'bob', name: 'Rex' })).toThrow('outside of a transaction');
  });

  test('groups are indexed for rows that were there before the table was first used', () => {
    const state = createState();
    state.replace({ pets: { rex: { owner: 'bob', name: 'Rex' } } });
    expect(state.of(pets).keysBy('bob')).toEqual(['rex']);
    state.replace({ pets: { tom: { owner: 'amy', name: 'Tom' } } });
    expect(state.of(pets).keysBy('bob')).toEqual([]);
    expect(state.of(pets).keysBy('amy')).toEqual(['tom']);
  });

  test('a counter never gives a number twice, also after a refusal', () => {
    const state = createState();
    const first = state.transact(
      () => state.next('uid', 1001),
      () => false,
    ).result;
    const second = state.transact(
      () => state.next('uid', 1001),
      () => true,
    ).result;
    expect([first, second]).toEqual([1001, 1002]);
  });

  test('a dump holds everything and can be put back', () => {
    const state = createState();
    state.transact(
      () => {
        state.of(pets).set('rex', { owner: 'bob', name: 'Rex' });
        state.of(quiet).set('n', 1);
        state.next('uid', 7);
      },
      () => true,
    );
    const copy = createState();
    copy.replace(state.dump());
    expect(copy.dump()).toEqual(state.dump());
    expect(
      copy.transact(
        () => copy.next('uid', 7),
        () => true,
      ).result,
    ).toBe(8);
    expect(state.isSilent('quiet')).toBe(true);
    expect(state.isSilent('pets')).toBe(false);
  });
});
