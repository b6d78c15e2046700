import { describe, expect, it } from 'vitest';
import { parseGtids } from '../../../src/dbsync/mariadb/gtid.ts';
import { dropIn, planSetup, type SetupInput } from '../../../src/dbsync/mariadb/plan.ts';
import { wantedSettings } from '../../../src/dbsync/mariadb/settings.ts';
import { database, fresh, input, replica, server } from './seen.ts';

/** 'seed m1→m2 shop' and the like: the steps in short. */
function short(given: SetupInput): readonly string[] | string {
  const plan = planSetup(given);
  if (plan.kind === 'settled') return 'settled';
  if (plan.kind === 'refused') return `refused: ${plan.reasons.join(' ')}`;
  return plan.steps.map((step) => {
    if (step.kind === 'seed') return `seed ${step.from}→${step.to} ${step.databases.join(',')}`;
    if (step.kind === 'backup') return `backup ${step.master} ${step.databases.join(',')}`;
    if (step.kind === 'set') return `set ${step.master} ${step.wanted.name}=${step.wanted.value}`;
    return `${step.kind} ${step.master}`;
  });
}

const foundations = ['own-schema m1', 'own-schema m2', 'account m1', 'account m2'];
const ends = ['position m1', 'position m2', 'connect m1', 'connect m2', 'paired m1', 'paired m2'];

describe('what setup does from what it finds', () => {
  const stopped1062 = replica({ sql: 'No', sqlErrno: 1062, sqlError: 'Duplicate entry' });
  const rows: readonly (readonly [string, SetupInput, readonly string[] | string])[] = [
    ['nothing left: settled', input(server(1), server(2)), 'settled'],
    ['both empty', input(fresh(1), fresh(2)), [...foundations, ...ends]],
    ['one side full', input(fresh(1, [database('shop')]), fresh(2)), [...foundations, 'seed m1→m2 shop', ...ends]],
    [
      'the other side full',
      input(fresh(1), fresh(2, [database('shop')])),
      [...foundations, 'seed m2→m1 shop', ...ends],
    ],
    [
      'each holds what the other does not: both are kept',
      input(fresh(1, [database('shop')]), fresh(2, [database('blog')])),
      [...foundations, 'seed m2→m1 blog', 'seed m1→m2 shop', ...ends],
    ],
    [
      'an empty database on one side is filled, without a backup of nothing',
      input(fresh(1, [database('shop')]), fresh(2, [database('shop', 0, 0)])),
      [...foundations, 'seed m1→m2 shop', ...ends],
    ],
    [
      'equal contents stay',
      input(fresh(1, [database('shop')]), fresh(2, [database('shop')]), { equal: { shop: true } }),
      [...foundations, ...ends],
    ],
    [
      'different contents: a person says whose are right',
      input(fresh(1, [database('shop')]), fresh(2, [database('shop')]), { equal: { shop: false } }),
      'refused: shop is on both masters with different contents.',
    ],
    [
      'and the other side is fenced and backed up first',
      input(fresh(1, [database('shop')]), fresh(2, [database('shop')]), { wishes: { from: 'm1' } }),
      [...foundations, 'fence m2', 'backup m2 shop', 'seed m1→m2 shop', ...ends],
    ],
    [
      'half configured: only what is missing',
      input(server(1), server(2, { mark: { kind: 'positioned' }, replica: undefined })),
      ['connect m2', 'paired m2'],
    ],
    [
      'stopped without an error: started',
      input(server(1), server(2, { replica: replica({ io: 'No', sql: 'No' }) })),
      ['start m2'],
    ],
    [
      'an old pair that works by file and position, without TLS: goes over to GTIDs and TLS and keeps its data',
      input(
        server(1, { mark: { kind: 'none' }, replica: replica({ usesGtid: false, tls: false }) }),
        server(2, { mark: { kind: 'none' }, replica: replica({ usesGtid: false, tls: false }) }),
      ),
      ['connect m1', 'connect m2', 'paired m1', 'paired m2'],
    ],
    [
      'an old pair, one direction broken: forgotten, refilled, and the sound direction goes on',
      input(
        server(1, { databases: [database('shop')] }),
        server(2, { databases: [database('shop')], replica: stopped1062 }),
        {
          wishes: { from: 'm1' },
        },
      ),
      [
        'forget m2',
        'fence m2',
        'backup m2 shop',
        'seed m1→m2 shop',
        'position m2',
        'connect m2',
        'paired m1',
        'paired m2',
      ],
    ],
    [
      'an interrupted load is taken up from the same source, although both now have tables',
      input(
        server(1, { databases: [database('shop')] }),
        server(2, {
          databases: [database('shop')],
          replica: undefined,
          mark: { kind: 'seeding', from: 'm1', databases: ['shop'] },
        }),
      ),
      // Its backup was made before it was half.
      ['fence m2', 'seed m1→m2 shop', 'position m2', 'connect m2', 'paired m1', 'paired m2'],
    ],
    [
      'a domain that both logs hold from before: the log of the smaller is begun anew',
      input(
        { ...fresh(1, [database('shop')]), binlogState: parseGtids('0-1-7') },
        { ...fresh(2), binlogState: parseGtids('0-2-4') },
      ),
      [...foundations, 'reset-log m2', 'seed m1→m2 shop', ...ends],
    ],
    [
      'a setting that differs is set',
      input(server(1, { variables: { sync_binlog: '0' } }), server(2)),
      ['drop-in m1', 'set m1 sync_binlog=1'],
    ],
    [
      'filters change only while nothing is received',
      input(server(1, { variables: { replicate_wild_ignore_table: '' } }), server(2)),
      ['drop-in m1', 'stop m1', expect.stringContaining('set m1 replicate_wild_ignore_table=mysql.%')],
    ],
    [
      'logs that are kept for an hour are kept longer',
      input(server(1), server(2, { variables: { binlog_expire_logs_seconds: '3600' } })),
      ['set m2 binlog_expire_logs_seconds=259200'],
    ],
  ];
  it.each(rows)('%s', (_sentence, given, steps) => {
    expect(short(given)).toEqual(steps);
  });
});

describe('what setup refuses', () => {
  const rows: readonly (readonly [string, SetupInput, string])[] = [
    ['MySQL', input(server(1, { engine: 'MySQL', version: '8.0.36' }), server(2)), 'only MariaDB is supported'],
    [
      'a series that was never tested',
      input(server(1, { version: '10.6.22' }), server(2, { version: '10.6.22' })),
      'tested are MariaDB 10.11',
    ],
    [
      'case rules that differ',
      input(server(1, { variables: { lower_case_table_names: '1' } }), server(2)),
      'lower_case_table_names is 1 on M1 and 0 on M2',
    ],
    [
      "somebody else's replication",
      input(server(1, { otherReplicas: ['reports'] }), server(2)),
      'a connection called “reports”',
    ],
    [
      'a reseed that is not finished',
      input(server(1, { pending: ['shop'] }), server(2)),
      'The reseed of shop on M1 is not finished',
    ],
    [
      "cPanel's prefix rules that differ",
      input(server(1), server(2), {
        panel: [
          { prefixLength: 8, usesPrefix: true },
          { prefixLength: 16, usesPrefix: true },
        ],
      }),
      'database prefix differs: 8 characters on M1, 16 characters on M2',
    ],
    [
      'an empty database in the place of a full one',
      input(
        server(1, { databases: [database('shop', 1, 1000)], replica: undefined, mark: { kind: 'none' } }),
        server(2, { databases: [database('shop', 9, 50_000_000)] }),
        { wishes: { from: 'm1' } },
      ),
      'shop holds much more on M2 than on M1',
    ],
  ];
  it.each(rows)('%s', (_sentence, given, reason) => {
    expect(short(given)).toContain(reason);
    expect(short(given)).toContain('refused');
  });
});

describe('the settings file', () => {
  const wanted = wantedSettings({ serverId: 2, domain: 2, offset: 2 });
  it('leaves a log that is on under its own name', () => {
    const text = dropIn(wanted, server(2, { ownLog: false, variables: { log_bin: 'ON' } }), undefined);
    expect(text).not.toContain('log_bin = ');
    expect(text).toContain('slave_skip_errors = 1007,1008');
  });
  it('keeps the name that Tandem gave, or the next restart would lose the log', () => {
    expect(dropIn(wanted, server(2), undefined)).toContain('log_bin = tandem-bin');
  });
  it('gives each pattern of the filter its own line, since a list would be taken for one pattern', () => {
    const text = dropIn(wanted, server(2), undefined);
    expect(text).toContain('\nreplicate_wild_ignore_table = mysql.%\n');
    expect(text).not.toMatch(/replicate_wild_ignore_table = .*,/);
  });
  it('says why each line is there', () => {
    const lines = dropIn(wanted, server(2), { directory: '/etc/x' }).trimEnd().split('\n');
    const values = lines.filter((line) => line.includes(' = ') && !line.startsWith('#'));
    expect(values).toContain('ssl_cert = /etc/x/cert.pem');
    expect(lines.filter((line) => line.startsWith('# ')).length).toBeGreaterThanOrEqual(wanted.length);
  });
});
