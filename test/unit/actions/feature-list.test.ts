import { describe, expect, it } from 'vitest';
import { action, both, no, ok, type Row } from './support.ts';

const there = [
  ok({ featurelists: ['default', 'small'] }),
  ok({
    featurelist: 'small',
    features: [
      { id: 'cron', name: 'Cron Jobs', value: 1 },
      { id: 'ssh', name: 'SSH Access', value: '0' },
    ],
  }),
];
const absent = [ok({ featurelists: ['default'] }), no('The feature list “small” does not exist.')];

const rows: readonly (readonly [string, ...Row])[] = [
  ['feature-list.add', 'makes it', { name: 'small' }, absent, false, ['create_featurelist featurelist=small']],
  [
    'feature-list.add',
    'refuses what was there before',
    { name: 'small' },
    there,
    false,
    'refused: The feature list “small” already exists.',
  ],
  ['feature-list.add', 'is settled by our own', { name: 'small' }, there, true, 'settled'],
  [
    'feature-list.edit',
    'sets what is named, and nothing else',
    { name: 'small', on: 'ssh', off: 'mysql, cron' },
    there,
    false,
    ['update_featurelist featurelist=small ssh=1 cron=0 mysql=0'],
  ],
  [
    'feature-list.edit',
    'is settled where it is so',
    { name: 'small', on: 'cron', off: 'ssh' },
    there,
    false,
    'settled',
  ],
  [
    'feature-list.edit',
    'need not switch off what this master does not have',
    { name: 'small', off: 'plugin' },
    there,
    false,
    'settled',
  ],
  [
    'feature-list.edit',
    'refuses a list that is not there',
    { name: 'small', on: 'cron' },
    absent,
    false,
    'refused: The feature list “small” does not exist.',
  ],
  ['feature-list.delete', 'deletes it', { name: 'small' }, there, false, ['delete_featurelist featurelist=small']],
  ['feature-list.delete', 'is settled once it is gone', { name: 'small' }, absent, true, 'settled'],
  [
    'feature-list.delete',
    'refuses what was never there',
    { name: 'small' },
    absent,
    false,
    'refused: The feature list “small” does not exist.',
  ],
];

describe('feature lists', () => {
  it.each(rows)('%s %s', (id, ...row) => {
    const { got, wanted } = both(id, row);
    expect(got).toEqual(wanted);
  });

  it('ids are in one order, each once', () => {
    expect(action('feature-list.edit').params.parse({ name: 'small', on: ' ssh cron,ssh ' })).toEqual({
      name: 'small',
      on: 'cron,ssh',
    });
  });

  it.each([
    [{ name: 'small' }, 'at least one'],
    [{ name: 'small', on: 'cron', off: 'cron' }, 'at once'],
    [{ name: 'small', on: 'a=1&b' }, 'ids of features'],
    [{ name: '', on: 'cron' }, ''],
  ])('%j is refused', (input, text) => {
    const parsed = action('feature-list.edit').params.safeParse(input);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toContain(text);
  });
});
