import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Knocks, paceMs } from '../../../src/filesync/knock.ts';
import { freePort } from '../../support/processes.ts';

const soon = { timeout: 3000, interval: 10 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Gatekeeper {
  readonly port: number;
  /** What is said to whoever comes; undefined: nothing. */
  says: string | undefined;
  readonly came: Socket[];
  /** How many of them the other end has not given up. */
  open(): number;
}

describe('knocking at the peer', () => {
  const servers: Server[] = [];
  const came: Socket[] = [];
  let knocks: Knocks | undefined;

  afterEach(() => {
    knocks?.stop();
    for (const socket of came.splice(0)) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });

  async function gatekeeper(says: string | undefined, known?: number): Promise<Gatekeeper> {
    const port = known ?? (await freePort());
    const all: Socket[] = [];
    const keeper: Gatekeeper = { port, says, came: all, open: () => all.filter(({ destroyed }) => !destroyed).length };
    const server = createServer((socket) => {
      came.push(socket);
      all.push(socket);
      socket.on('error', () => socket.destroy());
      socket.resume();
      if (keeper.says !== undefined) socket.write(keeper.says);
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return keeper;
  }

  it.each(['127.0.0.1', 'localhost'])('finds an sshd that is there, once, at %s', async (host) => {
    const { port } = await gatekeeper('SSH-2.0-x\r\n');
    const answered = vi.fn();
    knocks = new Knocks({ host, port });
    knocks.start(answered);
    await vi.waitFor(() => expect(answered).toHaveBeenCalled(), soon);
    await pause(600);
    expect(answered).toHaveBeenCalledOnce();
  });

  it('is not taken in by a line that takes connections and swallows them, and finds out soon when it no longer does', async () => {
    const keeper = await gatekeeper(undefined);
    const answered = vi.fn();
    knocks = new Knocks({ host: '127.0.0.1', port: keeper.port });
    knocks.start(answered);
    // Those that nobody answers are given up.
    await vi.waitFor(() => expect(keeper.came.length).toBeGreaterThan(9), { timeout: 15_000, interval: 10 });
    expect(answered).not.toHaveBeenCalled();
    expect(keeper.open()).toBeLessThanOrEqual(7);
    keeper.says = 'SSH-2.0-x\r\n';
    await vi.waitFor(() => expect(answered).toHaveBeenCalledOnce(), soon);
  });

  it('knocks on while nobody listens, and while somebody else does', async () => {
    const port = await freePort();
    const answered = vi.fn();
    knocks = new Knocks({ host: '127.0.0.1', port });
    knocks.start(answered);
    await pause(400);
    const keeper = await gatekeeper('HTTP/1.1 400 Bad Request\r\n', port);
    await vi.waitFor(() => expect(keeper.came.length).toBeGreaterThan(1), soon);
    expect(answered).not.toHaveBeenCalled();
    keeper.says = 'SSH-2.0-x\r\n';
    await vi.waitFor(() => expect(answered).toHaveBeenCalledOnce(), soon);
  });

  it('knocks seldom at a peer that is away for long', () => {
    expect([1, 2399, 2400, 1_000_000].map(paceMs)).toEqual([250, 250, 1000, 1000]);
  });

  it('stops when it is told to', async () => {
    const keeper = await gatekeeper(undefined);
    const answered = vi.fn();
    knocks = new Knocks({ host: '127.0.0.1', port: keeper.port });
    knocks.start(answered);
    await vi.waitFor(() => expect(keeper.came.length).toBeGreaterThan(0), soon);
    knocks.stop();
    const before = keeper.came.length;
    for (const socket of keeper.came) socket.write('SSH-2.0-x\r\n');
    await pause(600);
    expect(keeper.came.length).toBe(before);
    expect(answered).not.toHaveBeenCalled();
  });
});
