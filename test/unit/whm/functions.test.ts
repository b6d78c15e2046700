import { describe, expect, it } from 'vitest';
import { accepts, functions } from '../../../src/whm/functions/index.ts';
import { overrides, repeats } from '../../../src/whm/functions/overrides.ts';
import { catalogue, rowOf } from '../../../src/whm/functions/rows.ts';

const { all } = functions;
const label = (entry: { api: string; name: string }) => `${entry.api} ${entry.name}`;
const declares = (entry: (typeof all)[number], name: string) =>
  entry.required.includes(name) || entry.optional.includes(name) || (entry.api === 'uapi' && name === 'cpanel.user');

describe('the function table', () => {
  it('holds all functions of both catalogues', () => {
    expect(all.filter((e) => e.api === 'whm')).toHaveLength(651);
    expect(all.filter((e) => e.api === 'uapi')).toHaveLength(708);
  });

  it('names every function once', () => {
    const names = all.map(label);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it('names UAPI functions Module::function and WHM functions without colons', () => {
    const odd = all.filter((e) => (e.api === 'uapi') !== /^\w+::\w+$/.test(e.name));
    expect(odd.map(label)).toEqual([]);
  });

  it('knows only flags that a rule may look at', () => {
    const known =
      'async looks-like-read-but-writes outbound server-value-in-params server-value-in-answer generates-secret returns-secret unsafe-retry slow container destructive mass config-parity home-files mail-store database-data deprecated'.split(
        ' ',
      );
    expect(
      catalogue()
        .map(rowOf)
        .flatMap((row) => [...row.flags].filter((flag) => !known.includes(flag))),
    ).toEqual([]);
  });

  it('uses only declared parameters in keys', () => {
    const odd = all.flatMap((e) =>
      e.keys.flatMap((key) => {
        const parameter = /^~?(?:account|domain|package|reseller|featurelist):\{(.+)\}$/.exec(key)?.[1];
        return parameter !== undefined && declares(e, parameter) ? [] : [`${label(e)} ${key}`];
      }),
    );
    expect(odd).toEqual([]);
  });

  it('names only declared parameters as account and as addresses', () => {
    const odd = all.flatMap((e) =>
      [...(e.account === undefined ? [] : [e.account]), ...e.addresses]
        .filter((p) => !declares(e, p))
        .map((p) => `${label(e)} ${p}`),
    );
    expect(odd).toEqual([]);
  });

  it('gives every entry a deadline of at least 20 seconds and at most 300', () => {
    expect(all.filter((e) => e.longestSeconds < 20 || e.longestSeconds > 300)).toEqual([]);
  });

  it('lets no read take an exclusive key', () => {
    const odd = all.filter((e) => e.treatment === 'read' && e.keys.some((key) => !key.startsWith('~')));
    expect(odd.map(label)).toEqual([]);
  });

  it('treats nothing that writes as a read', () => {
    const rows = new Map(
      catalogue()
        .map(rowOf)
        .map((row) => [label(row), row]),
    );
    const odd = all.filter((e) => {
      const row = rows.get(label(e));
      return (
        e.treatment === 'read' &&
        (row?.kind !== 'read' || row.flags.has('looks-like-read-but-writes')) &&
        overrides[e.name] === undefined
      );
    });
    expect(odd.map(label)).toEqual([]);
  });

  it('gives a reason where a rule of ours decided, and only for functions that exist', () => {
    const names = new Set(all.map((e) => e.name));
    expect(Object.keys(overrides).filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(repeats).filter((name) => !names.has(name))).toEqual([]);
    expect(Object.values(overrides).filter(([, why]) => !why.endsWith('.'))).toEqual([]);
  });

  it.each([
    ['whm', 'listaccts', 'merge', 'safe', 20],
    ['whm', 'version', 'merge', 'safe', 20],
    ['whm', 'createacct', 'fan-out', 'read back', 300],
    ['whm', 'removeacct', 'fan-out', 'read back', 300],
    ['whm', 'suspendacct', 'fan-out', 'safe', 300],
    ['whm', 'passwd', 'fan-out', 'safe', 300],
    ['whm', 'addzonerecord', 'fan-out', 'read back', 120],
    ['whm', 'editzonerecord', 'refused', 'read back', 120],
    ['whm', 'setsiteip', 'fan-out', 'safe', 300],
    ['whm', 'reboot', 'refused', 'never', 300],
    ['whm', 'batch', 'container', 'never', 120],
    ['whm', 'uapi_cpanel', 'container', 'never', 120],
    ['whm', 'cpanel', 'container', 'never', 120],
    ['whm', 'execute_remote_whmapi1_with_password', 'refused', 'safe', 120],
    ['whm', 'create_user_session', 'session', 'never', 120],
    ['whm', 'api_token_create', 'tandem', 'never', 120],
    ['whm', 'set_tweaksetting', 'named', 'safe', 120],
    ['whm', 'restoreaccount', 'refused', 'read back', 300],
    ['uapi', 'Email::add_pop', 'fan-out', 'read back', 120],
    ['uapi', 'Email::delete_pop', 'fan-out', 'read back', 120],
    ['uapi', 'Email::list_pops', 'read', 'safe', 20],
    ['uapi', 'Fileman::save_file_content', 'active', 'safe', 120],
    ['uapi', 'Mysql::create_database', 'active', 'read back', 120],
    ['uapi', 'Email::delete_held_messages', 'active', 'safe', 120],
    ['uapi', 'ClamScanner::disinfect_files', 'refused', 'safe', 300],
    ['uapi', 'Batch::strict', 'container', 'never', 120],
    ['uapi', 'DomainRecommendations::purchase_domain', 'named', 'never', 120],
  ] as const)('%s %s is %s, again: %s, at most %d s', (api, name, treatment, again, longestSeconds) => {
    expect(functions.get(api, name)).toMatchObject({ treatment, again, longestSeconds });
  });

  it.each([
    ['createacct', ['account:{username}', 'domain:{domain}', '~package:{plan}', '~reseller:{owner}']],
    ['suspendacct', ['account:{user}']],
    ['addpkg', ['package:{name}', '~featurelist:{featurelist}']],
    ['adddns', ['domain:{domain}']],
    ['setresellerlimits', ['reseller:{user}', 'account:{user}']],
    ['set_mysql_password', ['account:{cpuser}']],
    ['accountsummary', ['~account:{user}', '~domain:{domain}']],
    ['set_tweaksetting', []],
    ['suspendreseller', []],
  ] as const)('%s takes the keys %j', (name, keys) => {
    expect(functions.get('whm', name)?.keys).toEqual(keys);
  });

  it.each([
    ['whm', 'createacct', ['pass', 'password', 'raw']],
    ['whm', 'installssl', ['key']],
    ['whm', 'get_tweaksetting', []],
    ['whm', 'create_user_session', ['cp_security_token', 'promptToken', 'session', 'url']],
    ['uapi', 'Email::add_pop', ['password', 'password_hash']],
    ['uapi', 'SSL::show_key', ['data']],
    ['uapi', 'PassengerApps::edit_application', ['envvar_value']],
  ] as const)('%s %s keeps %j secret', (api, name, secrets) => {
    expect([...(functions.get(api, name)?.secrets ?? ['missing'])].sort()).toEqual(secrets);
  });

  it('knows nothing of a function that is not in the catalogue, nor of names that objects inherit', () => {
    for (const name of ['createaccount', 'constructor', 'toString', '__proto__', ''])
      expect(functions.get('whm', name)).toBeUndefined();
  });
});

describe('a declared parameter', () => {
  const entry = (name: string) => functions.get('whm', name) ?? expect.fail(name);

  it.each([
    ['createacct', 'domain', true],
    ['createacct', 'Domain', false],
    ['createacct', 'cpanel.user', false],
    ['uapi_cpanel', 'cpanel.user', true],
    ['createacct', 'api.version', true],
    ['api_token_create', 'acl-0', true],
    ['api_token_create', 'acl', true],
    ['setacls', 'acl-create-acct', true],
    ['modifyacct', 'MXCHECK-example.com', true],
    ['update_featurelist', 'anything', true],
    ['listpkgs', 'nonsense', false],
  ])('%s %s: %s', (name, parameter, expected) => {
    expect(accepts(entry(name), parameter)).toBe(expected);
  });
});
