import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { whm } from '../../../src/whm/call.ts';
import type { WhmClient } from '../../../src/whm/client.ts';
import { ok, startMaster, type TestMaster } from './test-master.ts';

/** WHM's cookie session: a good cookie opens only the paths below its own token. */
interface Door {
  password: string;
  signIns: number;
  valid: Set<string>;
  /** Answers 403 whatever is sent. */
  shut: boolean;
}

let master: TestMaster;
let door: Door;
let now: number;
const password = { kind: 'password', user: 'root', password: 'right one' } as const;

function open(): WhmClient {
  return master.client({ credentials: password }, () => now);
}

beforeEach(async () => {
  now = 1_000_000;
  door = { password: 'right%20one', signIns: 0, valid: new Set(), shut: false };
  master = await startMaster();
  master.answer = (response, request) => {
    if (request.path === '/login/?login_only=1') {
      door.signIns += 1;
      if (request.body !== `user=root&pass=${door.password}`) {
        response.writeHead(401).end('{"status":0,"message":"invalid_login"}');
        return;
      }
      const token = `/cpsess${1_000_000_000 + door.signIns}`;
      door.valid.add(`${token} whostmgrsession=s${door.signIns}`);
      response.setHeader('Set-Cookie', [
        `whostmgrsession=s${door.signIns}; HttpOnly; path=/; port=${master.port}; secure`,
      ]);
      response.end(JSON.stringify({ status: 1, security_token: token }));
      return;
    }
    const token = /^\/cpsess\d+/.exec(request.path)?.[0] ?? '';
    const open = !door.shut && door.valid.has(`${token} ${request.headers.cookie ?? ''}`);
    if (open) response.end(ok());
    else response.writeHead(403).end('{"cpanelresult":{"error":"Access denied"}}');
  };
});
afterEach(async () => {
  await master[Symbol.asyncDispose]();
});

const calls = (): readonly string[] => master.requests.filter((r) => r.path.includes('/json-api/')).map((r) => r.path);

describe('a master given by user and password', () => {
  it('is signed in to once, and then called below the token with the cookie', async () => {
    const client = open();
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => client.call(whm('version'))));
    expect(outcomes.filter((outcome) => outcome.kind !== 'done')).toEqual([]);
    expect(door.signIns).toBe(1);
    expect(new Set(calls())).toEqual(new Set(['/cpsess1000000001/json-api/version']));
  });

  it('is never sent the password with a call', async () => {
    await open().call(whm('version'));
    const call = master.requests.find((r) => r.path.includes('/json-api/'));
    expect(JSON.stringify(call)).not.toContain('right');
    expect(call?.headers.authorization).toBeUndefined();
  });

  it('is signed in to once more when the session has expired, and the call is then done once', async () => {
    const client = open();
    await client.call(whm('version'));
    door.valid.clear();
    now += 16 * 60_000;
    const outcomes = await Promise.all([client.call(whm('createacct')), client.call(whm('createacct'))]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['done', 'done']);
    expect(door.signIns).toBe(2);
  });

  it('is not stormed when it lets nobody in', async () => {
    const client = open();
    await client.call(whm('version'));
    door.shut = true;
    now += 16 * 60_000;
    for (let i = 0; i < 10; i += 1) expect(await client.call(whm('version'))).toMatchObject({ kind: 'denied' });
    expect(door.signIns).toBe(2);
    expect(calls().length).toBeLessThanOrEqual(3);
  });

  it('is asked only once with a wrong password, whatever is called', async () => {
    door.password = 'another';
    const client = open();
    for (let i = 0; i < 10; i += 1) expect(await client.call(whm('version'))).toMatchObject({ kind: 'denied' });
    expect(door.signIns).toBe(1);
    expect(calls()).toEqual([]);
  });
});
