import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { checkRsync } from '../../../src/filesync/bulk-line.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';

let dir: TempDir;
beforeEach(() => {
  dir = tempDir('rsync-version');
  vi.stubEnv('PATH', `${dir.path}:/usr/bin:/bin`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  dir.remove();
});

/** An rsync that says it is of this version stands first on the path. */
function installed(version: string): void {
  writeFileSync(join(dir.path, 'rsync'), `#!/bin/sh\necho "rsync  version ${version}  protocol version 31"\n`);
  chmodSync(join(dir.path, 'rsync'), 0o755);
}

it.each(['3.5.0', '3.10.1', '4.0.0'])('rsync %s is used', async (version) => {
  installed(version);
  expect(await checkRsync(undefined)).toBe(version);
});

it('an older one is refused, unless exactly it is accepted by name', async () => {
  installed('3.4.9');
  await expect(checkRsync(undefined)).rejects.toMatchObject({ code: 'operation.refused' });
  await expect(checkRsync('3.4.8')).rejects.toMatchObject({ hint: expect.stringContaining('acceptRsync: "3.4.9"') });
  expect(await checkRsync('3.4.9')).toBe('3.4.9');
});

it('one that does not say which it is, is refused', async () => {
  installed('of mine');
  await expect(checkRsync(undefined)).rejects.toThrow('rsync unknown');
});
