import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';
import { Knocks } from './knock.ts';
import type { PeerWay, Settings } from './settings.ts';

/** Brings streams to the other agent, one after another. */
export interface Link {
  /** Ends the present connection of a dialling side and makes no new one until `resume`. */
  pause(): void;
  resume(): void;
  /** A stream given out has ended. */
  ended(): void;
  close(): Promise<void>;
}

export interface LinkOptions {
  readonly log: Logger;
  onStream(stream: Duplex): void;
}

/** The program that leads to the other master, and the name of that for it; `more` are further options of ssh. */
export function wayTo(peer: PeerWay, more: readonly string[] = []): { program: string; words: string[]; host: string } {
  if ('command' in peer) return { program: peer.command[0] ?? '', words: peer.command.slice(1), host: 'peer' };
  return { program: 'ssh', words: [...sshArguments(peer), ...more], host: peer.host };
}

/** Those of ssh's own list, all that it would ask for; first what the processor does itself, which takes less of its time. */
const ciphers = [
  ...['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
  ...['aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
];

/** ssh's options for the peer; the same for talk and for rsync. */
function sshArguments(peer: Exclude<PeerWay, { command: string[] }>): string[] {
  const options = [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', `UserKnownHostsFile=${peer.knownHosts}`, 'IdentitiesOnly=yes'],
    ...['ConnectTimeout=10', 'ServerAliveInterval=15', 'ServerAliveCountMax=2', 'LogLevel=ERROR', 'IPQoS=throughput'],
    `Ciphers=${ciphers.join(',')}`,
  ];
  return [
    '-F',
    'none',
    '-i',
    peer.key,
    '-p',
    String(peer.port),
    '-l',
    peer.user,
    ...options.flatMap((one) => ['-o', one]),
  ];
}

/** An ssh to the peer, with the stream over it. */
interface Session {
  end(): void;
  /** Whether it lasted. */
  readonly over: Promise<boolean>;
}

/** Both ends of a program as one stream. What is written in a row goes on in a row, which Duplex.from does not do. */
function streamOf({ stdout, stdin }: ChildProcessWithoutNullStreams): Duplex {
  const stream = new Duplex({
    allowHalfOpen: false,
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, done),
    writev(chunks, done) {
      stdin.cork();
      for (const [n, { chunk }] of chunks.entries()) stdin.write(chunk, n === chunks.length - 1 ? done : undefined);
      stdin.uncork();
    },
    final: (done) => void stdin.end(() => done()),
    destroy(error, done) {
      stdout.destroy();
      stdin.destroy();
      done(error);
    },
  });
  stdout.on('data', (chunk: Buffer) => {
    if (!stream.push(chunk)) stdout.pause();
  });
  stdout.on('end', () => stream.push(null));
  for (const end of [stdout, stdin]) end.on('error', (error) => stream.destroy(error));
  return stream;
}

/** A login that brings nothing so long is given up: the line is dead again. Twice as long after one that failed. */
const loginMs = 5000;
const longestLoginMs = 15_000;
const lastingMs = 10_000;

function openSession(peer: PeerWay, patienceMs: number, { log, onStream }: LinkOptions): Session {
  const begun = Date.now();
  const { program, words, host } = wayTo(peer);
  const child = spawn(program, [...words, host, 'attach'], { stdio: ['pipe', 'pipe', 'pipe'] });
  const stream = streamOf(child);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-500);
  });
  const patience = setTimeout(() => child.kill(), patienceMs);
  let isHeard = false;
  const over = new Promise<boolean>((resolve) => {
    const ended = (): void => {
      clearTimeout(patience);
      stream.destroy();
      const { exitCode: code, signalCode: signal } = child;
      log.info({ reason: said.trim(), code, signal }, 'ssh to the other master ended');
      resolve(isHeard && Date.now() - begun > lastingMs);
    };
    child.once('error', ended);
    child.once('exit', ended);
  });
  onStream(stream);
  stream.once('data', () => {
    isHeard = true;
    clearTimeout(patience);
  });
  return { end: () => void child.kill(), over };
}

/** The side that dials: one ssh at a time, begun when the peer's sshd answers; after one that did not last, a pause. */
export function dial(peer: PeerWay, options: LinkOptions): Link {
  const knocks = 'command' in peer ? undefined : new Knocks(peer);
  let wanted = true;
  let failed = 0;
  let session: Session | undefined;
  let timer = setTimeout(search, 0);
  function search(): void {
    if (knocks === undefined) login();
    else knocks.start(login);
  }
  function login(): void {
    session = openSession(peer, Math.min(longestLoginMs, loginMs * 2 ** failed), options);
    void session.over.then((lasted) => {
      session = undefined;
      failed = lasted ? 0 : failed + 1;
      const pauseMs = lasted ? 0 : Math.min(2000, 100 * 2 ** failed) * (0.75 + Math.random() / 2);
      if (wanted) timer = setTimeout(search, pauseMs);
    });
  }
  const pause = (): void => {
    wanted = false;
    clearTimeout(timer);
    knocks?.stop();
    session?.end();
  };
  return {
    pause,
    resume() {
      if (wanted) return;
      wanted = true;
      // The end of one that is still there begins the search.
      if (session === undefined) timer = setTimeout(search, 0);
    },
    ended: () => session?.end(),
    async close() {
      pause();
      await session?.over;
    },
  };
}

/** The side that is dialled: the door of its sshd connects to this socket. A new connection takes the place of the old. */
function listen(path: string, { log, onStream }: LinkOptions): Promise<Link> {
  rmSync(path, { force: true });
  let wanted = true;
  let stream: Duplex | undefined;
  const server = createServer((socket) => {
    if (!wanted) {
      socket.destroy();
      return;
    }
    stream?.destroy();
    stream = socket;
    onStream(socket);
  });
  server.on('error', (error) => log.error({ err: error }, 'the socket for the other master failed'));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve({
        pause() {
          wanted = false;
          stream?.destroy();
        },
        resume() {
          wanted = true;
        },
        ended: () => stream?.destroy(),
        async close() {
          wanted = false;
          stream?.destroy();
          await new Promise<void>((done) => server.close(() => done()));
        },
      });
    });
  });
}

/** The way to the other agent: dialled where the settings name the peer, else awaited on a socket. */
export async function openLink(settings: Pick<Settings, 'peer' | 'stateDir'>, options: LinkOptions): Promise<Link> {
  const { peer, stateDir } = settings;
  return peer === undefined ? await listen(`${stateDir}/agent.sock`, options) : dial(peer, options);
}
