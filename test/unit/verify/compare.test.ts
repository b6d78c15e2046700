import { describe, expect, it } from 'vitest';
import { againstExpectation, compareEvidence, tooLate } from '../../../src/verify/compare.ts';
import type { Evidence, Exchange, Facts, Json, Step } from '../../../src/verify/model.ts';
import { oneOf } from '../../../src/verify/model.ts';
import { compareShapes, shapeOf } from '../../../src/verify/shape.ts';

const shapes: readonly (readonly [
  fact: string,
  master: Json,
  simulator: Json,
  maps: readonly string[],
  found: readonly string[],
])[] = [
  ['equal answers', { a: 1, b: ['x'] }, { a: 7, b: ['y', 'z'] }, [], []],
  ['a number sent as text', { a: '1' }, { a: 1 }, [], ['a: the master sends text, the simulator number']],
  [
    'a key that only one sends',
    { a: 1, b: 2 },
    { a: 1 },
    [],
    ['b: only the master sends it, the simulator never does'],
  ],
  ['a key that the master does not send', {}, { a: 1 }, [], ['a: only the simulator sends it, the master never does']],
  ['null says nothing', { a: null }, { a: 1 }, [], []],
  ['an empty list says nothing about entries', { a: [] }, { a: [{ b: 1 }] }, [], []],
  ['a list in place of an object', { a: [] }, { a: {} }, [], ['a: the master sends list, the simulator object']],
  [
    'a path in a list',
    { a: [{ b: [{ c: true }] }] },
    { a: [{ b: [{ c: 1 }] }] },
    [],
    ['a[].b[].c: the master sends truth value, the simulator number'],
  ],
  [
    'a key of some entries',
    { a: [{ b: 1 }, {}] },
    { a: [{}] },
    [],
    ['a[].b: only the master sends it (not in every entry), the simulator never does'],
  ],
  [
    'numbers and texts mixed',
    { a: [{ b: 1 }, { b: 'unlimited' }] },
    { a: [{ b: 1 }] },
    [],
    ['a[].b: the master sends number or text, the simulator number'],
  ],
  ['names of things as keys', { t: { x: { a: 1 } } }, { t: { y: { a: 2 } } }, ['t'], []],
  [
    'entries below names of things',
    { t: { x: { a: 1 } } },
    { t: { y: { a: '2' } } },
    ['t'],
    ['t[].a: the master sends number, the simulator text'],
  ],
  [
    'names of things without a list of them',
    { t: { x: 1 } },
    { t: { y: 1 } },
    [],
    [
      't.x: only the master sends it, the simulator never does',
      't.y: only the simulator sends it, the master never does',
    ],
  ],
];

describe('shapes', () => {
  it.each(shapes)('%s', (_fact, master, simulator, maps, found) => {
    expect(compareShapes(shapeOf(master, maps), shapeOf(simulator, maps))).toEqual(found);
  });
});

const step: Step = {
  id: 'mail.add',
  assumption: 'x.',
  kind: 'write',
  expect: { outcome: 'done', because: /weak/iu, again: oneOf('done', 'refused') },
  run: () => Promise.resolve({}),
};

function exchange(more: Partial<Exchange> = {}): Exchange {
  const request = { port: 'whm', sign: 'ours', path: '/json-api/x', form: [['user', 'bob']] as const };
  return { fn: 'x', request, status: 200, contentType: 'text/plain', outcome: 'done', body: { a: 1 }, ...more };
}

function evidence(facts: Facts, ...exchanges: readonly Exchange[]): Evidence {
  return { step: step.id, facts, exchanges, late: [] };
}

const exchanges: readonly (readonly [fact: string, master: Exchange, simulator: Exchange, found: readonly string[]])[] =
  [
    ['equal ones', exchange(), exchange(), []],
    [
      'another HTTP status',
      exchange({ status: 500 }),
      exchange(),
      ['x: HTTP status: the master answers 500, the simulator 200'],
    ],
    [
      'another content type',
      exchange({ contentType: '' }),
      exchange(),
      ['x: content type: the master sends none, the simulator text/plain'],
    ],
    [
      'another outcome, and then no word on shapes',
      exchange({ outcome: 'refused', body: { metadata: { reason: 'No.' } } }),
      exchange(),
      ['x: outcome: refused on the master (No.), done on the simulator'],
    ],
    [
      'another shape, with function and path',
      exchange({ body: { a: '1' } }),
      exchange(),
      ['x: a: the master sends text, the simulator number'],
    ],
    [
      'hooks that come now and then',
      exchange({ body: { cpanelresult: { preevent: { result: 1 } } } }),
      exchange({ body: { cpanelresult: {} } }),
      [],
    ],
  ];

describe('evidence', () => {
  it.each(exchanges)('%s', (_fact, master, simulator, found) => {
    expect(compareEvidence(step, evidence({}, master), evidence({}, simulator))).toEqual(found);
  });

  it('a request that only one side was led to is told, and nothing after it', () => {
    const other = exchange({ fn: 'y', status: 500 });
    const found = compareEvidence(step, evidence({}, exchange(), other), evidence({}, exchange()));
    expect(found).toEqual([
      'request 2: what was answered before led to y(user) on the whm port with ours credentials on the master and no request on the simulator',
    ]);
  });

  it('facts must be equal, unless several or a pattern are expected', () => {
    const found = compareEvidence(
      step,
      evidence({ outcome: 'done', again: 'done', because: 'too weak', calls: ['x'] }),
      evidence({ outcome: 'refused', again: 'refused', because: 'weak', calls: ['x', 'y'] }),
    );
    expect(found).toEqual([
      'calls: the master gives ["x"], the simulator ["x","y"]',
      'outcome: the master gives "done", the simulator "refused"',
    ]);
  });

  it('two sentences that say no are equal, a sentence and none are not', () => {
    expect(compareEvidence(step, evidence({ afterBecause: 'a' }), evidence({ afterBecause: 'b' }))).toEqual([]);
    expect(compareEvidence(step, evidence({ afterBecause: 'a' }), evidence({}))).toHaveLength(1);
  });

  it('an answer that took half of its time or more is told', () => {
    expect(tooLate({ ...evidence({}), late: ['createacct took 170 s'] })).toEqual([
      'createacct took 170 s, more than half of the time that Tandem waits for it',
    ]);
  });
});

describe('expectations', () => {
  it.each([
    ['what was expected', { outcome: 'done', because: 'Too WEAK', again: 'refused' }, 0],
    ['another value', { outcome: 'refused', because: 'weak', again: 'done' }, 1],
    ['a text that does not match', { outcome: 'done', because: 'strong', again: 'done' }, 1],
    ['none of several', { outcome: 'done', because: 'weak', again: 'in-doubt' }, 1],
    ['nothing at all', {}, 3],
  ])('%s', (_fact, facts, count) => {
    expect(againstExpectation(step, facts)).toHaveLength(count);
  });
});
