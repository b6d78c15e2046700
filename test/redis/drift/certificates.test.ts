import { afterAll, beforeAll, expect, it } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import { certificatesInStep } from '../../../src/drift/certificates.ts';
import { getMeta, setMeta } from '../../../src/drift/meta.ts';
import { uapi, whm } from '../../../src/whm/call.ts';
import { accountOf, callsOf, settled } from '../../support/chaos.ts';
import { type Stage, stageOf } from './stage.ts';

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

it('costs three calls on each master', async () => {
  await hour();
  const before = (await callsOf(stage.pair.m1)).length;
  await hour();
  const calls = (await callsOf(stage.pair.m1)).slice(before).map((c) => c.function);
  expect(calls.filter((fn) => fn === 'batch').length).toBeLessThanOrEqual(3);
});
