import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/filesync/ask.ts';
import { noFileSync } from '../../support/filesync.ts';
import { missing, run, tempDir, untilReady } from '../../support/processes.ts';

const lacking = noFileSync();
const temp = tempDir('filesync-package');
const image = join(temp.path, 'image');
let stage = '';

function install(path: string, ...words: string[]) {
  const env = { ...process.env, PATH: path };
  return spawnSync(join(stage, 'install.sh'), ['--root', image, ...words], { env, encoding: 'utf8' });
}

describe.skipIf(lacking !== undefined)('the package for a master', { timeout: 120_000 }, () => {
  beforeAll(() => {
    const out = join(temp.path, 'out');
    const words = ['--import', 'tsx', 'packaging/filesync/pack.ts', '--fast', '--out', out];
    const file = execFileSync(process.execPath, words, { encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', file, '-C', temp.path]);
    stage = join(temp.path, readdirSync(temp.path).find((name) => name.startsWith('tandem-filesync-')) ?? '');
    execFileSync('sha256sum', ['-c', `${file}.sha256`], { cwd: out });
  }, 120_000);
  afterAll(() => temp.remove());

  it('is refused where rsync is old, unless that version is accepted by name', () => {
    const old = join(temp.path, 'old');
    mkdirSync(old);
    writeFileSync(join(old, 'rsync'), '#!/bin/sh\necho "rsync  version 3.2.7  protocol version 31"\n');
    chmodSync(join(old, 'rsync'), 0o755);
    const path = `${old}:${process.env['PATH']}`;
    const refused = install(path);
    expect([refused.status, refused.stderr]).toEqual([3, expect.stringContaining('rsync 3.2.7 has holes')]);
    expect(existsSync(join(image, 'opt'))).toBe(false);
    expect(install(path, '--accept-rsync', '3.2.6').status).toBe(3);
    expect(install(path, '--accept-rsync', '3.2.7').status).toBe(0);
  });

  it('runs from where it was installed, with nothing of this tree', async () => {
    const done = install(process.env['PATH'] ?? '');
    expect([done.status, done.stderr]).toEqual([0, '']);
    const unit = readFileSync(join(image, 'etc/systemd/system/tandem-filesync.service'), 'utf8');
    expect(unit).toContain('ExecStart=/opt/tandem-filesync/current/bin/tandem-filesync --config');
    if (missing('systemd-analyze') === undefined) {
      // The same unit, with the program where this image has it.
      const copy = join(temp.path, 'tandem-filesync.service');
      const program = join(image, 'opt/tandem-filesync/current/bin/tandem-filesync');
      writeFileSync(copy, unit.replace('/opt/tandem-filesync/current/bin/tandem-filesync', program));
      const verified = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
      expect([verified.status, verified.stderr]).toEqual([0, '']);
    }
    const [home, stateDir] = [join(temp.path, 'home'), join(temp.path, 'state')];
    mkdirSync(home);
    writeFileSync(join(home, 'a'), 'x');
    const config = join(temp.path, 'filesync.yaml');
    writeFileSync(
      config,
      JSON.stringify({ side: 2, stateDir, trees: [{ name: 'home', path: home }], events: 'inotify' }),
    );
    const agent = run(join(image, 'opt/tandem-filesync/current/bin/tandem-filesync'), ['--config', config]);
    await untilReady(agent, async () => agent.output().includes('file sync is running'), 60_000);
    const said = await ask(stateDir, { verb: 'status', rest: [] });
    await agent.end('SIGTERM');
    expect(said.json).toMatchObject({ side: 2, connected: false, sources: { home: 'inotify' } });
  });
});
