import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

function folderOf(library: string): string {
  return dirname(fileURLToPath(import.meta.resolve(library)));
}

/**
 * The libraries that pages load, from where they are installed: idiomorph puts a fetched part in place without losing
 * focus, choices and open folds; modern-normalize makes browsers begin alike; @simplewebauthn/browser speaks with the
 * browser's passkeys, and is loaded by pages that ask for one.
 */
const vendored = [
  ['/vendor', folderOf('idiomorph')],
  ['/vendor', folderOf('modern-normalize')],
  ['/vendor/passkeys', folderOf('@simplewebauthn/browser')],
] as const;

function placesOf(root: string): readonly (readonly [at: string, folder: string])[] {
  return [...vendored, ['', join(root, 'public')]];
}

/**
 * Where pages find style sheets, scripts and icons: a path with a mark of all that lies there, so that a browser may keep
 * it for good, and a newer Tandem has another one. `root`: the project's folder.
 */
export function assetPath(root: string): string {
  const mark = createHash('sha256');
  for (const [at, folder] of placesOf(root)) {
    const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile());
    for (const { name } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      mark.update(`${at}/${name}\n`).update(readFileSync(join(folder, name)));
  }
  return `/assets/${mark.digest('hex').slice(0, 12)}`;
}

/** Style sheets, scripts and icons, the same for every page. `root`: the project's folder. */
export function assetRoutes(root: string): Router {
  const router = Router();
  const serve = (path: string | RegExp, cacheControl: string): void => {
    const setHeaders = (response: ServerResponse) => response.setHeader('Cache-Control', cacheControl);
    for (const [at, folder] of placesOf(root))
      router.use(
        typeof path === 'string' ? path + at : new RegExp(path.source + at),
        express.static(folder, { cacheControl: false, index: false, setHeaders }),
      );
  };
  serve(assetPath(root), 'public, max-age=31536000, immutable');
  // Of a page that an older or a newer Tandem drew: another node may still, or already, be that one.
  serve(/^\/assets\/[0-9a-f]{12}/, 'no-store');
  return router;
}
