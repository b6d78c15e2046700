import { expect, test } from 'vitest';
import type { Heard } from './core-client.ts';
import { type Args, bob, useSimulator } from './core-harness.ts';

const on = useSimulator();
const auth = (): Args => ({ authorization: `whm root:${on.sim.rootToken}` });
const xml = (fn: string, args: Args = {}): Promise<Heard> => on.post(`/xml-api/${fn}`, args, auth());
const api2 = (fn: string, args: Args = {}): Promise<Heard> => {
  const [module = '', func = ''] = fn.split('::');
  const named = { cpanel_xmlapi_module: module, cpanel_xmlapi_func: func, cpanel_xmlapi_apiversion: '2' };
  return xml('cpanel', { ...named, cpanel_xmlapi_user: 'bob', ...args });
};

test('API 0 has the function as root, sorted members and no declaration', async () => {
  expect((await xml('createacct', bob)).text).toMatch(
    /^<createacct>\n {2}<result>\n {4}<options>\n {6}<ip>127\.0\.0\.1<\/ip>[\s\S]*<status>1<\/status>\n {4}<statusmsg>Account Creation Ok<\/statusmsg>\n/u,
  );
  const list = await xml('listaccts');
  expect(list.headers['content-type']).toBe('text/xml');
  expect(list.text).toMatch(/^<listaccts>\n {2}<acct>\n {4}<backup>1<[\s\S]*<suspendtime><\/suspendtime>/u);
  expect((await xml('accountsummary', { user: 'nobody' })).text).toBe(
    '<accountsummary>\n  <acct></acct>\n  <status>0</status>\n  <statusmsg>Account does not exist.</statusmsg>\n</accountsummary>\n',
  );
  expect((await xml('nonsense')).text).toBe(
    '<nonsense>\n  <error>Unknown App Requested: nonsense</error>\n</nonsense>\n',
  );
});

test('API 1 has result as root, metadata first, and marks a lone list', async () => {
  await xml('createacct', bob);
  expect((await xml('listresellers', { 'api.version': '1' })).text).toBe(
    '<result>\n  <metadata>\n    <version>1</version>\n    <command>listresellers</command>\n    <result>1</result>\n    <reason>OK</reason>\n    <payload_is_literal>1</payload_is_literal>\n  </metadata>\n  <data>\n    <reseller></reseller>\n  </data>\n</result>\n',
  );
  expect((await xml('accountsummary', { 'api.version': '1', user: 'nobody' })).text).toBe(
    '<result>\n  <metadata>\n    <version>1</version>\n    <command>accountsummary</command>\n    <result>0</result>\n    <reason>Account does not exist.</reason>\n  </metadata>\n</result>\n',
  );
});

test('API 2 has a declaration, and one data element a row', async () => {
  await xml('createacct', { ...bob, maxpark: '5' });
  expect((await api2('Park::park', { domain: 'p1.example' })).text).toMatch(
    /^<\?xml version="1\.0" \?>\n<cpanelresult>\n {2}<apiversion>2<\/apiversion>\n {2}<data>\n {4}<reason>p1\.example was successfully parked/u,
  );
  await api2('Park::park', { domain: 'p2.example' });
  const { text } = await api2('Park::listparkeddomains');
  expect(text.match(/<data>/gu)).toHaveLength(2);
  expect(text).toMatch(/<event>\n {4}<result>1<\/result>\n {2}<\/event>\n {2}<func>listparkeddomains<\/func>/u);
});

test('each service of a password change has an element of its own', async () => {
  await xml('createacct', bob);
  const { text } = await xml('passwd', { user: 'bob', pass: 'An0ther-Pass-2?' });
  expect(text).toMatch(/^<passwd>\n {2}<passwd>[\s\S]*<services>\n {6}<app>system<\/app>\n {4}<\/services>/u);
});

test('modules without hooks tell of no events before and after', async () => {
  await xml('createacct', bob);
  const { text } = await api2('CustInfo::displaycontactinfo');
  expect(text).toContain('<event>');
  expect(text).not.toContain('<preevent>');
  expect((await api2('Cron::listcron')).text).toContain('<preevent>');
});

test('API 1 of cPanel answers without cpanelresult in JSON and with it in XML', async () => {
  await xml('createacct', { ...bob, maxsql: '5' });
  const call = { cpanel_jsonapi_user: 'bob', cpanel_jsonapi_module: 'Mysql', cpanel_jsonapi_func: 'adddb' };
  const ask = { ...call, cpanel_jsonapi_apiversion: '1', 'arg-0': 'shop' };
  expect(JSON.parse((await on.post('/json-api/cpanel', ask, auth())).text)).toEqual({
    apiversion: '1',
    type: 'event',
    module: 'Mysql',
    func: 'adddb',
    source: 'module',
    data: { result: '' },
    event: { result: 1 },
  });
  expect((await xml('cpanel', { ...ask, 'arg-0': 'other' })).text).toMatch(
    /^<\?xml version="1\.0" \?>\n<cpanelresult>/u,
  );
  expect(await on.control('GET', 'databases')).toMatchObject({ map: { bob_shop: 'bob', bob_other: 'bob' } });
});

test('whoever is not let in is told so in XML', async () => {
  const heard = await on.post('/xml-api/version', {}, { authorization: 'whm root:wrong' });
  expect([heard.status, heard.headers['content-type']]).toEqual([403, 'text/xml']);
  expect(heard.text).toContain('<error>Access denied</error>');
});
