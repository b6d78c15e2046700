import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, mergedPlace } from '../../../src/filesync/merge.ts';
import { absent, type FileState, type Known, type Offer, type State, unknown } from '../../../src/filesync/model.ts';
import { decide, remembered } from '../../../src/filesync/plan.ts';
import { sameState } from '../../../src/filesync/states.ts';
import { bumped, nextCount, order } from '../../../src/filesync/version.ts';

function file(digest: string, mtime = '100', more: Partial<FileState> = {}): FileState {
  const base = { kind: 'file', mode: 0o644, user: 'bob', group: 'bob', attributes: '', size: 1 } as const;
  return { ...base, digest, mtime, ...more };
}
const directory: State = { kind: 'directory', mode: 0o755, user: 'bob', group: 'bob', attributes: '' };
const known = (version: [number, number], state: State, agreed?: State): Known => ({
  version,
  state,
  pending: true,
  ...(agreed === undefined ? {} : { agreed }),
});
const offer = (version: [number, number], state: State): Offer => ({
  key: 'home/bob/a',
  version,
  state,
  conflict: false,
});

describe('a decision', () => {
  const [a, b] = [file('a', '100'), file('b', '200')];
  it.each([
    ['the same on both is left alone', known([1, 0], a), offer([1, 0], a), 'same'],
    ['an echo of an older state is old', known([2, 0], b), offer([1, 0], a), 'old'],
    ['a change of what this side had is taken', known([1, 0], a), offer([1, 5], b), 'take'],
    ['a new file is taken', unknown, offer([0, 5], b), 'take'],
    ['a delete of what this side had is taken', known([1, 0], a), offer([1, 5], absent), 'take'],
    ['the same change on both sides is one', known([2, 0], b, a), offer([1, 5], b), 'join'],
    ['two changes are settled', known([2, 0], a), offer([1, 5], b), 'merge'],
  ] as const)('%s', (_what, mine, theirs, kind) => {
    expect(decide(mine, theirs, 1, 9).kind).toBe(kind);
    expect(decide(mine, theirs, 2, 9).kind).toBe(kind === 'merge' ? 'crossed' : kind);
  });

  it('what is settled knows of both changes and is newer than either', () => {
    const decision = decide(known([2, 0], a), offer([1, 5], b), 1, 9);
    expect(decision).toMatchObject({ kind: 'merge', version: [9, 5], state: b, keepMine: true, keepTheirs: false });
  });
});

describe('a merge', () => {
  it.each([
    ['an edit beats a delete', file('base'), file('new', '200'), absent, file('new', '200')],
    [
      'a flag does not bring an expunged message back',
      file('m', '1', { place: 'new' }),
      file('m', '1', { place: 'cur:2,S' }),
      absent,
      absent,
    ],
    [
      'an edit and a chmod are both kept',
      file('a', '1'),
      file('b', '2'),
      file('a', '1', { mode: 0o600 }),
      file('b', '2', { mode: 0o600 }),
    ],
    ['the newer of two edits wins', file('a', '1'), file('b', '2'), file('c', '3'), file('c', '3')],
    ['times are compared as numbers', file('a', '1'), file('b', '9'), file('c', '10'), file('c', '10')],
    ['of two equally old edits the larger digest wins', file('a', '1'), file('b', '2'), file('c', '2'), file('c', '2')],
    ['a removal stands against a file that nobody edited', file('a', '1'), file('a', '1'), absent, absent],
    ['a removal stands against a directory that nobody changed', directory, directory, absent, absent],
    ['a directory that nobody knew beats a removal', undefined, directory, absent, directory],
    ['a directory beats a file', undefined, directory, file('c', '10'), directory],
  ] as const)('%s', (_what, base, one, two, result) => {
    expect(merged(base, one, two).state).toEqual(result);
    expect(merged(base, two, one).state).toEqual(result);
  });

  it.each([
    ['new', 'cur:2,S', 'cur:2,R', 'cur:2,RS'],
    ['cur:2,S', 'cur:2,', 'cur:2,FS', 'cur:2,F'],
    ['new', 'new', 'cur:2,S', 'cur:2,S'],
    ['cur:2,FS', 'cur:2,S', 'cur:2,F', 'cur:2,'],
    [undefined, 'new', 'cur', 'cur'],
  ])('flags %s: %s and %s become %s', (base, one, two, result) => {
    expect(mergedPlace(base, one, two)).toBe(result);
    expect(mergedPlace(base, two, one)).toBe(result);
  });
});

const places = [undefined, 'new', 'cur:2,', 'cur:2,S', 'cur:2,FS'] as const;
const states: fc.Arbitrary<State> = fc.oneof(
  fc.constant<State>(absent),
  fc.constant<State>(directory),
  fc
    .record({
      digest: fc.constantFrom('a', 'b', 'c'),
      mtime: fc.constantFrom('1', '2', '10'),
      mode: fc.constantFrom(0o600, 0o644),
    })
    .map(({ digest, mtime, mode }) => file(digest, mtime, { mode })),
);
const messages: fc.Arbitrary<State> = fc
  .constantFrom(...places.slice(1))
  .map((place) => file('m', '5', place === undefined ? {} : { place }));

/** Two sides that only exchange offers, in order, with any delay; nothing else is known to either. */
class World {
  readonly sides: [Known, Known] = [unknown, unknown];
  readonly wire: [Offer[], Offer[]] = [[], []];
  readonly kept: State[] = [];
  clock = 0;
  edit(at: 0 | 1, state: State): void {
    const mine = this.sides[at];
    if (sameState(mine.state, state)) return;
    this.clock = nextCount(this.clock, 0);
    this.become(at, {
      version: bumped(mine.version, at === 0 ? 1 : 2, this.clock),
      state,
      agreed: mine.agreed ?? mine.state,
      pending: true,
    });
    this.send(at);
  }
  become(at: 0 | 1, to: Known): void {
    this.sides[at] = to;
  }
  send(at: 0 | 1): void {
    const { version, state, conflict } = this.sides[at];
    this.wire[at].push({ key: 'home/bob/a', version, state, conflict: conflict === true });
  }
  receive(at: 0 | 1): void {
    const got = this.wire[at === 0 ? 1 : 0].shift();
    if (got !== undefined) this.answer(at, got);
  }
  private answer(at: 0 | 1, got: Offer): void {
    const mine = this.sides[at];
    this.clock = nextCount(this.clock, 0);
    const decision = decide(mine, got, at === 0 ? 1 : 2, this.clock);
    if (decision.kind === 'take' ? decision.conflict : decision.kind === 'merge' && decision.keepMine)
      this.kept.push(mine.state);
    this.become(at, remembered(mine, got, decision));
    if (decision.kind === 'crossed' || decision.kind === 'merge' || decision.kind === 'join') this.send(at);
  }
}

type Step = { at: 0 | 1; state: State } | { at: 0 | 1; receive: true };
const steps = (of: fc.Arbitrary<State>): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      fc.record({ at: fc.constantFrom(0 as const, 1 as const), state: of }),
      fc.record({ at: fc.constantFrom(0 as const, 1 as const), receive: fc.constant(true as const) }),
    ),
    { maxLength: 30 },
  );

function play(history: readonly Step[]): World {
  const world = new World();
  for (const step of history) 'state' in step ? world.edit(step.at, step.state) : world.receive(step.at);
  for (let n = 0; n < 300 && world.wire.some((one) => one.length > 0); n++) world.receive(n % 2 === 0 ? 0 : 1);
  return world;
}

describe('any history', () => {
  it('ends with the same state and version on both sides, and with silence', () => {
    fc.assert(
      fc.property(fc.oneof(steps(states), steps(messages)), (history) => {
        const { sides, wire } = play(history);
        expect(wire).toEqual([[], []]);
        expect(order(sides[0].version, sides[1].version)).toBe('equal');
        expect(sameState(sides[0].state, sides[1].state)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('loses no content: the last edit of each side is in place, known to the other, or kept', () => {
    fc.assert(
      fc.property(fc.constantFrom('1', '2'), fc.constantFrom('1', '2'), fc.boolean(), (one, two, first) => {
        const world = new World();
        world.edit(0, file('base', '0'));
        world.receive(1);
        world.edit(0, file('left', one));
        world.edit(1, file('right', two));
        if (first) world.receive(0);
        for (let n = 0; n < 50; n++) world.receive(n % 2 === 0 ? 1 : 0);
        const found = [...world.kept, world.sides[0].state].map((state) => (state.kind === 'file' ? state.digest : ''));
        expect(found).toEqual(expect.arrayContaining(['left', 'right']));
      }),
    );
  });
});
