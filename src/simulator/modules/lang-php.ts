/** PHP: which versions are installed, which one a site uses, and its basic settings. UAPI `LangPHP`. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { Refusal } from '../params.ts';
import { type State, table } from '../state.ts';
import { domains } from '../tables.ts';
import { inTurn, ownedHooks } from './owned.ts';

/** One row, key 'server'. */
export const phpServer = table<{ readonly versions: readonly string[]; readonly standard: string }>('phpServer');

interface SitePhp {
  readonly user: string;
  readonly version: string;
}

/** Key: 'user/vhost'. */
export const sitePhp = table<SitePhp>('sitePhp', { group: (row) => row.user });

interface Ini {
  readonly user: string;
  readonly values: Readonly<Record<string, string>>;
}

/** Key: 'user/home' or 'user/vhost:bob.example'. */
export const phpInis = table<Ini>('phpInis', { group: (row) => row.user });

const standard = { versions: ['ea-php81', 'ea-php82', 'ea-php83'], standard: 'ea-php82' };

function serverOf(state: State) {
  return state.of(phpServer).get('server') ?? standard;
}

interface Directive {
  readonly key: string;
  readonly type: 'boolean' | 'integer' | 'string';
  readonly standard: string;
  readonly info: string;
}

const DIRECTIVES: readonly Directive[] = [
  {
    key: 'allow_url_fopen',
    type: 'boolean',
    standard: '1',
    info: 'This setting allows PHP file functions to retrieve data from remote locations.',
  },
  {
    key: 'display_errors',
    type: 'boolean',
    standard: '0',
    info: 'This setting determines whether errors should print to the screen.',
  },
  { key: 'file_uploads', type: 'boolean', standard: '1', info: 'This setting allows file uploads over HTTP.' },
  {
    key: 'max_execution_time',
    type: 'integer',
    standard: '30',
    info: 'This sets the maximum time in seconds a script is allowed to run.',
  },
  { key: 'max_input_vars', type: 'integer', standard: '1000', info: 'How many input variables may be accepted.' },
  {
    key: 'memory_limit',
    type: 'string',
    standard: '128M',
    info: 'This sets the maximum amount of memory that a script is allowed to allocate.',
  },
  {
    key: 'post_max_size',
    type: 'string',
    standard: '8M',
    info: 'This setting sets the max size of post data allowed.',
  },
  { key: 'upload_max_filesize', type: 'string', standard: '2M', info: 'The maximum size of an uploaded file.' },
];

function ownHost(context: AccountContext, name: string): void {
  const row = context.state.of(domains).get(name);
  if (row?.user !== context.user || row.type === 'parked') {
    throw new Refusal(`The domain “${name}” does not belong to “${context.user}”.`);
  }
}

function hostRow(context: AccountContext, vhost: string, docroot: string): Readonly<Record<string, unknown>> {
  const { account, state, user } = context;
  const own = state.of(sitePhp).get(`${user}/${vhost}`);
  return {
    account: user,
    account_owner: account.owner,
    documentroot: docroot,
    homedir: account.homedir,
    main_domain: vhost === account.domain ? 1 : 0,
    php_fpm: 1,
    php_fpm_pool_parms: { pm_max_children: 5, pm_max_requests: 20, pm_process_idle_timeout: 10 },
    phpversion_source: own === undefined ? { system_default: 1 } : { domain: vhost },
    version: own?.version ?? serverOf(state).standard,
    vhost,
  };
}

function vhostVersions(context: AccountContext): Result {
  const asked = context.params.get('vhost');
  const rows = context.state
    .of(domains)
    .by(context.user)
    .filter((d) => (d.type === 'main' || d.type === 'sub') && (asked === undefined || asked === d.domain));
  return ok(rows.map((d) => hostRow(context, d.domain, d.docroot)));
}

function setVersions(context: AccountContext): Result {
  const version = context.params.require('version');
  const hosts = context.params.list('vhost');
  if (version !== 'inherit' && !serverOf(context.state).versions.includes(version)) {
    throw new Refusal(`“${version}” is not an installed version of PHP.`);
  }
  for (const vhost of hosts) {
    ownHost(context, vhost);
    const key = `${context.user}/${vhost}`;
    if (version === 'inherit') context.state.of(sitePhp).delete(key);
    else context.state.of(sitePhp).set(key, { user: context.user, version });
  }
  return ok({ vhosts: hosts });
}

function placeOf(context: AccountContext): string {
  const type = context.params.require('type');
  if (type === 'home') return `${context.user}/home`;
  const vhost = context.params.require('vhost');
  ownHost(context, vhost);
  return `${context.user}/vhost:${vhost}`;
}

function basic(context: AccountContext): Result {
  const values = context.state.of(phpInis).get(placeOf(context))?.values ?? {};
  const directives = DIRECTIVES.map((one) => ({
    default_value: one.standard,
    info: one.info,
    key: one.key,
    php_ini_mode: 'PHP_INI_ALL',
    type: one.type,
    value: values[one.key] ?? one.standard,
  }));
  return ok({ directives });
}

/** 'memory_limit:256M', repeated. */
function setBasic(context: AccountContext): Result {
  const place = placeOf(context);
  const given = context.params.list('directive').map((text) => {
    const at = text.indexOf(':');
    const [key, value] = [text.slice(0, at), text.slice(at + 1)];
    const known = DIRECTIVES.find((one) => one.key === key);
    if (known === undefined) throw new Refusal(`“${key}” is not a PHP directive that you can change here.`);
    if (known.type === 'integer' && !/^-?\d+$/u.test(value)) throw new Refusal(`The value of “${key}” is not valid.`);
    return [key, value] as const;
  });
  const before = context.state.of(phpInis).get(place)?.values ?? {};
  context.state.of(phpInis).set(place, { user: context.user, values: { ...before, ...Object.fromEntries(given) } });
  return ok();
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'LangPHP::php_get_installed_versions': ({ state }) => ok({ versions: serverOf(state).versions }),
  'LangPHP::php_get_system_default_version': ({ state }) => ok({ version: serverOf(state).standard }),
  'LangPHP::php_get_vhost_versions': vhostVersions,
  'LangPHP::php_set_vhost_versions': { run: setVersions, params: ['vhost-#'] },
  'LangPHP::php_ini_get_user_basic_directives': basic,
  'LangPHP::php_ini_set_user_basic_directives': { run: setBasic, params: ['directive-#'] },
};

export const langPhp: Module = { uapi, hooks: inTurn(ownedHooks(sitePhp), ownedHooks(phpInis)) };
