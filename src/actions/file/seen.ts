/** How the file actions look at a home. All of them work on the account's active master; file sync carries the rest. */
import { z } from 'zod';
import { api2, uapi, type WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import { numeric, present, type Readable, readable } from '../answers.ts';
import { exclusive, type Plan, refused, type Subject } from '../define.ts';
import * as f from '../fields.ts';

export const accountField = f.account().meta({ label: 'Account' });
export const folderField = f.homePath().default('').meta({
  label: 'Folder',
  placeholder: 'public_html',
  help: 'Below the home folder; left empty, the home folder itself.',
});
export const namesField = f.fileNames().meta({ label: 'Files and folders', input: 'list' });

/** What every file action has in common. */
export const onHome = {
  audience: ['staff', 'reseller', 'customer'],
  where: 'active',
  subject: (p: { readonly account: string }): Subject => ({ kind: 'account', account: p.account }),
  keys: (p: { readonly account: string }) => [exclusive(`account:${p.account}`)],
} as const;

/** 'public_html' and 'a.txt' → 'public_html/a.txt'. */
export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

const entry = z.object({
  file: z.string(),
  type: z.string().nullish(),
  size: numeric.nullish(),
  mtime: numeric.nullish(),
});
const listing = z.union([
  z
    .object({ dirs: z.array(entry).nullish(), files: z.array(entry).nullish() })
    .transform(({ dirs, files }) => [...(dirs ?? []), ...(files ?? [])]),
  z.array(entry),
]);

export function lookAtFolder(account: string, folder: string): WhmCall {
  return uapi(account, 'Fileman::list_files', { dir: folder === '' ? '.' : folder, show_hidden: 1 });
}

/** The names in a folder. */
export function readFolder(answers: readonly Answer[], at: number): Readable<ReadonlySet<string>> {
  const answer = readable(answers, at, listing);
  return answer.ok ? { ok: true, value: new Set(answer.value.map((one) => one.file)) } : answer;
}

const information = z.object({
  type: z.string().nullish(),
  size: numeric.nullish(),
  mtime: numeric.nullish(),
  nicemode: z.union([z.string(), z.number()]).nullish(),
});

/** A file as get_file_information shows it. */
export type FileInfo = z.output<typeof information>;

export function lookAtFile(account: string, path: string): WhmCall {
  return uapi(account, 'Fileman::get_file_information', { path, include_permissions: 1 });
}

const noFile = /does not exist|no such file|could not be found/i;

/** undefined: it is not there. */
export function readFile(answers: readonly Answer[], at: number): FileInfo | undefined {
  return present(answers, at, information, noFile);
}

export function lookAtContent(account: string, folder: string, name: string): WhmCall {
  return uapi(account, 'Fileman::get_file_content', {
    dir: folder === '' ? '.' : folder,
    file: name,
    from_charset: 'UTF-8',
    to_charset: 'UTF-8',
    // Left at its default, cPanel would change what the page says of its own character set.
    update_html_document_encoding: 0,
  });
}

const text = z.object({ content: z.string() });

/** The text of a file; undefined: it is not there. */
export function readContent(answers: readonly Answer[], at: number): string | undefined {
  return present(answers, at, text, noFile)?.content;
}

/** 'mtime:size' of a file as a person saw it: what differs from it was changed by somebody else. */
export function stampOf(found: Pick<FileInfo, 'mtime' | 'size'>): string {
  return `${found.mtime ?? 0}:${found.size ?? 0}`;
}

/** API 2 `fileop`. Destinations are one for each source, or none. */
export function fileop(
  account: string,
  op: string,
  sources: readonly string[],
  targets: readonly string[],
  metadata?: string,
): WhmCall {
  return api2(account, 'Fileman::fileop', {
    op,
    sourcefiles: sources.join(','),
    ...(targets.length === 0 ? {} : { destfiles: targets.join(',') }),
    doubledecode: 0,
    metadata,
  });
}

export function noSuch(name: string): Plan {
  return refused(`“${name}” does not exist (any more).`);
}

export function isThere(name: string): Plan {
  return refused(`“${name}” is there already.`);
}
