import { describe, expect, it } from 'vitest';
import {
  changeOf,
  differenceOf,
  editable,
  isBig,
  parseZone,
  textOf,
} from '../../../src/routes/portal/present/zone-text.ts';

import { say } from './views.ts';

const zone = 'bob.example';
const before = `
bob.example. 14400 A 192.0.2.1
www.bob.example. 14400 CNAME bob.example.
bob.example. 14400 MX 0 bob.example.
bob.example. 14400 TXT "v=spf1 +a \\"odd\\" ~all"
`;

describe('a zone as text', () => {
  it('comes back as it was written, relative names and any case made one form', () => {
    const { records, unread } = parseZone(before, zone);
    expect(unread).toEqual([]);
    expect(parseZone(records.map(textOf).join('\n'), zone).records).toEqual(records);
    expect(parseZone('WWW 60 cname @', zone).records).toEqual(
      parseZone('www.bob.example. 60 CNAME bob.example.', zone).records,
    );
    expect(records[3]?.data).toEqual(['v=spf1 +a "odd" ~all']);
  });

  it('joins the strings of a long text, skips remarks, and keeps the SOA out of the hands', () => {
    expect(parseZone('k 60 TXT "ab" "cd"\n; a remark\n', zone).records[0]?.data).toEqual(['abcd']);
    const soa = { name: `${zone}.`, ttl: 60, type: 'SOA', data: ['a', 'b', '1'] };
    expect(editable([soa])).toEqual([]);
    const stood = { name: `${zone}.`, ttl: 60, type: 'A', data: ['192.0.2.1'], line: 7 };
    expect(editable([stood])).toEqual([{ name: `${zone}.`, ttl: 60, type: 'A', data: ['192.0.2.1'] }]);
  });

  it.each(['www', 'www CNAME bob.example.', 'www 60', 'www x A 192.0.2.1'])(
    'says of %j that it is no record',
    (text) => {
      expect(parseZone(`\n${text}`, zone).unread).toEqual([2]);
    },
  );
});

describe('the difference', () => {
  const now = parseZone(before, zone).records;
  it.each([
    ['nothing', before, [0, 0, 0, 4]],
    ['one line more', `${before}\nftp 60 A 192.0.2.2`, [1, 0, 0, 4]],
    ['one line less', before.replace(/www.*\n/, ''), [0, 1, 0, 3]],
    ['another value', before.replace('192.0.2.1', '192.0.2.9'), [0, 0, 1, 3]],
    ['another ttl', before.replace('14400 A', '300 A'), [0, 0, 1, 3]],
    ['one of two equal names', `${before}\nbob.example. 14400 A 192.0.2.2`, [1, 0, 0, 4]],
    ['everything', '', [0, 4, 0, 0]],
  ] as const)('of %s', (_fact, text, [add, remove, edit, same]) => {
    const change = changeOf(now, parseZone(text, zone).records);
    expect([change.add.length, change.remove.length, change.edit.length, change.same]).toEqual([
      add,
      remove,
      edit,
      same,
    ]);
    expect(differenceOf(change, say).length).toBe(add + remove + edit);
  });

  it('is big when three in ten records go or change, and more than two', () => {
    expect(isBig(changeOf(now, []))).toBe(true);
    expect(isBig(changeOf(now, now.slice(1)))).toBe(false);
    expect(isBig(changeOf(now, [...now, ...now]))).toBe(false);
  });
});
