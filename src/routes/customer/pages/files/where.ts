/** Which folder or file of the home a request means, and how pages lead there. */
import { z } from 'zod';
import { fileName, homePath } from '../../../../actions/fields.ts';
import { below } from '../../../../actions/file/seen.ts';
import { NotFound } from '../../../../errors.ts';
import { reachesBelow, reachesPath } from '../../mail-reach.ts';
import type { Visit } from '../../visit.ts';

export interface Where {
  readonly folder: string;
  readonly name: string;
}

function given(visit: Visit, key: string): string {
  const asked = visit.request.method === 'POST' ? visit.body[key] : visit.request.query[key];
  return typeof asked === 'string' ? asked : '';
}

function parsed<T>(schema: z.ZodType<T>, value: string): T {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  throw new NotFound('problem.not-found');
}

/** Throws NotFound for a path that a collaborator does not reach. */
export function mustReach(visit: Visit, path: string): string {
  if (!reaches(visit, path)) throw new NotFound('problem.not-found');
  return path;
}

/** The same for a folder into which names of any kind come: what lands there must be in reach too. */
export function mustReachInto(visit: Visit, folder: string, names: readonly string[] | 'any'): string {
  if (names === 'any' && !reachesBelow(visit.who, folder)) throw new NotFound('problem.not-found');
  for (const name of names === 'any' ? [] : names) mustReach(visit, below(folder.replace(/^\/+|\/+$/g, ''), name));
  return mustReach(visit, folder);
}

/** Whether this visitor may know of a path. */
export function reaches(visit: Visit, path: string): boolean {
  return reachesPath(visit.who, path);
}

/** The folder of the query or the form; the home itself when none is named. */
export function folderOf(visit: Visit): string {
  return mustReach(visit, parsed(homePath(), given(visit, 'folder')));
}

/** The file too. Throws NotFound for what is no name. */
export function whereOf(visit: Visit): Where {
  const where = { folder: folderOf(visit), name: parsed(fileName(), given(visit, 'name')) };
  mustReach(visit, pathOf(where));
  return where;
}

export function pathOf({ folder, name }: Where): string {
  return below(folder, name);
}

export function folderHref(folder: string, more: Readonly<Record<string, string>> = {}): string {
  return `/my/files?${new URLSearchParams({ folder, ...more }).toString()}`;
}

export function fileHref(page: 'one' | 'edit' | 'download', { folder, name }: Where): string {
  return `/my/files/${page}?${new URLSearchParams({ folder, name }).toString()}`;
}

/** 'a/b' of 'a/b/c'. */
export function parentOf(folder: string): string {
  return folder.split('/').slice(0, -1).join('/');
}

/** cPanel calls the home itself '.'. */
export function dirOf(folder: string): string {
  return folder === '' ? '.' : folder;
}

export const isArchive = (name: string): boolean => /\.(zip|tar|tar\.gz|tgz|tar\.bz2)$/i.test(name);

const listed = z.object({
  file: z.string(),
  type: z.string().nullish(),
  size: z.coerce.number().nullish(),
  mtime: z.coerce.number().nullish(),
  nicemode: z.coerce.string().nullish(),
});

/** One entry of a folder. */
export type Entry = z.output<typeof listed>;

/** Answers come in two lists, or in one, depending on the version. */
export const entries = z.union([
  z
    .object({ dirs: z.array(listed).nullish(), files: z.array(listed).nullish() })
    .transform(({ dirs, files }): readonly Entry[] => [...(dirs ?? []), ...(files ?? [])]),
  z.array(listed).transform((rows): readonly Entry[] => rows),
]);

export const information = listed.omit({ file: true });

/** A file or folder that was asked for by name. */
export type Found = z.output<typeof information>;
