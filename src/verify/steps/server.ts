/** What a server tells about itself. */

import { whm } from '../../whm/call.ts';
import { functions } from '../../whm/functions/index.ts';
import type { Facts, Step } from '../model.ts';
import { at, reads } from './build.ts';

const numbers = /^-?\d+$/u;

/** Functions of WHM API 1 that Tandem's actions and looks call by name. */
const used = [
  ...['accountsummary', 'listaccts', 'createacct', 'modifyacct', 'removeacct', 'passwd', 'suspendacct'],
  ...['unsuspendacct', 'changepackage', 'editquota', 'limitbw', 'addpkg', 'editpkg', 'killpkg', 'listpkgs'],
  ...['parse_dns_zone', 'mass_edit_dns_zone', 'fetch_dkim_private_keys', 'install_dkim_private_keys'],
  ...['create_parked_domain_for_user', 'delete_domain', 'getdomainowner', 'verify_new_username', 'uapi_cpanel'],
  ...['get_maximum_users', 'get_current_users_count', 'create_user_session', 'version', 'batch', 'cpanel'],
] as const;

function appsOf(data: unknown): ReadonlySet<unknown> {
  const app = at(data, 'app');
  return new Set<unknown>(Array.isArray(app) ? app : []);
}

function missing(data: unknown): Facts {
  const there = appsOf(data);
  return { absent: used.filter((name) => !there.has(name)) };
}

export const serverSteps: readonly Step[] = [
  reads(
    {
      id: 'server.version',
      assumption: 'version answers in the envelope of WHM API 1.',
      call: () => whm('version'),
      facts: (data) => ({ isVersion: /^\d+\.\d+/u.test(String(at(data, 'version'))) }),
      expect: { isVersion: true },
    },
    { checks: ['wire.version-shape'] },
  ),
  reads(
    {
      id: 'server.functions',
      assumption: 'Every function that Tandem calls by name is in the list of the server.',
      call: () => whm('applist'),
      facts: missing,
      expect: { absent: [] },
    },
    { checks: ['peers.names'] },
  ),
  reads(
    {
      id: 'server.table',
      assumption:
        'Tandem’s function table knows every function that the server lists, so that none is refused as unknown.',
      call: () => whm('applist'),
      facts: (data) => ({
        unknown: [...appsOf(data)]
          .map(String)
          .filter((name) => functions.get('whm', name) === undefined)
          .sort(),
      }),
      expect: { unknown: [] },
    },
    { checks: ['peers.names'] },
  ),
  reads({
    id: 'server.hostname',
    assumption: 'gethostname tells the name that is configured.',
    call: () => whm('gethostname'),
    facts: (data, v) => ({ isConfigured: at(data, 'hostname') === v.hostname }),
    expect: { isConfigured: true },
  }),
  reads({
    id: 'server.addresses',
    assumption: 'listips names the configured address as the main shared one.',
    call: () => whm('listips'),
    facts(data, v) {
      const list = at(data, 'ip');
      const main = Array.isArray(list) ? list.find((one) => Number(at(one, 'mainaddr')) === 1) : undefined;
      return { isConfigured: [at(main, 'ip'), at(main, 'public_ip')].includes(v.address) };
    },
    expect: { isConfigured: true },
  }),
  reads(
    {
      id: 'server.privileges',
      assumption: 'myprivs shows that the credentials have all rights.',
      call: () => whm('myprivs'),
      facts: (data) => ({ all: Number(at(data, 'privileges', 0, 'all')) }),
      expect: { all: 1 },
    },
    { maps: ['data.privileges[]'] },
  ),
  reads({
    id: 'server.load',
    assumption: 'systemloadavg answers with one, five and fifteen.',
    call: () => whm('systemloadavg'),
  }),
  reads({
    id: 'server.services',
    assumption: 'servicestatus lists each service with its state.',
    call: () => whm('servicestatus'),
  }),
  reads({
    id: 'server.most-accounts',
    assumption: 'get_maximum_users answers with a number, 0 or less where the licence has no bound.',
    call: () => whm('get_maximum_users'),
    facts: (data) => ({ isNumber: numbers.test(String(at(data, 'users'))) }),
    expect: { isNumber: true },
  }),
  reads({
    id: 'server.account-count',
    assumption: 'get_current_users_count answers with a number.',
    call: () => whm('get_current_users_count'),
    facts: (data) => ({ isNumber: numbers.test(String(at(data, 'users'))) }),
    expect: { isNumber: true },
  }),
  reads({
    id: 'server.password-strength',
    assumption: 'getminimumpasswordstrengths tells the strength that the server asks for.',
    call: () => whm('getminimumpasswordstrengths'),
  }),
  reads({
    id: 'server.accounts',
    assumption: 'listaccts lists accounts under data.acct.',
    call: () => whm('listaccts'),
  }),
  reads({ id: 'server.packages', assumption: 'listpkgs lists packages under data.pkg.', call: () => whm('listpkgs') }),
  reads(
    {
      id: 'server.zones',
      assumption: 'listzones names each zone’s file, NAME.db.',
      call: () => whm('listzones'),
      facts(data) {
        const list = at(data, 'zone');
        const files = Array.isArray(list) ? list.map((one) => String(at(one, 'zonefile'))) : [];
        return { areDb: files.every((file) => file.endsWith('.db')) };
      },
      expect: { areDb: true },
    },
    { checks: ['ha.zone-files'] },
  ),
  reads({
    id: 'server.resellers',
    assumption: 'listresellers lists names under data.reseller.',
    call: () => whm('listresellers'),
  }),
  reads({
    id: 'server.suspended',
    assumption: 'listsuspended lists accounts under data.account.',
    call: () => whm('listsuspended'),
  }),
  reads(
    {
      id: 'server.acl-lists',
      assumption: 'listacls maps names to privileges under data.acl.',
      call: () => whm('listacls'),
    },
    { maps: ['data.acl', 'data.acl.*'] },
  ),
  reads(
    {
      id: 'server.tokens',
      assumption: 'api_token_list maps names to tokens under data.tokens.',
      call: () => whm('api_token_list'),
    },
    { maps: ['data.tokens', 'data.tokens.*.acls'] },
  ),
  reads({
    id: 'server.feature-lists',
    assumption: 'get_featurelists names the feature lists.',
    call: () => whm('get_featurelists'),
  }),
];
