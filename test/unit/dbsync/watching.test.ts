import { describe, expect, it } from 'vitest';
import { hasSetting, ignoredTables, isLocalSchema } from '../../../src/dbsync/mariadb/settings.ts';
import { compareUsers, type UserSeen } from '../../../src/dbsync/mariadb/users.ts';
import { planTurn } from '../../../src/dbsync/plan.ts';
import { type DatabasesState, metricsText } from '../../../src/dbsync/state-file.ts';
import { judge } from '../../../src/dbsync/verdict/plan.ts';
import { glanceAt, replica } from './seen.ts';

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
  it.each([
    ['in step: nothing', {}, []],
    ['stopped by a restart: starts it', stopped, [{ kind: 'start', master: 'm2' }]],
    ['paused by a person: nothing', { ...stopped, held: true }, []],
    ['a setup that is not finished: nothing', { ...stopped, mark: 'seeding' as const }, []],
    ['stopped by an error: nothing', { replica: replica({ sql: 'No', sqlErrno: 1062 }) }, []],
  ])('%s', (_sentence, over, deeds) => {
    const servers = [glanceAt(1), glanceAt(2, over)] as const;
    expect(planTurn({ servers, state: judge(servers, { lagWarnMs: 1 }) })).toEqual(deeds);
  });
  it('does nothing while a server is away', () => {
    const servers = [{ id: 'm1', name: 'M1', away: 'x' }, glanceAt(2, stopped)] as const;
    expect(planTurn({ servers, state: judge(servers, { lagWarnMs: 1 }) })).toEqual([]);
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
