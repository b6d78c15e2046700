/** A simulated server without sockets or disk: the engine with every module, and calls in one line. */

import { createEngine, type Engine } from '../../../src/simulator/engine.ts';
import type { HostFiles } from '../../../src/simulator/files.ts';
import type { Caller, Host, Result } from '../../../src/simulator/handler.ts';
import { tableParams } from '../../../src/simulator/known-params.ts';
import { modules } from '../../../src/simulator/modules/index.ts';
import { makeRsaKey } from '../../../src/simulator/modules/rsa-keys.ts';
import { createReferee, type Referee } from '../../../src/simulator/referee.ts';
import { createRegistry } from '../../../src/simulator/registry.ts';
import { createState } from '../../../src/simulator/state.ts';
import { settings } from '../../../src/simulator/tables.ts';

export type Given = Readonly<Record<string, string | number | readonly (string | number)[]>>;

/** What a call came to: the handler's result, or that there is no such function or account. */
export type Said = Result | { readonly ok: false; readonly reason: 'unknown' | 'bad-user'; readonly data?: undefined };

export interface TestServer {
  readonly engine: Engine;
  readonly host: Host;
  readonly referee: Referee;
  whm(fn: string, args?: Given, caller?: Partial<Caller>): Said;
  uapi(user: string, fn: string, args?: Given): Said;
  api2(user: string, fn: string, args?: Given): Said;
  /** The data of a good answer; throws the reason of a bad one. */
  data(said: Said): unknown;
}

const root: Caller = { kind: 'root', user: 'root', acls: new Set(['all']), address: '127.0.0.1' };
const noon = Date.UTC(2026, 10, 22, 12);

function hostOf(id: string, address: string, version: string, rsaKey: () => string): Host {
  let letters = 0;
  return {
    id,
    hostname: `${id}.example.net`,
    version,
    addresses: [address],
    now: () => noon,
    random: () => 0.5,
    randomText(length) {
      letters += 1;
      return `${id}${letters}`.padStart(length, 'x').slice(-length);
    },
    rsaKey,
    atLeast: (wanted) => Number(version.split('.')[1]) >= Number(wanted.split('.')[1] ?? wanted),
  };
}

function argsOf(given: Given): readonly (readonly [string, string])[] {
  return Object.entries(given).flatMap(([name, value]) =>
    typeof value === 'object' ? value.map((v) => [name, String(v)] as const) : [[name, String(value)] as const],
  );
}

/** Starts one: `id` 'm1' with address 192.0.2.1, and so on. With `files` it has a disk. */
export function testServer(id: string, address: string, version = '11.134.0.20', files?: HostFiles): TestServer {
  const state = createState();
  const referee = createReferee([], () => undefined);
  const host = { ...hostOf(id, address, version, makeRsaKey), ...(files === undefined ? {} : { files }) };
  const registry = createRegistry(modules, tableParams);
  const engine = createEngine({ state, host, registry, referee, persist: () => undefined });
  const nameservers = ['ns1.example.net', 'ns2.example.net'];
  const server = {
    hostname: host.hostname,
    rootPassword: 'x',
    seats: null,
    minimumStrength: 65,
    nameservers,
    dedicated: ['203.0.113.50'],
    uidStart: 1001,
  };
  engine.change(() => state.of(settings).set('server', server));
  let sequence = 0;
  function call(api: 'whm' | 'uapi' | 'api2', fn: string, user: string, given: Given, caller: Caller): Said {
    sequence += 1;
    const { executed } = engine.run({ api, fn, user, args: argsOf(given), caller }, sequence);
    return executed.kind === 'result' ? executed.result : { ok: false, reason: executed.kind };
  }
  return {
    engine,
    host,
    referee,
    whm: (fn, args = {}, caller = {}) => call('whm', fn, '', args, { ...root, ...caller }),
    uapi: (user, fn, args = {}) => call('uapi', fn, user, args, root),
    api2: (user, fn, args = {}) => call('api2', fn, user, args, root),
    data(said) {
      if (!said.ok) throw new Error(said.reason);
      return said.data;
    },
  };
}

export const strong = 'Kf7!qz-Wm2#Tr';

/** The same account on any number of servers. */
export function account(user: string, servers: readonly TestServer[], more: Given = {}): void {
  for (const server of servers) {
    const said = server.whm('createacct', {
      username: user,
      domain: `${user}.example`,
      password: strong,
      uid: 2001,
      gid: 2001,
      maxaddon: 5,
      maxpark: 5,
      ...more,
    });
    if (!said.ok) throw new Error(said.reason);
  }
}
