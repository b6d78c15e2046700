/**
 * Clients that cannot be run here, by the requests that they send: read in their own public code (FOSSBilling, Paymenter,
 * xmlapi-php, go-acme/lego, acmesh-official/acme.sh, the terraform providers, @cpanel/api), from sign-in to last answer.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fault } from '../../support/pair.ts';
import { form, openStage, type Stage } from './stage.ts';

let stage: Stage;
/** Of the account bob, for cPanel's port. */
let bobs: string;
const zone = 'bob.example';

beforeAll(async () => {
  stage = await openStage();
  const { token } = await stage.pair.core.auth.tokenCreate({
    owner: 'bob',
    scope: 'account',
    label: 'acme',
    acl: ['all'],
  });
  bobs = `cpanel bob:${token}`;
  await stage.pair.core.auth.personAdd({ name: 'ana', role: 'owner', password: 'correct horse battery' });
});
afterAll(() => stage.close());
afterEach(() => stage.healed());

type Json = Readonly<Record<string, unknown>>;
const urlencoded = { 'content-type': 'application/x-www-form-urlencoded' };

async function whm(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Json> {
  return (await stage.whm(path, { headers })).json();
}

async function cpanel(path: string, authorization = bobs): Promise<Json> {
  return (await stage.cpanel(path, { headers: { authorization, accept: 'application/json' } })).json();
}

const good = { metadata: { result: 1 } };
const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const unbase64 = (text: unknown) => Buffer.from(String(text), 'base64').toString();

/** What lego and acme.sh look for in a parsed zone. */
function inZone(rows: unknown, text: string): { readonly serial: string; readonly line: number | undefined } {
  // The declared rows of parse_zone.
  const all = rows as { line_index: number; record_type?: string; data_b64?: string[] }[];
  const soa = all.find((row) => row.record_type === 'SOA');
  const found = all.find((row) => row.record_type === 'TXT' && row.data_b64?.map(unbase64).join('') === text);
  return { serial: unbase64(soa?.data_b64?.[2]), line: found?.line_index };
}

let number = 0;

describe.each([
  ['with both masters', undefined],
  ['with M2 down', 'm2'],
  ['with M1 down', 'm1'],
] as const)('%s', (_what, downId) => {
  beforeEach(async () => {
    number += 1;
    if (downId !== undefined) await fault(stage.pair[downId], { kind: 'down', function: '*' });
  });

  it('FOSSBilling: version 0, GET, upper-case scheme, a package made on the fly, its link', async () => {
    const headers = { authorization: `WHM root:${stage.rootToken}` };
    const user = `fossa${number}`;
    const plan = `fly${number}`;
    expect(await whm(`/json-api/addpkg?name=${plan}&quota=500&maxpop=5`, headers)).toMatchObject({
      result: [{ status: 1 }],
    });
    const create = `/json-api/createacct?username=${user}&domain=${user}.example&password=Aa1!xkcd-battery-9&plan=${plan}`;
    expect(await whm(create, headers)).toMatchObject({ result: [{ status: 1, statusmsg: expect.any(String) }] });
    expect(
      await whm(`/json-api/create_user_session?api.version=2&user=${user}&service=cpaneld`, headers),
    ).toMatchObject({ ...good, data: { url: expect.stringMatching(/^https:/) } });
    expect(await whm(`/json-api/createacct?username=${user}&domain=x.example`, headers)).toMatchObject({
      result: [{ status: 0 }],
    });
    expect(await whm(`/json-api/modifyacct?user=${user}&contactemail=a%40example.net`, headers)).toMatchObject({
      result: [{ status: 1 }],
    });
    expect(await whm(`/json-api/suspendacct?user=${user}&reason=unpaid`, headers)).toMatchObject({
      result: [{ status: 1 }],
    });
    expect(await whm(`/json-api/accountsummary?user=${user}`, headers)).toMatchObject({
      status: 1,
      acct: [{ user, suspended: 1, plan }],
    });
  });

  it('Paymenter: createacct without a password, and is not made twice', async () => {
    const path = `/json-api/createacct?api.version=1&username=payme${number}&domain=payme${number}.example&plan=gold`;
    expect(await whm(path)).toMatchObject(good);
    expect(await whm(path)).toMatchObject({ metadata: { result: 0 } });
  });

  it('WHMCS: Basic with a token as password, usage by listaccts and showbw, another package', async () => {
    const headers = { authorization: `Basic ${Buffer.from(`root:${stage.rootToken}`).toString('base64')}` };
    expect(await whm('/json-api/listaccts?api.version=1&search=bob&searchtype=user', headers)).toMatchObject({
      data: { acct: [{ user: 'bob' }] },
    });
    expect(await whm('/json-api/showbw?api.version=1', headers)).toMatchObject(good);
    const plan = `silver${number}`;
    expect(await whm(`/json-api/addpkg?api.version=1&name=${plan}&quota=700`, headers)).toMatchObject(good);
    expect(await whm(`/json-api/changepackage?api.version=1&user=bob&pkg=${plan}`, headers)).toMatchObject(good);
    for (const fn of ['suspendacct', 'unsuspendacct', 'suspendacct', 'unsuspendacct'])
      expect(await whm(`/json-api/${fn}?api.version=1&user=bob`, headers)).toMatchObject(good);
  });

  it('xmlapi-php, and Blesta on it: POST without a type of its own, XML and JSON, API 1 and 2 through WHM', async () => {
    const ask = async (path: string, values: Readonly<Record<string, string>>) =>
      (await stage.whm(path, { ...form(values), headers: { 'content-type': 'application/octet-stream' } })).text;
    const user = `blest${number}`;
    const made = await ask('/xml-api/createacct', {
      ...{ username: user, password: 'Aa1!xkcd-battery-9', domain: `${user}.example`, plan: 'gold' },
    });
    expect(made).toMatch(/^<createacct>\n {2}<result>/);
    expect(made).toContain('<status>1</status>');
    const box = { domain: `${user}.example`, email: 'info', password: 'Sturdy-horse-42-q', quota: '100' };
    const names = { user, module: 'Email', func: 'addpop', apiversion: '2' };
    const inside = Object.entries(names).map(([name, value]) => [`cpanel_xmlapi_${name}`, value]);
    const pop = await ask('/xml-api/cpanel', { ...Object.fromEntries(inside), ...box });
    expect(pop.replaceAll('\n', '')).toMatch(/<cpanelresult>.*<result>1<\/result>/);
    const jsonNames = { cpanel_jsonapi_user: user, cpanel_jsonapi_module: 'Mysql', cpanel_jsonapi_func: 'adddb' };
    const db = await ask('/json-api/cpanel', { ...jsonNames, cpanel_jsonapi_apiversion: '1', 'arg-0': `${user}_shop` });
    expect(JSON.parse(db)).toMatchObject({ module: 'Mysql', event: { result: 1 } });
    const two = async (module: string, func: string, values: Readonly<Record<string, string>>) => {
      const named = { cpanel_jsonapi_user: user, cpanel_jsonapi_module: module, cpanel_jsonapi_func: func };
      return JSON.parse(await ask('/json-api/cpanel', { ...named, cpanel_jsonapi_apiversion: '2', ...values }));
    };
    const done = { cpanelresult: { data: [{ result: 1 }], event: { result: 1 } } };
    const dbuser = `${user}_web`;
    expect(await two('MysqlFE', 'createdbuser', { dbuser, password: 'Sturdy-horse-42-q' })).toMatchObject(done);
    const grant = { db: `${user}_shop`, dbuser, privileges: 'ALL PRIVILEGES' };
    expect(await two('MysqlFE', 'setdbuserprivileges', grant)).toMatchObject(done);
    expect(await two('MysqlFE', 'createdb', { db: `${user}_shop` })).toMatchObject({
      cpanelresult: { func: 'createdb', error: expect.stringContaining('exists'), data: [{ result: 0 }] },
    });
    const forward = { domain: `${user}.example`, email: 'sales', fwdopt: 'fwd', fwdemail: 'a@example.net' };
    expect(await two('Email', 'addforward', forward)).toMatchObject({
      cpanelresult: { data: [{ forward: 'a@example.net' }], event: { result: 1 } },
    });
    expect(await ask('/xml-api/passwd', { user, pass: 'Bb2!other-battery-staple' })).toContain('<status>1</status>');
    // Last: while a master is away, nothing follows a removal on the same account.
    expect(await two('Email', 'delpop', { domain: `${user}.example`, email: 'info' })).toMatchObject(done);
  });

  it('lego: UAPI on cPanel’s port and WHM’s own zone functions, by serial and line', async () => {
    const text = `lego-${number}`;
    const record = json({ dname: '_acme-challenge', ttl: 60, record_type: 'TXT', data: [text] });
    const read = async () => inZone((await cpanel(`/execute/DNS/parse_zone?zone=${zone}`))['data'], text);
    const before = await read();
    const edit = '/execute/DNS/mass_edit_zone';
    expect(await cpanel(`${edit}?add=${record}&serial=${before.serial}&zone=${zone}`)).toMatchObject({
      status: 1,
      data: { new_serial: expect.stringMatching(/^\d+$/) },
    });
    const after = await read();
    expect(after.line).toBeDefined();
    expect(await cpanel(`${edit}?remove=${after.line}&serial=${after.serial}&zone=${zone}`)).toMatchObject({
      status: 1,
    });
    expect((await read()).line).toBeUndefined();

    const parsed = async () => {
      const { data } = await whm(`/json-api/parse_dns_zone?api.version=1&zone=${zone}`);
      return inZone((data as { payload: unknown }).payload, text);
    };
    const mass = '/json-api/mass_edit_dns_zone?api.version=1';
    expect(await whm(`${mass}&add=${record}&serial=${(await parsed()).serial}&zone=${zone}`)).toMatchObject(good);
    const { serial, line } = await parsed();
    expect(await whm(`${mass}&remove=${line}&serial=${serial}&zone=${zone}`)).toMatchObject(good);
    expect((await parsed()).line).toBeUndefined();
  });

  it('acme.sh: API 2 from contact to line, and UAPI from the list of domains', async () => {
    const two = async (module: string, func: string, more = '') => {
      const names = `cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=${module}&cpanel_jsonapi_func=${func}`;
      const { cpanelresult } = await cpanel(`/json-api/cpanel?${names}${more}`);
      return cpanelresult as { data: Readonly<Record<string, unknown>>[] };
    };
    expect(await two('CustInfo', 'displaycontactinfo')).toMatchObject({ data: expect.any(Array) });
    expect(JSON.stringify(await two('ZoneEdit', 'fetchzones'))).toContain(`"${zone}"`);
    const name = `_acme-challenge.w${number}`;
    const add = `&domain=${zone}&name=${name}&type=TXT&txtdata=proof&ttl=1`;
    expect(JSON.stringify(await two('ZoneEdit', 'add_zone_record', add))).toContain('newserial');
    const { data } = await two('ZoneEdit', 'fetchzone_records', `&domain=${zone}`);
    const line = data.find((row) => row['name'] === `${name}.${zone}.`)?.['Line'];
    expect(line).toEqual(expect.any(Number));
    await two('ZoneEdit', 'remove_zone_record', `&domain=${zone}&line=${line}`);
    expect(JSON.stringify(await two('ZoneEdit', 'fetchzone_records', `&domain=${zone}`))).not.toContain(name);
    expect(await cpanel('/execute/DomainInfo/list_domains')).toMatchObject({ status: 1, data: { main_domain: zone } });
  });

  it('terraform: reads by GET, writes by POST, of one account through WHM', async () => {
    const names = { cpanel_jsonapi_user: 'bob', cpanel_jsonapi_apiversion: '2', cpanel_jsonapi_module: 'ZoneEdit' };
    const write = async (values: Readonly<Record<string, string>>) =>
      (await stage.whm('/json-api/cpanel', { ...form({ ...names, domain: zone, ...values }), headers: urlencoded }))
        .text;
    const name = `tf${number}`;
    const record = { name, type: 'A', address: '192.0.2.44', ttl: '300' };
    expect(await write({ cpanel_jsonapi_func: 'add_zone_record', ...record })).toContain('"newserial":"');
    const query = new URLSearchParams({ ...names, cpanel_jsonapi_func: 'fetchzone_records', domain: zone });
    const read = async () => {
      const { cpanelresult } = await whm(`/json-api/cpanel?${query}&name=${name}.${zone}.&type=A`);
      return (cpanelresult as { data: Readonly<Record<string, unknown>>[] }).data;
    };
    const [found] = await read();
    expect(found).toMatchObject({ address: '192.0.2.44' });
    const line = String(found?.['line'] ?? found?.['Line']);
    expect(await write({ cpanel_jsonapi_func: 'edit_zone_record', line, ...record, address: '192.0.2.45' })).toContain(
      '"newserial":"',
    );
    expect(await read()).toMatchObject([{ address: '192.0.2.45' }]);
    await write({ cpanel_jsonapi_func: 'remove_zone_record', line });
    expect(await read()).toEqual([]);
  });

  it('cPanel’s own libraries: a session by password, then POST under its security token', async () => {
    const login = await stage.cpanel('/login/?login_only=1', {
      ...form({ user: 'ana', pass: 'correct horse battery' }),
      headers: urlencoded,
      port: stage.web.whm.port,
    });
    const { security_token: prefix } = login.json() as never as { security_token: string };
    const cookie = String(login.headers['set-cookie']?.[0]).split(';')[0] ?? '';
    const ask = async (fn: string, values: Readonly<Record<string, string>>) =>
      (
        await stage.cpanel(`${prefix}/json-api/${fn}`, {
          ...form({ 'api.version': '1', ...values }),
          headers: { ...urlencoded, cookie },
          port: stage.web.whm.port,
        })
      ).json();
    expect(await ask('version', {})).toMatchObject(good);
    const box = { email: `lib${number}`, domain: zone, password: 'Sturdy-horse-42-q' };
    const held = { 'cpanel.user': 'bob', 'cpanel.module': 'Email', 'cpanel.function': 'add_pop' };
    expect(await ask('uapi_cpanel', { ...held, ...box })).toMatchObject({ ...good, data: { uapi: { status: 1 } } });
    expect(await ask('uapi_cpanel', { ...held, 'cpanel.function': 'list_pops' })).toMatchObject({
      data: { uapi: { data: expect.arrayContaining([expect.objectContaining({ email: `lib${number}@${zone}` })]) } },
    });
  });
});

it('both masters down is refused at once in the shape asked for, so that a retry later is right', async () => {
  await fault(stage.pair.m1, { kind: 'down', function: '*' });
  await fault(stage.pair.m2, { kind: 'down', function: '*' });
  const started = Date.now();
  const create = 'createacct?username=later&domain=later.example';
  expect(await whm(`/json-api/${create}&api.version=1`)).toMatchObject({ metadata: { result: 0 } });
  expect(await whm(`/json-api/${create}`)).toMatchObject({ result: [{ status: 0 }] });
  expect((await stage.whm(`/xml-api/${create}`)).text).toContain('<status>0</status>');
  expect(await cpanel('/execute/Email/add_pop?email=late&domain=bob.example&password=Sturdy-horse-42-q')).toMatchObject(
    {
      status: 0,
      data: null,
      errors: [expect.any(String)],
    },
  );
  expect(Date.now() - started).toBeLessThan(15_000);
});
