import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { get, post } from './ask.ts';
import { type Desk, openDesk } from './desk.ts';

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});

afterEach(async () => {
  await desk.close();
});

describe('a container', () => {
  it('batch runs its commands in order and stops at the first failure when told to', async () => {
    desk.answer({ kind: 'done', data: { pkg: [] }, reason: 'OK', warnings: [], body: undefined });
    const commands = 'command-0=listpkgs&command-1=nope%3Fx%3D1&command-2=listpkgs';
    const all = await post(desk, '/json-api/batch', `api.version=1&${commands}`);
    expect(all).toMatchObject({
      data: { result: [{ metadata: { result: 1 } }, { metadata: { result: 0 } }, { metadata: { result: 1 } }] },
      metadata: { result: 1 },
    });
    const stopped = await post(desk, '/json-api/batch', `api.version=1&abort_on_error=1&${commands}`);
    expect(stopped).toMatchObject({ data: { result: { length: 2 } } });
  });

  it('with a command that is no command is refused in the caller’s own version, and none is begun', async () => {
    for (const bad of ['listpkgs%3Fx%3D%25ff', 'listpkgs%3Fx%3Da%2500b']) {
      const commands = `command=listpkgs&command=${bad}`;
      expect(await post(desk, '/json-api/batch', `api.version=1&${commands}`)).toMatchObject({
        metadata: { result: 0, command: 'batch' },
      });
      expect(await post(desk, '/json-api/batch', commands)).toMatchObject({ result: [{ status: 0 }] });
    }
    expect(desk.read).toEqual([]);
  });

  it('a batch inside a batch is refused', async () => {
    const body = await post(desk, '/json-api/batch', 'api.version=1&command=batch%3Fcommand%3Dlistpkgs');
    expect(body).toMatchObject({ data: { result: [{ metadata: { result: 0 } }] } });
    expect(desk.read).toEqual([]);
  });

  it('uapi_cpanel is judged by what it holds', async () => {
    const uapi = {
      data: [{ email: 'a@bob.example' }],
      errors: null,
      messages: null,
      metadata: {},
      status: 1,
      warnings: null,
    };
    desk.answer({
      kind: 'done',
      data: uapi.data,
      reason: 'OK',
      warnings: [],
      body: { data: { uapi }, metadata: { result: 1 } },
    });
    const held = 'api.version=1&cpanel.user=bob&cpanel.module=Email';
    expect(await get(desk, `/json-api/uapi_cpanel?${held}&cpanel.function=list_pops`)).toMatchObject({
      data: { uapi },
      metadata: { result: 1 },
    });
    expect(desk.read).toEqual([{ api: 'uapi', fn: 'Email::list_pops', user: 'bob', args: [] }]);
    expect(await get(desk, `/json-api/uapi_cpanel?${held}&cpanel.function=no_such`)).toMatchObject({
      data: { uapi: { status: 0 } },
      metadata: { result: 1 },
    });
    expect(desk.read).toHaveLength(1);
  });

  it('Batch::strict is judged by what it holds, and nothing is run after the first that fails', async () => {
    const body = { data: { uapi: { data: ['x'], errors: null, metadata: {}, status: 1 } }, metadata: { result: 1 } };
    desk.answer({ kind: 'done', data: ['x'], reason: '', warnings: [], body });
    const held = { 'api.version': '1', 'cpanel.user': 'bob', 'cpanel.module': 'Batch', 'cpanel.function': 'strict' };
    async function asked(...commands: readonly unknown[]): Promise<unknown> {
      const form = new URLSearchParams(held);
      for (const command of commands) form.append('command', JSON.stringify(command));
      return await post(desk, '/json-api/uapi_cpanel', form.toString());
    }
    const list = ['Email', 'list_pops', { regex: 'a', no_validate: true }];
    expect(await asked(list, ['Email', 'list_pops'])).toMatchObject({
      data: { uapi: { data: [{ status: 1, data: ['x'] }, { status: 1 }], errors: null, status: 1 } },
      metadata: { result: 1 },
    });
    expect(desk.read.map(({ fn, user, args }) => [fn, user, args])).toEqual([
      [
        'Email::list_pops',
        'bob',
        [
          ['regex', 'a'],
          ['no_validate', '1'],
        ],
      ],
      ['Email::list_pops', 'bob', []],
    ]);
    const failed = await asked(list, ['Email', 'no_such'], list);
    expect(failed).toMatchObject({ data: { uapi: { data: [{ status: 1 }, { status: 0 }], status: 0 } } });
    expect(JSON.stringify(failed)).toContain('could not find the function “no_such”');
    expect(desk.read).toHaveLength(3);
    for (const bad of [
      ['Batch', 'strict', { command: '["Email","list_pops"]' }],
      'Email',
      ['Email'],
      [1, 2],
      ['a/b', 'c'],
    ])
      expect(await asked(bad)).toMatchObject({ data: { uapi: { status: 0 } } });
    expect(desk.read).toHaveLength(3);
    expect(await asked(['Email', 'list_pops', { regex: 'a\u0000' }])).toMatchObject({ metadata: { result: 0 } });
    expect(desk.read).toHaveLength(3);
  });

  it('a change inside Batch::strict is an operation of its own', async () => {
    const add = '["Email","add_pop",{"email":"a@bob.example","password":"Sturdy-horse-42-q"}]';
    const query = `cpanel_jsonapi_user=bob&cpanel_jsonapi_apiversion=3&cpanel_jsonapi_module=Batch&cpanel_jsonapi_func=strict`;
    expect(await get(desk, `/json-api/cpanel?${query}&command=${encodeURIComponent(add)}`)).toMatchObject({
      module: 'Batch',
      func: 'strict',
      result: { status: 1, data: [{ status: 1 }] },
    });
    expect(desk.accepted.map((request) => request.action)).toEqual(['mailbox.add']);
  });

  it('cpanel answers API 2 in API 2’s own envelope', async () => {
    const body = {
      cpanelresult: { apiversion: 2, module: 'ZoneEdit', func: 'fetchzone_records', data: [], event: { result: 1 } },
    };
    desk.answer({ kind: 'done', data: [], reason: '', warnings: [], body });
    const names = 'cpanel_jsonapi_user=bob&cpanel_jsonapi_module=ZoneEdit&cpanel_jsonapi_apiversion=2';
    expect(
      await get(desk, `/json-api/cpanel?${names}&cpanel_jsonapi_func=fetchzone_records&domain=bob.example`),
    ).toEqual(body);
    expect(await get(desk, `/json-api/cpanel?${names}&cpanel_jsonapi_func=nope`)).toMatchObject({
      cpanelresult: { error: "Could not find function 'nope' in module 'ZoneEdit'" },
    });
    expect(await get(desk, '/json-api/cpanel?cpanel_jsonapi_apiversion=2')).toMatchObject({
      cpanelresult: { data: { result: '0' } },
    });
  });
});
