import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type FilePair, filePair, noMount } from '../../support/filesync.ts';

const lacking = noMount();
const waiting = { timeout: 40_000, interval: 20 };

/** The two sources of events have the same story to tell: whatever happens on one side is on the other. */
describe.skipIf(lacking !== undefined).each(['inotify', 'fanotify'] as const)('events by %s', (source) => {
  let pair: FilePair;
  const at = (side: 0 | 1, path: string): string => `${pair.home[side]}/bob/${path}`;
  const arrives = (side: 0 | 1, path: string, content: string): Promise<void> =>
    vi.waitFor(() => expect(readFileSync(at(side, path), 'utf8')).toBe(content), waiting);
  const goes = (side: 0 | 1, path: string): Promise<void> =>
    vi.waitFor(() => expect(existsSync(at(side, path))).toBe(false), waiting);

  beforeAll(async () => {
    pair = await filePair({ roundTripMs: 10, both: { events: source } });
    // fanotify hears all of a file system, and forgets what it knew with each directory that leaves it, whosever it is.
    execFileSync('mount', ['-t', 'tmpfs', 'tandem-test', pair.home[0]]);
    for (const side of [0, 1] as const) mkdirSync(at(side, 'public_html/cache'), { recursive: true });
    await pair.start(2);
    await pair.start(1);
    await pair.quiet();
  });
  afterAll(async () => {
    await pair?.stop(1);
    execFileSync('umount', ['-l', pair.home[0]]);
    await pair?.close();
  });

  it('are asked of this source on both sides', async () => {
    for (const side of [1, 2] as const) {
      const { json } = await pair.ask(side, 'status');
      expect((json as { sources: unknown }).sources).toEqual({ home: source });
    }
  });

  it('tell of what is made, written, renamed, given another mode and removed, on either side', async () => {
    for (const [here, there] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const name = `public_html/page${here}`;
      writeFileSync(at(here, name), 'first');
      await arrives(there, name, 'first');
      writeFileSync(at(here, name), 'second');
      await arrives(there, name, 'second');
      renameSync(at(here, name), at(here, `${name}.html`));
      await arrives(there, `${name}.html`, 'second');
      await goes(there, name);
      rmSync(at(here, `${name}.html`));
      await goes(there, `${name}.html`);
    }
  });

  it('tell of files in directories that have just been made, and of a directory that was renamed', async () => {
    for (let n = 0; n < 200; n++) {
      mkdirSync(at(0, `public_html/deep/${n % 10}/${n}/x`), { recursive: true });
      writeFileSync(at(0, `public_html/deep/${n % 10}/${n}/x/file`), `${n}`);
    }
    for (let n = 0; n < 200; n++) await arrives(1, `public_html/deep/${n % 10}/${n}/x/file`, `${n}`);
    await pair.quiet();
    const before = pair.line.bytes();
    renameSync(at(0, 'public_html/deep'), at(0, 'public_html/deeper'));
    await arrives(1, 'public_html/deeper/9/199/x/file', '199');
    await goes(1, 'public_html/deep');
    expect(pair.line.bytes() - before).toBeLessThan(20_000);
    await pair.quiet();
  });

  it('that the kernel dropped are made good by a scan, and directories keep no name from before', async () => {
    mkdirSync(at(0, 'public_html/known'));
    writeFileSync(at(0, 'public_html/known/file'), 'known');
    await arrives(1, 'public_html/known/file', 'known');
    const helper = execFileSync('pgrep', ['-P', String(pair.pid(1)), '-f', `${source}.pl`], { encoding: 'utf8' });
    process.kill(Number(helper), 'SIGSTOP');
    // More events than the queue holds, whatever the kernel makes one of: each name is one of its own.
    const most = Number(readFileSync(`/proc/sys/fs/${source}/max_queued_events`, 'utf8'));
    for (let n = 0; n < most + 2000; n++) {
      writeFileSync(at(0, `public_html/cache/${n}`), '');
      rmSync(at(0, `public_html/cache/${n}`));
    }
    renameSync(at(0, 'public_html/known'), at(0, 'public_html/renamed unseen'));
    process.kill(Number(helper), 'SIGCONT');
    await arrives(1, 'public_html/renamed unseen/file', 'known');
    await goes(1, 'public_html/known');
    await vi.waitFor(() => expect(pair.log(1)).toContain('dropped events'), waiting);
    await pair.quiet();
    writeFileSync(at(0, 'public_html/renamed unseen/later'), 'told');
    await arrives(1, 'public_html/renamed unseen/later', 'told');
  });
});
