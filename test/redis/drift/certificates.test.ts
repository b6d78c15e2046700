import { afterAll, beforeAll, expect, it } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import { certificatesInStep } from '../../../src/drift/certificates.ts';
import { getMeta, setMeta } from '../../../src/drift/meta.ts';
import { openActive } from '../../../src/operations/move-active.ts';
import { uapi, whm } from '../../../src/whm/call.ts';
import { accountOf, callsOf, settled } from '../../support/chaos.ts';
import { root, type Stage, stageOf } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await stageOf();
  await stage.desk.run('package.add', { name: 'gold' });
  await stage.desk.run('account.create', accountOf('bob'));
});
afterAll(() => stage.close());

/** An hour goes by in the journal, then one turn. */
async function hour(): Promise<void> {
  const { deps } = stage.pair.core;
  const known = await getMeta(deps, 'drift.certificates');
  if (known !== '') await setMeta(deps, 'drift.certificates', JSON.stringify({ ...JSON.parse(known), at: 1 }));
  await setMeta(deps, 'drift.since', '1');
  await stage.turn({ everyMs: 3_600_000 });
}

const textOn = async (master: string) =>
  /"certificate_text":"([^"]+)"/.exec(
    JSON.stringify(await stage.behind(master, uapi('bob', 'SSL::installed_hosts'))),
  )?.[1];

it('a new certificate is on the other master within the turn that finds it, with its key', async () => {
  const made = await selfSigned({ names: ['bob.example', 'www.bob.example'], days: 90 });
  await stage.behind('m1', whm('installssl', { domain: 'bob.example', crt: made.cert, key: made.key }));
  expect((await certificatesInStep(stage.pair.core.deps)).at).toBeUndefined();
  await hour();
  await settled(stage.pair);
  expect(await textOn('m2')).toBe(await textOn('m1'));
  await hour();
  const now = await certificatesInStep(stage.pair.core.deps);
  expect({ inStep: now.inStep, differing: now.differing, ending: now.ending }).toEqual({
    inStep: true,
    differing: 0,
    ending: [],
  });
});

it('AutoSSL has run: its certificate is on the other master after the next glance, long before the hour', async () => {
  const { deps } = stage.pair.core;
  const made = await selfSigned({ names: ['bob.example', 'www.bob.example'], days: 120 });
  const turn = () => stage.turn({ everyMs: 3_600_000 });
  /** Four minutes go by. */
  const glance = async () => {
    const known = JSON.parse((await getMeta(deps, 'drift.certificates.runs')) || '{"seen":{}}');
    await setMeta(deps, 'drift.certificates.runs', JSON.stringify({ ...known, at: 1 }));
    await turn();
    await settled(stage.pair);
  };
  await glance();
  await stage.behind('m1', whm('installssl', { domain: 'bob.example', crt: made.cert, key: made.key }));
  await stage.behind('m1', whm('start_autossl_check_for_one_user', { username: 'bob' }));
  const before = (await callsOf(stage.pair.m1)).length;
  await turn();
  expect((await callsOf(stage.pair.m1)).slice(before).map((call) => call.function)).not.toContain(
    'get_autossl_logs_catalog',
  );
  expect(await textOn('m2')).not.toBe(await textOn('m1'));
  await glance();
  expect(await textOn('m2')).toBe(await textOn('m1'));
  const state = await getMeta(deps, 'drift.certificates');
  await glance();
  expect(await getMeta(deps, 'drift.certificates'), 'nothing ran, nothing is compared').toBe(state);
});

it('the newer one wins, whichever master has it, and an end within 21 days is told', async () => {
  const made = await selfSigned({ names: ['bob.example', 'www.bob.example'], days: 200 });
  await stage.behind('m2', whm('installssl', { domain: 'bob.example', crt: made.cert, key: made.key }));
  await hour();
  await settled(stage.pair);
  expect(await textOn('m1')).toBe(await textOn('m2'));
  const short = await selfSigned({ names: ['bob.example'], days: 10 });
  for (const master of ['m1', 'm2'])
    await stage.behind(master, whm('installssl', { domain: 'bob.example', crt: short.cert, key: short.key }));
  await hour();
  const { ending, inStep } = await certificatesInStep(stage.pair.core.deps);
  expect(inStep).toBe(true);
  expect(ending.map((e) => `${e.master} ${e.name} ${e.account}`)).toEqual(['m1 bob.example bob', 'm2 bob.example bob']);
});

it('the key is in no finding and in no log of operations', async () => {
  const rows = await stage.pair.core.journal.read((db) => db.selectFrom('findings').select('sides').execute());
  const operations = await stage.pair.core.journal.read((db) =>
    db.selectFrom('operations').select('params').where('action', '=', 'certificate.install').execute(),
  );
  expect(operations.length).toBeGreaterThan(1);
  expect(JSON.stringify([rows, operations])).not.toMatch(/PRIVATE KEY/);
});

it('the standby, whose AutoSSL cannot succeed, sends no notices of it; the active one sends them again', async () => {
  const notices = async (master: string) => {
    const { payload } = (await stage.behind(master, whm('get_autossl_metadata'))) as {
      payload: Record<string, number>;
    };
    return Object.entries(payload).flatMap(([key, value]) => (key.startsWith('notify_') ? [value] : []));
  };
  const own = 'notify_autossl_renewal_user';
  await stage.behind('m1', whm('set_autossl_metadata_key', { key: own, value: 0 }));
  await hour();
  await settled(stage.pair);
  expect(new Set(await notices('m2'))).toEqual(new Set([0]));
  expect((await notices('m1')).filter((value) => value === 0)).toHaveLength(1);
  const desk = openActive(stage.pair.core.deps, async () => undefined);
  await desk.move({ pair: 'm2', accounts: {}, epoch: 9, retreat: false }, root);
  await hour();
  await settled(stage.pair);
  expect(new Set(await notices('m2'))).toEqual(new Set([1]));
  expect(new Set(await notices('m1'))).toEqual(new Set([0]));
  await desk.move({ pair: 'm1', accounts: {}, epoch: 10, retreat: false }, root);
  await hour();
  await settled(stage.pair);
  // What people had switched off themselves stays off.
  expect((await notices('m1')).filter((value) => value === 0)).toHaveLength(1);
});

it('costs three calls on each master', async () => {
  await hour();
  const before = (await callsOf(stage.pair.m1)).length;
  await hour();
  const calls = (await callsOf(stage.pair.m1)).slice(before).map((c) => c.function);
  expect(calls.filter((fn) => fn === 'batch').length).toBeLessThanOrEqual(3);
});
