import { afterAll, beforeAll, expect, it } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import { api2, uapi, whm } from '../../../src/whm/call.ts';
import { settled } from '../../support/chaos.ts';
import { root, type Stage, stageOf } from './stage.ts';

let stage: Stage;
const made = await selfSigned({ names: ['old.example', 'www.old.example'], days: 90 });

/** An account as it stands on a server that Tandem never saw: everything made straight on M1. */
beforeAll(async () => {
  stage = await stageOf();
  await stage.desk.run('package.add', { name: 'gold', maxAddons: 'unlimited', maxAliases: 'unlimited' });
  const m1 = (call: Parameters<Stage['behind']>[1]) => stage.behind('m1', call);
  await m1(
    whm('createacct', {
      username: 'old',
      domain: 'old.example',
      password: 'Sturdy-horse-42-q',
      plan: 'gold',
      uid: 5123,
      gid: 5123,
    }),
  );
  await m1(
    api2('old', 'AddonDomain::addaddondomain', {
      newdomain: 'addon.example',
      subdomain: 'addon',
      dir: 'addon.example',
    }),
  );
  await m1(
    uapi('old', 'SubDomain::addsubdomain', { domain: 'shop', rootdomain: 'old.example', dir: 'public_html/shop' }),
  );
  await m1(
    uapi('old', 'Email::add_pop', { email: 'ann', domain: 'old.example', password: 'Sturdy-horse-77-q', quota: 300 }),
  );
  await m1(
    uapi('old', 'Email::add_pop', { email: 'joe', domain: 'addon.example', password: 'Sturdy-horse-78-q', quota: 100 }),
  );
  await m1(
    uapi('old', 'Email::add_forwarder', {
      domain: 'old.example',
      email: 'info',
      fwdopt: 'fwd',
      fwdemail: 'a@far.example',
    }),
  );
  await m1(uapi('old', 'Mysql::create_database', { name: 'old_shop' }));
  await m1(uapi('old', 'Mysql::create_user', { name: 'old_web', password: 'Sturdy-horse-79-q' }));
  await m1(uapi('old', 'Ftp::add_ftp', { user: 'up', domain: 'old.example', pass: 'Sturdy-horse-80-q', quota: 50 }));
  await m1(
    whm('addzonerecord', {
      domain: 'old.example',
      name: 'far.old.example.',
      type: 'A',
      address: '192.0.2.77',
      ttl: 300,
    }),
  );
  await m1(whm('installssl', { domain: 'old.example', crt: made.cert, key: made.key }));
});
afterAll(() => stage.close());

it('an account that M1 alone has is a finding, with the command that carries it', async () => {
  const found = await stage.scan();
  const account = found.find((f) => f.kind === 'account');
  expect(account?.sentence).toBe('old: only M1 has it, M2 does not');
  const { each } = await stage.drift.preview([account?.id ?? ''], undefined);
  expect(each[0]?.objections.join()).toContain('tandem adopt old --from m1');
  expect(found.filter((f) => f.kind !== 'account').map((f) => f.kind)).toEqual(['certificate']);
});

it('adoption carries identity, domains, mail, zones, keys and certificates, and says what it could not', async () => {
  const adopted = await stage.drift.adopt({ account: 'old', from: 'm1', actor: root, door: 'cli' });
  await settled(stage.pair);
  const uid = await stage.behind('m2', whm('accountsummary', { user: 'old' }));
  expect(uid).toMatchObject({ acct: [{ user: 'old', uid: 5123, plan: 'gold', domain: 'old.example' }] });
  // The same password opens the mailbox there.
  await stage.behind(
    'm2',
    uapi('old', 'Email::verify_password', { email: 'ann@old.example', password: 'Sturdy-horse-77-q' }),
  );
  await stage.behind(
    'm2',
    uapi('old', 'Email::verify_password', { email: 'joe@addon.example', password: 'Sturdy-horse-78-q' }),
  );
  const left = adopted.left.join('\n');
  expect(left).toMatch(/Database users: old_web: The password of old_web cannot be read/);
  expect(left).toMatch(/FTP accounts: up@old.example: Its password cannot be read/);
  expect(left).toMatch(/file sync/);
  const found = await stage.scan();
  const still = found.map((f) => `${f.kind} ${f.name}`).sort();
  expect(still).toEqual(['database-user old_web', 'ftp up@old.example']);
});

it('adopting again finds nothing to carry', async () => {
  const again = await stage.drift.adopt({ account: 'old', from: 'm1', actor: root, door: 'cli' });
  expect(again.operations).toEqual([]);
});
