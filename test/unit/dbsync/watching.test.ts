import { describe, expect, it } from 'vitest';
import { hasSetting, ignoredTables, isLocalSchema } from '../../../src/dbsync/mariadb/settings.ts';
import { compareUsers, type UserSeen } from '../../../src/dbsync/mariadb/users.ts';
import { planStarts, planTurn, stopName, waitsForPerson } from '../../../src/dbsync/plan.ts';
import { type DatabasesState, metricsText } from '../../../src/dbsync/state-file.ts';
import { judge } from '../../../src/dbsync/verdict/plan.ts';
import { glanceAt, now, replica } from './seen.ts';

function user(name: string, over: Partial<UserSeen> = {}): UserSeen {
  return { name, secret: 's', grants: ['db shop'], ...over };
}

describe('users of both masters', () => {
  it.each([
    ['equal', [user('a')], [user('a')], []],
    ['missing on one', [user('a')], [], [{ kind: 'missing', user: 'a', on: 'm2' }]],
    ['missing on the other', [], [user('a')], [{ kind: 'missing', user: 'a', on: 'm1' }]],
    ['two passwords', [user('a')], [user('a', { secret: 't' })], [{ kind: 'password', user: 'a' }]],
    ['other grants', [user('a')], [user('a', { grants: [] })], [{ kind: 'grants', user: 'a' }]],
  ])('%s', (_sentence, a, b, expected) => {
    expect(compareUsers({ id: 'm1', users: a }, { id: 'm2', users: b })).toEqual(expected);
  });
});

describe('what stays on each master', () => {
  it.each(['mysql', 'roundcube', 'cptmpdb_bob', 'cptmpdbx', 'tandemsync', 'leechprotect'])('%s', (name) => {
    expect(isLocalSchema(name)).toBe(true);
  });
  it.each(['bob_shop', 'mysqlish_x', 'roundcube_x', 'wp'])('not %s', (name) => {
    expect(isLocalSchema(name)).toBe(false);
  });
  it('an underscore stands for itself in the filter', () => {
    expect(ignoredTables(['a_%']).split(',')).toContain('a\\_%.%');
    expect(ignoredTables().split(',')).toContain('performance\\_schema.%');
  });
  it('a list is the same in any order', () => {
    const wanted = { name: 'x', value: 'a,b', reason: '', restart: false };
    expect(hasSetting(wanted, 'b,a')).toBe(true);
    expect(hasSetting(wanted, 'b')).toBe(false);
  });
});

describe('what the watch does by itself', () => {
  const stopped = { replica: replica({ io: 'No', sql: 'No' }) };
  const gated = { replica: replica({ sql: 'No' }), held: 'conflicts' as const };
  const blink = { replica: replica({ io: 'Connecting' }) };
  const cut = { ...blink, beats: { m1: { seq: 40, at: now - 9000 }, m2: { seq: 70, at: now - 500 } } };
  it.each([
    ['in step: nothing', {}, []],
    ['stopped by a restart: looks at both logs, and then both apply', stopped, [{ kind: 'resolve' }]],
    ['paused by a person: nothing', { ...stopped, held: 'paused' as const }, []],
    ['a setup that is not finished: nothing', { ...stopped, mark: 'seeding' as const }, []],
    ['stopped by a row: looks', { replica: replica({ sql: 'No', sqlErrno: 1062 }) }, [{ kind: 'resolve' }]],
    [
      'stopped by a lock: starts',
      { replica: replica({ sql: 'No', sqlErrno: 1205 }) },
      [{ kind: 'start', master: 'm2' }],
    ],
    ['stopped by something else: nothing', { replica: replica({ sql: 'No', sqlErrno: 1050 }) }, []],
    ['behind a gate, and it arrives again: looks', gated, [{ kind: 'resolve' }]],
    [
      'behind a gate, still cut: waits, and the other’s gate closes too',
      { ...gated, ...cut, replica: replica({ io: 'Connecting', sql: 'No' }) },
      [{ kind: 'gate', master: 'm1' }],
    ],
    ['a connection that is made anew: nothing', blink, []],
    [
      'cut: the gate closes',
      cut,
      [
        { kind: 'gate', master: 'm1' },
        { kind: 'gate', master: 'm2' },
      ],
    ],
  ])('%s', (_sentence, over, deeds) => {
    const servers = [glanceAt(1), glanceAt(2, over)] as const;
    expect(planTurn({ servers, state: judge(servers, { lagWarnMs: 1 }), tried: new Set() })).toEqual(deeds);
  });
  it('one side lost its place: the other goes on, so that what waits there has arrived before that side is filled anew', () => {
    const shut = { replica: replica({ sql: 'No' }), held: 'conflicts' as const };
    const lost = { ...shut, replica: replica({ io: 'No', sql: 'No', ioErrno: 1236 }) };
    const servers = [glanceAt(1, shut), glanceAt(2, lost)] as const;
    expect(planTurn({ servers, state: judge(servers, { lagWarnMs: 1 }), tried: new Set() })).toEqual([
      { kind: 'start', master: 'm1' },
    ]);
    const late = [glanceAt(1, cut), glanceAt(2, { replica: replica({ io: 'No', ioErrno: 1236 }) })] as const;
    expect(planTurn({ servers: late, state: judge(late, { lagWarnMs: 1 }), tried: new Set() })).toEqual([]);
  });
  it('a gate that only a person can open is told of', () => {
    const paused = glanceAt(1, { ...stopped, held: 'paused' as const });
    expect(waitsForPerson([paused, glanceAt(2, gated)])).toEqual([
      { code: 'db.gate.m2', sentence: expect.stringContaining('tandem db resume m1') },
    ]);
    expect(waitsForPerson([glanceAt(1), glanceAt(2, gated)])).toEqual([]);
  });
  it('a stop that was looked at once is left to people', () => {
    const stop = glanceAt(2, { replica: replica({ sql: 'No', sqlErrno: 1062 }) });
    const servers = [glanceAt(1), stop] as const;
    const tried = new Set([stopName(stop)]);
    expect(planTurn({ servers, state: judge(servers, { lagWarnMs: 1 }), tried })).toEqual([]);
  });
  it.each([
    ['does nothing while a server is away', stopped, []],
    ['a master that the other still reaches goes on, though Tandem does not', {}, []],
    ['one that nobody reaches: the gate closes', blink, [{ kind: 'gate', master: 'm2' }]],
  ])('%s', (_sentence, over, deeds) => {
    const servers = [{ id: 'm1', name: 'M1', away: 'x' }, glanceAt(2, over)] as const;
    expect(planTurn({ servers, state: judge(servers, { lagWarnMs: 1 }), tried: new Set() })).toEqual(deeds);
  });
});

describe('what it starts where conflicts are not decided', () => {
  const still = { replica: replica({ io: 'No', sql: 'No' }) };
  it.each([
    ['in step: nothing', {}, []],
    ['stopped by a restart, paused by nobody: starts', still, [{ kind: 'start', master: 'm2' }]],
    ['only applying stands still: starts', { replica: replica({ sql: 'No' }) }, [{ kind: 'start', master: 'm2' }]],
    [
      'a gate from when conflicts were decided: starts',
      { replica: replica({ sql: 'No' }), held: 'conflicts' as const },
      [{ kind: 'start', master: 'm2' }],
    ],
    ['paused by a person: nothing', { ...still, held: 'paused' as const }, []],
    ['a setup that is not finished: nothing', { ...still, mark: 'seeding' as const }, []],
    ['never connected: nothing', { replica: undefined }, []],
    ['stopped by a row: nothing', { replica: replica({ sql: 'No', sqlErrno: 1062 }) }, []],
    ['cut: nothing', { replica: replica({ io: 'Connecting' }) }, []],
  ])('%s', (_sentence, over, deeds) => {
    const servers = [glanceAt(1), glanceAt(2, over)] as const;
    expect(planStarts({ servers, state: judge(servers, { lagWarnMs: 1 }) })).toEqual(deeds);
  });
  it.each([
    ['stands still while the other is away: nothing', still, []],
    [
      'behind a gate while the other is away: applies what it fetched',
      { replica: replica({ io: 'Connecting', sql: 'No' }), held: 'conflicts' as const },
      [{ kind: 'start', master: 'm2' }],
    ],
  ])('%s', (_sentence, over, deeds) => {
    const servers = [{ id: 'm1', name: 'M1', away: 'x' }, glanceAt(2, over)] as const;
    expect(planStarts({ servers, state: judge(servers, { lagWarnMs: 1 }) })).toEqual(deeds);
  });
});

describe('the numbers', () => {
  const state: DatabasesState = {
    at: 1000,
    directions: [{ from: 'm1', to: 'm2', kind: 'cut', lagMs: 2500, waiting: 7, sentence: 'x' }],
    servers: [{ id: 'm1', name: 'M1', up: true, databases: 9, binlogBytes: 12, readOnly: false }],
    errant: 0,
    warnings: [{ code: 'a', sentence: 'b' }],
    history: [],
    conflicts: 3,
  };
  it('are in Prometheus’ format, with their age', () => {
    const lines = metricsText(state, 4000).split('\n');
    expect(lines).toContain('tandem_db_state_age_seconds 3');
    expect(lines).toContain('tandem_db_lag_seconds{from="m1",to="m2"} 2.5');
    expect(lines).toContain('tandem_db_verdict{from="m1",to="m2",kind="cut"} 1');
    expect(lines).toContain('tandem_db_conflicts 3');
    expect(
      lines.filter((line) => line !== '' && !/^(# (HELP|TYPE) |tandem_db_[a-z_]+(\{.*\})? [-\d.eNa]+$)/.test(line)),
    ).toEqual([]);
  });
});
