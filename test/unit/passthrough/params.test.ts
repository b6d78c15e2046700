import { describe, expect, it } from 'vitest';
import { Invalid } from '../../../src/errors.ts';
import { requestArgs } from '../../../src/routes/passthrough/params.ts';
import { credentialsOf, targetOf } from '../../../src/routes/passthrough/request.ts';

describe('parameters of a passthrough call', () => {
  it('keep order and repeats, query before body', () => {
    expect(requestArgs('a=1&b=2&a=3', 'c=4&a=5', undefined)).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['a', '3'],
      ['c', '4'],
      ['a', '5'],
    ]);
  });

  it.each([
    undefined,
    'application/x-www-form-urlencoded',
    'application/octet-stream',
    'Application/X-WWW-Form-URLEncoded; charset=utf-8',
  ])('read a body of type %s as a form', (type) => {
    expect(requestArgs('', 'domain=b%C3%BCcher.example&x=a+b', type)).toEqual([
      ['domain', 'bücher.example'],
      ['x', 'a b'],
    ]);
  });

  it('read JSON with booleans as 1 and 0, lists as repeats, objects as JSON text', () => {
    const body = JSON.stringify({
      'api.version': 1,
      on: true,
      off: false,
      none: null,
      list: ['a', 2],
      deep: { k: 'v' },
    });
    expect(requestArgs('', body, 'application/json; charset=utf-8')).toEqual([
      ['api.version', '1'],
      ['on', '1'],
      ['off', '0'],
      ['none', ''],
      ['list', 'a'],
      ['list', '2'],
      ['deep', '{"k":"v"}'],
    ]);
  });

  it('without a value are empty, not lost', () => {
    expect(requestArgs('a&b=&=c', '', undefined)).toEqual([
      ['a', ''],
      ['b', ''],
      ['', 'c'],
    ]);
  });

  it.each([
    ['a NUL', 'user=bob%00', ''],
    ['a line break in a name', 'us%0Aer=bob', ''],
    ['a line break in a value of one line', 'user=bob%0D%0Aroot', ''],
    ['an escape character', 'user=%1Bbob', ''],
    ['broken percent-encoding', 'user=%zz', ''],
    ['bytes that are no UTF-8', 'user=%ff', ''],
  ])('with %s are refused', (_what, query, body) => {
    expect(() => requestArgs(query, body, undefined)).toThrow(Invalid);
  });

  it('with several lines are taken where a certificate belongs', () => {
    expect(requestArgs('crt=-----BEGIN%0Aabc%0A-----END', '', undefined)).toEqual([
      ['crt', '-----BEGIN\nabc\n-----END'],
    ]);
  });

  it.each([
    ['XML', '<a/>', 'text/xml'],
    ['a JSON list', '[1]', 'application/json'],
    ['broken JSON', '{', 'application/json'],
    ['a multipart upload', '--x', 'multipart/form-data; boundary=x'],
  ])('as %s are refused, never guessed', (_what, body, type) => {
    expect(() => requestArgs('', body, type)).toThrow(Invalid);
  });
});

describe('the path', () => {
  it.each([
    ['/xml-api/version', { door: 'function', fn: 'version', format: 'xml' }],
    ['/json-api/cpanel', { door: 'cpanel', fn: 'cpanel', format: 'json' }],
    ['/xml-api/cpanel', { door: 'cpanel', fn: 'cpanel', format: 'xml' }],
    ['/execute/Email/list_pops', { door: 'execute', fn: 'Email::list_pops', format: 'json' }],
    ['/login/', { door: 'login', fn: '', format: 'json' }],
    ['/logout', { door: 'logout', fn: '', format: 'json' }],
  ])('%s is a door of its own, with and without a session', (path, place) => {
    expect(targetOf(path)).toEqual({ ...place, query: '' });
    expect(targetOf(`/cpsess1234567890${path}?a=1`)).toEqual({
      ...place,
      query: 'a=1',
      securityToken: '/cpsess1234567890',
    });
  });

  it.each([
    ['/json-api/version', 'version', ''],
    ['/json-api/listaccts?api.version=1', 'listaccts', 'api.version=1'],
    ['/json-api/360Monitoring/register_server?x=/json-api/y', '360Monitoring/register_server', 'x=/json-api/y'],
  ])('%s names %s', (url, fn, query) => {
    expect(targetOf(url)).toEqual({ door: 'function', format: 'json', fn, query });
  });

  it.each([
    '/',
    '/json-api/',
    '/json-api/../x',
    '/json-api/%2e%2e/x',
    '/json-api//version',
    '/cpsess123/json-api/version',
    '/cpsess1234567890/cpsess1234567890/json-api/version',
    '/cpsess1234567890',
    '/execute/Email',
    '/execute/Email/list_pops/more',
    '/execute/1Email/list_pops',
    '/login/../json-api/version',
    '/xjson-api/version',
    '/json-api/a%00',
    'http://x/json-api/version',
  ])('%s names nothing', (url) => {
    expect(targetOf(url)).toBeUndefined();
  });
});

describe('the Authorization header', () => {
  it.each(['whm root:ABC', 'WHM root:ABC', 'Whm  root:ABC'])('%s is a WHM token', (header) => {
    expect(credentialsOf(header)).toEqual({ scheme: 'whm', user: 'root', secret: 'ABC' });
  });

  it('Basic carries user and password, colons in the password included', () => {
    expect(credentialsOf(`basic ${Buffer.from('anna:pa:ss').toString('base64')}`)).toEqual({
      scheme: 'basic',
      user: 'anna',
      secret: 'pa:ss',
    });
  });

  it.each([
    undefined,
    '',
    'whm',
    'whm root',
    'whm :x',
    'whm root:',
    'Bearer abc',
    `whm root:${'x'.repeat(1025)}`,
    `Basic ${Buffer.from('root:x\nuser=evil').toString('base64')}`,
    'Basic root:plain',
  ])('%s is nobody', (header) => {
    expect(credentialsOf(header)).toBeUndefined();
  });
});
