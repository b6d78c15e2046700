import { describe, expect, it } from 'vitest';
import { api2, uapi, whm, whmJson } from '../../../src/whm/call.ts';
import { hidden, redactAnswer, redactBody, redactCall, redactText, secretsIn } from '../../../src/whm/redact.ts';

const secret = 'S3cret&Pa55 word';

describe('a call for the log', () => {
  it.each([
    ['a password', whm('createacct', { username: 'bob', password: secret })],
    ['a private key', whm('installssl', { domain: 'bob.example', key: secret })],
    ['a UAPI password', uapi('bob', 'Email::add_pop', { email: 'a', password: secret })],
    ['an API 2 password', api2('bob', 'Email::addpop', { email: 'a', password: secret })],
    ['a numbered secret', { api: 'whm', fn: 'install_dkim_private_keys', args: [['key-1', secret]] } as const],
    ['a password in a batch', whm('batch', { command: `passwd?user=bob&password=${encodeURIComponent(secret)}` })],
    [
      'a password for UAPI through a WHM call',
      {
        api: 'whm',
        fn: 'uapi_cpanel',
        args: [
          ['cpanel.user', 'bob'],
          ['cpanel.module', 'SSL'],
          ['cpanel.function', 'upload_key'],
          ['key', secret],
        ],
      } as const,
    ],
    ['a password in a JSON body', whmJson('update_sql_config', { server: { user: 'root', password: secret } })],
    ['a list of secrets in a JSON body', whmJson('save_connected_application', { password: [{ text: secret }] })],
    ['a password of a function that nobody knows', whm('unheard_of', { password: secret })],
  ])('does not show %s', (_what, call) => {
    const shown = JSON.stringify(redactCall(call));
    expect(shown).toContain(hidden);
    expect(shown).not.toContain('S3cret');
    expect(secretsIn(call)).toEqual([secret]);
  });

  it('keeps everything else, in order', () => {
    const call = whm('createacct', { username: 'bob', password: secret, domain: ['a', 'a'] });
    expect(redactCall(call)).toEqual({
      api: 'whm',
      fn: 'createacct',
      args: [
        ['username', 'bob'],
        ['password', hidden],
        ['domain', 'a'],
        ['domain', 'a'],
      ],
    });
    expect(call.args[1]).toEqual(['password', secret]);
  });

  it('shows a key that is only the name of a setting', () => {
    const call = whm('set_tweaksetting', { key: 'maxemailsperhour', value: '100' });
    expect(redactCall(call)).toEqual(call);
  });

  it('shows the rest of a batch command', () => {
    expect(redactCall(whm('batch', { command: ['version', 'passwd?user=bob&password=abcd'] })).args).toEqual([
      ['command', 'version'],
      ['command', `passwd?user=bob&password=${hidden}`],
    ]);
  });
});

describe('an answer for the journal', () => {
  const call = whm('createacct', { username: 'bob', password: secret });

  it("does not hold the account's password, which createacct prints in its log", () => {
    const body = {
      data: { ip: '192.0.2.1' },
      metadata: { result: 1, output: { raw: `PassWord: ${secret}`, messages: [`set to ${secret}`] } },
    };
    expect(redactBody(call, body)).toEqual({
      data: { ip: '192.0.2.1' },
      metadata: { result: 1, output: { raw: hidden, messages: [`set to ${hidden}`] } },
    });
  });

  it('keeps data without secrets as they are', () => {
    const data = { package: 'gold', nameserver4: '', n: [1, null, true] };
    expect(redactAnswer(call, data)).toEqual(data);
    expect(redactAnswer(call, undefined)).toBeUndefined();
  });

  it.each([
    [
      whm('create_user_session'),
      { url: 'https://x', session: 's3', service: 'cpaneld' },
      { url: hidden, session: hidden, service: 'cpaneld' },
    ],
    [whm('api_token_create'), { token: 'ABC', name: 'n' }, { token: hidden, name: 'n' }],
    [whm('fetch_dkim_private_keys'), { payload: [{ pem: 'x' }] }, hidden],
    [uapi('bob', 'SSL::show_key'), { text: 'x' }, hidden],
    [whm('listaccts'), { password: 1, passwd: '' }, { password: 1, passwd: '' }],
  ])('of %j is shown without what it gives away', (of, data, shown) => {
    expect(redactAnswer(of, data)).toEqual(shown);
  });

  it('hides a secret of the operation that is no argument of this call', () => {
    expect(redactAnswer(whm('version'), { log: 'uses tango-42' }, ['tango-42'])).toEqual({ log: `uses ${hidden}` });
  });
});

describe('a sentence', () => {
  it.each([
    ['Password: hunter22 was set', `Password: ${hidden} was set`],
    ['see /cpsess0123456789/frontend', `see /cpsess${hidden}/frontend`],
    ['sent Authorization: whm root:ABCDEFGHIJ', `sent Authorization: whm ${hidden}`],
    ['-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----.', `${hidden}.`],
    ['Password changed for user “bob”.', 'Password changed for user “bob”.'],
    ['The password is too weak.', 'The password is too weak.'],
  ])('“%s” is shown as “%s”', (text, shown) => {
    expect(redactText(text)).toBe(shown);
  });

  it('keeps short values, which would tear holes into every word', () => {
    expect(redactText('a cat sat', ['a'])).toBe('a cat sat');
  });
});
