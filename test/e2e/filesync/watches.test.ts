import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { missing, run, tempDir } from '../../support/processes.ts';

const helper = join(process.cwd(), 'src/filesync/helpers/inotify.pl');
const lacking = missing('perl') ?? missing('unshare');

it.skipIf(lacking !== undefined)(
  'directories for which there are no watches left are counted, and told when they are watched at last',
  async () => {
    const dir = tempDir('tandem-watches');
    for (const name of ['a', 'b', 'c', 'd']) mkdirSync(join(dir.path, 'tree', name), { recursive: true });
    writeFileSync(join(dir.path, 'limit'), '3');
    // A user namespace has limits of its own; its first process may change them.
    const script = `
      limit() { cat "$1/limit" > /proc/sys/user/max_inotify_watches; }
      limit "$1"
      (until [ -e "$1/more" ]; do sleep 0.1; done; echo 100 > /proc/sys/user/max_inotify_watches) &
      exec perl "$2" "$1/tree" '(?!)' 1`;
    const child = run('unshare', ['-U', '-r', 'sh', '-c', script, 'sh', dir.path, helper], { stdin: 'pipe' });
    try {
      await vi.waitFor(() => expect(child.output()).toContain('R\0U 2 No space left on device\0'), 20_000);
      writeFileSync(join(dir.path, 'more'), '');
      await vi.waitFor(() => expect(child.output()).toMatch(/d 0 [^\0]*\/[ab]\0d 0 [^\0]*\/[bcd]\0U 0 /), 20_000);
      writeFileSync(join(dir.path, 'tree/a/file'), 'told');
      await vi.waitFor(() => expect(child.output()).toContain(`${dir.path}/tree/a/file\0`), 20_000);
    } finally {
      await child.end('SIGTERM');
      dir.remove();
    }
  },
);
