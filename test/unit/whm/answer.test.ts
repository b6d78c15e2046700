import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { batchOutcomes, readAnswer } from '../../../src/whm/answer.ts';
import { api2, uapi, type WhmCall, whm } from '../../../src/whm/call.ts';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/whm/${name}.json`, import.meta.url), 'utf8');

/** 'createacct', 'uapi.Email.add_pop' or 'api2.Cron.add_line', as the fixtures are called. */
function callOf(name: string): WhmCall {
  const [api, module, func] = name.split('.');
  if (api === 'uapi') return uapi('bob', `${module}::${func}`);
  return api === 'api2' ? api2('bob', `${module}::${func}`) : whm(api ?? '');
}

describe('a good answer', () => {
  it.each([
    ['createacct', 'Account Creation Ok', expect.objectContaining({ ip: '192.0.2.10' })],
    ['removeacct', 'user account removed', undefined],
    ['suspendacct', 'Account suspended', undefined],
    ['listaccts', 'OK', { acct: [expect.objectContaining({ user: 'bob' })] }],
    ['version', '', { version: '11.134.0.20', result: 1 }],
    ['addpkg', 'OK', { pkg: 'gold' }],
    ['passwd', 'Password changed for user "bob".', expect.anything()],
    ['mass_edit_dns_zone', 'OK', { new_serial: '2026112203' }],
    ['batch', 'OK', { result: [expect.anything(), expect.anything()] }],
    ['uapi.Email.add_pop', 'Created.', 'post+bob.example'],
    ['uapi.Ftp.list_ftp', '', [{ user: 'bob', homedir: '/home/bob', type: 'main' }]],
    [
      'api2.AddonDomain.addaddondomain',
      'new.example was successfully parked on top of new.bob.example',
      [expect.anything()],
    ],
    ['api2.ZoneEdit.add_zone_record', '', [{ result: { status: 1, statusmsg: '', newserial: '2026112202' } }]],
    ['api2.Cron.add_line', 'crontab installed', [expect.objectContaining({ linekey: '0f' })]],
    ['api2.Park.listparkeddomains', '', []],
    ['api2.SubDomain.listsubdomains', '', [expect.objectContaining({ status: 'not redirected' })]],
  ])('to %s is done', (name, reason, data) => {
    const text = fixture(name);
    expect(readAnswer(callOf(name), 200, text)).toMatchObject({ kind: 'done', reason, data, body: JSON.parse(text) });
  });

  it('keeps its warnings', () => {
    expect(readAnswer(callOf('createacct'), 200, fixture('createacct'))).toMatchObject({
      warnings: ['The feature list “gold” was not found; “default” is used.'],
    });
    expect(readAnswer(callOf('uapi.Email.add_pop'), 200, fixture('uapi.Email.add_pop'))).toMatchObject({
      warnings: ['The quota was lowered to 250 MB.'],
    });
  });
});

describe('a no', () => {
  it.each([
    ['createacct.error', 'refused', '(XID ab12cd) The domain “bob.example” already exists in the userdata.'],
    ['createacct.busy.error', 'busy', 'No space left on device'],
    ['removeacct.error', 'refused', 'System user bob does not exist!'],
    ['suspendacct.error', 'denied', 'You do not have the required privileges'],
    ['listaccts.error', 'refused', 'No accounts found.'],
    ['version.error', 'denied', 'Access denied'],
    ['addpkg.error', 'refused', 'The package "gold" already exists.'],
    ['passwd.error', 'refused', 'Sorry, the user bob does not exist.'],
    ['mass_edit_dns_zone.error', 'refused', 'does not match the DNS zone’s serial number'],
    ['uapi.Email.add_pop.error', 'refused', 'The email account "post@bob.example" already exists!'],
    ['uapi.Ftp.list_ftp.error', 'refused', 'You do not have the feature “ftpaccts”.'],
    ['uapi.outer.error', 'refused', 'User parameter is invalid'],
    ['api2.AddonDomain.addaddondomain.error', 'refused', 'already exists in the userdata.'],
    ['api2.ZoneEdit.add_zone_record.error', 'refused', 'You do not control this zone.'],
    ['api2.Cron.add_line.error', 'refused', 'This cron job already exists.'],
    ['api2.Park.listparkeddomains.error', 'refused', 'User parameter is invalid'],
    ['api2.SubDomain.listsubdomains.error', 'refused', 'Could not find function'],
  ])('like %s is %s', (name, kind, reason) => {
    expect(readAnswer(callOf(name.replace('.error', '').replace('.busy', '')), 200, fixture(name))).toMatchObject({
      kind,
      reason: expect.stringContaining(reason),
    });
  });

  it.each([
    ['Unknown app (“frob”) requested for this version (1) of the API.', 'refused'],
    [
      'Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess.',
      'refused',
    ],
    ['The account bob is locked.', 'refused'],
    ['Disk quota exceeded', 'refused'],
    ['You have reached the maximum number of email accounts.', 'refused'],
    ['Sorry, you have exceeded the maximum allowed subdomains.', 'refused'],
    ['Could not obtain a lock on “/etc/passwd” within 30 seconds.', 'busy'],
    ['Failed to lock file /var/cpanel/users/bob: timeout', 'busy'],
    ['DBD::SQLite::db do failed: database is locked', 'busy'],
    ['Cannot open /etc/localdomains: Read-only file system', 'busy'],
    ['Your license has expired.', 'busy'],
    ['This would exceed the number of accounts that your licence allows.', 'busy'],
    ['Another process is currently modifying the zone.', 'busy'],
    ["DBI connect failed: Can't connect to local MySQL server through socket", 'busy'],
    ['(XID q1w2e3) DNS query (bob.example/SOA) timeout!', 'busy'],
    ['Access denied', 'denied'],
  ])('that says “%s” is %s', (reason, kind) => {
    const body = JSON.stringify({ metadata: { version: 1, command: 'x', result: 0, reason } });
    expect(readAnswer(whm('x'), 200, body)).toMatchObject({ kind, reason });
  });

  it('without a reason says so', () => {
    expect(readAnswer(whm('x'), 200, '{"metadata":{"result":0}}')).toMatchObject({
      kind: 'refused',
      reason: 'no reason was given',
    });
  });
});

describe('a door that is shut', () => {
  it.each([
    [401, '<html>login</html>', 'HTTP 401'],
    [403, fixture('version.error'), 'Access denied'],
    [403, '{"cpanelresult":{"apiversion":"2","error":,"data":{}}}', 'HTTP 403'],
    [200, '<html><!-- msg_code:[invalid_login] --></html>', 'the answer was a sign-in page'],
    [200, ' <html><div id="tfa_login_form">', 'the answer was a sign-in page'],
  ])('with status %d and %s is denied', (status, text, reason) => {
    for (const call of [whm('version'), uapi('bob', 'Email::list_pops'), api2('bob', 'Park::park')]) {
      expect(readAnswer(call, status, text)).toEqual({ kind: 'denied', reason });
    }
  });
});

describe('an answer that proves nothing', () => {
  it.each([
    [500, '{"metadata":{"result":1}}'],
    [503, '<html>'],
    [302, ''],
    [404, '{"metadata":{"result":0,"reason":"x"}}'],
    [206, '{"metadata":{"result":1}}'],
    [200, ''],
    [200, '<!DOCTYPE html><html>Welcome</html>'],
    [200, '{"metadata":{"result":1'],
    [200, '[]'],
    [200, 'null'],
    [200, '"OK"'],
    [200, '{}'],
    [200, '{"metadata":{}}'],
    [200, '{"metadata":{"result":2}}'],
    [200, '{"metadata":{"result":"yes"}}'],
    [200, '{"metadata":[1]}'],
    [200, '{"data":{"result":1}}'],
    [200, '{"status":"ok"}'],
  ])('is in doubt: status %d, %s', (status, text) => {
    for (const call of [whm('createacct'), whm('batch'), uapi('bob', 'Email::add_pop')]) {
      expect(readAnswer(call, status, text).kind).toBe('in-doubt');
    }
  });

  it.each([
    ['{"data":{},"metadata":{"result":1}}', 'no UAPI result'],
    ['{"data":{"uapi":{"data":1}},"metadata":{"result":1}}', 'no status'],
    ['{"data":{"uapi":null},"metadata":{"result":1}}', 'no UAPI result'],
  ])('is in doubt for UAPI: an outer yes around %s', (text, reason) => {
    expect(readAnswer(uapi('bob', 'Email::add_pop'), 200, text)).toMatchObject({
      kind: 'in-doubt',
      reason: expect.stringContaining(reason),
    });
  });

  it.each([
    ['{"cpanelresult":{"apiversion":2}}'],
    [
      '{"cpanelresult":{"data":["success"],"error":"Fatal! Write Failure: /etc/valiases/bob.example","event":{"result":1}}}',
    ],
    ['{"cpanelresult":{"data":[{"result":1},{"result":0,"err":"No such file or directory"}],"event":{"result":1}}}'],
    ['{"metadata":{"result":1}}'],
    ['{}'],
  ])('is in doubt for API 2: %s', (text) => {
    expect(readAnswer(api2('bob', 'Email::setdefaultaddress'), 200, text).kind).toBe('in-doubt');
  });

  it('is a refusal for API 2 when every file failed', () => {
    const text =
      '{"cpanelresult":{"data":[{"result":0,"err":"No such file"},{"result":0,"err":"No such file"}],"event":{"result":1}}}';
    expect(readAnswer(api2('bob', 'Fileman::fileop'), 200, text)).toMatchObject({
      kind: 'refused',
      reason: 'No such file',
    });
  });

  it('is a refusal for API 2 when a hook said no', () => {
    const text = '{"cpanelresult":{"data":[],"event":{"result":0,"reason":"A hook refused it."}}}';
    expect(readAnswer(api2('bob', 'Park::park'), 200, text)).toMatchObject({
      kind: 'refused',
      reason: 'A hook refused it.',
    });
  });
});

describe('a batch', () => {
  const command = (result: number, reason: string) => ({ metadata: { version: 1, command: 'x', result, reason } });
  const batch = (...result: unknown[]) => JSON.stringify({ data: { result }, metadata: { result: 1, reason: 'OK' } });

  it('of which one command failed is in doubt, since the others took effect', () => {
    expect(readAnswer(whm('batch'), 200, fixture('batch.error'))).toMatchObject({
      kind: 'in-doubt',
      reason: '1 of 2 commands worked, then: Sorry, "gold" is not a valid package name.',
    });
  });

  it('of which no command worked is refused', () => {
    expect(readAnswer(whm('batch'), 200, batch(command(0, 'First.'), command(0, 'Second.')))).toMatchObject({
      kind: 'refused',
      reason: 'First.',
    });
  });

  it('without results is in doubt', () => {
    expect(readAnswer(whm('batch'), 200, '{"data":{},"metadata":{"result":1}}').kind).toBe('in-doubt');
  });

  it('tells what became of each command, in order', () => {
    const kinds = batchOutcomes(JSON.parse(batch(command(1, 'OK'), command(0, 'No.'), 7)))?.map(
      (outcome) => outcome.kind,
    );
    expect(kinds).toEqual(['done', 'refused', 'in-doubt']);
  });
});
