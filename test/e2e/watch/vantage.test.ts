import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SshPlace } from '../../../src/config-watch.ts';
import { checkKinds } from '../../../src/failover/checks/kinds/index.ts';
import { filesGate } from '../../../src/failover/vantage/files.ts';
import { installScript, knownHostLines } from '../../../src/failover/vantage/install.ts';
import { askVantage, sshFence, sshVantage } from '../../../src/failover/vantage/ssh.ts';
import { freePort, tempDir } from '../../support/processes.ts';
import { makeHostKey, type Sshd, startSshd } from '../../support/sshd.ts';

const script = readFileSync(new URL('../../../bin/tandem-vantage', import.meta.url), 'utf8');
const home = tempDir('vantage');
const root = join(home.path, 'm2');
const services = join(root, 'running');
let sshd: Sshd;
let place: SshPlace;
let port: number;
let target: Server;

/** Stand-ins for systemctl and mysql that keep what runs as files in a folder. */
function machine(): void {
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  mkdirSync(services, { recursive: true });
  const systemctl = `#!/bin/sh\ncd '${services}' || exit 9\n[ ! -e stuck-$2 ] || exit 1\ncase $1 in is-active) test -e "$3" ;; stop) rm -f "$2" ;; start) : >"$2" ;; esac\n`;
  writeFileSync(join(root, 'usr/bin/systemctl'), systemctl);
  writeFileSync(join(root, 'usr/bin/mysql'), `#!/bin/sh\nprintf '%s\\n' "$2" >'${root}/sql'\n`);
  for (const name of ['systemctl', 'mysql']) chmodSync(join(root, 'usr/bin', name), 0o755);
}

function install(publicKey: string): string {
  const see = [{ host: '127.0.0.1', port }];
  const options = { script, publicKeys: [publicKey], see, services: ['crond', 'exim'], bootGuard: true, root };
  return execFileSync('sh', ['-s'], { input: installScript(options), encoding: 'utf8' });
}

const now = () => AbortSignal.timeout(20_000);
const running = () => readdirSync(services).sort();
const sql = () => readFileSync(join(root, 'sql'), 'utf8').trim();

beforeAll(async () => {
  machine();
  makeHostKey(root);
  port = await freePort();
  target = createServer((socket) => socket.end()).listen(port, '127.0.0.1');
  await once(target, 'listening');
  const key = join(home.path, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'watcher', '-f', key]);
  const printed = install(readFileSync(`${key}.pub`, 'utf8').trim());
  sshd = await startSshd(root);
  const knownHosts = join(home.path, 'hosts');
  writeFileSync(knownHosts, knownHostLines('127.0.0.1', sshd.port, printed));
  place = { host: '127.0.0.1', port: sshd.port, user: sshd.user, key, knownHosts };
  for (const name of ['crond', 'exim']) writeFileSync(join(services, name), '');
});
afterAll(async () => {
  await sshd.close();
  target.close();
  home.remove();
});

describe('looking from a master', () => {
  it('says seen of a port that answers and not-seen of one that does not', async () => {
    const vantage = sshVantage('m2', place, { m1: [{ host: '127.0.0.1', port }] });
    expect(await vantage.see(now())).toEqual({ kind: 'answered', value: { from: 'm2', sees: { m1: true } } });
    target.close();
    await once(target, 'close');
    expect(await vantage.see(now())).toEqual({ kind: 'answered', value: { from: 'm2', sees: { m1: false } } });
  });

  it.each([
    ['load', {}, /^(ok|warning|critical): load \d+\.\d+ \d+\.\d+ \d+\.\d+$/],
    ['load', { warn: 0, critical: 100_000 }, /^warning: load /],
    ['load', { warn: 0, critical: 0, minutes: 1 }, /^critical: load /],
    ['disk', {}, /^(ok|warning|critical): \/\S* is \d+ % full, inodes \d+ %$/],
    ['disk', { warn: 1, critical: 1 }, /^critical: \/\S* is \d+ % full/],
    ['disk', { mounts: ['/nowhere'] }, /^critical: not mounted: \/nowhere$/],
  ])('a check of %s with %j is asked there', async (kind, params, said) => {
    const run = checkKinds.find((one) => one.kind === kind)?.bind(params).run;
    const around = { signal: now(), timeoutMs: 20_000, now: Date.now() };
    const found = await run?.('127.0.0.1', { ...around, ssh: place });
    expect(`${found?.result}: ${found?.text}`).toMatch(said);
    expect(await run?.('127.0.0.1', around)).toMatchObject({ result: 'unknown' });
    const nobody = { ...place, port: await freePort() };
    expect(await run?.('127.0.0.1', { ...around, ssh: nobody })).toMatchObject({ result: 'unknown' });
  });

  it('asks the agent of file sync on both masters how far files are apart', async () => {
    const folder = join(root, 'var/lib/tandem-filesync');
    mkdirSync(folder, { recursive: true });
    let said = 'files open 1200 Both have every file.';
    const agent = createServer((socket) => {
      socket.once('data', (line) => {
        expect(JSON.parse(line.toString())).toEqual({ verb: 'gate', rest: [] });
        socket.end(`${JSON.stringify({ exit: 0, text: said })}\n`);
      });
    }).listen(join(folder, 'control.sock'));
    await once(agent, 'listening');
    const master = { kind: 'master', site: 'A', address: '127.0.0.1', url: undefined, probe: undefined } as const;
    const gate = (...ways: (SshPlace | undefined)[]) =>
      filesGate(ways.map((ssh, at) => ({ ...master, id: `m${at + 1}`, ssh }))).facts('m1', now(), []);
    try {
      expect(await gate(place, place)).toEqual({ fileLagMs: 1200 });
      await expect(gate(place, undefined)).rejects.toThrow('m2 has no ssh');
      said = 'files closed 0 The brake holds an account.';
      await expect(gate(place, place)).rejects.toThrow('The brake holds an account.');
      said = 'files closed 99000 Changes are waiting to be sent.';
      expect(await gate(place, place)).toEqual({ fileLagMs: 99_000 });
      said = 'files open 1;id';
      await expect(gate(place, place)).rejects.toThrow('no answer that is understood');
    } finally {
      agent.close();
    }
    await expect(gate(place, place)).rejects.toThrow('file sync does not answer');
  });

  it.each([
    ['a port that is not its to look at', ['see', '127.0.0.1:1']],
    ['a shell', ['sh']],
    ['a word and a shell', ['see', '127.0.0.1:1;id']],
    ['a substitution', ['state', '$(id)']],
    ['nothing', ['']],
    ['a name that is none', ['fence', '1', '../../x']],
    ['an epoch that is none', ['fence', '-1', 's3']],
  ])('refuses %s', async (_, words) => {
    await expect(askVantage(place, words, now())).rejects.toThrow(/by ssh/);
  });

  it('a stranger’s host key is silence, not a statement', async () => {
    const wrong = join(home.path, 'wrong');
    writeFileSync(wrong, readFileSync(place.knownHosts, 'utf8').replace(/AAAA\S{20}/, `AAAA${'B'.repeat(20)}`));
    const vantage = sshVantage('m2', { ...place, knownHosts: wrong }, { m1: [{ host: '127.0.0.1', port }] });
    expect((await vantage.see(now())).kind).toBe('silent');
  });
});

describe('a fence', () => {
  it('is free after installation, stops and starts, says it twice without harm, and refuses a late word', async () => {
    const s3 = sshFence('m2', place, 's3');
    const s4 = sshFence('m2', place, 's4');
    expect(await s3.state(now())).toBe('free');
    await s3.tell('fence', 1, now());
    await s4.tell('fence', 1, now());
    expect(await s3.state(now())).toBe('fenced');
    expect([running(), sql()]).toEqual([[], 'SET GLOBAL read_only=1']);
    await expect(s4.tell('unfence', 0, now())).rejects.toThrow('older than 1');
    await expect(s4.tell('unfence', 1, now())).rejects.toThrow('told to be fenced');
    await s4.tell('unfence', 2, now());
    expect(await s3.state(now())).toBe('free');
    expect([running(), sql()]).toEqual([['crond', 'exim'], 'SET GLOBAL read_only=0']);
  });

  it('stays as it was told over a boot, and one that was active comes back passive', async () => {
    const s3 = sshFence('m2', place, 's3');
    const boot = () => rmSync(join(root, 'run/tandem-vantage'), { recursive: true });
    boot();
    expect(await s3.state(now())).toBe('passive');
    await s3.tell('unfence', 3, now());
    await s3.tell('fence', 4, now());
    boot();
    expect(await s3.state(now())).toBe('fenced');
    const guard = readFileSync(join(root, 'etc/systemd/system/crond.service.d/tandem-vantage.conf'), 'utf8');
    expect(guard).toContain('ConditionPathExists=/run/tandem-vantage/free');
    expect(existsSync(join(root, 'etc/my.cnf.d/zz-tandem-vantage.cnf'))).toBe(true);
    await s3.tell('unfence', 5, now());
  });

  it('is not done while a service goes on running, and is tried again', async () => {
    const s3 = sshFence('m2', place, 's3');
    writeFileSync(join(services, 'stuck-exim'), '');
    await expect(s3.tell('fence', 6, now())).rejects.toThrow('exim');
    await expect(s3.state(now())).rejects.toThrow('fencing');
    rmSync(join(services, 'stuck-exim'));
    await s3.tell('fence', 6, now());
    expect(await s3.state(now())).toBe('fenced');
  });
});

it('installing again changes nothing that was said, and keeps other people’s keys', async () => {
  const keys = join(root, 'root/.ssh/authorized_keys');
  writeFileSync(keys, `${readFileSync(keys, 'utf8')}ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBob bob\n`);
  install(readFileSync(`${place.key}.pub`, 'utf8').trim());
  const lines = readFileSync(keys, 'utf8').trim().split('\n');
  expect(lines.filter((line) => line.endsWith(' tandem-vantage'))).toHaveLength(1);
  expect(lines.some((line) => line.endsWith(' bob'))).toBe(true);
  expect(await sshFence('m2', place, 's3').state(now())).toBe('fenced');
});
