import { describe, expect, it } from 'vitest';
import { api2, uapi, whm, whmJson } from '../../../src/whm/call.ts';
import { deadlineOf } from '../../../src/whm/client.ts';
import { encode } from '../../../src/whm/wire.ts';

describe('a call on the wire', () => {
  it.each([
    [whm('version'), '/json-api/version', 'api.version=1'],
    [
      whm('adddns', { domain: 'bob.example', ip: '192.0.2.1' }),
      '/json-api/adddns',
      'api.version=1&domain=bob.example&ip=192.0.2.1',
    ],
    [whm('360Monitoring/webpros_auth_status'), '/json-api/360Monitoring/webpros_auth_status', 'api.version=1'],
    [whm('a/b?c'), '/json-api/a/b%3Fc', 'api.version=1'],
    [whm('x', { domain: ['a', 'b', 'a'] }), '/json-api/x', 'api.version=1&domain=a&domain=b&domain=a'],
    [whm('x', { on: true, off: false, none: undefined, n: 0 }), '/json-api/x', 'api.version=1&on=1&off=0&n=0'],
    [whm('x', { t: 'a b&c=d+é\n%' }), '/json-api/x', 'api.version=1&t=a%20b%26c%3Dd%2B%C3%A9%0A%25'],
    [whm('x', { t: 'half \ud83d emoji 😀' }), '/json-api/x', 'api.version=1&t=half%20%EF%BF%BD%20emoji%20%F0%9F%98%80'],
    [
      uapi('bob', 'Email::add_pop', { email: 'a@bob.example' }),
      '/json-api/uapi_cpanel',
      'api.version=1&cpanel.user=bob&cpanel.module=Email&cpanel.function=add_pop&email=a%40bob.example',
    ],
    [
      api2('bob', 'Park::park', { domain: 'p.example' }),
      '/json-api/cpanel',
      'cpanel_jsonapi_user=bob&cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=Park&cpanel_jsonapi_func=park&domain=p.example',
    ],
  ])('%j', (call, path, body) => {
    expect(encode(call)).toEqual({ path, body });
  });
});

describe('an argument cannot turn a call into another one', () => {
  it.each([
    [whm('version', { 'api.version': '0', x: '1' }), 'api.version=1&x=1'],
    [
      uapi('bob', 'Email::list_pops', {
        'cpanel.user': 'eve',
        'cpanel.function': 'delete_pop',
        'cpanel.module': 'X',
        x: '1',
      }),
      'api.version=1&cpanel.user=bob&cpanel.module=Email&cpanel.function=list_pops&x=1',
    ],
    [
      api2('bob', 'Park::park', {
        cpanel_jsonapi_user: 'eve',
        cpanel_jsonapi_func: 'unpark',
        cpanel_xmlapi_func: 'x',
        'api.version': 1,
        x: '1',
      }),
      'cpanel_jsonapi_user=bob&cpanel_jsonapi_apiversion=2&cpanel_jsonapi_module=Park&cpanel_jsonapi_func=park&x=1',
    ],
  ])('%j', (call, body) => {
    expect(encode(call).body).toBe(body);
  });

  it('but a container keeps the names of what it holds', () => {
    expect(encode(whm('uapi_cpanel', { 'cpanel.user': 'bob' })).body).toBe('api.version=1&cpanel.user=bob');
  });
});

describe('a JSON body', () => {
  it('holds the version of the API, and says what it is', () => {
    expect(encode(whmJson('personalization_get', { names: ['a', 'b'], store: 'tandem' }))).toEqual({
      path: '/json-api/personalization_get',
      body: '{"api.version":1,"names":["a","b"],"store":"tandem"}',
      type: 'application/json',
    });
  });

  it('cannot turn the call into one of another API, nor hold half a character', () => {
    const { body } = encode(whmJson('personalization_set', { 'api.version': 0, personalization: { a: 'x\ud83d' } }));
    expect(JSON.parse(body)).toEqual({ 'api.version': 1, personalization: { a: 'x\ufffd' } });
  });
});

describe('the deadline of a call', () => {
  it.each([
    [whm('createacct'), 300_000],
    [whm('accountsummary'), 20_000],
    [whm('unheard_of'), 120_000],
    [uapi('bob', 'Email::add_pop'), 120_000],
    [uapi('bob', 'Email::list_pops'), 20_000],
    [api2('bob', 'Park::park'), 120_000],
  ])('%j is the longest known run of the function', (call, ms) => {
    expect(deadlineOf(call)).toBe(ms);
  });
});
