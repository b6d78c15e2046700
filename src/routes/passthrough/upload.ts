/** `Fileman::upload_files`: files go to the account's active master, from where file sync carries them on. */
import { fileName, homePath } from '../../actions/fields.ts';
import type { Uploaded } from '../../whm/outcome.ts';
import { type CallAnswer, notPermitted } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Wanted } from './judge.ts';
import type { HeldFile } from './multipart.ts';
import { lastOf } from './params.ts';
import type { Target } from './request.ts';
import { mayRun, owns } from './rights.ts';
import type { Caller } from './run.ts';
import { activeOf } from './write.ts';

export const uploadFunction = 'Fileman::upload_files';

/** Whether a call takes files, as far as it is known yet: its path, its query and the fields before the file. */
export function takesFiles({ door, fn }: Target, args: readonly (readonly [string, string])[]): boolean {
  if (door === 'execute') return fn === uploadFunction;
  const named = (module: string, func: string) => `${lastOf(args, module) ?? ''}::${lastOf(args, func) ?? ''}`;
  if (door === 'function') return fn === 'uapi_cpanel' && named('cpanel.module', 'cpanel.function') === uploadFunction;
  return door === 'cpanel' && named('cpanel_jsonapi_module', 'cpanel_jsonapi_func') === uploadFunction;
}

/** What became of one file, in the function's own words. */
interface Row {
  readonly file: string;
  readonly reason: string;
  readonly size: number | null;
  readonly status: 0 | 1;
  readonly warnings: readonly string[];
}

function rowOf({ name, bytes }: HeldFile, sent: Uploaded): Row {
  if (sent.kind === 'done') return { file: name, reason: 'Upload succeeded', size: bytes, status: 1, warnings: [] };
  const reason =
    sent.kind === 'unsure'
      ? `It is not known whether “${name}” arrived (${sent.reason}); look before it is sent again.`
      : sent.kind === 'away'
        ? `The server cannot take files at the moment: ${sent.reason}`
        : sent.reason;
  return { file: name, reason, size: null, status: 0, warnings: [] };
}

/** The folder below the home, also when it is named from the top of the disk as cPanel's own pages do. */
function folderOf(account: string, dir: string): string | undefined {
  const below = dir.replace(new RegExp(`^/home\\d*/${account.replaceAll('.', '\\.')}(?=/|$)`), '');
  if (below === dir && dir.startsWith('/')) return undefined;
  const parsed = homePath().safeParse(below);
  return parsed.success ? parsed.data : undefined;
}

interface Wish {
  readonly folder: string;
  readonly overwrite: boolean;
  readonly permissions?: string;
}

/** Where the files are to go; a string is what is wrong with the call. */
function wishOf(account: string, { args }: Wanted, files: readonly HeldFile[]): Wish | string {
  const folder = folderOf(account, lastOf(args, 'dir') ?? '');
  if (folder === undefined) return 'The “dir” parameter is no folder of the home.';
  if (files.length === 0) return 'No file was sent; send them as multipart/form-data (file-1 …).';
  const wrong = files.find(({ name }) => !fileName().safeParse(name).success);
  if (wrong !== undefined) return `“${wrong.name.slice(0, 100)}” is no name of a file.`;
  const permissions = lastOf(args, 'permissions');
  if (permissions !== undefined && !/^0?[0-7]{3}$/.test(permissions))
    return 'The “permissions” parameter must be like 0644.';
  const overwrite = Number(lastOf(args, 'overwrite') ?? 0) === 1;
  return { folder, overwrite, ...(permissions === undefined ? {} : { permissions }) };
}

/** One after the other; the first that fails ends it, as what follows would meet the same. */
export async function upload(deps: PassthroughDeps, caller: Caller, wanted: Wanted): Promise<CallAnswer> {
  const account = wanted.user ?? '';
  const { actor, files = [] } = caller;
  if (!mayRun(caller, wanted) || !(await owns(deps, actor, { account }))) return notPermitted(wanted.fn);
  const wish = wishOf(account, wanted, files);
  if (typeof wish === 'string') return { ok: false, reason: wish };
  const master = await activeOf(deps, account);
  if (master === undefined) return { ok: false, reason: 'The server cannot be reached at the moment.' };
  const rows: Row[] = [];
  for (const file of files) {
    const { name, at: path, bytes } = file;
    const sent = await deps.uploads.send(actor, account, master, { ...wish, name, path, bytes }, caller.signal());
    const row = rowOf(file, sent);
    rows.push(row);
    deps.log.info({ actor: actor.name, account, master, status: row.status }, 'file sent through the passthrough');
    if (row.status === 0) break;
  }
  return answerOf(rows);
}

function answerOf(rows: readonly Row[]): CallAnswer {
  const failed = rows.find(({ status }) => status === 0);
  const succeeded = rows.filter(({ status }) => status === 1).length;
  const data = { uploads: rows, succeeded, failed: rows.length - succeeded, warned: 0 };
  if (failed === undefined) return { ok: true, data, reason: 'OK' };
  // As cPanel answers it: what became of each file stands beside the error.
  const body = { data, errors: [failed.reason], messages: null, metadata: {}, status: 0, warnings: null };
  return { ok: false, reason: failed.reason, body };
}
