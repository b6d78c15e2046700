/** What the file manager changes: saving, uploads, and API 2 `fileop` with its many verbs. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AccountContext, AccountHandler, Entry, Hooks, Result } from '../handler.ts';
import { no, ok } from '../handler.ts';
import { fileMarks, type Home, homeOf, nameOf, sizeOf } from '../home.ts';
import { Refusal } from '../params.ts';
import { inTurn, ownedHooks } from './owned.ts';

const MB = 1_048_576;

/** Refuses when the account's quota would be passed, as writing does on a server with quotas. */
export function mustFit(context: AccountContext, home: Home, more: number): void {
  const { quota } = context.account.limits;
  if (quota === null) return;
  if (sizeOf(home.real(context.account.homedir)) + more > quota * MB) throw new Refusal('Disk quota exceeded');
}

function modeOf(text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  if (!/^0?[0-7]{3}$/u.test(text)) throw new Refusal(`The permissions “${text}” are not valid.`);
  return Number.parseInt(text, 8);
}

/** The name of one entry, which names no other folder. */
function plainName(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/\0]/u.test(name)) {
    throw new Refusal(`The file name “${name}” is not valid.`);
  }
  return name;
}

function mustBeFolder(home: Home, path: string): void {
  if (home.stat(path)?.isDirectory() !== true) throw new Refusal(`The directory “${path}” does not exist.`);
}

function save(context: AccountContext): Result {
  const { params } = context;
  const home = homeOf(context);
  const dir = home.path(params.get('dir') ?? '');
  mustBeFolder(home, dir);
  const path = home.path(`${dir}/${plainName(params.require('file'))}`);
  if (home.stat(path)?.isDirectory() === true) return no(`“${path}” is a directory.`);
  const content = Buffer.from(params.get('content') ?? '', 'utf8');
  mustFit(context, home, content.length);
  home.write(path, content);
  return ok({
    from_charset: params.get('from_charset') ?? 'UTF-8',
    path,
    to_charset: params.get('to_charset') ?? 'UTF-8',
  });
}

/** The parts of a multipart body: name → where the request's reader put the bytes. It writes nowhere else. */
const HELD = /^file-\d+$/u;

function heldFiles(context: AccountContext): readonly { readonly name: string; readonly at: string }[] {
  const folder = context.host.files?.uploads;
  return context.params.all.flatMap(([key, value]) => {
    if (!HELD.test(key) || folder === undefined) return [];
    const [at = '', name = ''] = value.split('|', 2);
    return dirname(at) === folder && existsSync(at) ? [{ name, at }] : [];
  });
}

function uploadOne(context: AccountContext, home: Home, dir: string, held: { name: string; at: string }) {
  const size = statSync(held.at).size;
  try {
    const path = home.path(`${dir}/${plainName(basename(held.name))}`);
    if (home.stat(path) !== undefined && !context.params.flag('overwrite', false)) {
      throw new Refusal(`The file “${held.name}” already exists.`);
    }
    mustFit(context, home, size);
    renameSync(held.at, home.real(path));
    home.chmod(path, modeOf(context.params.get('permissions'), 0o644));
    return { file: held.name, reason: 'Upload succeeded', size, status: 1, warnings: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { file: held.name, reason: error.message, size: null, status: 0, warnings: [] };
  }
}

function upload(context: AccountContext): Result {
  const home = homeOf(context);
  const dir = home.path(context.params.get('dir') ?? '');
  mustBeFolder(home, dir);
  const uploads = heldFiles(context).map((held) => uploadOne(context, home, dir, held));
  const failed = uploads.filter((one) => one.status === 0);
  const data = { uploads, succeeded: uploads.length - failed.length, failed: failed.length, warned: 0 };
  return failed.length > 0 ? no(failed[0]?.reason ?? '', { data }) : ok(data);
}

function makeFolder(context: AccountContext): Result {
  const { params } = context;
  const home = homeOf(context);
  const parent = home.path(params.require('path'));
  mustBeFolder(home, parent);
  const path = `${parent}/${plainName(params.require('name'))}`;
  if (home.stat(path) !== undefined) return no(`Could not create “${path}”: File exists`);
  home.makeFolder(path, modeOf(params.get('permissions'), 0o755));
  return ok([{ path: parent, name: nameOf(path), permissions: params.get('permissions') ?? '0755' }]);
}

function run(program: string, args: readonly string[], cwd: string): void {
  const done = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (done.status !== 0) throw new Refusal((done.stderr || `${program} failed`).trim().slice(0, 300));
}

const TAR: Readonly<Record<string, string>> = { tar: '-cf', 'tar.gz': '-czf', 'tar.bz2': '-cjf' };

function compress(context: AccountContext, home: Home, sources: readonly string[], to: string): void {
  const kind = context.params.get('metadata') ?? 'zip';
  const flag = TAR[kind];
  const folder = dirname(sources[0] ?? to);
  const names = sources.map((source) => `./${nameOf(source)}`);
  const cwd = home.real(folder);
  if (kind === 'zip') run('zip', ['-q', '-r', '-y', home.real(to), ...names], cwd);
  else if (flag !== undefined) run('tar', [flag, home.real(to), ...names], cwd);
  else throw new Refusal(`“${kind}” is not a supported archive type.`);
  home.mark(to);
}

/** Into a folder of its own first: what an archive holds may not leave the home through links or '..'. */
function extract(home: Home, source: string, to: string): void {
  mustBeFolder(home, to);
  const held = mkdtempSync(join(home.real(to), '.extract-'));
  try {
    const archive = home.real(source);
    const [one, two] = readFileSync(archive).subarray(0, 2);
    if (one === 0x50 && two === 0x4b) run('unzip', ['-q', '-o', archive, '-d', held], held);
    else run('tar', ['-xf', archive, '--no-same-owner'], held);
    run('find', [held, '-type', 'l', '-delete'], held);
    run('cp', ['-r', '-p', `${held}/.`, home.real(to)], held);
    home.mark(to);
  } finally {
    rmSync(held, { recursive: true, force: true });
  }
}

function mustBeThere(home: Home, path: string): void {
  if (home.stat(path) === undefined) throw new Refusal('No such file or directory');
}

/** A folder as destination means: below it, under the same name. */
function destination(home: Home, source: string, to: string): string {
  return home.stat(to)?.isDirectory() === true ? `${to}/${nameOf(source)}` : to;
}

function mustNotHoldItself(source: string, to: string): void {
  if (to === source || to.startsWith(`${source}/`)) throw new Refusal('Cannot move a directory into itself');
}

type Operation = (context: AccountContext, home: Home, source: string, dest: string) => void;

function move(_context: AccountContext, home: Home, source: string, dest: string): void {
  const to = destination(home, source, dest);
  mustNotHoldItself(source, to);
  home.rename(source, to);
}

function copy(context: AccountContext, home: Home, source: string, dest: string): void {
  const to = destination(home, source, dest);
  mustNotHoldItself(source, to);
  mustFit(context, home, sizeOf(home.real(source)));
  home.copy(source, to);
}

function trash(_context: AccountContext, home: Home, source: string): void {
  const bin = home.path('.trash');
  if (home.stat(bin) === undefined) home.makeFolder(bin, 0o700);
  home.rename(source, `${bin}/${nameOf(source)}`);
}

/** What fileop does with one source. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  rename: move,
  move,
  copy,
  trash,
  chmod: (context, home, source) => home.chmod(source, modeOf(context.params.get('metadata'), 0o644)),
  unlink: (_context, home, source) => home.remove(source),
  extract: (_context, home, source, dest) => extract(home, source, dest),
};

function operate(context: AccountContext, home: Home, op: string, source: string, dest: string): void {
  mustBeThere(home, source);
  const work = OPERATIONS[op];
  if (work === undefined) throw new Refusal(`The operation “${op}” is not supported.`);
  work(context, home, source, dest);
}

type Done = Readonly<Record<string, unknown>>;

function attempt(context: AccountContext, home: Home, op: string, source: string, dest: string): Done {
  try {
    operate(context, home, op, source, dest);
    return { src: source, dest, result: 1, ...(op === 'extract' ? { output: '' } : {}) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { src: source, dest, result: 0, err: error.message };
  }
}

function fileop(context: AccountContext): Result {
  const { params } = context;
  const home = homeOf(context);
  const op = params.require('op');
  const paths = (name: string): readonly string[] =>
    (params.get(name) ?? '')
      .split(',')
      .filter((one) => one !== '')
      .map((one) => home.path(one));
  const sources = paths('sourcefiles');
  const targets = paths('destfiles');
  if (sources.length === 0) throw new Refusal('"sourcefiles" is a required argument.');
  const to = (at: number): string => targets[at] ?? targets[0] ?? home.path('');
  if (op === 'compress') {
    for (const source of sources) mustBeThere(home, source);
    compress(context, home, sources, to(0));
    return ok([{ src: sources.join(','), dest: to(0), result: 1, output: '' }]);
  }
  const rows = sources.map((source, at) => attempt(context, home, op, source, to(at)));
  const bad = rows.findLast((row) => row['result'] === 0);
  return bad === undefined ? ok(rows) : no(String(bad['err']), { data: rows });
}

function emptyTrash(context: AccountContext): Result {
  const home = homeOf(context);
  if (home.stat('.trash') !== undefined) home.remove('.trash');
  return ok();
}

export const changesUapi: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Fileman::save_file_content': save,
  'Fileman::upload_files': { run: upload, params: ['file-#'] },
  'Fileman::empty_trash': emptyTrash,
};

export const changesApi2: Readonly<Record<string, Entry<AccountHandler>>> = {
  'Fileman::fileop': { run: fileop, params: ['op', 'sourcefiles', 'destfiles', 'doubledecode', 'metadata'] },
  'Fileman::mkdir': { run: makeFolder, params: ['path', 'name', 'permissions'] },
};

/** The files go with their account, and take its new name. */
const onDisk: Hooks = {
  removing({ host }, account) {
    if (host.files !== undefined) rmSync(join(host.files.root, account.homedir), { recursive: true, force: true });
  },
  renamed({ host }, account, from) {
    if (host.files === undefined) return;
    const before = join(host.files.root, dirname(account.homedir), from);
    const after = join(host.files.root, account.homedir);
    if (before !== after && existsSync(before) && !existsSync(after)) renameSync(before, after);
  },
};

export const fileHooks: Hooks = inTurn(ownedHooks(fileMarks), onDisk);
