import { describe, expect, it } from 'vitest';
import type { Tables } from '../../../src/routes/passthrough/deps.ts';
import { judge } from '../../../src/routes/passthrough/judge.ts';
import { compareVersions, mergeAccount } from '../../../src/routes/passthrough/merge.ts';
import { throttleOf } from '../../../src/routes/passthrough/throttle.ts';
import type { Args } from '../../../src/whm/call.ts';
import { functions } from '../../../src/whm/functions/index.ts';

const tables: Tables = {
  entry: functions.get,
  served: [],
  cover: (fn, args) =>
    fn === 'createacct' || fn === 'Email::add_pop' ? { action: `covers ${fn}`, params: { args } } : undefined,
  generic: (call) => ({ action: 'generic', params: { call } }),
  subject: () => ({ kind: 'server' }),
};

function whm(fn: string, args: Args = []) {
  return judge(tables, { api: 'whm', fn, args });
}

describe('what becomes of a call', () => {
  it('is decided by an action that covers it, with the arguments that are the function’s own', () => {
    expect(
      whm('createacct', [
        ['api.version', '1'],
        ['username', 'bob'],
        ['tandem.key', 'k'],
      ]),
    ).toEqual({
      kind: 'write',
      action: 'covers createacct',
      params: { args: [['username', 'bob']] },
    });
  });

  it('tells a cover the account of a UAPI call', () => {
    expect(judge(tables, { api: 'uapi', fn: 'Email::add_pop', user: 'bob', args: [['email', 'info']] })).toMatchObject({
      params: {
        args: [
          ['cpanel.user', 'bob'],
          ['email', 'info'],
        ],
      },
    });
  });

  it('is a read on one master, with the account that it names and its table parameters', () => {
    expect(
      whm('listpkgs', [
        ['api.version', '1'],
        ['api.filter.enable', '1'],
      ]),
    ).toEqual({
      kind: 'read',
      call: { api: 'whm', fn: 'listpkgs', args: [['api.filter.enable', '1']] },
    });
  });

  it('is unknown when no table has it, and its spelling counts', () => {
    expect(whm('nope')).toEqual({ kind: 'unknown' });
    expect(whm('ListAccts')).toEqual({ kind: 'unknown' });
    expect(whm('constructor')).toEqual({ kind: 'unknown' });
    expect(judge(tables, { api: 'api2', fn: 'Fileman::fileop', user: 'bob', args: [] })).toEqual({ kind: 'unknown' });
  });

  it('never reaches a master when the table refuses it', () => {
    const dangerous = functions.all.filter((entry) => entry.api === 'whm' && entry.treatment === 'refused');
    expect(dangerous.length).toBeGreaterThan(0);
    for (const { name } of dangerous) expect(whm(name)).toMatchObject({ kind: 'refused' });
  });

  it('reads from the master that is named', () => {
    expect(whm('systemloadavg', [['tandem.master', 'm2']])).toEqual({
      kind: 'named',
      master: 'm2',
      call: { api: 'whm', fn: 'systemloadavg', args: [] },
    });
  });

  it('of one server alone goes to the one that is named, and is refused without a name', () => {
    const local = functions.all.filter((entry) => entry.treatment === 'named');
    expect(local.length).toBeGreaterThan(200);
    const harmless = ['restartservice', 'start_autossl_check_for_one_user', 'SSL::start_autossl_check'];
    for (const { api, name } of local) {
      const user = api === 'uapi' ? { user: 'bob' } : {};
      const bare = { ...tables, cover: () => undefined };
      const to = judge(bare, { api, fn: name, args: [['tandem.master', 'm2']] as const, ...user });
      expect(to).toMatchObject({ kind: 'one', master: 'm2', call: { fn: name, args: [] } });
      if (harmless.includes(name)) continue;
      const nowhere = judge(bare, { api, fn: name, args: [], ...user });
      expect(nowhere).toMatchObject({ kind: 'refused', reason: expect.stringContaining(name) });
    }
  });

  it('of data that replication carries goes to the active master, whichever is named', () => {
    const moved = functions.all.filter((entry) => entry.treatment === 'active');
    expect(moved.length).toBeGreaterThan(50);
    for (const { api, name } of moved) {
      const user = api === 'uapi' ? { user: 'bob' } : {};
      const to = judge(
        { ...tables, cover: () => undefined },
        { api, fn: name, args: [['tandem.master', 'm2']], ...user },
      );
      if (name === 'Fileman::upload_files') expect(to).toEqual({ kind: 'upload' });
      else expect(to).toMatchObject({ kind: 'one', call: { fn: name } });
      expect(to).not.toHaveProperty('master');
    }
  });

  it('is something for every function of the table, and only reads go past operations', () => {
    for (const entry of functions.all) {
      const verdict = judge(tables, {
        api: entry.api,
        fn: entry.name,
        args: [],
        ...(entry.api === 'uapi' ? { user: 'bob' } : {}),
      });
      if (verdict.kind === 'read') expect(entry.treatment).toBe('read');
      if (entry.treatment === 'fan-out') expect(verdict.kind).toBe('write');
    }
  });
});

describe('merged answers', () => {
  it('hold the larger disk use and say suspended when any master says so, keys in their order', () => {
    const merged = mergeAccount({ user: 'bob', diskused: '14M', suspended: 0, suspendreason: 'not suspended' }, [
      { user: 'bob', diskused: '120M', suspended: 1, suspendreason: 'unpaid' },
    ]);
    expect(JSON.stringify(merged)).toBe('{"user":"bob","diskused":"120M","suspended":1,"suspendreason":"unpaid"}');
  });

  it.each([
    ['11.134.0.20', '11.136.0.4', -1],
    ['11.134.0.20', '11.134.0.9', 1],
    ['11.134', '11.134.0.0', 0],
  ])('%s against %s', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});

describe('wrong sign-ins', () => {
  const limits = { windowMs: 1000, byAddress: 4, byUser: 2 };

  it('are answered more slowly each time, then not looked at', () => {
    const throttle = throttleOf(limits);
    const first = throttle.verdict('a', 'u', 0);
    throttle.failed('a', 'u', 0);
    const second = throttle.verdict('a', 'u', 0);
    throttle.failed('a', 'u', 0);
    expect(Number(second)).toBeGreaterThan(Number(first));
    expect(throttle.verdict('a', 'u', 0)).toBe('shut');
  });

  it('on one user from one address shut nobody else out', () => {
    const throttle = throttleOf(limits);
    throttle.failed('a', 'u', 0);
    throttle.failed('a', 'u', 0);
    expect(throttle.verdict('b', 'u', 0)).not.toBe('shut');
    expect(throttle.verdict('a', 'v', 0)).not.toBe('shut');
  });

  it('of one address on many users shut that address', () => {
    const throttle = throttleOf(limits);
    for (const user of ['a', 'b', 'c', 'd']) throttle.failed('x', user, 0);
    expect(throttle.verdict('x', 'e', 0)).toBe('shut');
  });

  it('are forgotten after the window', () => {
    const throttle = throttleOf(limits);
    throttle.failed('a', 'u', 0);
    throttle.failed('a', 'u', 0);
    expect(throttle.verdict('a', 'u', 1001)).not.toBe('shut');
  });
});
