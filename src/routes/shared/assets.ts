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

/** Style sheets, scripts and icons, the same for every page. `root`: the project's folder. */
export function assetRoutes(root: string): Router {
  const router = Router();
  for (const folder of vendored)
    router.use('/assets/vendor', express.static(folder, { cacheControl: false, index: false }));
  router.use('/assets/vendor/passkeys', express.static(passkeys, { cacheControl: false, index: false }));
  router.use('/assets', express.static(join(root, 'public'), { cacheControl: false, index: false }));
  return router;
}
