import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fault, heal } from '../../support/pair.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let token = '';
const password = 'Sturdy-horse-battery-42';

interface Said {
  readonly metadata: { readonly result: number; readonly reason: string };
  readonly data?: Record<string, unknown>;
}

beforeAll(async () => {
  stage = await openStage();
  await stage.perform('account.create', {
    account: 'rita',
    domain: 'rita.example',
    plan: 'gold',
    reseller: true,
    password,
  });
  ({ token } = await stage.pair.core.auth.tokenCreate({ owner: 'rita', acl: ['all'] }));
});
afterAll(() => stage.close());

const root = async (path: string) => JSON.parse((await stage.whm(`/json-api/${path}`)).text) as Said;

async function grant(...acls: readonly string[]): Promise<void> {
  const flags = acls.map((acl) => `acl-${acl}=1`).join('&');
  expect(await root(`setacls?api.version=1&reseller=rita&${flags}`)).toMatchObject({ metadata: { result: 1 } });
}

async function through(path: string): Promise<Said> {
  const [fn, query = ''] = path.split('?');
  const headers = { authorization: `whm rita:${token}` };
  return JSON.parse((await stage.whm(`/json-api/${fn}?api.version=1&${query}`, { headers })).text) as Said;
}

/** The reseller's own call to M1, past Tandem. */
function directly(path: string): Promise<Said> {
  const [fn, query = ''] = path.split('?');
  const url = new URL(`${stage.pair.m1.whmUrl}/json-api/${fn}?api.version=1&${query}`);
  const authorization = `Basic ${Buffer.from(`rita:${password}`).toString('base64')}`;
  return new Promise((resolve, reject) => {
    request(url, { ca: stage.pair.m1.ca, headers: { authorization } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      response.on('end', () => resolve(JSON.parse(text) as Said));
    })
      .on('error', reject)
      .end();
  });
}

/** Without what is only punctuation. */
const plain = (reason: string) => reason.replace(/[“”"‘’.]/g, '');

const calls = [
  'listaccts',
  'accountsummary?user=rita',
  'accountsummary?user=bob',
  'listpkgs',
  'acctcounts?user=rita',
  'getdomainowner?domain=rita.example',
  'addpkg?name=small&quota=unlimited&bwlimit=1000&maxpark=0&maxaddon=0',
  'addpkg?name=small&quota=100&bwlimit=unlimited&maxpark=0&maxaddon=0',
  'addpkg?name=small&quota=100&bwlimit=100&maxpark=5&maxaddon=0',
  'createacct?username=fresh&domain=fresh.example&plan=gold',
  'suspendacct?user=bob',
  'removeacct?username=bob',
  'passwd?user=bob&password=Aa1!xkcd-battery-9',
  'limitbw?user=bob&bwlimit=1',
  'dumpzone?domain=bob.example',
  'addzonerecord?domain=bob.example&name=x&type=A&address=192.0.2.9',
  'create_user_session?user=bob&service=cpaneld',
  'servicestatus',
  'showbw',
  'listips',
  'setupreseller?user=rita',
] as const;

const sets: readonly (readonly [string, readonly string[]])[] = [
  ['nothing', []],
  ['reading only', ['list-accts', 'acct-summary', 'list-pkgs']],
  ['accounts, without zones and packages', ['list-accts', 'create-acct', 'kill-acct', 'suspend-acct', 'passwd']],
  ['zones and packages', ['manage-dns-records', 'add-pkg', 'edit-pkg', 'list-pkgs', 'show-bandwidth', 'status']],
];

describe.each(sets)('a reseller whom the masters let do %s', (_name, acls) => {
  it('is answered through Tandem as directly: result, and the reason of a refusal', async () => {
    await grant(...acls);
    for (const path of calls) {
      const [direct, via] = [await directly(path), await through(path)];
      expect([path, via.metadata.result], via.metadata.reason).toEqual([path, direct.metadata.result]);
      const isPermission = /required privileges/.test(direct.metadata.reason);
      if (isPermission) expect(plain(via.metadata.reason), path).toContain(plain(direct.metadata.reason));
    }
  });
});

it('a privilege that is taken away is gone at the next call, and one that is given is there', async () => {
  await grant('list-accts');
  expect((await through('listaccts')).metadata.result).toBe(1);
  await grant('passwd');
  expect((await through('listaccts')).metadata).toMatchObject({
    result: 0,
    reason: expect.stringContaining('You do not have the required privileges to run'),
  });
});

it('who is no reseller any more does nothing, whatever the token says', async () => {
  await grant('list-accts');
  await root('unsetupreseller?api.version=1&user=rita');
  expect((await through('listaccts')).metadata.result).toBe(0);
  await root('setupreseller?api.version=1&user=rita');
});

it('with M1 down the other master tells; while none does, what was known counts', async () => {
  await grant('list-accts');
  expect((await through('listaccts')).metadata.result).toBe(1);
  await fault(stage.pair.m1, { kind: 'down', function: '*' });
  expect((await through('listaccts')).metadata.result).toBe(1);
  expect((await through('suspendacct?user=rita')).metadata.result).toBe(0);
  await heal(stage.pair.m1);
});
