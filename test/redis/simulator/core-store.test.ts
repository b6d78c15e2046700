import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Effect } from '../../../src/simulator/referee.ts';
import { createState, type StateCore } from '../../../src/simulator/state.ts';
import { openStore, type Store } from '../../../src/simulator/store.ts';

let dir: string;
let open: Store[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tandem-sim-'));
  open = [];
});

afterEach(() => {
  for (const store of open) store.close();
  rmSync(dir, { recursive: true, force: true });
});

function reopen(): { readonly state: StateCore; readonly store: Store } {
  for (const store of open.splice(0)) store.close();
  const state = createState();
  const store = openStore(dir, state);
  open.push(store);
  return { state, store };
}

function effect(n: number): Effect {
  return { n, call: n, at: 0, api: 'whm', fn: 'createacct', account: `u${n}`, args: [], rows: [] };
}

test('a line torn by a kill is left out, and the next one starts on its own', () => {
  const { store } = reopen();
  store.persist([['pets', 'rex', 1]], effect(1));
  appendFileSync(join(dir, 'changes.jsonl'), '{"seq":2,"changes":[["pets","tom"');
  const again = reopen();
  expect(again.state.dump()).toEqual({ pets: { rex: 1 } });
  again.store.persist([['pets', 'kim', 3]]);
  expect(reopen().state.dump()).toEqual({ pets: { rex: 1, kim: 3 } });
});

test('an effect whose own file missed it is known from its change', () => {
  const { store } = reopen();
  store.persist([['pets', 'rex', 1]], effect(1));
  store.persist([['pets', 'tom', 2]], effect(2));
  const file = join(dir, 'effects.jsonl');
  writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0]}\n`);
  expect(reopen().store.effects.map((e) => e.n)).toEqual([1, 2]);
  expect(reopen().store.effects.map((e) => e.n)).toEqual([1, 2]);
});

test('after a snapshot older changes are not applied again', () => {
  const { state, store } = reopen();
  store.persist([['pets', 'rex', 1]]);
  const before = readFileSync(join(dir, 'changes.jsonl'));
  state.apply([['pets', 'rex', 5]]);
  store.snapshot();
  appendFileSync(join(dir, 'changes.jsonl'), before);
  expect(reopen().state.dump()).toEqual({ pets: { rex: 5 } });
});
