import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router } from 'express';

/** @simplewebauthn/browser speaks with the browser's passkeys; it is loaded by pages that ask for one. */
const passkeys = dirname(fileURLToPath(import.meta.resolve('@simplewebauthn/browser')));

/**
 * The two libraries that pages load, from where they are installed: idiomorph puts a fetched part in place without
 * losing focus, choices and open folds; modern-normalize makes browsers begin alike.
 */
const vendored = ['idiomorph', 'modern-normalize'].map((name) => dirname(fileURLToPath(import.meta.resolve(name))));

/**
 * Pages are stored nowhere, but what is the same in all of them is: a page has fourteen of these, and who goes through
 * pages need not fetch them with each. A minute, since a newer Tandem has them under the same names.
 */
const files = {
  cacheControl: false,
  index: false,
  setHeaders: (response: ServerResponse) => response.setHeader('Cache-Control', 'public, max-age=60'),
} as const;

/** Style sheets, scripts and icons, the same for every page. `root`: the project's folder. */
export function assetRoutes(root: string): Router {
  const router = Router();
  for (const folder of vendored) router.use('/assets/vendor', express.static(folder, files));
  router.use('/assets/vendor/passkeys', express.static(passkeys, files));
  router.use('/assets', express.static(join(root, 'public'), files));
  return router;
}
