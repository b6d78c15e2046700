import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { run, tempDir } from '../../support/processes.ts';

/** A tree like the project's, with a program of our own in place of Tandem. */
const dir = tempDir();
const at = (path: string): string => join(dir.path, path);
function write(path: string, text: string): void {
  mkdirSync(join(at(path), '..'), { recursive: true });
  writeFileSync(at(path), text);
}

beforeAll(() => {
  mkdirSync(at('bin'));
  for (const name of ['tandem', 'lib.sh']) copyFileSync(`bin/${name}`, at(`bin/${name}`));
});
afterAll(() => dir.remove());

async function finished(command: string, ...args: string[]) {
  const program = run(command, args, { cwd: dir.path });
  await program.exited;
  return { code: program.child.exitCode, output: program.output() };
}

/** Runs shell lines after reading bin/lib.sh. */
const shell = (lines: string) => finished('bash', '-c', `. bin/lib.sh; ${lines}`);

describe('bin/tandem', () => {
  beforeAll(() => write('dist/src/main.js', 'process.exit(Number(process.argv[2]))'));

  it.each([0, 2, 3, 4, 5])('passes exit code %d on', async (code) => {
    expect((await finished(at('bin/tandem'), String(code))).code).toBe(code);
  });

  it('is the program itself: a signal to it reaches the program', async () => {
    write(
      'dist/src/main.js',
      "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('up')",
    );
    const program = run(at('bin/tandem'), []);
    await vi.waitFor(() => expect(program.output()).toContain('up'), 10_000);
    await program.end('SIGTERM');
    expect(program.child.exitCode).toBe(7);
  });

  it('works through a link from another directory', async () => {
    write('dist/src/main.js', 'console.log(process.cwd())');
    mkdirSync(at('elsewhere'));
    symlinkSync(at('bin/tandem'), at('elsewhere/tandem'));
    const program = run('./tandem', [], { cwd: at('elsewhere') });
    await program.exited;
    expect(program.output().trim()).toBe(at('elsewhere'));
  });

  it('builds when the sources are newer, once, and not when they are not', async () => {
    write('package.json', JSON.stringify({ scripts: { build: 'echo one >> builds && node build.mjs' } }));
    write(
      'build.mjs',
      "import { writeFileSync } from 'node:fs'; writeFileSync('dist/src/main.js', 'console.log(42)');",
    );
    write('tsconfig.json', '{}');
    write('src/main.ts', '');
    write('packaging/build.ts', '');
    write('node_modules/.bin/esbuild', '#!/bin/sh\n');
    chmodSync(at('node_modules/.bin/esbuild'), 0o755);
    const builds = (): number => readFileSync(at('builds'), 'utf8').trim().split('\n').length;
    const both = await Promise.all([finished(at('bin/tandem')), finished(at('bin/tandem'))]);
    expect(both.map((one) => one.output)).toEqual(expect.arrayContaining([expect.stringMatching(/42\n$/)]));
    expect(builds()).toBe(1);
    await finished(at('bin/tandem'));
    expect(builds()).toBe(1);
    const later = new Date(Date.now() + 60_000);
    utimesSync(at('src/main.ts'), later, later);
    await finished(at('bin/tandem'));
    expect(builds()).toBe(2);
  });

  it('says so and stops when the build fails', async () => {
    write('package.json', JSON.stringify({ scripts: { build: 'false' } }));
    const { code, output } = await finished(at('bin/tandem'));
    expect(code).toBe(1);
    expect(output).toContain('the build failed');
  });
});

describe('what the programs need', () => {
  it('lists the Debian packages of absent programs once, and none for those that are there', async () => {
    expect((await shell('missing_packages bash sh')).output.trim()).toBe('');
    const { output } = await shell(
      `command() { return 1; }; missing_packages redis-server mariadbd mariadb-install-db`,
    );
    expect(output.trim()).toBe('mariadb-server redis-server');
  });

  it('says exactly what is missing when it may not install', async () => {
    const { output, code } = await shell('id() { echo 1000; }; ensure_packages no-such-program bash');
    expect(output).toContain('sudo apt-get install --no-install-recommends no-such-program');
    expect(code).toBe(1);
  });

  it.each([
    ['v20.19.0', false],
    ['v20.20.2', true],
    ['v22.20.0', false],
    ['v24.1.0', true],
  ])('Node %s: %s', async (version, ok) => {
    const lie = `Object.defineProperty(process.versions, 'node', { value: '${version.slice(1)}' })`;
    write('lie.cjs', `Object.defineProperty(process, 'versions', { value: { ...process.versions } }); ${lie};`);
    expect((await shell(`export NODE_OPTIONS="--require ${at('lie.cjs')}"; check_node`)).code === 0).toBe(ok);
  });

  const lock = (version: string): string =>
    JSON.stringify({
      packages: { '': {}, 'node_modules/a': { version }, 'node_modules/b': { version, optional: true } },
    });

  it.each([
    [
      'the same versions',
      '{"packages":{"node_modules/a":{"version":"1.0.0"},"node_modules/b":{"version":"1.0.0"}}}',
      0,
    ],
    ['an optional package of another system left out', '{"packages":{"node_modules/a":{"version":"1.0.0"}}}', 0],
    ['another version', '{"packages":{"node_modules/a":{"version":"1.0.1"}}}', 1],
    ['a package less', '{"packages":{}}', 1],
  ])('node_modules with %s', async (_what, installed, code) => {
    write('package-lock.json', lock('1.0.0'));
    write('node_modules/.package-lock.json', installed);
    expect((await shell('modules_are_current')).code).toBe(code);
  });

  it('an installation is stale without node_modules', async () => {
    expect((await shell('root=/nowhere; modules_are_current')).code).toBe(1);
  });

  it('services stay off while packages are installed, and a policy that was there comes back', async () => {
    write('policy', 'the owner’s own');
    const { output } = await shell(
      `policy=${at('policy')}; forbid_services; sh $policy; echo $?; allow_services; cat $policy`,
    );
    expect(output).toBe('101\nthe owner’s own');
  });

  it('what packages would start at boot is taken away again, and what was there before stays', async () => {
    const links = at('boot/systemd/multi-user.target.wants');
    mkdirSync(links, { recursive: true });
    mkdirSync(at('boot/rc3.d'));
    symlinkSync('/lib/old.service', join(links, 'old.service'));
    const lines = `boot_dirs='${at('boot/systemd')} ${at('boot/rc3.d')}'; before=$(boot_links)
      ln -s /lib/new.service ${links}/new.service; ln -s ../init.d/new ${at('boot/rc3.d')}/S01new; ln -s ../init.d/x ${at('boot/rc3.d')}/K01x
      forbid_boot "$before"; find ${at('boot')} -type l -printf '%f\\n' | sort | xargs`;
    expect((await shell(lines)).output.trim()).toBe('K01x old.service');
  });

  it('processes with the mark are found and ended, even in a session of their own', async () => {
    const mark = `test-${process.pid}`;
    const lines = `(export TANDEM_TEST_RUN=${mark}; setsid sleep 1000 & setsid sh -c 'trap "" TERM; exec sleep 1000' &) ; sleep 0.3;
      own_processes ${mark} | wc -l; end_own_processes ${mark}; own_processes ${mark} | wc -l`;
    expect((await shell(lines)).output.trim().split(/\s+/)).toEqual(['2', '0']);
  });

  it('a run that carries the mark itself, as bin/test does, finds neither itself nor its own search', async () => {
    const { output } = await shell(
      `export TANDEM_TEST_RUN=test-own-${process.pid}
       for n in $(seq 20); do own_processes "$TANDEM_TEST_RUN"; done; own_processes_gone "$TANDEM_TEST_RUN" && echo gone`,
    );
    expect(output.trim()).toBe('gone');
  });
});
