import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { type Simulator, startSimulator } from '../../../src/simulator/index.ts';
import { type Client, client, type Heard } from './core-client.ts';

export const PASSWORD = 'Str0ng-Pass-1!';
export type Args = Readonly<Record<string, string>>;
export const bob: Args = { username: 'bob', domain: 'bob.example', password: PASSWORD };
export const made = { metadata: { result: 1, reason: 'Account Creation Ok' } };
export const present = { metadata: { result: 1 }, data: { acct: [{ user: 'bob' }] } };
export const absent = { metadata: { result: 0, reason: 'Account does not exist.' } };

/** A simulator for each test of a file, and ways to talk to it. */
export interface Harness {
  readonly sim: Simulator;
  readonly http: Client;
  post(path: string, args: Args, headers?: Args): Promise<Heard>;
  whm(fn: string, args?: Args): Promise<unknown>;
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  restart(): Promise<void>;
}

/** Starts one before each test and gives everything back after it. */
export function useSimulator(): Harness {
  let dir: string;
  let sim: Simulator;
  let http: Client;
  const open = (): Promise<Simulator> => startSimulator({ id: 'm1', stateDir: dir, rootPassword: 'root-Pass-99' });

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'tandem-sim-'));
    sim = await open();
    http = client(sim.ca);
  });

  afterEach(async () => {
    http.close();
    await sim.close();
    rmSync(dir, { recursive: true, force: true });
  });

  function post(path: string, args: Args, headers: Args = {}): Promise<Heard> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return http.call(`${sim.whmUrl}${path}`, new URLSearchParams(args).toString(), {
      headers: { ...type, ...headers },
    });
  }

  return {
    get sim() {
      return sim;
    },
    get http() {
      return http;
    },
    post,
    async whm(fn, args = {}) {
      const headers = { authorization: `whm root:${sim.rootToken}` };
      return JSON.parse((await post(`/json-api/${fn}`, { 'api.version': '1', ...args }, headers)).text);
    },
    async control(method, path, body) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return await (await fetch(`${sim.controlUrl}/_sim/${path}`, { method, ...sent })).json();
    },
    async restart() {
      await sim.close();
      sim = await open();
    },
  };
}
