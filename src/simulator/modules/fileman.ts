/** The file manager: UAPI and API 2 `Fileman`, on real files. Changes stand in fileman-change.ts. */
import type { Stats } from 'node:fs';
import { dirname } from 'node:path';
import type { AccountContext, AccountHandler, Entry, Module, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { type Home, homeOf, nameOf } from '../home.ts';
import { changesApi2, changesUapi, fileHooks } from './fileman-change.ts';
import { getFileContent as shadowContent } from './mail-shadow.ts';

type Row = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  php: 'application/x-httpd-php',
  txt: 'text/plain',
  css: 'text/css',
  js: 'application/javascript',
  png: 'image/png',
  jpg: 'image/jpeg',
  zip: 'application/zip',
  gz: 'application/x-gzip',
};

function mimeOf(path: string, isFolder: boolean): string {
  if (isFolder) return 'httpd/unix-directory';
  const ending = /\.([a-z0-9]+)$/iu.exec(path)?.[1]?.toLowerCase() ?? '';
  return TYPES[ending] ?? 'text/plain';
}

function human(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB'];
  const power = bytes < 1024 ? 0 : Math.min(3, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(2).replace(/\.?0+$/u, '')} ${units[power]}`;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isFile() ? 'file' : 'special';
}

/** One entry as list_files and get_file_information show it. */
function rowOf({ account, params }: AccountContext, path: string, stats: Stats): Row {
  const mime = mimeOf(path, stats.isDirectory());
  const withMime = params.flag('include_mime', false);
  return {
    absdir: dirname(path),
    ctime: Math.floor(stats.ctimeMs / 1000),
    exists: 1,
    file: nameOf(path),
    fullpath: path,
    gid: account.gid,
    humansize: human(stats.size),
    mode: String(stats.mode),
    mtime: Math.floor(stats.mtimeMs / 1000),
    nicemode: (stats.mode & 0o777).toString(8).padStart(4, '0'),
    path: dirname(path),
    size: stats.size,
    type: kindOf(stats),
    uid: account.uid,
    ...(withMime
      ? { mimetype: mime, mimename: mime.replace('/', '-'), rawmimetype: mime, rawmimename: mime.replace('/', '-') }
      : {}),
    ...(params.flag('include_permissions', false) ? { read: 1, write: 1 } : {}),
  };
}

function absent(path: string): Result {
  return no(`The file “${path}” does not exist for the account.`);
}

function listFiles(context: AccountContext): Result {
  const home = homeOf(context);
  const dir = home.path(context.params.require('dir'));
  if (home.stat(dir)?.isDirectory() !== true) return no(`The directory “${dir}” does not exist.`);
  const hidden = context.params.flag('show_hidden', false);
  const rows = home
    .list(dir)
    .filter((entry) => hidden || !nameOf(entry.path).startsWith('.'))
    .map((entry) => rowOf(context, entry.path, entry.stats));
  return ok({
    dirs: rows.filter((row) => row['type'] === 'dir'),
    files: rows.filter((row) => row['type'] !== 'dir'),
  });
}

function information(context: AccountContext): Result {
  const home = homeOf(context);
  const path = home.path(context.params.require('path'));
  const stats = home.stat(path);
  return stats === undefined ? absent(path) : ok(rowOf(context, path, stats));
}

/** cPanel's editor reads text: bytes that are no UTF-8 come back changed. */
function content(context: AccountContext): Result {
  const { params } = context;
  const shadow = shadowContent(context);
  if (shadow.ok || context.host.files === undefined) return shadow;
  const home: Home = homeOf(context);
  const dir = home.path(params.require('dir'));
  const path = home.path(`${dir}/${params.require('file')}`);
  if (home.stat(path)?.isFile() !== true) return absent(path);
  return ok({
    content: home.read(path).toString('utf8'),
    dir,
    filename: nameOf(path),
    from_char: 'UTF-8',
    from_charset: params.get('from_charset') ?? null,
    path,
    to_char: 'UTF-8',
    to_charset: params.get('to_charset') ?? null,
  });
}

const uapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  ...changesUapi,
  'Fileman::list_files': listFiles,
  'Fileman::get_file_information': information,
  'Fileman::get_file_content': {
    run: content,
    params: ['dir', 'file', 'from_charset', 'to_charset', 'update_html_document_encoding'],
  },
};

export const fileman: Module = { uapi, api2: changesApi2, hooks: fileHooks };
