/** Folders behind a password: lines in .htaccess, and a file of users below ~/.htpasswds. UAPI `DirectoryPrivacy`. */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { type Home, homeOf, nameOf } from '../home.ts';
import { Refusal } from '../params.ts';
import { linesOf, writeLines } from './htaccess.ts';

type Row = Readonly<Record<string, unknown>>;

function folderOf(context: AccountContext, home: Home): string {
  const dir = home.path(context.params.require('dir'));
  if (home.stat(dir)?.isDirectory() !== true) throw new Refusal(`The directory “${dir}” does not exist.`);
  return dir;
}

function passwordFile(context: AccountContext, dir: string): string {
  return `${context.account.homedir}/.htpasswds/${relative(context.account.homedir, dir)}/passwd`;
}

const PROTECTION = /^(AuthType|AuthName|AuthUserFile|require valid-user)/u;

function stateOf(context: AccountContext, home: Home, dir: string): Row {
  const lines = linesOf(home, dir);
  const value = (word: string): string | null =>
    lines
      .find((line) => line.startsWith(`${word} `))
      ?.slice(word.length + 1)
      .replaceAll('"', '') ?? null;
  const isProtected = lines.includes('require valid-user');
  return {
    auth_name: value('AuthName'),
    auth_type: value('AuthType'),
    passwd_file: isProtected ? value('AuthUserFile') : passwordFile(context, dir),
    protected: isProtected ? 1 : 0,
  };
}

function listPrivacy(context: AccountContext): Result {
  const home = homeOf(context);
  const dir = folderOf(context, home);
  const shown = (path: string): Row => ({ path, state: stateOf(context, home, path) });
  const children = home.list(dir).filter((e) => e.stats.isDirectory() && !nameOf(e.path).startsWith('.'));
  return ok({
    children: children.map((e) => shown(e.path)),
    current: shown(dir),
    home: shown(context.account.homedir),
  });
}

function protect(context: AccountContext): Result {
  const { params } = context;
  const home = homeOf(context);
  const dir = folderOf(context, home);
  const rest = linesOf(home, dir).filter((line) => line !== '' && !PROTECTION.test(line));
  const name = params.get('authname') ?? '';
  if (/["\r\n]/u.test(name)) throw new Refusal('The label may not contain quotation marks.');
  const on = [
    'AuthType Basic',
    `AuthName "${name}"`,
    `AuthUserFile "${passwordFile(context, dir)}"`,
    'require valid-user',
  ];
  writeLines(home, dir, params.flag('enabled', true) ? [...rest, ...on] : rest);
  return ok(stateOf(context, home, dir));
}

function usersOf(home: Home, file: string): readonly string[] {
  return home.stat(file) === undefined
    ? []
    : home
        .read(file)
        .toString('utf8')
        .split('\n')
        .filter((l) => l !== '');
}

function writeUsers(home: Home, file: string, lines: readonly string[]): void {
  const parts = file.split('/').slice(3, -1);
  parts.reduce((folder, part) => {
    const next = `${folder}/${part}`;
    if (home.stat(next) === undefined) home.makeFolder(next, 0o755);
    return next;
  }, file.split('/').slice(0, 3).join('/'));
  home.write(file, lines.map((line) => `${line}\n`).join(''));
}

function addPrivacyUser(context: AccountContext): Result {
  const { params } = context;
  const home = homeOf(context);
  const file = passwordFile(context, folderOf(context, home));
  const user = params.require('user');
  const hash = createHash('sha1').update(params.require('password')).digest('base64');
  const others = usersOf(home, file).filter((line) => !line.startsWith(`${user}:`));
  writeUsers(home, file, [...others, `${user}:{SHA}${hash}`]);
  return ok();
}

function deletePrivacyUser(context: AccountContext): Result {
  const home = homeOf(context);
  const file = passwordFile(context, folderOf(context, home));
  const user = context.params.require('user');
  const lines = usersOf(home, file);
  if (!lines.some((line) => line.startsWith(`${user}:`))) throw new Refusal(`The user “${user}” does not exist.`);
  writeUsers(
    home,
    file,
    lines.filter((line) => !line.startsWith(`${user}:`)),
  );
  return ok();
}

function listPrivacyUsers(context: AccountContext): Result {
  const home = homeOf(context);
  return ok(usersOf(home, passwordFile(context, folderOf(context, home))).map((line) => line.split(':')[0]));
}

function isProtected(context: AccountContext): Result {
  const home = homeOf(context);
  return ok(stateOf(context, home, folderOf(context, home)));
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'DirectoryPrivacy::list_directories': listPrivacy,
  'DirectoryPrivacy::is_directory_protected': isProtected,
  'DirectoryPrivacy::configure_directory_protection': protect,
  'DirectoryPrivacy::add_user': addPrivacyUser,
  'DirectoryPrivacy::delete_user': deletePrivacyUser,
  'DirectoryPrivacy::list_users': listPrivacyUsers,
};

export const directoryPrivacy: Module = { uapi };
