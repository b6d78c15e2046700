import { describe, expect, it } from 'vitest';
import { type CallAnswer, unknownFunction } from '../../../src/routes/passthrough/answer.ts';
import {
  batchCommands,
  cpanelInner,
  uapiInner,
  uapiResult,
  version2,
  version3,
} from '../../../src/routes/passthrough/containers.ts';
import { envelope } from '../../../src/routes/passthrough/envelope.ts';

const no: CallAnswer = { ok: false, reason: 'Account does not exist.' };

function done(data: unknown, reason = 'OK'): CallAnswer {
  return { ok: true, data, reason };
}

describe('WHM API 1', () => {
  it('relays a master’s own body as it is', () => {
    const body = {
      data: { b: 1, a: '2' },
      metadata: { command: 'x', result: 1, version: 1, reason: 'OK', output: { raw: 'log' } },
    };
    expect(JSON.stringify(envelope(1, 'x', { ok: true, data: body.data, reason: 'OK', body }))).toBe(
      JSON.stringify(body),
    );
  });

  it('leaves data out when there is none', () => {
    expect(envelope(1, 'killpkg', done(undefined))).toEqual({
      metadata: { version: 1, command: 'killpkg', result: 1, reason: 'OK' },
    });
  });

  it('says no with an integer result and a reason', () => {
    expect(envelope(1, 'accountsummary', no)).toEqual({
      metadata: { version: 1, command: 'accountsummary', result: 0, reason: 'Account does not exist.' },
    });
  });

  it('says of an unknown function what cPanel says', () => {
    expect(envelope(1, 'nope', unknownFunction('nope', '1'))).toMatchObject({
      metadata: { result: 0, reason: 'Unknown app (“nope”) requested for this version (1) of the API.' },
    });
  });
});

describe('WHM API 0', () => {
  it.each<[string, CallAnswer, unknown]>([
    [
      'createacct',
      done({ ip: '192.0.2.5', package: 'gold' }, 'Account Creation Ok'),
      {
        result: [
          { status: 1, statusmsg: 'Account Creation Ok', rawout: '', options: { ip: '192.0.2.5', package: 'gold' } },
        ],
      },
    ],
    ['createacct', no, { result: [{ status: 0, statusmsg: 'Account does not exist.', rawout: null, options: null }] }],
    ['accountsummary', done({ acct: [{ user: 'bob' }] }), { status: 1, statusmsg: 'Ok', acct: [{ user: 'bob' }] }],
    ['accountsummary', no, { status: 0, statusmsg: 'Account does not exist.', acct: null }],
    ['listaccts', done({ acct: [] }), { status: 1, statusmsg: 'Ok', acct: [] }],
    [
      'passwd',
      done({ app: ['system', 'ftp'] }, 'Password changed'),
      {
        passwd: [
          { status: 1, statusmsg: 'Password changed', services: [{ app: 'system' }, { app: 'ftp' }], rawout: '' },
        ],
      },
    ],
    ['passwd', no, { passwd: [{ status: 0, statusmsg: 'Account does not exist.', services: null, rawout: null }] }],
    [
      'suspendacct',
      done(undefined, 'bob suspended'),
      { result: [{ status: 1, statusmsg: 'bob suspended', rawout: '' }] },
    ],
    ['removeacct', no, { result: [{ status: 0, statusmsg: 'Account does not exist.', rawout: null }] }],
    ['listpkgs', done({ pkg: [{ name: 'gold' }] }), { package: [{ name: 'gold' }] }],
    ['version', done({ version: '11.134.0.20' }), { version: '11.134.0.20' }],
    [
      'dumpzone',
      done({ zone: [{ record: [{ Line: 1 }] }] }),
      { result: [{ status: 1, statusmsg: 'Zone Serialized', record: [{ Line: 1 }] }] },
    ],
    ['nope', unknownFunction('nope', '0'), { error: 'Unknown App Requested: nope' }],
  ])('%s', (fn, answer, shape) => {
    expect(envelope(0, fn, answer)).toEqual(shape);
  });
});

describe('containers', () => {
  it('uapi_cpanel names account, module and function; the rest is the function’s', () => {
    const inner = uapiInner([
      ['cpanel.user', 'bob'],
      ['cpanel.module', 'Email'],
      ['cpanel.function', 'add_pop'],
      ['email', 'a'],
      ['email', 'b'],
    ]);
    expect(inner).toEqual({
      apiVersion: 3,
      fn: 'Email::add_pop',
      wanted: {
        api: 'uapi',
        fn: 'Email::add_pop',
        user: 'bob',
        args: [
          ['email', 'a'],
          ['email', 'b'],
        ],
      },
    });
  });

  it.each([
    [
      [
        ['cpanel.module', 'Email'],
        ['cpanel.function', 'add_pop'],
      ],
    ],
    [
      [
        ['cpanel.user', '../root'],
        ['cpanel.module', 'Email'],
        ['cpanel.function', 'add_pop'],
      ],
    ],
    [
      [
        ['cpanel.user', 'bob'],
        ['cpanel.module', 'Em::ail'],
        ['cpanel.function', 'add_pop'],
      ],
    ],
    [
      [
        ['cpanel.user', 'bob'],
        ['cpanel.module', 'Email'],
      ],
    ],
  ] as const)('uapi_cpanel without a proper name is no call: %j', (args) => {
    expect(uapiInner(args)).toBeTypeOf('string');
  });

  it.each([
    ['2', 'api2'],
    ['3', 'uapi'],
  ])('cpanel with version %s is %s', (version, api) => {
    const inner = cpanelInner([
      ['cpanel_jsonapi_user', 'bob'],
      ['cpanel_jsonapi_module', 'ZoneEdit'],
      ['cpanel_jsonapi_func', 'fetchzone'],
      ['cpanel_jsonapi_apiversion', version],
      ['domain', 'b.example'],
    ]);
    expect(inner).toMatchObject({
      wanted: { api, fn: 'ZoneEdit::fetchzone', user: 'bob', args: [['domain', 'b.example']] },
    });
  });

  it('batch keeps the order of its commands, whatever their numbers', () => {
    expect(
      batchCommands([
        ['command-1', 'b?x=1&x=2'],
        ['command-0', 'a'],
        ['command', 'c?y=%26'],
      ]),
    ).toEqual([
      {
        fn: 'b',
        args: [
          ['x', '1'],
          ['x', '2'],
        ],
      },
      { fn: 'a', args: [] },
      { fn: 'c', args: [['y', '&']] },
    ]);
  });

  it('UAPI’s own answer is taken out of WHM’s envelope', () => {
    const inner = { data: [], errors: ['no'], messages: null, metadata: {}, status: 0, warnings: null };
    expect(uapiResult({ ok: false, reason: 'no', body: { data: { uapi: inner }, metadata: { result: 1 } } })).toEqual(
      inner,
    );
    expect(version3('Email::list_pops', { ok: false, reason: 'no', body: { data: { uapi: inner } } })).toEqual({
      apiversion: 3,
      module: 'Email',
      func: 'list_pops',
      result: inner,
    });
  });

  it('API 2 says no twice and lets event.result be 1', () => {
    expect(version2('Email::addpop', { ok: false, reason: 'The account exists!' })).toEqual({
      cpanelresult: {
        apiversion: 2,
        module: 'Email',
        func: 'addpop',
        error: 'The account exists!',
        data: [{ result: 0, reason: 'The account exists!' }],
        event: { result: 1 },
      },
    });
  });

  it('API 2 says of an unknown function what cPanel says', () => {
    expect(version2('M::f', unknownFunction('M::f', '2'))).toEqual({
      cpanelresult: { apiversion: 2, error: "Could not find function 'f' in module 'M'", func: 'f', module: 'M' },
    });
  });
});
