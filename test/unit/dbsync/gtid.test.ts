import { describe, expect, it } from 'vitest';
import * as g from '../../../src/dbsync/mariadb/gtid.ts';

const p = g.parseGtids;

describe('GTIDs', () => {
  it('are read and written', () => {
    expect(g.formatGtids(p(' 2-2-9,\n1-1-18446744073709551615'))).toBe('1-1-18446744073709551615,2-2-9');
    expect(p('')).toEqual([]);
    expect(() => p('1-1')).toThrow(RangeError);
  });

  it.each([
    ['all is there', '1-1-5,2-2-3', '1-1-5', true],
    ['one behind', '1-1-4', '1-1-5', false],
    ['a domain that was never seen', '2-2-9', '1-1-1', false],
    ['nothing is wanted', '', '', true],
  ])('%s', (_sentence, has, wants, reached) => {
    expect(g.hasReached(p(has), p(wants))).toBe(reached);
  });

  it('clash in a domain that both hold and neither owns', () => {
    expect(g.clashingDomains(p('0-1-3,1-1-2'), p('0-2-9,1-1-2'), [1, 2])).toEqual([0]);
    expect(g.clashingDomains(p('0-1-3'), p('2-2-1'), [1, 2])).toEqual([]);
  });

  it('are errant where a server writes into the other’s domain', () => {
    const sides = [
      { serverId: 1, domain: 1 },
      { serverId: 2, domain: 2 },
    ];
    expect(g.formatGtids(g.errantGtids(p('1-1-5,2-2-3,1-2-6'), sides))).toBe('1-2-6');
    expect(g.errantGtids(p('0-9-4'), sides, p('0-9-4'))).toEqual([]);
  });
});
