/** The control node asks agents over a connection that it keeps: by real sshd, through the door. */
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import type { FilesWay } from '../../../src/config-filesync.ts';
import { askAgent } from '../../../src/filesync/remote.ts';
import { noFileSync } from '../../support/filesync.ts';
import { type Sshd, sshKey, startSshd } from '../../support/forced-sshd.ts';
import { tempDir } from '../../support/processes.ts';

const dir = tempDir('filesync-asking');
const lacking = noFileSync();
const never = new AbortController().signal;
let sshd: Sshd;
let agent: Server;
let way: FilesWay;
/** What was asked and is not answered before it is let go. */
let slow: (() => void)[] = [];

/** Says each verb back; `slow` ones when they are let go. */
function listen(): Promise<Server> {
  const server = createServer((socket) => {
    socket.once('data', (line: Buffer) => {
      const { verb } = JSON.parse(line.toString()) as { verb: string };
      const say = (): void => void socket.end(`${JSON.stringify({ text: verb, exit: 0 })}\n`);
      if (verb.startsWith('slow')) slow.push(say);
      else if (verb === 'rubbish') socket.end('rubbish\n');
      else say();
    });
    socket.on('error', () => {});
  });
  return new Promise((resolve) => server.listen(`${dir.path}/state/control.sock`, () => resolve(server)));
}

const ask = async (verb: string, signal = never): Promise<string> =>
  (await askAgent(way, { verb, rest: [] }, signal)).text;
const logins = (): number => sshd.running.output().split('Accepted publickey').length - 1;

beforeAll(async () => {
  if (lacking !== undefined) return;
  mkdirSync(`${dir.path}/state`);
  const key = sshKey(dir.path, 'asker');
  const command = `perl ${process.cwd()}/src/filesync/helpers/door.pl ${dir.path}/state ask`;
  const once = { key: sshKey(dir.path, 'once'), command: `head -n 1 | ${command}` };
  sshd = await startSshd(`${dir.path}/sshd`, [{ key, command }, once]);
  const { port, user, knownHosts } = sshd;
  way = { kind: 'ssh', host: '127.0.0.1', port, user, keyFile: key, knownHostsFile: knownHosts };
  agent = await listen();
});
beforeEach(() => {
  slow = [];
  // Another way, with no line of an earlier test.
  way = { ...way };
});
afterAll(async () => {
  await new Promise((resolve) => agent?.close(resolve));
  await sshd?.running.end('SIGTERM');
  dir.remove();
});

it.skipIf(lacking !== undefined)('one login serves many questions', async () => {
  const before = logins();
  for (const verb of ['one', 'two', 'three']) expect(await ask(verb)).toBe(verb);
  expect(logins() - before).toBe(1);
});

it.skipIf(lacking !== undefined)(
  'a question that takes long holds up no other, and each gets its own answer',
  async () => {
    const first = ask('slow one');
    await vi.waitFor(() => expect(slow).toHaveLength(1));
    const second = ask('slow two');
    expect(await ask('quick')).toBe('quick');
    await vi.waitFor(() => expect(slow).toHaveLength(2));
    for (const say of slow) say();
    expect(await Promise.all([first, second])).toEqual(['slow one', 'slow two']);
  },
);

it.skipIf(lacking !== undefined)(
  'the answer to a question that was given up is never taken for the next one’s',
  async () => {
    const stop = new AbortController();
    const given = ask('slow', stop.signal);
    await vi.waitFor(() => expect(slow).toHaveLength(1));
    stop.abort(new Error('too long'));
    await expect(given).rejects.toThrow('too long');
    const next = ask('next');
    for (const say of slow) say();
    expect(await next).toBe('next');
  },
);

it.skipIf(lacking !== undefined)(
  'an agent that answers rubbish, or is away, is told of, and asked again when it is back',
  async () => {
    await expect(ask('rubbish')).rejects.toThrow('gave no answer');
    expect(await ask('after')).toBe('after');
    await new Promise((resolve) => agent.close(resolve));
    await expect(ask('away')).rejects.toThrow('the agent does not run');
    agent = await listen();
    expect(await ask('back')).toBe('back');
  },
);

it.skipIf(lacking !== undefined)(
  'a connection that ended meanwhile, as behind a door of before, is opened anew',
  async () => {
    const before = logins();
    way = { ...way, keyFile: `${dir.path}/once` } as FilesWay;
    for (const verb of ['one', 'two', 'three']) expect(await ask(verb)).toBe(verb);
    expect(logins() - before).toBe(3);
  },
);
