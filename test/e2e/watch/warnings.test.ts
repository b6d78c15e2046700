import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { notifyCommand } from '../../../src/notify/command.ts';
import { notifyFolder } from '../../../src/notify/open.ts';
import type { Build } from '../../support/process-node.ts';
import { type TempDir, tempDir } from '../../support/processes.ts';
import { buildWatcher, openWorld, type World } from '../../support/watch-world.ts';
import { twoSites } from '../../unit/failover/topologies.ts';

interface Heard {
  readonly event: string;
  readonly kind: string;
  readonly sentence: string;
  readonly node: string;
  readonly did?: string;
  readonly command?: string;
}

let build: Build;
let dir: TempDir;
let world: World | undefined;
let receiver: Server;
const heard: Heard[] = [];
beforeAll(async () => {
  build = await buildWatcher();
  dir = tempDir('tandem-hook');
  writeFileSync(join(dir.path, 'secret'), 'its-secret');
  receiver = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    heard.push(JSON.parse(body));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
});
afterAll(async () => {
  dir.remove();
  receiver.close();
  await once(receiver, 'close');
});
afterEach(async () => {
  await world?.close();
  world = undefined;
});

const soon = { timeout: 40_000, interval: 100 };

it('two watchers see a master die: people hear it once, with what was done, and again until somebody has it', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const webhook = { url, secretFile: join(dir.path, 'secret') };
  const one = await openWorld(build, {
    places: twoSites.places,
    notify: { contacts: [{ name: 'pager', webhook, least: 'critical' }] },
  });
  world = one;
  for (const id of ['s3', 's4'])
    await vi.waitFor(async () => expect((await one.status(id)).light).toBe('redundant'), soon);
  await one.kill('m1');
  await vi.waitFor(() => expect(heard.map(({ event }) => event)).toContain('dead:m1'), soon);
  const [first] = heard.filter(({ event }) => event === 'dead:m1');
  expect(first).toMatchObject({ kind: 'begun', command: 'tandem failover' });
  // Both have it open, and both know that it was told.
  const folders = ['s3', 's4'].map((id) => notifyFolder(join(one.dir, id, 'watch')));
  const config = { sms: [], contacts: [], repetition: { everyMs: 1, most: 1 } };
  const asked = (folder: string, ...words: string[]) =>
    notifyCommand(words, {
      config,
      node: 'here',
      folders: [folder],
      by: 'ana',
      clock: systemClock,
      signal: new AbortController().signal,
    });
  for (const folder of folders)
    await vi.waitFor(
      async () => expect((await asked(folder, 'list')).text).toMatch(/dead:m1\n.+\(1 sent, 0 waiting/),
      soon,
    );
  expect(heard.filter(({ event, kind }) => event === 'dead:m1' && kind === 'begun')).toHaveLength(1);
  // What is acknowledged on one machine is on the other, too.
  await asked(folders[1] ?? '', 'ack', 'dead:m1');
  await vi.waitFor(async () => expect((await asked(folders[0] ?? '', 'list')).text).toContain('acknowledged'), soon);
});
