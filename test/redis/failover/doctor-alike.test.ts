import { once } from 'node:events';
import { cpSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../../src/certificates.ts';
import { doctorAlike, type Reach } from '../../../src/roles/doctor-alike.ts';
import { freePort, missing, type TempDir, tempDir } from '../../support/processes.ts';
import { makeHostKey, type Sshd, startSshd } from '../../support/sshd.ts';

/** Real sshds, and TLS servers in place of Dovecot. */

const lacking = missing('sshd') ?? missing('ssh-keyscan');
const publish = { pairs: [{ m1: '192.0.2.1', m2: '192.0.2.2' }] };
let base: TempDir;
const closing: (() => unknown)[] = [];
let closed: number;

async function sshd(name: string, like?: string): Promise<Sshd> {
  const root = join(base.path, name);
  if (like === undefined) makeHostKey(root);
  else {
    mkdirSync(root, { recursive: true });
    cpSync(join(base.path, like, 'etc'), join(root, 'etc'), { recursive: true });
  }
  const started = await startSshd(root);
  closing.push(() => started.close());
  return started;
}

async function secure(names: readonly [string, ...string[]]): Promise<number> {
  const { cert, key } = await selfSigned({ names, days: 10 });
  const server: Server = createServer({ cert, key }, (socket) => socket.on('error', () => {}).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** 'address:port' → where it really is; everything else is closed. */
function reach(places: Readonly<Record<string, number>>): Reach {
  return (address, port) => ({ host: '127.0.0.1', port: places[`${address}:${port}`] ?? closed });
}

async function said(places: Readonly<Record<string, number>>): Promise<readonly string[]> {
  return (await doctorAlike(publish, reach(places))).map(({ state, sentence }) => `${state}: ${sentence}`);
}

beforeAll(async () => {
  base = tempDir('doctor-alike');
  closed = await freePort();
});
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  base.remove();
});

describe('what customers’ programs remember of a master', () => {
  it('is well when host keys are the same, and said when they are not', async () => {
    const [one, other] = [await sshd('m1'), await sshd('m2')];
    const same = await sshd('m3', 'm1');
    expect(await said({ '192.0.2.1:22': one.port, '192.0.2.2:22': other.port })).toEqual([
      'warning: m1 and m2 have different ssh host keys: after a switch customers’ SFTP programs refuse to connect.',
    ]);
    expect(await said({ '192.0.2.1:22': one.port, '192.0.2.2:22': same.port })).toEqual([
      'ok: m1 and m2 have the same ssh host keys.',
    ]);
  });

  it('has a name in common in the certificates of mail and FTP', async () => {
    const [one, other, foreign] = [
      await secure(['mail.host.example', 'm1.host.example']),
      await secure(['mail.host.example', 'm2.host.example']),
      await secure(['m2.host.example']),
    ];
    expect(await said({ '192.0.2.1:993': one, '192.0.2.2:993': other })).toEqual([
      'ok: On port 993 m1 and m2 have certificates for mail.host.example.',
    ]);
    expect(await said({ '192.0.2.1:465': one, '192.0.2.2:465': foreign })).toEqual([
      'warning: On port 465 m1 and m2 have no name in common in their certificates: after a switch mail and FTP programs warn.',
    ]);
  });

  it('is not spoken of where it cannot be reached', async () => {
    expect(await said({})).toEqual([]);
    expect(await doctorAlike(undefined)).toEqual([]);
  });
});
