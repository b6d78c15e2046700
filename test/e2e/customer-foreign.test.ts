/** What is another's, or of no concern of a role, does not exist: files, databases, tokens, backups, uploads. */
import { request } from 'node:https';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Customer } from '../../src/auth/customers.ts';
import type { WhmCall } from '../../src/whm/call.ts';
import type { Outcome } from '../../src/whm/outcome.ts';
import type { Visitor } from '../support/browser-less.ts';
import { asCustomer, type RunningCustomers, startCustomers } from '../support/customers.ts';
import { bob } from '../support/portal.ts';

let site: RunningCustomers;
let person: Visitor;

const done = (data: unknown): Outcome => ({ kind: 'done', data, reason: 'OK', warnings: [], body: {} });

const answers: Readonly<Record<string, unknown>> = {
  'Fileman::list_files': {
    dirs: [
      { file: 'mail', type: 'dir' },
      { file: 'public_html', type: 'dir' },
    ],
    files: [],
  },
  'Fileman::get_file_information': { type: 'file', size: 5, mtime: 1700000000, nicemode: '0644' },
  'Fileman::get_file_content': { content: 'hello' },
  'Cron::fetchcron': [],
  'Ftp::list_ftp_with_disk': [
    { login: 'all@bob.example', serverlogin: 'all@bob.example', dir: '/home/bob', reldir: '' },
  ],
  'Mysql::list_databases': [{ database: 'bob_shop', disk_usage: 0, users: [] }],
  'Mysql::list_users': [{ user: 'bob_web', databases: [] }],
  'DomainInfo::list_domains': { main_domain: 'bob.example', addon_domains: [], parked_domains: [], sub_domains: [] },
};

const as = (role: Customer['role']) =>
  asCustomer(site, { account: 'bob', role, name: role === 'owner' ? 'bob' : `${role}@mail.example` });

describe('the hosting pages of the self-service', () => {
  beforeAll(async () => {
    site = await startCustomers();
    site.fake.putAccounts([bob, { ...bob, user: 'eve', domain: 'eve.example' }]);
    site.setAnswer((call: WhmCall) => (call.fn in answers ? done(answers[call.fn]) : done({})));
  });
  afterAll(() => site.close());
  beforeEach(async () => {
    person = await as('owner');
  });

  it.each([
    ['/my/files?folder=../eve/public_html'],
    ['/my/files?folder=public_html/../../eve'],
    ['/my/files/one?folder=public_html&name=..'],
    ['/my/files/edit?folder=../eve&name=wp-config.php'],
    ['/my/files/download?folder=../eve&name=wp-config.php'],
    ['/my/files/download?folder=public_html&name=a%2F..%2F..%2Feve'],
    ['/my/backups/restore?backup=..%2Feve%2Fbackup-1_eve.tar.gz'],
    ['/my/websites/site?domain=eve.example'],
    ['/my/websites/privacy/folder?folder=../eve'],
    ['/my/statistics/visitors/file?on=m9&name=a.gz'],
    ['/my/statistics/visitors/file?on=m1&name=..%2F..%2Feve.gz'],
  ])('%s does not exist', async (path) => {
    expect((await person.get(path)).status).toBe(404);
  });

  it.each([
    ['/my/files/do', { folder: '../eve', names: 'a.txt', op: 'trash' }, 404],
    ['/my/files/do', { folder: 'public_html', names: '../../eve/a.txt', op: 'trash' }, 422],
    ['/my/files/save', { folder: '../eve', name: 'a.php', content: 'x', was: 'new' }, 404],
    ['/my/files/extract', { folder: 'public_html', name: 'a.zip', to: '../eve' }, 422],
    ['/my/websites/https', { domain: 'eve.example', on: '1' }, 404],
    ['/my/backups/restore', { backup: '../eve/backup-1_eve.tar.gz' }, 404],
    ['/my/access/tokens/revoke', { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' }, 404],
  ] as const)('%s %j is answered by %i, and asks for nothing', async (path, form, status) => {
    const before = (await site.fake.operations.list({ limit: 100 })).length;
    expect((await person.post(path, form)).status).toBe(status);
    expect((await site.fake.operations.list({ limit: 100 })).length).toBe(before);
  });

  it('a database of somebody else has no page once the own ones are known', async () => {
    await person.get('/my/databases?part=live');
    expect((await person.get('/my/databases/one?name=bob_shop')).status).toBe(200);
    expect((await person.get('/my/databases/one?name=eve_shop')).status).toBe(404);
  });

  it('a token of somebody else is neither shown nor revoked', async () => {
    const { token, info } = await site.auth.tokenCreate({
      owner: 'eve',
      scope: 'account',
      label: 'hers',
      acl: ['all'],
    });
    expect((await person.get('/my/access/tokens')).text).not.toContain('hers');
    expect((await person.post('/my/access/tokens/revoke', { id: info.id })).status).toBe(404);
    expect(await site.auth.tokenCheck(token)).toBeDefined();
  });

  it.each([
    ['/my/files?folder=mail'],
    ['/my/files?folder=mail/bob.example'],
    ['/my/files/one?folder=&name=etc'],
    ['/my/files/download?folder=&name=backup-11.28.2026_10-00-00_bob.tar.gz'],
    ['/my/backups'],
    ['/my/access/tokens'],
  ])('whoever does everything but e-mail has no %s', async (path) => {
    expect((await (await as('builder')).get(path)).status).toBe(404);
  });

  it('and sees no folder of e-mail in the list, moves nothing into it, and opens no session in cPanel', async () => {
    const builder = await as('builder');
    const list = await builder.get('/my/files?part=live');
    expect(list.text).toContain('public_html/');
    expect(list.text).not.toContain('mail/');
    const form = { folder: 'public_html', names: 'a.txt', op: 'copy', to: '/mail' };
    expect((await builder.post('/my/files/do', form)).status).toBe(404);
    expect((await builder.post('/my/databases/enter', { name: 'bob_shop' })).status).toBe(403);
  });

  it.each([
    ['/my/access/ftp', { login: 'up', domain: 'bob.example', password: 'Right-Horse-42', folder: 'mail' }, 422],
    ['/my/access/ftp', { login: 'up', domain: 'bob.example', password: 'Right-Horse-42', folder: '/home/bob' }, 422],
    ['/my/access/ftp/password', { of: 'all@bob.example', password: 'Right-Horse-42' }, 403],
    ['/my/access/ftp/password', { of: 'unheard@bob.example', password: 'Right-Horse-42' }, 403],
    ['/my/websites/cron', { command: 'cp -r ~/mail public_html/x', often: 'day' }, 422],
    ['/my/files/extract', { folder: 'public_html', name: 'a.zip', to: '' }, 404],
    ['/my/files/do', { folder: 'public_html', names: 'mail', op: 'copy', to: '' }, 404],
  ] as const)('whoever does everything but e-mail reaches it by no %s %j', async (path, form, status) => {
    const builder = await as('builder');
    const before = (await site.fake.operations.list({ limit: 100 })).length;
    expect((await builder.post(path, form)).status).toBe(status);
    expect((await site.fake.operations.list({ limit: 100 })).length).toBe(before);
  });

  it('whoever only reads is offered no form, and changes nothing', async () => {
    const reader = await as('read-only');
    expect((await reader.get('/my/websites/blocked?part=live')).text).not.toContain('<form');
    for (const path of ['/my/files/do', '/my/files/upload', '/my/databases', '/my/websites/cron', '/my/access/ftp']) {
      expect((await reader.post(path, {})).status, path).toBe(403);
    }
  });

  it('billing sees usage, and nothing else of these', async () => {
    const billing = await as('billing');
    expect((await billing.get('/my/statistics')).status).toBe(200);
    for (const path of ['/my/files', '/my/databases', '/my/websites', '/my/statistics/errors', '/my/access/ftp']) {
      expect((await billing.get(path)).status, path).toBe(404);
    }
  });

  it('an upload without the form’s token is refused before anything is kept', async () => {
    const body =
      '--x\r\nContent-Disposition: form-data; name="folder"\r\n\r\npublic_html\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n';
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const status = await new Promise<number>((resolve, reject) => {
      const headers = { cookie, 'content-type': 'multipart/form-data; boundary=x', 'content-length': body.length };
      const sent = request(`${site.url}/my/files/upload`, { method: 'POST', ca: site.ca, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end(body);
    });
    expect(status).toBe(403);
  });
});
