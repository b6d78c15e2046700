import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { whm } from '../../../src/whm/call.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let rita = '';
let eve = '';

beforeAll(async () => {
  stage = await openStage();
  for (const user of ['rita', 'eve']) {
    await stage.perform('account.create', { account: user, domain: `${user}.example`, plan: 'gold', reseller: true });
    const { token } = await stage.pair.core.auth.tokenCreate({ owner: user, label: 'site', acl: ['all'] });
    if (user === 'rita') rita = `whm rita:${token}`;
    else eve = `whm eve:${token}`;
  }
});
afterAll(() => stage.close());

async function as(authorization: string, path: string) {
  const [fn, query = ''] = path.split('?');
  const answer = await stage.whm(`/json-api/${fn}?api.version=1&${query}`, { headers: { authorization } });
  return JSON.parse(answer.text) as {
    metadata: { result: number; reason: string };
    data?: Record<string, { user?: string; name?: string; owner?: string }[]>;
  };
}

const refused = { metadata: { result: 0 } };
const good = { metadata: { result: 1 } };

describe('a reseller', () => {
  it('makes packages under its own prefix and accounts that it owns, on both masters', async () => {
    expect(await as(rita, 'addpkg?name=small&quota=100')).toMatchObject(good);
    expect(await as(rita, 'createacct?username=ritaone&domain=ritaone.example&plan=small')).toMatchObject(good);
    for (const master of ['m1', 'm2']) {
      await vi.waitFor(async () => {
        const outcome = await stage.pair.core.clients.get(master)?.call(whm('accountsummary', { user: 'ritaone' }));
        expect(outcome).toMatchObject({ data: { acct: [{ owner: 'rita', plan: 'rita_small' }] } });
      }, 10_000);
    }
  });

  it('sees its own accounts and packages, and not another’s', async () => {
    const mine = (await as(rita, 'listaccts')).data?.['acct']?.map((row) => row.user);
    expect(mine).toContain('ritaone');
    expect(mine).not.toContain('bob');
    expect((await as(eve, 'listaccts')).data?.['acct']?.map((row) => row.user)).not.toContain('ritaone');
    expect((await as(eve, 'listpkgs')).data?.['pkg']?.map((row) => row.name)).not.toContain('rita_small');
  });

  it.each([
    'accountsummary?user=ritaone',
    'suspendacct?user=ritaone',
    'removeacct?username=ritaone',
    'passwd?user=ritaone&password=Aa1!xkcd-battery-9',
    'changepackage?user=ritaone&pkg=gold',
    'dumpzone?domain=ritaone.example',
    'addzonerecord?domain=ritaone.example&name=x&type=A&address=192.0.2.9',
    'limitbw?user=ritaone&bwlimit=1',
    'uapi_cpanel?cpanel.user=ritaone&cpanel.module=Email&cpanel.function=list_pops',
    'create_user_session?user=ritaone&service=cpaneld',
    'killpkg?pkgname=rita_small',
  ])('does not reach another’s with %s', async (path) => {
    const answer = await as(eve, path);
    const inner = (answer.data?.['uapi'] as { status?: number } | undefined)?.status;
    if (inner === undefined) expect(answer).toMatchObject(refused);
    else expect(inner).toBe(0);
  });

  it.each([
    'setupreseller?user=rita',
    'setresellerlimits?user=rita&account_limit=100',
    'setacls?reseller=rita&acl-all=1',
    'listips',
    'reboot',
    'restartservice?service=httpd',
    'createacct?username=free&domain=free.example&owner=root',
    'createacct?username=free&domain=free.example&reseller=1',
  ])('does nothing that WHM keeps for root: %s', async (path) => {
    expect(await as(rita, path)).toMatchObject(refused);
  });

  it('keeps to the account limit that the masters hold', async () => {
    await stage.whm('/json-api/setresellerlimits?api.version=1&user=eve&enable_account_limit=1&account_limit=0');
    const tiny = 'addpkg?name=tiny&quota=100&bwlimit=100&maxpark=0&maxaddon=0';
    expect(await as(eve, tiny)).toMatchObject(good);
    expect(await as(eve, 'createacct?username=evetwo&domain=evetwo.example&plan=tiny')).toMatchObject({
      metadata: { result: 0, reason: expect.stringContaining('you have reached your account limit') },
    });
  });

  it('reads its own zone and edits it', async () => {
    const added = await as(rita, 'addzonerecord?domain=ritaone.example&name=x&type=A&address=192.0.2.9');
    expect(added.metadata).toMatchObject({ result: 1, reason: expect.stringContaining('rndc') });
    expect(await as(rita, 'dumpzone?domain=ritaone.example')).toMatchObject(good);
  });

  it('refusals say it as WHM does to a reseller directly', async () => {
    expect((await as(rita, 'setupreseller?user=rita')).metadata.reason).toContain(
      'You do not have the required privileges to run',
    );
  });
});
