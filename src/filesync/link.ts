import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { connect as connectTo, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import type { Logger } from '../log.ts';
import type { PeerWay } from './settings.ts';

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

/**
 * A lost line is noticed and found again by short knocks: ssh itself would wait for the kernel's long pauses. Answers how
 * to end it early.
 */
function knockAt(peer: PeerWay, told: (open: boolean) => void): () => void {
  if ('command' in peer) {
    const soon = setImmediate(told, true);
    return () => clearImmediate(soon);
  }
  const socket = connectTo(peer.port, peer.host);
  let isOver = false;
  const over = (open: boolean): void => {
    if (isOver) return;
    isOver = true;
    socket.destroy();
    told(open);
  };
  socket.setTimeout(1500, () => over(false));
  socket.once('connect', () => over(true));
  socket.once('error', () => over(false));
  return () => over(false);
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

/** The side that dials: one ssh at a time, again after 0.2 to 2 s when it ended. */
export function dial(peer: PeerWay, { log, onStream }: LinkOptions): Link {
  let wanted = true;
  let wait = 200;
  let timer: NodeJS.Timeout | undefined;
  let end: (() => void) | undefined;
  let gone: Promise<void> = Promise.resolve();
  const pause = (): void => {
    wanted = false;
    clearTimeout(timer);
    end?.();
  };
  function knock(): void {
    timer = undefined;
    end = knockAt(peer, (open) => {
      end = undefined;
      if (!wanted) return;
      if (open) connect();
      else timer = setTimeout(knock, 300);
    });
  }
  function connect(): void {
    const begun = Date.now();
    const { program, words, host } = wayTo(peer);
    const child = spawn(program, [...words, host, 'attach'], { stdio: ['pipe', 'pipe', 'pipe'] });
    const stream = streamOf(child);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-500);
    });
    end = () => child.kill();
    gone = new Promise((resolve) => {
      const over = (): void => {
        resolve();
        stream.destroy();
        end = undefined;
        log.info(
          { reason: said.trim(), code: child.exitCode, signal: child.signalCode },
          'ssh to the other master ended',
        );
        wait = Date.now() - begun > 10_000 ? 200 : Math.min(2000, wait * 2);
        if (wanted) timer = setTimeout(knock, wait * (0.75 + Math.random() / 2));
      };
      child.once('error', over);
      child.once('exit', over);
    });
    onStream(stream);
  }
  knock();
  return {
    pause,
    resume() {
      if (wanted) return;
      wanted = true;
      timer = setTimeout(knock, 0);
    },
    ended: () => end?.(),
    async close() {
      pause();
      await gone;
    },
  };
}

/** The side that is dialled: the door of its sshd connects to this socket. A new connection takes the place of the old. */
export function listen(path: string, { log, onStream }: LinkOptions): Promise<Link> {
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
