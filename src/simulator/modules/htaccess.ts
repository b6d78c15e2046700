/** What cPanel writes into .htaccess for its owner: redirects and blocked addresses. Real files. */
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { type Home, homeOf } from '../home.ts';
import { Refusal } from '../params.ts';
import { type Domain, domains } from '../tables.ts';

type Row = Readonly<Record<string, unknown>>;

/** The lines of a folder's .htaccess; none when it has no such file. */
export function linesOf(home: Home, folder: string): readonly string[] {
  const path = `${folder}/.htaccess`;
  return home.stat(path) === undefined ? [] : home.read(path).toString('utf8').split('\n');
}

/** Writes them, with one line break at the end. */
export function writeLines(home: Home, folder: string, lines: readonly string[]): void {
  home.write(`${folder}/.htaccess`, lines.join('\n').replace(/\n*$/u, '\n'));
}

function ownDomain(context: AccountContext, name: string): Domain {
  const row = context.state.of(domains).get(name);
  if (row?.user !== context.user) throw new Refusal(`The domain “${name}” does not belong to “${context.user}”.`);
  return row;
}

/** A redirect as it stands in the file, in cPanel's own manner: conditions on the host, then one rule. */
interface Redirect {
  readonly domain: string;
  readonly source: string;
  readonly target: string;
  readonly permanent: boolean;
  readonly wildcard: boolean;
  readonly www: boolean;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');
}

/** redirect_www: 0 with and without, 1 only with, 2 only without www. */
function blockOf(r: Redirect): readonly string[] {
  const host = escaped(r.domain);
  const tail = r.wildcard ? '(.*)$' : '\\/?$';
  const to = `${r.target.replaceAll(':', '\\:').replaceAll('/', '\\/')}${r.wildcard ? '$1' : ''}`;
  return [
    'RewriteEngine on',
    `RewriteCond %{HTTP_HOST} ^${host}$${r.www ? ' [OR]' : ''}`,
    ...(r.www ? [`RewriteCond %{HTTP_HOST} ^www\\.${host}$`] : []),
    `RewriteRule ^${escaped(r.source.replace(/^\//u, ''))}${tail} "${to}" [R=${r.permanent ? 301 : 302},L]`,
  ];
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gu, '$1');
}

interface Placed {
  readonly redirect: Redirect;
  readonly from: number;
  readonly to: number;
}

/** Redirects among the lines, each with the lines that it takes. */
function redirectsIn(lines: readonly string[]): readonly Placed[] {
  const found: Placed[] = [];
  let hosts: string[] = [];
  let from = 0;
  for (const [at, line] of lines.entries()) {
    const host = /^RewriteCond %\{HTTP_HOST\} \^(.*)\$( \[OR\])?$/u.exec(line)?.[1];
    const rule = /^RewriteRule \^(.*?)(\(\.\*\)\$|\\\/\?\$) "(.*)" \[R=(301|302),L\]$/u.exec(line);
    if (line === 'RewriteEngine on') [hosts, from] = [[], at];
    else if (host !== undefined) hosts.push(unescaped(host));
    else if (rule !== null && hosts[0] !== undefined) {
      const [, source = '', tail, target = '', code] = rule;
      const wildcard = tail === '(.*)$';
      const to = unescaped(target);
      const redirect = {
        domain: hosts[0],
        source: `/${unescaped(source)}`,
        target: wildcard ? to.replace(/\$1$/u, '') : to,
        permanent: code === '301',
        wildcard,
        www: hosts.length > 1,
      };
      found.push({ redirect, from, to: at });
      hosts = [];
    }
  }
  return found;
}

function redirectRow(r: Redirect, docroot: string): Row {
  return {
    destination: r.target,
    displaydomain: r.domain,
    displaysourceurl: r.source,
    docroot,
    domain: r.domain,
    kind: 'rewrite',
    matchwww: r.www ? 1 : 0,
    matchwww_text: r.www ? 'checked' : '',
    opts: `R=${r.permanent ? 301 : 302},L`,
    source: r.source,
    sourceurl: r.source,
    statuscode: r.permanent ? '301' : '302',
    targeturl: r.target,
    type: r.permanent ? 'permanent' : 'temporary',
    urldomain: r.domain,
    wildcard: r.wildcard ? 1 : 0,
    wildcard_text: r.wildcard ? 'checked' : '',
  };
}

function listRedirects(context: AccountContext): Result {
  const home = homeOf(context);
  const roots = [
    ...new Set(
      context.state
        .of(domains)
        .by(context.user)
        .map((d) => d.docroot),
    ),
  ];
  return ok(roots.flatMap((root) => redirectsIn(linesOf(home, root)).map((p) => redirectRow(p.redirect, root))));
}

function addRedirect(context: AccountContext): Result {
  const { params } = context;
  const row = ownDomain(context, params.require('domain'));
  const target = params.require('redirect');
  if (!/^https?:\/\/[^\s"]+$/iu.test(target)) throw new Refusal(`The redirect URL “${target}” is not valid.`);
  const home = homeOf(context);
  const source = params.get('src') ?? '/';
  const lines = linesOf(home, row.docroot);
  const wanted: Redirect = {
    domain: row.domain,
    source: source.startsWith('/') ? source : `/${source}`,
    target,
    permanent: (params.get('type') ?? 'permanent') === 'permanent',
    wildcard: params.flag('redirect_wildcard', false),
    www: (params.get('redirect_www') ?? '0') === '0',
  };
  if (home.stat(row.docroot) === undefined) home.makeFolder(row.docroot, 0o755);
  writeLines(home, row.docroot, [
    ...lines.filter((line, at) => line !== '' || at < lines.length - 1),
    ...blockOf(wanted),
  ]);
  return ok();
}

function deleteRedirect(context: AccountContext): Result {
  const { params } = context;
  const row = ownDomain(context, params.require('domain'));
  const home = homeOf(context);
  const source = params.get('src') ?? '';
  const lines = linesOf(home, row.docroot);
  const found = redirectsIn(lines).find(
    ({ redirect }) => redirect.domain === row.domain && (source === '' || redirect.source === source),
  );
  if (found === undefined) return no(`There is no redirect for “${row.domain}${source}”.`);
  writeLines(home, row.docroot, lines.toSpliced(found.from, found.to - found.from + 1));
  return ok();
}

const ADDRESS = /^(\d{1,3}(\.\d{1,3}){0,3}\.?|[0-9a-f:]+)(\/\d{1,3})?$/iu;

function block(context: AccountContext): Result {
  const ip = context.params.require('ip');
  if (!ADDRESS.test(ip)) throw new Refusal(`“${ip}” is not a valid IP address or range.`);
  const home = homeOf(context);
  const root = `${context.account.homedir}/public_html`;
  const lines = linesOf(home, root);
  if (!lines.includes(`deny from ${ip}`)) writeLines(home, root, [...lines.filter((l) => l !== ''), `deny from ${ip}`]);
  return ok([ip]);
}

function unblock(context: AccountContext): Result {
  const ip = context.params.require('ip');
  const home = homeOf(context);
  const root = `${context.account.homedir}/public_html`;
  const lines = linesOf(home, root);
  if (!lines.includes(`deny from ${ip}`)) throw new Refusal(`The IP address “${ip}” is not blocked.`);
  writeLines(
    home,
    root,
    lines.filter((line) => line !== `deny from ${ip}`),
  );
  return ok([ip]);
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Mime::list_redirects': listRedirects,
  'Mime::add_redirect': addRedirect,
  'Mime::delete_redirect': deleteRedirect,
  'BlockIP::add_ip': block,
  'BlockIP::remove_ip': unblock,
};

export const htaccess: Module = { uapi };
