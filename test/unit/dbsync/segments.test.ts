import { describe, expect, it } from 'vitest';
import { mostBetween, segmentsOf } from '../../../src/dbsync/conflicts/segments.ts';

/** 't': Tandem's, '.': anybody's, 'd': a definition, which only the server can apply. */
function parts(text: string): readonly string[] {
  const waiting = [...text].map((letter, at) => ({
    gtid: { domain: 1, server: 1, seq: BigInt(at + 1) },
    isOurs: letter === 't',
    isTheirs: letter === 'd',
  }));
  return segmentsOf(waiting).map((one) => `${one.kind} ${one.kind === 'tandem' ? one.from : ''}-${one.until.seq}`);
}

describe('who applies what', () => {
  it.each([
    ['nothing', '', []],
    ['no conflict: the server', '...', ['server -3']],
    ['one', '..t..', ['server -2', 'tandem 3-5']],
    ['what lies between two near ones goes with them', 't..t', ['tandem 1-4']],
    ['but no definition does', 't.d.t', ['tandem 1-1', 'server -4', 'tandem 5-5']],
    ['a short rest goes with them', 't..', ['tandem 1-3']],
    ['a long one does not', `t${'.'.repeat(mostBetween + 1)}`, ['tandem 1-1', 'server -22']],
    ['nor one with a definition', 't.d', ['tandem 1-1', 'server -3']],
    ['far ones', `t${'.'.repeat(mostBetween + 1)}t`, ['tandem 1-1', 'server -22', 'tandem 23-23']],
  ])('%s', (_sentence, text, expected) => {
    expect(parts(text)).toEqual(expected);
  });
});
