/** WHM API 0 and XML, which old billing systems speak through the passthrough. */
import type { Args } from '../../whm/call.ts';
import type { Expected, Step } from '../model.ts';
import { at } from './build.ts';
import { ask, jsonOf, sendTop, topOf } from './raw.ts';

interface Zero {
  readonly fn: string;
  readonly keys: readonly string[];
  readonly form?: Args;
  readonly checks?: readonly string[];
  readonly maps?: readonly string[];
}

function zero({ fn, keys, form = [], checks, maps }: Zero): Step {
  return {
    id: `zero.${fn}`,
    assumption: `${fn} without api.version answers in API 0’s own shape: ${keys.join(', ')}.`,
    ...(checks === undefined ? {} : { checks }),
    ...(maps === undefined ? {} : { maps }),
    kind: 'read',
    expect: { status: 200, keys },
    run: (side) => sendTop(side, ask(`/json-api/${fn}`, form)),
  };
}

const lists = { checks: ['wire.zero-lists'] };

/** A server's XML is text; what is looked for in it stands in the expectation. */
function xml(id: string, assumption: string, path: string, form: Args, checks: readonly string[], text: RegExp): Step {
  const expect: Readonly<Record<string, Expected>> = { status: 200, contentType: 'text/xml', start: text };
  return {
    ...{ id, assumption, checks, expect, kind: 'read' },
    async run(side) {
      const reply = await side.send(ask(path, form));
      return { status: reply.status, contentType: reply.contentType, start: reply.text.slice(0, 4000) };
    },
  };
}

const nobody = 'nobodyhasthisname';

export const zeroSteps: readonly Step[] = [
  zero({ fn: 'version', keys: ['version'] }),
  zero({ fn: 'gethostname', keys: ['hostname'] }),
  zero({ fn: 'loadavg', keys: ['fifteen', 'five', 'one'] }),
  zero({ fn: 'listaccts', keys: ['acct', 'status', 'statusmsg'] }),
  zero({ fn: 'listpkgs', keys: ['package'] }),
  zero({ fn: 'listzones', keys: ['zone'], ...lists }),
  zero({ fn: 'applist', keys: ['app'], ...lists }),
  zero({ fn: 'listresellers', keys: ['reseller'], ...lists }),
  zero({ fn: 'listacls', keys: ['acls'], maps: ['acls', 'acls.*'], ...lists }),
  zero({ fn: 'listips', keys: ['result'], ...lists }),
  zero({ fn: 'listsuspended', keys: ['accts', 'status', 'statusmsg'], ...lists }),
  {
    id: 'zero.absent',
    assumption: 'API 0 says no to an unknown account with status 0 and acct null.',
    kind: 'read',
    expect: { status: 200, keys: ['acct', 'status', 'statusmsg'], no: 0 },
    async run(side) {
      const reply = await side.send(ask('/json-api/accountsummary', [['user', nobody]]));
      return { ...topOf(reply), no: Number(at(jsonOf(reply), 'status')) };
    },
  },
  {
    id: 'zero.unknown',
    assumption: 'API 0 answers an unknown function with error alone.',
    checks: ['errors.zero-unknown'],
    kind: 'read',
    expect: { status: 200, keys: ['error'], because: /unknown app requested/iu },
    async run(side) {
      const reply = await side.send(ask('/json-api/nosuchfunction'));
      return { ...topOf(reply), because: String(at(jsonOf(reply), 'error')) };
    },
  },
  {
    id: 'zero.version-2',
    assumption: 'api.version 2 is answered like 1.',
    kind: 'read',
    expect: { status: 200, keys: ['data', 'metadata'] },
    run: (side) => sendTop(side, ask('/json-api/version', [['api.version', '2']])),
  },
  xml(
    'zero.xml-type',
    'XML is sent as text/xml, its root the function’s name.',
    '/xml-api/loadavg',
    [],
    ['xml.type'],
    /^\s*<loadavg>[\s\S]*<one>/u,
  ),
  xml(
    'zero.xml-empty',
    'An empty list at the top gives no element, or an empty one.',
    '/xml-api/listaccts',
    [
      ['searchtype', 'user'],
      ['search', `^${nobody}$`],
    ],
    ['xml.empty-list'],
    /^\s*<listaccts>(?![\s\S]*<acct>\s*<\w)/u,
  ),
  xml(
    'zero.xml-one',
    'XML of WHM API 1 says no with result 0 and without data.',
    '/xml-api/accountsummary',
    [
      ['api.version', '1'],
      ['user', nobody],
    ],
    ['xml.refusal'],
    /<result>\s*0\s*<\/result>(?![\s\S]*<data>)/u,
  ),
];

export const zeroAccountSteps: readonly Step[] = [
  {
    ...xml(
      'zero.xml-api2',
      'XML of API 2 says no with error beside data.',
      '/xml-api/cpanel',
      [],
      ['xml.api2-refusal'],
      /<cpanelresult>[\s\S]*<error>/u,
    ),
    kind: 'write',
    needs: 'account',
    async run(side) {
      const form: Args = [
        ['cpanel_xmlapi_user', side.values.user],
        ['cpanel_xmlapi_apiversion', '2'],
        ['cpanel_xmlapi_module', 'Park'],
        ['cpanel_xmlapi_func', 'unpark'],
        ['domain', `none.${side.values.domain}`],
      ];
      const reply = await side.send(ask('/xml-api/cpanel', form));
      return { status: reply.status, contentType: reply.contentType, start: reply.text.slice(0, 4000) };
    },
  },
  {
    id: 'zero.api2-version-name',
    assumption: 'cpanel_jsonapi_version in place of cpanel_jsonapi_apiversion is answered as API 2.',
    checks: ['api2.version-argument'],
    kind: 'write',
    needs: 'account',
    expect: { status: 200, keys: ['cpanelresult'], isTwo: true },
    async run(side) {
      const form: Args = [
        ['cpanel_jsonapi_user', side.values.user],
        ['cpanel_jsonapi_version', '2'],
        ['cpanel_jsonapi_module', 'Email'],
        ['cpanel_jsonapi_func', 'listpops'],
      ];
      const reply = await side.send(ask('/json-api/cpanel', form));
      return { ...topOf(reply), isTwo: at(jsonOf(reply), 'cpanelresult', 'apiversion') === 2 };
    },
  },
];
