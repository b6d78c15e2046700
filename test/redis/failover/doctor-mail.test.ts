import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { backwards, doctorMail } from '../../../src/roles/doctor-mail.ts';
import { freePort, missing, type TempDir, tempDir } from '../../support/processes.ts';
import { type Bind, startBind } from './name-servers.ts';

/** A BIND that answers for addresses of loopback and for a block list, and a mail server that only greets. */

const lacking = missing('named');
let base: TempDir;
let bind: Bind;
let mail: Server;
let port: number;
let helo = 'one.example';

const soa = '$TTL 60\n@ IN SOA ns.example. root.example. 1 60 60 600 60\n@ IN NS ns.example.\n';
const texts = {
  example: `${soa}ns IN A 127.0.0.1\none IN A 127.0.0.1\nthree IN A 127.0.0.77\n`,
  '0.0.127.in-addr.arpa': `${soa}1 IN PTR one.example.\n3 IN PTR three.example.\n4 IN PTR away.test.\n`,
  'list.example': `${soa}2.0.0.127 IN A 127.0.0.2\n`,
  // One that refuses this resolver, one that has ended, one whose server is broken.
  'refuses.example': `${soa}* IN A 127.255.255.254\n`,
  'ended.example': soa,
  'six.example': `${soa}${backwards('::ffff:127.0.0.2')} IN A 127.0.0.2\n`,
};

beforeAll(async () => {
  base = tempDir('doctor-mail');
  if (lacking !== undefined) return;
  mkdirSync(base.path, { recursive: true });
  for (const [zone, text] of Object.entries(texts)) writeFileSync(join(base.path, `${zone}.db`), text);
  bind = await startBind({ name: 'r', dir: join(base.path, 'r'), zonesDir: base.path, zones: Object.keys(texts) });
  mail = createServer((socket) => socket.end(`220 ${helo} ESMTP Exim\r\n`)).listen(0, '127.0.0.1');
  await once(mail, 'listening');
  port = (mail.address() as AddressInfo).port;
});
beforeEach((ctx) => {
  if (lacking !== undefined) ctx.skip(lacking);
});
afterAll(async () => {
  mail?.close();
  await bind?.running.end('SIGTERM');
  base.remove();
});

async function said(
  m1: string,
  m2: string,
  blockLists: readonly string[] = ['list.example'],
): Promise<readonly string[]> {
  const publish = {
    pairs: [{ m1, m2 }],
    resolver: { address: bind.address, port: bind.port },
    blockLists: [...blockLists],
  };
  return (await doctorMail(publish, { port })).map(({ state, sentence }) => `${state}: ${sentence}`);
}

describe('the masters as senders of mail', () => {
  it('are well with a name that leads back and is what the mail server says', async () => {
    helo = 'one.example';
    const all = 'ok: 2 addresses that send mail have names that lead back to them';
    expect(await said('127.0.0.1', '127.0.0.1')).toEqual([`${all} and stand on none of 1 block list.`]);
    expect(await said('127.0.0.1', '127.0.0.1', [])).toEqual([`${all}; no block list is configured.`]);
  });

  it('are told of what makes others refuse their mail', async () => {
    helo = 'localhost.localdomain';
    expect(await said('127.0.0.1', '127.0.0.3')).toEqual([
      'warning: m1’s 127.0.0.1 is called one.example, and its mail server says localhost.localdomain.',
      'warning: m2’s 127.0.0.3 is called three.example, which does not lead back to it.',
    ]);
    expect(await said('127.0.0.2', '127.0.0.1')).toContain('failed: m1’s 127.0.0.2 is on the block list list.example.');
    expect(await said('127.0.0.2', '127.0.0.1')).toContain(
      'warning: m1’s 127.0.0.2 has no name (PTR): many refuse its mail.',
    );
  });

  it('are not called clean where a list or a name could not be asked, with the reason', async () => {
    helo = 'one.example';
    const about = 'warning: m1’s 127.0.0.1: the block list';
    expect(await said('127.0.0.1', '127.0.0.1', ['refuses.example', 'ended.example', 'broken.test'])).toEqual(
      ['m1', 'm2'].flatMap((id) =>
        [
          `${about} refuses.example could not be asked: it answers 127.255.255.254, which names nobody.`,
          `${about} ended.example could not be asked: it does not name its own test entry, and may have ended.`,
          `${about} broken.test could not be asked: the resolver says EREFUSED.`,
        ].map((one) => one.replace('m1', id)),
      ),
    );
    expect(await said('127.0.0.1', '127.0.0.1', ['six.example'])).toEqual([
      expect.stringContaining('stand on none of 1 block list.'),
    ]);
    expect(await said('127.0.0.4', '127.0.0.4', [])).toEqual(
      ['m1', 'm2'].map(
        (id) =>
          `warning: ${id}’s 127.0.0.4 is called away.test, and whether that leads back to it could not be asked: the resolver says EREFUSED.`,
      ),
    );
  });

  it('of which the mail server cannot be reached from here are said to be so', async () => {
    const publish = {
      pairs: [{ m1: '127.0.0.1' }],
      resolver: { address: bind.address, port: bind.port },
      blockLists: [],
    };
    const [one] = await doctorMail(publish, { port: await freePort() });
    expect(one).toMatchObject({
      state: 'ok',
      sentence: expect.stringContaining('what the mail server says could not be asked of m1’s 127.0.0.1.'),
    });
  });

  it('are not asked about without a resolver, and silence is said', async () => {
    expect(await doctorMail({ pairs: [{ m1: '127.0.0.1' }], resolver: undefined, blockLists: [] })).toEqual([]);
    expect(await doctorMail(undefined)).toEqual([]);
  });

  it('are looked up backwards', () => {
    expect(backwards('192.0.2.7')).toBe('7.2.0.192');
    expect(backwards('2001:db8::1')).toBe('1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2');
  });
});
