import { describe, expect, test } from 'vitest';
import { createCalls } from '../../../src/simulator/calls.ts';
import { createFaults } from '../../../src/simulator/faults.ts';
import type { Module } from '../../../src/simulator/handler.ts';
import { ok } from '../../../src/simulator/handler.ts';
import { paramsOf } from '../../../src/simulator/params.ts';
import { table } from '../../../src/simulator/state.ts';
import { bench, newAccount, root } from './core-engine.ts';

const marks = table<number>('marks');

const probe: Module = {
  whm: {
    two: (context) => {
      context.state.of(marks).set('first', 1);
      context.state.of(marks).set('second', 2);
      return ok();
    },
    late_comer: { run: () => ok(), since: '11.138' },
    listed: { run: (context) => ok(context.params.list('item')), params: ['item', 'n-#'] },
  },
};

describe('strictness', () => {
  test('an unknown function is told and counted', () => {
    const { referee, whm } = bench();
    expect(whm('createaccount')).toBe('unknown');
    whm('createaccount');
    expect(referee.unknowns().functions).toEqual({ createaccount: 2 });
  });

  test('an unknown parameter is ignored and counted; known and transport ones are not', () => {
    const { referee, whm } = bench();
    whm(
      'createacct',
      newAccount('bob', { 'api.version': '1', colour: 'red', MaxPop: '3', 'account_enhancements-1': 'x' }),
    );
    expect(referee.unknowns().parameters).toEqual({ 'createacct.colour': 1, 'createacct.MaxPop': 1 });
  });

  test('a function of a later version is unknown on an older server', () => {
    expect(bench({ modules: [probe] }).whm('late_comer')).toBe('unknown');
    expect(bench({ modules: [probe], version: '11.138.0.1' }).whm('late_comer')).toMatchObject({ ok: true });
  });

  test('a UAPI call for an account that is not there has no user', () => {
    const { run } = bench();
    const { executed } = run({ api: 'uapi', fn: 'Email::list_pops', user: 'nobody', caller: root });
    expect(executed.kind).toBe('bad-user');
  });

  test('every effect has its number, its account and what was asked for', () => {
    const { referee, whm } = bench();
    whm('createacct', newAccount('bob'));
    whm('createacct', newAccount('bob'));
    whm('listaccts');
    whm('passwd', { user: 'bob', password: 'An0ther-Pass-2?' });
    expect(referee.effects().map(({ n, call, fn, account }) => ({ n, call, fn, account }))).toEqual([
      { n: 1, call: 1, fn: 'createacct', account: 'bob' },
      { n: 2, call: 4, fn: 'passwd', account: 'bob' },
    ]);
    expect(referee.effects(1)).toHaveLength(1);
  });

  test('a call cut in two shows its first part, and the rest only when it is finished', () => {
    const { engine, run } = bench({ modules: [probe] });
    const outcome = run({ fn: 'two' }, 'first-part');
    expect(engine.state.of(marks).entries()).toEqual([['first', 1]]);
    outcome.finish();
    expect(engine.state.of(marks).entries()).toEqual([
      ['first', 1],
      ['second', 2],
    ]);
  });
});

describe('parameters', () => {
  const params = paramsOf(
    [
      ['item', 'a'],
      ['item-2', 'b'],
      ['other', 'x'],
      ['item', 'c'],
      ['on', 'y'],
      ['off', '0'],
      ['n', '12'],
      ['many', 'unlimited'],
    ],
    (name) => `need ${name}`,
  );
  test('lists keep order, repeats and numbered names', () => expect(params.list('item')).toEqual(['a', 'b', 'c']));
  test('the last of equal names counts', () => expect(params.get('item')).toBe('c'));
  test('flags know cPanel’s spellings', () => {
    expect([params.flag('on', false), params.flag('off', true), params.flag('none', true)]).toEqual([
      true,
      false,
      true,
    ]);
  });
  test('numbers', () => {
    expect([params.number('n'), params.number('many'), params.number('none'), params.number('on')]).toEqual([
      12,
      Number.POSITIVE_INFINITY,
      undefined,
      Number.NaN,
    ]);
  });
  test('a missing one is refused with the API’s own sentence', () => {
    expect(() => params.require('none')).toThrow('need none');
  });
});

describe('faults', () => {
  test('hit their function and account, as often as they say', () => {
    const faults = createFaults();
    faults.add({ function: 'createacct', kind: 'refuse', times: 2, ms: 0, account: 'bob' });
    expect(faults.take('createacct', 'amy')).toBeUndefined();
    expect(faults.take('removeacct', 'bob')).toBeUndefined();
    expect(faults.take('createacct', 'bob')?.kind).toBe('refuse');
    expect(faults.take('createacct', 'bob')?.kind).toBe('refuse');
    expect(faults.take('createacct', 'bob')).toBeUndefined();
    expect(faults.list()).toEqual([]);
  });

  test('without an end they last until they are cleared', () => {
    const faults = createFaults();
    const { id } = faults.add({ function: '*', kind: 'busy', times: null, ms: 0 });
    for (let i = 0; i < 10; i += 1) expect(faults.take(`fn${i}`, '')?.kind).toBe('busy');
    faults.clear(id);
    expect(faults.take('any', '')).toBeUndefined();
  });

  test('a server that is down is no fault of a call', () => {
    const faults = createFaults();
    faults.add({ function: '*', kind: 'down', times: null, ms: 0 });
    expect(faults.take('any', '')).toBeUndefined();
  });
});

describe('the list of calls', () => {
  test('is paged by number and forgets the oldest', () => {
    const calls = createCalls(10);
    const call = { api: 'whm', function: 'version', user: '', caller: 'root', args: [], receivedAt: 1 };
    for (let i = 0; i < 25; i += 1) calls.begin(call);
    calls.note(25, { outcome: 'ok' });
    expect(calls.last).toBe(25);
    expect(calls.after(23, 10).map((c) => [c.n, c.outcome])).toEqual([
      [24, null],
      [25, 'ok'],
    ]);
    const kept = calls.after(0, 100);
    expect(kept.length).toBeLessThanOrEqual(11);
    expect(kept.at(-1)?.n).toBe(25);
  });
});
