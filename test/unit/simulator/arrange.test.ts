import { describe, expect, test } from 'vitest';
import { arrangeList, arrangeWhm } from '../../../src/simulator/arrange.ts';
import type { Args } from '../../../src/simulator/params.ts';

const acct = [
  { user: 'ann', ip: '192.0.2.10', maxpop: 'unlimited', used: '5M' },
  { user: 'bob', ip: '192.0.2.9', maxpop: '3', used: '12M' },
  { user: 'cid', ip: '198.51.100.1', maxpop: '0', used: '1M' },
];
const given = (text: string): Args => [...new URLSearchParams(text)];
const users = (text: string): readonly string[] =>
  (arrangeWhm(given(text), { acct }).data as { acct: readonly { user: string }[] }).acct.map((a) => a.user);

describe('WHM table parameters', () => {
  test('nothing changes unless a part is switched on', () => {
    const data = { acct };
    expect(arrangeWhm(given('api.sort.a.field=user&api.chunk.size=1'), data)).toEqual({ data, metadata: {} });
  });

  const sorts: readonly (readonly [string, string, readonly string[]])[] = [
    ['by text, turned round', 'a.field=user&api.sort.a.reverse=1', ['cid', 'bob', 'ann']],
    ['by number', 'a.field=used&api.sort.a.method=numeric', ['cid', 'ann', 'bob']],
    ['by number with zero as the most', 'a.field=maxpop&api.sort.a.method=numeric_zero_as_max', ['bob', 'ann', 'cid']],
    ['by address', 'a.field=ip&api.sort.a.method=ipv4', ['bob', 'ann', 'cid']],
  ];
  test.each(sorts)('a list is sorted %s', (_, how, wanted) => {
    expect(users(`api.sort.enable=1&api.sort.${how}`)).toEqual(wanted);
  });

  const filters: readonly (readonly [string, string, readonly string[]])[] = [
    ['contains, in any field', 'a.field=*&api.filter.a.arg0=198.51', ['cid']],
    ['begins', 'a.field=user&api.filter.a.arg0=B&api.filter.a.type=begins', ['bob']],
    ['eq', 'a.field=user&api.filter.a.arg0=an&api.filter.a.type=eq', []],
    ['gt', 'a.field=used&api.filter.a.arg0=4&api.filter.a.type=gt', ['ann', 'bob']],
    [
      'gt where unlimited is the most',
      'a.field=maxpop&api.filter.a.arg0=2&api.filter.a.type=gt_handle_unlimited',
      ['ann', 'bob'],
    ],
    ['two at once', 'a.field=ip&api.filter.a.arg0=192&api.filter.b.field=user&api.filter.b.arg0=o', ['bob']],
  ];
  test.each(filters)('a filter keeps what fits: %s', (_, how, wanted) => {
    expect(users(`api.filter.enable=1&api.filter.${how}`)).toEqual(wanted);
  });

  test('a chunk says where it stands only when asked', () => {
    const text = 'api.chunk.enable=1&api.chunk.size=2&api.chunk.start=3&api.chunk.verbose=1';
    expect(users(text)).toEqual(['cid']);
    expect(arrangeWhm(given(text), { acct }).metadata).toEqual({
      chunk: { chunks: 2, current: 2, records: 3, size: 2, start: 3 },
    });
    expect(arrangeWhm(given(text.replace('verbose=1', 'verbose=0')), { acct }).metadata).toEqual({});
    expect(users('api.chunk.enable=1&api.chunk.size=2&api.chunk.start=-1')).toEqual(['ann', 'bob']);
  });

  test('a filter tells how many it left out', () => {
    const text = 'api.filter.enable=1&api.filter.verbose=1&api.filter.a.field=user&api.filter.a.arg0=ann';
    expect(arrangeWhm(given(text), { acct }).metadata).toEqual({ filter: { filtered: 2 } });
  });

  test('columns keep what is asked for, in that order', () => {
    const { data } = arrangeWhm(given('api.columns.enable=1&api.columns.a=ip&api.columns.b=user'), { acct });
    expect(JSON.stringify(data)).toContain('{"acct":[{"ip":"192.0.2.10","user":"ann"}');
  });
});

describe('lists of UAPI and API 2', () => {
  test('a page is told beside the list', () => {
    const { data, metadata } = arrangeList(
      given('api.paginate=1&api.paginate_size=2&api.paginate_page=2'),
      acct,
      'api.',
    );
    expect(data).toEqual([acct[2]]);
    expect(metadata).toEqual({
      paginate: { current_page: 2, results_per_page: 2, start_result: 3, total_pages: 2, total_results: 3 },
    });
  });

  test('filter and sort have names of their own in each API', () => {
    const wish = (prefix: string): Args =>
      given(
        `${prefix}filter=1&${prefix}filter_column=ip&${prefix}filter_term=192&${prefix}sort=1&${prefix}sort_column=user&${prefix}sort_reverse=1`,
      );
    expect(arrangeList(wish('api.'), acct, 'api.').data).toEqual([acct[1], acct[0]]);
    expect(arrangeList(wish('api2_'), acct, 'api2_').data).toEqual([acct[1], acct[0]]);
    expect(arrangeList(wish('api2_'), acct, 'api.').data).toBe(acct);
  });
});
