/**
 * Random accounts on two simulators, random foreign edits on one of them: the scan finds exactly those, repairs make the
 * next scan empty, and nothing that nobody knows the origin of is deleted. TANDEM_TEST_SEED plays one history again.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { uapi, type WhmCall, whm } from '../../../src/whm/call.ts';
import { accountOf, type Chance, chanceOf, effectsOf, seeds, settled } from '../../support/chaos.ts';
import { root, type Stage, stageOf } from './stage.ts';

let stage: Stage;
const accounts = ['amy', 'ben', 'cleo'];
beforeAll(async () => {
  stage = await stageOf();
  await stage.desk.run('package.add', { name: 'gold' });
  for (const account of accounts) {
    await stage.desk.run('account.create', accountOf(account, { contactEmail: `owner@${account}.example` }));
    const domain = `${account}.example`;
    await stage.desk.run('mailbox.add', {
      account,
      address: `post@${domain}`,
      password: 'Sturdy-horse-42-q',
      quotaMb: 100,
    });
    await stage.desk.run('forwarder.add', { account, address: `made@${domain}`, to: 'x@far.example' });
    await stage.desk.run('database.add', { account, name: `${account}_db` });
    await stage.desk.run('database-user.add', { account, name: `${account}_u`, password: 'Sturdy-horse-43-q' });
    await stage.desk.run('database-user.grant', {
      account,
      user: `${account}_u`,
      database: `${account}_db`,
      privileges: 'SELECT',
    });
    await stage.desk.run('dns.add-record', {
      account,
      zone: domain,
      name: 'made',
      type: 'A',
      value: '192.0.2.8',
      ttl: 300,
    });
    await stage.desk.run('ftp.add', { account, login: 'up', domain, password: 'Sturdy-horse-44-q', quotaMb: 10 });
  }
});
afterAll(() => stage.close());

interface Edit {
  /** 'kind name' of the finding that it must become. */
  readonly makes: string;
  /** Something that was not there before: nobody knows who made it. */
  readonly foreign: boolean;
  readonly call: WhmCall;
}

const further = ['INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'INDEX', 'ALTER'];

/** Everything that a stranger may do here. Each names its own thing, so that no two meet. */
function editsOf(account: string, n: number): readonly Edit[] {
  const domain = `${account}.example`;
  const forwarder = (email: string) => ({ domain, email, fwdopt: 'fwd', fwdemail: 'y@far.example' });
  const own = (makes: string, call: WhmCall): Edit => ({ makes, foreign: false, call });
  const foreign = (makes: string, call: WhmCall): Edit => ({ makes, foreign: true, call });
  return [
    own(`mailbox post@${domain}`, uapi(account, 'Email::edit_pop_quota', { email: 'post', domain, quota: 200 + n })),
    own(
      `forwarder made@${domain} → x@far.example`,
      uapi(account, 'Email::delete_forwarder', { address: `made@${domain}`, forwarder: 'x@far.example' }),
    ),
    own(`account ${account}`, whm('modifyacct', { user: account, contactemail: `n${n}@far.example` })),
    own(
      `grant ${account}_u on ${account}_db`,
      uapi(account, 'Mysql::set_privileges_on_database', {
        user: `${account}_u`,
        database: `${account}_db`,
        // Other than in any round before, else nothing would change.
        privileges: ['SELECT', ...further.filter((_, bit) => (n >> bit) % 2 === 1)].join(','),
      }),
    ),
    own(`ftp up@${domain}`, uapi(account, 'Ftp::set_quota', { user: 'up', domain, quota: 20 + n })),
    own(
      `default-address ${domain}`,
      uapi(account, 'Email::set_default_address', { domain, fwdopt: 'fwd', fwdemail: `d${n}@far.example` }),
    ),
    foreign(`forwarder f${n}@${domain} → y@far.example`, uapi(account, 'Email::add_forwarder', forwarder(`f${n}`))),
    foreign(
      `mailbox m${n}@${domain}`,
      uapi(account, 'Email::add_pop', { email: `m${n}`, domain, password: 'Sturdy-horse-45-q', quota: 50 }),
    ),
    foreign(`database ${account}_x${n}`, uapi(account, 'Mysql::create_database', { name: `${account}_x${n}` })),
    foreign(
      `zone ${domain}: z${n}.${domain} A`,
      whm('addzonerecord', { domain, name: `z${n}`, type: 'A', address: '192.0.2.9', ttl: 300 }),
    ),
    foreign(
      `domain s${n}.${domain}`,
      uapi(account, 'SubDomain::addsubdomain', { domain: `s${n}`, rootdomain: domain, dir: `s${n}` }),
    ),
  ];
}

async function vandalise(chance: Chance, master: string, round: number): Promise<readonly Edit[]> {
  const all = accounts.flatMap((account) => editsOf(account, round));
  const chosen = all.filter(() => chance.happens(0.4));
  const edits = chosen.length > 0 ? chosen : all.slice(0, 1);
  for (const edit of edits) await stage.behind(master, edit.call);
  return edits;
}

const names = (edits: readonly Edit[]) => edits.map((e) => e.makes).sort();

it.each(seeds(2).map((seed, round) => [seed, round + 1]))('seed %i', { timeout: 120_000 }, async (seed, round) => {
  const chance = chanceOf(seed);
  const master = chance.pick(['m1', 'm2']);
  const edits = await vandalise(chance, master, round);
  const found = await stage.scan();
  // A subdomain brings records of its own, and on its own master no key: they belong to it.
  const expected = names(edits);
  const subdomains = edits.filter((e) => e.makes.startsWith('domain ')).map((e) => e.makes.slice('domain '.length));
  const own = found.filter((f) => !subdomains.some((s) => f.kind !== 'domain' && f.name.includes(s)));
  expect(
    own.map((f) => `${f.kind} ${f.name}`).sort(),
    `seed ${seed} on ${master}\n${own.map((f) => f.sentence).join('\n')}`,
  ).toEqual(expected);
  for (const f of own) {
    const edit = edits.find((e) => e.makes === `${f.kind} ${f.name}`);
    if (edit?.foreign === true) expect(f.origin, f.name).toBeUndefined();
  }
  const before = { m1: (await effectsOf(stage.pair.m1)).length, m2: (await effectsOf(stage.pair.m2)).length };
  // In the wrong direction first: what is foreign must survive it.
  const foreign = own.filter((f) => edits.some((e) => e.foreign && e.makes === `${f.kind} ${f.name}`));
  const away = master === 'm1' ? 'm2' : 'm1';
  if (foreign.length > 0) {
    const outcomes = await stage.drift.repair({
      ids: foreign.map((f) => f.id),
      from: away,
      meant: true,
      actor: root,
      door: 'cli',
    });
    expect(outcomes.flatMap((o) => o.operations)).toEqual([]);
  }
  // Then as suggested, until nothing is left: a subdomain's records come with it.
  for (let n = 0; n < 4; n += 1) {
    const open = await stage.drift.list({ state: 'open', limit: 500 });
    if (open.length === 0) break;
    await stage.drift.repair({ ids: open.map((f) => f.id), meant: true, actor: root, door: 'cli' });
    await settled(stage.pair);
    await stage.scan();
  }
  expect(
    (await stage.scan()).map((f) => f.sentence),
    `seed ${seed} on ${master}`,
  ).toEqual([]);
  for (const id of ['m1', 'm2'] as const) {
    const sim = stage.pair.sims[id];
    if (sim === undefined) throw new RangeError(id);
    const effects = (await effectsOf(sim)).slice(before[id]);
    expect(
      effects.map((e) => e.fn).filter((fn) => /delete|remove|kill|revoke/i.test(fn)),
      `seed ${seed} on ${id}`,
    ).toEqual([]);
  }
});
